/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How sure a number is: 95 % intervals by the bootstrap.
 *
 * n items are drawn with replacement FV_BOOTSTRAP_RESAMPLES times; the interval goes from quantile
 * q to quantile 1 − q of the statistic (linear between order statistics), where
 *   q = Φ (−t √(n / (n − 1))),  t the 97.5 % point of Student's t with n − 1 degrees of freedom:
 * 2.5 % for many items, less for few, whose plain percentile interval is too narrow (Hesterberg
 * 2015, “What teachers should know about the bootstrap”, expanded percentiles). Resamples on which
 * the statistic is NaN are left out. Equal data and seed give equal bytes. At most 2³² items.
 *
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
  FvEstimate difference; /* b − a */
  double p; /* two-sided: 2 (min (resamples ≤ 0, resamples ≥ 0) + 1) / (resamples + 1), at most 1;
               NaN without data */
} FvDifference;

/* Any statistic of the items @indices[0 … n − 1] (repeats possible); may return NaN. */
typedef double (*FvStatistic) (const gsize *indices, gsize n, gpointer user_data);

/* The same of the training with number @run. */
typedef double (*FvRunStatistic) (gsize run, const gsize *indices, gsize n, gpointer user_data);

/* The mean of the values that are not NaN. */
FvEstimate fv_estimate_mean (const double *values, gsize n, guint64 seed);

/* The mean of @b[i] − @a[i]: the same items measured twice, resampled as pairs. A pair with a NaN
 * on either side is left out. */
FvDifference fv_estimate_mean_difference (const double *a, const double *b, gsize n, guint64 seed);

/* A statistic that is no mean (macro F1, worst group). @statistic is called once with 0 … n − 1 in
 * order, which gives the value, then once for each resample. */
FvEstimate fv_estimate_statistic (gsize n, FvStatistic statistic, gpointer user_data, guint64 seed);

/* A statistic averaged over @n_runs trainings that differ in their seed and saw the same @n items;
 * as a difference, each run's statistic is that of b minus that of a.
 *
 * Two levels: each resample draws runs with replacement, and items with replacement once for all of
 * them, since the same picture is hard for every run; its value is the mean over the drawn runs
 * (Owen 2007, the pigeonhole bootstrap). The interval's q is that of the scarcer level: of runs
 * when there are several, which makes the interval of three runs as wide as three runs deserve.
 * With one run this is the plain bootstrap of the items. */
FvDifference fv_estimate_over_runs (gsize n_runs, gsize n, FvRunStatistic statistic,
                                    gpointer user_data, guint64 seed);

/* Interquartile mean: the mean of what is left without the ⌊n / 4⌋ lowest and as many highest
 * values. Each value belongs to stratum @strata[i] (0 … @n_strata − 1: a task, a setting); a
 * resample draws within each stratum as many as it has (Agarwal et al. 2021, arXiv 2108.13264).
 * NaN values are left out. */
FvEstimate fv_estimate_iqm (const double *values, const gsize *strata, gsize n, gsize n_strata,
                            guint64 seed);

/* Holm's correction of @n p-values of one family: the i-th smallest times (n − i + 1), never less
 * than a smaller one's, at most 1. NaN stays and does not count. @adjusted may be @p. */
void fv_adjust_holm (const double *p, gsize n, double *adjusted);

G_END_DECLS
