/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How often which value occurs: counts in equal bins. A plain record. Threads: any. */

#pragma once

#include "fv-plot.h"

G_BEGIN_DECLS

#define FV_HISTOGRAM_N_BINS 20

typedef struct {
  FvPlotRange range; /* valid; the first bin begins, the last one ends there */
  guint counts[FV_HISTOGRAM_N_BINS];
  guint n;           /* values counted */
  guint n_undefined; /* NaN among them: in no bin */
  double mean;       /* of those in a bin; NaN without any */
} FvHistogram;

/* Counts @values. @range: where the values can be; one that is not finite follows the values.
 * Values outside it are counted in the bin that is nearest. */
void fv_histogram_fill (FvHistogram *self, const float *values, gsize n, FvPlotRange range);
/* Where bin @bin begins; bin FV_HISTOGRAM_N_BINS is the end of the last one. In single precision,
 * so that it can be compared with values exactly. */
float fv_histogram_get_edge (const FvHistogram *self, int bin);
/* The bin of @value: edge (bin) ≤ value < edge (bin + 1), the last bin includes its end. */
int fv_histogram_find (const FvHistogram *self, float value);

G_END_DECLS
