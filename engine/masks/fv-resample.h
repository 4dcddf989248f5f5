/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Resizing a grid of numbers, as masks and maps of different sizes need to meet. Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The map of @map_height rows by @map_width columns, resized to @height × @width bilinearly with
 * align_corners = false (pixel centres at +0.5, edges repeated), as torch's interpolate () does.
 * Values keep their sign. Returns: (transfer full): height × width floats, g_free () */
float *fv_resample_bilinear (const float *map, int map_width, int map_height, int width,
                             int height);

G_END_DECLS
