/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What Cairo has drawn as a picture. Threads: any. */

#pragma once

#include <cairo.h>

#include "fv-image.h"

G_BEGIN_DECLS

/* @surface: CAIRO_FORMAT_RGB24. (transfer full) */
FvImage *fv_scene_surface_to_image (cairo_surface_t *surface);

G_END_DECLS
