/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Intervals by the percentile bootstrap: how sure a number is.
 *
 * n items are drawn with replacement FV_BOOTSTRAP_RESAMPLES times; the 95 % interval goes from the
 * 2.5 % to the 97.5 % quantile of the statistic (linear between order statistics). Resamples on
 * which the statistic is NaN are left out. Equal data and seed give equal bytes. At most 2³² items.
 * Pure functions: any thread. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FV_BOOTSTRAP_RESAMPLES 2000

/* A number with its 95 % interval. Without data: n = 0 and NaN. */
typedef struct {
  double value, low, high;
  gsize n; /* items used; those with NaN are left out */
} FvEstimate;

/* A paired difference with its interval. */
typedef struct {
  FvEstimate difference; /* mean of b − a */
  double p; /* two-sided: 2 (min (resamples ≤ 0, resamples ≥ 0) + 1) / (resamples + 1), at most 1;
               NaN without data */
} FvDifference;

/* Any statistic of the items @indices[0 … n − 1] (repeats possible); may return NaN. */
typedef double (*FvStatistic) (const gsize *indices, gsize n, gpointer user_data);

/* The mean of the values that are not NaN. */
FvEstimate fv_estimate_mean (const double *values, gsize n, guint64 seed);

/* The mean of @b[i] − @a[i]: the same items measured twice, resampled as pairs. A pair with a NaN
 * on either side is left out. */
FvDifference fv_estimate_mean_difference (const double *a, const double *b, gsize n, guint64 seed);

/* A statistic that is no mean (macro F1, worst group). @statistic is called once with 0 … n − 1 in
 * order, which gives the value, then once for each resample. */
FvEstimate fv_estimate_statistic (gsize n, FvStatistic statistic, gpointer user_data, guint64 seed);

G_END_DECLS
