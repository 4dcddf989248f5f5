/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What ATCON's tensors look like: pictures of plain data. Threads: the main thread. */

#pragma once

#include <gdk/gdk.h>

#include "fv-plane.h"

G_BEGIN_DECLS

/* @rgb: [@height,@width,3]. All are (transfer full). */
GdkTexture *fv_step_texture_new_picture (const guint8 *rgb, int width, int height);

/* A map over a picture, from its least value (dark) to its greatest (light): ATCON compares shapes,
 * and a map times a plus b is the same one. Bilinear between the centres of its cells. */
GdkTexture *fv_step_texture_new_map (const FvPlane *map, const guint8 *rgb, int width, int height);

/* Values from @low (dark) to @high (light), a square each. */
GdkTexture *fv_step_texture_new_values (const FvPlane *plane, double low, double high);

/* The same from black to white: a mask, which is 0 … 1. */
GdkTexture *fv_step_texture_new_mask (const FvPlane *mask);

/* The value that all but one in a hundred do not exceed: single pixels of a gradient have many
 * times what the others have. */
double fv_step_texture_find_top (const FvPlane *plane);

G_END_DECLS
