/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One line of a chart: points in bounded memory. When its buckets are full, neighbours are joined
 * and each then stands for twice as many points; lowest and highest values survive. Plain data. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FV_CHART_MAX_BUCKETS 1024

/* Points that follow one another. */
typedef struct {
  double x;         /* of the first one */
  double low, high; /* of the finite ones; NaN: there is none, a gap */
} FvChartBucket;

typedef struct _FvChartSeries FvChartSeries;

/* Returns: (transfer full) */
FvChartSeries *fv_chart_series_new (void);
void fv_chart_series_free (FvChartSeries *self);

/* See fv_chart_append (). Returns: FALSE when the point was ignored. */
gboolean fv_chart_series_append (FvChartSeries *self, double x, double y);

void fv_chart_series_clear (FvChartSeries *self);

/* Buckets by rising x. Valid until the next change. Returns: (transfer none) */
const FvChartBucket *fv_chart_series_peek (const FvChartSeries *self, int *n_buckets);

/* The latest point, NaN without one; @y is NaN where it is a gap. */
void fv_chart_series_get_last (const FvChartSeries *self, double *x, double *y);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvChartSeries, fv_chart_series_free)

G_END_DECLS
