/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-histogram.h"

#include <math.h>

float
fv_histogram_get_edge (const FvHistogram *self, int bin)
{
  double share = (double) bin / FV_HISTOGRAM_N_BINS;

  return (float) (self->range.low + (self->range.high - self->range.low) * share);
}

int
fv_histogram_find (const FvHistogram *self, float value)
{
  int bin = 0;

  while (bin + 1 < FV_HISTOGRAM_N_BINS && value >= fv_histogram_get_edge (self, bin + 1))
    bin++;
  return bin;
}

static FvPlotRange
find_range (const float *values, gsize n)
{
  FvPlotRange range = { NAN, NAN };

  for (gsize i = 0; i < n; i++) {
    range.low = fmin (range.low, (double) values[i]);
    range.high = fmax (range.high, (double) values[i]);
  }
  return range;
}

void
fv_histogram_fill (FvHistogram *self, const float *values, gsize n, FvPlotRange range)
{
  double sum = 0;

  *self = (FvHistogram){ .n = (guint) n };
  self->range
      = fv_plot_range_widen (fv_plot_range_is_valid (range) ? range : find_range (values, n));
  for (gsize i = 0; i < n; i++) {
    if (isnan (values[i])) {
      self->n_undefined++;
      continue;
    }
    self->counts[fv_histogram_find (self, values[i])]++;
    sum += (double) values[i];
  }
  self->mean = sum / (self->n - self->n_undefined);
}
