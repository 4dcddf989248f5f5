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
/* Sum over the cells of each picture: [N,h,w] → [N]. */
FvTensor *fv_mask_cells_sum (FvScope *scope, FvTensor *cells);
/* [N]: @weight where @inside_area (V S) is not empty, else 0: the pictures that have a say. */
FvTensor *fv_mask_cells_count (FvScope *scope, FvTensor *inside_area, FvTensor *weight);

G_END_DECLS
