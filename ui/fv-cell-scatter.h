/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Two grids of one size against each other, a point for each cell. Threads: the main thread. */

#pragma once

#include "fv-plane.h"
#include "fv-plot-view.h"

G_BEGIN_DECLS

#define FV_TYPE_CELL_SCATTER (fv_cell_scatter_get_type ())
G_DECLARE_FINAL_TYPE (FvCellScatter, fv_cell_scatter, FV, CELL_SCATTER, FvPlotView)

/* Values are 0 … 1; the names are static. NULL planes show nothing. */
void fv_cell_scatter_set (FvCellScatter *self, const char *x_name, const FvPlane *x,
                          const char *y_name, const FvPlane *y);

G_END_DECLS
