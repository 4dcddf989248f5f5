/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One bootstrap for all statistics; a mean is the statistic that sums. */

#include "fv-statistics.h"

#include <math.h>
#include <stdlib.h>

#define LOWER_QUANTILE 0.025
#define UPPER_QUANTILE 0.975

static GRand *
rand_from_seed (guint64 seed)
{
  const guint32 words[] = { (guint32) seed, (guint32) (seed >> 32) };

  return g_rand_new_with_seed_array (words, G_N_ELEMENTS (words));
}

/* An index below @n (at most 2³²). Its bias is n / 2³²: no interval can show it. */
static gsize
random_index (GRand *rand, gsize n)
{
  return (gsize) ((guint64) g_rand_int (rand) * n >> 32);
}

static int
compare_doubles (const void *a, const void *b)
{
  double first = *(const double *) a;
  double second = *(const double *) b;

  return (first > second) - (first < second);
}

/* The quantile @q of @n ≥ 1 sorted values. */
static double
quantile (const double *sorted, gsize n, double q)
{
  double position = q * (double) (n - 1);
  gsize below = (gsize) position;
  gsize above = MIN (below + 1, n - 1);

  return sorted[below] + (position - (double) below) * (sorted[above] - sorted[below]);
}

/* Puts the statistic of each resample that has one into @results, which has room for
 * FV_BOOTSTRAP_RESAMPLES. Returns: how many these are */
static gsize
resample (gsize n, FvStatistic statistic, gpointer user_data, guint64 seed, double *results)
{
  g_autoptr (GRand) rand = rand_from_seed (seed);
  g_autofree gsize *indices = g_new (gsize, n);
  gsize n_results = 0;

  for (int round = 0; round < FV_BOOTSTRAP_RESAMPLES; round++) {
    double result;

    for (gsize i = 0; i < n; i++)
      indices[i] = random_index (rand, n);
    result = statistic (indices, n, user_data);
    if (!isnan (result))
      results[n_results++] = result;
  }
  qsort (results, n_results, sizeof *results, compare_doubles);
  return n_results;
}

/* The estimate, and the sorted resamples in @results. */
static FvEstimate
estimate (gsize n, FvStatistic statistic, gpointer user_data, guint64 seed, double *results,
          gsize *n_results)
{
  FvEstimate result = { NAN, NAN, NAN, n };
  g_autofree gsize *indices = NULL;

  *n_results = 0;
  if (n == 0)
    return result;
  indices = g_new (gsize, n);
  for (gsize i = 0; i < n; i++)
    indices[i] = i;
  result.value = statistic (indices, n, user_data);
  *n_results = resample (n, statistic, user_data, seed, results);
  if (*n_results > 0) {
    result.low = quantile (results, *n_results, LOWER_QUANTILE);
    result.high = quantile (results, *n_results, UPPER_QUANTILE);
  }
  return result;
}

static double
mean_of (const gsize *indices, gsize n, gpointer user_data)
{
  const double *values = user_data;
  double sum = 0.0;

  for (gsize i = 0; i < n; i++)
    sum += values[indices[i]];
  return sum / (double) n;
}

FvEstimate
fv_estimate_statistic (gsize n, FvStatistic statistic, gpointer user_data, guint64 seed)
{
  double results[FV_BOOTSTRAP_RESAMPLES];
  gsize n_results;

  return estimate (n, statistic, user_data, seed, results, &n_results);
}

FvEstimate
fv_estimate_mean (const double *values, gsize n, guint64 seed)
{
  g_autofree double *used = g_new (double, n);
  gsize n_used = 0;

  for (gsize i = 0; i < n; i++)
    if (!isnan (values[i]))
      used[n_used++] = values[i];
  return fv_estimate_statistic (n_used, mean_of, used, seed);
}

/* Two-sided p from the sorted differences of the resamples: see FvDifference. */
static double
two_sided_p (const double *sorted, gsize n)
{
  gsize n_not_above = 0, n_not_below = 0;

  if (n == 0)
    return NAN;
  for (gsize i = 0; i < n; i++) {
    n_not_above += sorted[i] <= 0.0;
    n_not_below += sorted[i] >= 0.0;
  }
  return fmin (1.0, 2.0 * (double) (MIN (n_not_above, n_not_below) + 1) / (double) (n + 1));
}

FvDifference
fv_estimate_mean_difference (const double *a, const double *b, gsize n, guint64 seed)
{
  g_autofree double *differences = g_new (double, n);
  double results[FV_BOOTSTRAP_RESAMPLES];
  gsize n_used = 0, n_results;
  FvDifference difference;

  for (gsize i = 0; i < n; i++)
    if (!isnan (a[i]) && !isnan (b[i]))
      differences[n_used++] = b[i] - a[i];
  difference.difference = estimate (n_used, mean_of, differences, seed, results, &n_results);
  difference.p = two_sided_p (results, n_results);
  return difference;
}
