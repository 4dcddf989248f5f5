/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One metric against another, a point for each picture; each point can be picked.
 * Threads: the main thread. */

#pragma once

#include "fv-plot-view.h"
#include "fv-reading.h"
#include "fv-scatter-painter.h"

G_BEGIN_DECLS

#define FV_TYPE_SCATTER_VIEW (fv_scatter_view_get_type ())
G_DECLARE_FINAL_TYPE (FvScatterView, fv_scatter_view, FV, SCATTER_VIEW, FvPlotView)

/* Shows @points (transfer full: of FvScatterPoint; those without both numbers are left out), sorted
 * by x from now on. */
void fv_scatter_view_set (FvScatterView *self, FvReading x, FvReading y, GArray *points);
/* The sample of a point that was picked. */
gsize fv_scatter_view_get_sample (FvScatterView *self, int point);
/* The picture on screen, which gets a ring; −1: none. */
void fv_scatter_view_set_chosen (FvScatterView *self, gssize sample);

G_END_DECLS
