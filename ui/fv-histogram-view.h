/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A metric over the pictures, as bars; each bar can be picked. Threads: the main thread. */

#pragma once

#include "fv-histogram.h"
#include "fv-plot-view.h"
#include "fv-reading.h"

G_BEGIN_DECLS

#define FV_TYPE_HISTOGRAM_VIEW (fv_histogram_view_get_type ())
G_DECLARE_FINAL_TYPE (FvHistogramView, fv_histogram_view, FV, HISTOGRAM_VIEW, FvPlotView)

/* Shows @values [@n] of @reading; @chance: their chance level, NaN for none. */
void fv_histogram_view_set (FvHistogramView *self, FvReading reading, const float *values, gsize n,
                            double chance);
/* The values that bar @bar counts: from *low to *high, both included. */
void fv_histogram_view_get_bar (FvHistogramView *self, int bar, float *low, float *high);

G_END_DECLS
