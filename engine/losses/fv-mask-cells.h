/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What losses compute from a mask that was pooled onto the cells of a map: S [N,h,w], the share of
 * a cell's opinion that is inside, and V [N,h,w], the share of a cell that has an opinion at all.
 * All results are borrowed from the scope. Threads: the engine thread. */

#pragma once

#include "fv-scope.h"

G_BEGIN_DECLS

/* V S: [N,h,w]. */
FvTensor *fv_mask_cells_inside (FvScope *scope, FvTensor *inside, FvTensor *opinion);
/* V (1 − S): [N,h,w]. */
FvTensor *fv_mask_cells_outside (FvScope *scope, FvTensor *inside, FvTensor *opinion);
/* S and V on fewer cells: [N,H,W] → [N,@height,@width], which are in the places of the arguments.
 * By area, so where the sizes divide the mask could as well have been pooled there at once. */
void fv_mask_cells_pool (FvScope *scope, int height, int width, FvTensor **inside,
                         FvTensor **opinion);
/* Sum over the cells of each picture: [N,h,w] → [N]. */
FvTensor *fv_mask_cells_sum (FvScope *scope, FvTensor *cells);
/* Mean of @values over the cells of each picture, weighed by @area: [N,h,w] → [N]; 0 where there is
 * no area. */
FvTensor *fv_mask_cells_average (FvScope *scope, FvTensor *area, FvTensor *values);
/* [N]: @weight where @inside_area (V S) is not empty, else 0: the pictures that have a say. */
FvTensor *fv_mask_cells_count (FvScope *scope, FvTensor *inside_area, FvTensor *weight);
/* Mean of @each [N] over the pictures that @counts [N] counts: a scalar; 0, still connected to
 * @each, when it counts none. */
FvTensor *fv_mask_cells_mean (FvScope *scope, FvTensor *counts, FvTensor *each);

G_END_DECLS
