/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Control maps: what a method of attribution has to beat (Adebayo et al. 2018, arXiv 1810.03292).
 *
 *   random  even draws from 0 … 1 for each cell of the layer's grid: smooth once brought to the
 *           picture's size, and as coarse as what it is compared with
 *   sobel   length of the gradient (3 × 3 Sobel, edges repeated) of the preprocessed picture's mean
 *           channel, averaged over each cell: edges, whatever the network
 * Neither asks the network. Threads: any. */

#pragma once

#include "fv-map.h"

G_BEGIN_DECLS

/* TRUE when @method is one of the names above. */
gboolean fv_control_map_is_method (const char *method);

/* The control map @method of a picture, on a grid of @map_width × @map_height cells.
 * @image: [3,height,width], preprocessed; @layer, @target: what the map it is compared with has.
 * @seed: of random; mix the picture's number into it. (transfer full) */
FvMap *fv_control_map_new (const char *method, const float *image, int width, int height,
                           int map_width, int map_height, const char *layer, int target,
                           guint64 seed);

G_END_DECLS
