/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Plain numbers as bars, with those from before as an outline if there are any.
 * Threads: the main thread. */

#pragma once

#include "fv-histogram.h"
#include "fv-plot-view.h"

G_BEGIN_DECLS

#define FV_TYPE_VALUE_HISTOGRAM (fv_value_histogram_get_type ())
G_DECLARE_FINAL_TYPE (FvValueHistogram, fv_value_histogram, FV, VALUE_HISTOGRAM, FvPlotView)

/* What is counted and in which unit ("pictures"), both static, and where values can be. */
void fv_value_histogram_set_up (FvValueHistogram *self, const char *name, const char *unit,
                                FvPlotRange range);
/* Shows @values [@n]; @before [@n_before]: NULL for none. */
void fv_value_histogram_set (FvValueHistogram *self, const float *values, gsize n,
                             const float *before, gsize n_before);

G_END_DECLS
