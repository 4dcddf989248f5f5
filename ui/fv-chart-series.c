/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A fixed array of buckets; see the header for what happens when it is full. */

#include "fv-chart-series.h"

#include <math.h>

struct _FvChartSeries {
  FvChartBucket buckets[FV_CHART_MAX_BUCKETS];
  int n_buckets;
  int points_per_bucket;
  int n_in_last; /* points in the last bucket */
  double last_x, last_y;
};

FvChartSeries *
fv_chart_series_new (void)
{
  FvChartSeries *self = g_new (FvChartSeries, 1);

  fv_chart_series_clear (self);
  return self;
}

void
fv_chart_series_free (FvChartSeries *self)
{
  g_free (self);
}

void
fv_chart_series_clear (FvChartSeries *self)
{
  self->n_buckets = 0;
  self->points_per_bucket = 1;
  self->n_in_last = 0;
  self->last_x = self->last_y = NAN;
}

/* fmin () and fmax () take the other value where one is NaN. */
static void
join (FvChartBucket *bucket, double low, double high)
{
  bucket->low = fmin (bucket->low, low);
  bucket->high = fmax (bucket->high, high);
}

static void
halve (FvChartSeries *self)
{
  for (int i = 0; i < FV_CHART_MAX_BUCKETS / 2; i++) {
    const FvChartBucket *second = &self->buckets[2 * i + 1];

    self->buckets[i] = self->buckets[2 * i];
    join (&self->buckets[i], second->low, second->high);
  }
  self->n_buckets = FV_CHART_MAX_BUCKETS / 2;
  self->n_in_last = self->points_per_bucket *= 2;
}

gboolean
fv_chart_series_append (FvChartSeries *self, double x, double y)
{
  double value = isfinite (y) ? y : NAN;

  if (!isfinite (x) || x < self->last_x)
    return FALSE;

  if (self->n_buckets == FV_CHART_MAX_BUCKETS && self->n_in_last == self->points_per_bucket)
    halve (self);
  if (self->n_buckets == 0 || self->n_in_last == self->points_per_bucket) {
    self->buckets[self->n_buckets++] = (FvChartBucket){ x, value, value };
    self->n_in_last = 1;
  } else {
    join (&self->buckets[self->n_buckets - 1], value, value);
    self->n_in_last++;
  }
  self->last_x = x;
  self->last_y = value;
  return TRUE;
}

const FvChartBucket *
fv_chart_series_peek (const FvChartSeries *self, int *n_buckets)
{
  *n_buckets = self->n_buckets;
  return self->buckets;
}

void
fv_chart_series_get_last (const FvChartSeries *self, double *x, double *y)
{
  *x = self->last_x;
  *y = self->last_y;
}
