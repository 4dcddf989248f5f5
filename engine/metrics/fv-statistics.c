/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One bootstrap for all statistics; each says what a resample of it is. */

#include "fv-statistics-private.h"

#include <math.h>
#include <stdlib.h>

static const FvDifference nothing = { { NAN, NAN, NAN, 0 }, NAN };

/* -- means ---------------------------------------------------------------------------------- */

typedef struct {
  const double *values;
  gsize n;
} Values;

static double
resample_mean (GRand *rand, gpointer user_data)
{
  const Values *values = user_data;
  double sum = 0;

  for (gsize i = 0; i < values->n; i++)
    sum += values->values[fv_bootstrap_draw (rand, values->n)];
  return sum / (double) values->n;
}

static FvDifference
bootstrap_mean (const double *values, gsize n, int n_resamples, guint64 seed)
{
  Values drawn_from = { values, n };
  double sum = 0;

  if (n == 0)
    return nothing;
  for (gsize i = 0; i < n; i++)
    sum += values[i];
  return fv_bootstrap (sum / (double) n, n, resample_mean, &drawn_from, n_resamples, seed);
}

FvEstimate
fv_bootstrap_mean (const double *values, gsize n, int n_resamples, guint64 seed)
{
  return bootstrap_mean (values, n, n_resamples, seed).difference;
}

FvEstimate
fv_estimate_mean (const double *values, gsize n, guint64 seed)
{
  g_autofree double *used = g_new (double, n);
  gsize n_used = 0;

  for (gsize i = 0; i < n; i++)
    if (!isnan (values[i]))
      used[n_used++] = values[i];
  return fv_bootstrap_mean (used, n_used, FV_BOOTSTRAP_RESAMPLES, seed);
}

FvDifference
fv_estimate_mean_difference (const double *a, const double *b, gsize n, guint64 seed)
{
  g_autofree double *differences = g_new (double, n);
  gsize n_used = 0;

  for (gsize i = 0; i < n; i++)
    if (!isnan (a[i]) && !isnan (b[i]))
      differences[n_used++] = b[i] - a[i];
  return bootstrap_mean (differences, n_used, FV_BOOTSTRAP_RESAMPLES, seed);
}

/* -- any statistic, over runs or not -------------------------------------------------------- */

typedef struct {
  FvRunStatistic statistic;
  gpointer user_data;
  gsize n_runs, n;
  gsize *indices;
  gboolean *is_known; /* of each run, in the present resample */
  double *known;
} Runs;

static void
runs_clear (Runs *runs)
{
  g_free (runs->indices);
  g_free (runs->is_known);
  g_free (runs->known);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Runs, runs_clear)

/* A run that is drawn twice need not be counted twice. */
static double
statistic_of_run (Runs *runs, gsize run)
{
  if (!runs->is_known[run])
    runs->known[run] = runs->statistic (run, runs->indices, runs->n, runs->user_data);
  runs->is_known[run] = TRUE;
  return runs->known[run];
}

static void
forget_statistics (Runs *runs)
{
  for (gsize i = 0; i < runs->n_runs; i++)
    runs->is_known[i] = FALSE;
}

static double
resample_runs (GRand *rand, gpointer user_data)
{
  Runs *runs = user_data;
  double sum = 0;

  forget_statistics (runs);
  for (gsize i = 0; i < runs->n; i++)
    runs->indices[i] = fv_bootstrap_draw (rand, runs->n);
  for (gsize i = 0; i < runs->n_runs; i++)
    sum += statistic_of_run (runs, runs->n_runs > 1 ? fv_bootstrap_draw (rand, runs->n_runs) : 0);
  return sum / (double) runs->n_runs;
}

static double
measure_runs (Runs *runs)
{
  double sum = 0;

  forget_statistics (runs);
  for (gsize i = 0; i < runs->n; i++)
    runs->indices[i] = i;
  for (gsize i = 0; i < runs->n_runs; i++)
    sum += statistic_of_run (runs, i);
  return sum / (double) runs->n_runs;
}

FvDifference
fv_estimate_over_runs (gsize n_runs, gsize n, FvRunStatistic statistic, gpointer user_data,
                       guint64 seed)
{
  g_auto (Runs) runs = { .statistic = statistic,
                         .user_data = user_data,
                         .n_runs = n_runs,
                         .n = n,
                         .indices = g_new (gsize, n),
                         .is_known = g_new (gboolean, n_runs),
                         .known = g_new (double, n_runs) };
  FvDifference result;

  if (n == 0 || n_runs == 0)
    return nothing;
  result = fv_bootstrap (measure_runs (&runs), n_runs > 1 ? MIN (n_runs, n) : n, resample_runs,
                         &runs, FV_BOOTSTRAP_RESAMPLES, seed);
  result.difference.n = n;
  return result;
}

/* A statistic of a single run. */
typedef struct {
  FvStatistic statistic;
  gpointer user_data;
} Single;

static double
statistic_of_single (gsize run, const gsize *indices, gsize n, gpointer user_data)
{
  const Single *single = user_data;

  return single->statistic (indices, n, single->user_data);
}

FvEstimate
fv_estimate_statistic (gsize n, FvStatistic statistic, gpointer user_data, guint64 seed)
{
  Single single = { statistic, user_data };

  return fv_estimate_over_runs (1, n, statistic_of_single, &single, seed).difference;
}

/* -- many p-values -------------------------------------------------------------------------- */

static int
compare_by_p (const void *a, const void *b, gpointer p)
{
  double first = ((const double *) p)[*(const gsize *) a];
  double second = ((const double *) p)[*(const gsize *) b];

  return (first > second) - (first < second);
}

void
fv_adjust_holm (const double *p, gsize n, double *adjusted)
{
  g_autofree gsize *order = g_new (gsize, n);
  gsize n_used = 0;
  double largest = 0;

  for (gsize i = 0; i < n; i++) {
    adjusted[i] = p[i];
    if (!isnan (p[i]))
      order[n_used++] = i;
  }
  g_qsort_with_data (order, (int) n_used, sizeof *order, compare_by_p, adjusted);
  for (gsize i = 0; i < n_used; i++) {
    largest = fmax (largest, fmin (1, adjusted[order[i]] * (double) (n_used - i)));
    adjusted[order[i]] = largest;
  }
}
