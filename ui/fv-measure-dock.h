/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Below the canvas in the Measure mode: what an evaluation found as a table, and plots over the
 * pictures that are measured so far.
 *
 * Signals: "range-picked" (guint reading, float low, float high): a bar was chosen;
 * "sample-picked" (guint64 sample): a point was. Threads: the main thread. */

#pragma once

#include "fv-image-list-model.h"
#include "fv-metric-table.h"
#include "fv-plot-view.h"

G_BEGIN_DECLS

#define FV_TYPE_MEASURE_DOCK (fv_measure_dock_get_type ())
G_DECLARE_FINAL_TYPE (FvMeasureDock, fv_measure_dock, FV, MEASURE_DOCK, GtkWidget)

/* Whose records are plotted. Call it once. */
void fv_measure_dock_set_up (FvMeasureDock *self, FvImageListModel *pictures);
/* Plots the records as they are now. */
void fv_measure_dock_refresh (FvMeasureDock *self, FvSplit split);
/* The picture on screen, which gets a ring; −1: none. */
void fv_measure_dock_set_chosen (FvMeasureDock *self, gssize sample);

/* Shows @table; NULL: nothing is evaluated. */
void fv_measure_dock_set_table (FvMeasureDock *self, FvMetricTable *table);
/* (transfer none) (nullable) */
FvMetricTable *fv_measure_dock_get_table (FvMeasureDock *self);
/* (transfer none) */
FvPlotView *fv_measure_dock_get_histogram (FvMeasureDock *self);
FvPlotView *fv_measure_dock_get_scatter (FvMeasureDock *self);

G_END_DECLS
