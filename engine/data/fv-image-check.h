/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Is a picture file complete? GdkPixbuf decodes half a JPEG, GIF, BMP or (when scaling) PNG to a
 * picture that is half grey, without an error; this reads the structure of the file instead. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Whether the @n bytes of a picture in @format (GdkPixbuf's name: "jpeg", "png", …) reach to the
 * end of the (first) picture. TRUE for formats whose decoders report it themselves. */
gboolean fv_image_check_complete (const guint8 *bytes, gsize n, const char *format);

G_END_DECLS
