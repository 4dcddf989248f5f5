/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The interquartile mean, resampled within strata. */

#include "fv-statistics-private.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
  double *values; /* stratum after stratum */
  double *drawn;
  gsize *starts; /* of each stratum, and the end of the last: n_strata + 1 */
  gsize n_strata;
} Strata;

static void
strata_clear (Strata *strata)
{
  g_free (strata->values);
  g_free (strata->drawn);
  g_free (strata->starts);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Strata, strata_clear)

static int
compare_doubles (const void *a, const void *b)
{
  double first = *(const double *) a;
  double second = *(const double *) b;

  return (first > second) - (first < second);
}

/* Sorts the values. */
static double
interquartile_mean (double *values, gsize n)
{
  gsize cut = n / 4;
  double sum = 0;

  qsort (values, n, sizeof *values, compare_doubles);
  for (gsize i = cut; i < n - cut; i++)
    sum += values[i];
  return sum / (double) (n - 2 * cut);
}

static double
resample_strata (GRand *rand, gpointer user_data)
{
  Strata *strata = user_data;

  for (gsize s = 0; s < strata->n_strata; s++) {
    gsize start = strata->starts[s], n = strata->starts[s + 1] - start;

    for (gsize i = 0; i < n; i++)
      strata->drawn[start + i] = strata->values[start + fv_bootstrap_draw (rand, n)];
  }
  return interquartile_mean (strata->drawn, strata->starts[strata->n_strata]);
}

static void
collect (Strata *strata, const double *values, const gsize *stratum_of, gsize n)
{
  gsize n_used = 0;

  for (gsize s = 0; s < strata->n_strata; s++) {
    strata->starts[s] = n_used;
    for (gsize i = 0; i < n; i++)
      if (stratum_of[i] == s && !isnan (values[i]))
        strata->values[n_used++] = values[i];
  }
  strata->starts[strata->n_strata] = n_used;
}

FvEstimate
fv_estimate_iqm (const double *values, const gsize *strata, gsize n, gsize n_strata, guint64 seed)
{
  g_auto (Strata) collected = { .values = g_new (double, n),
                                .drawn = g_new (double, n),
                                .starts = g_new (gsize, n_strata + 1),
                                .n_strata = n_strata };
  gsize n_used;

  collect (&collected, values, strata, n);
  n_used = collected.starts[n_strata];
  if (n_used == 0)
    return (FvEstimate){ NAN, NAN, NAN, 0 };
  for (gsize i = 0; i < n_used; i++)
    collected.drawn[i] = collected.values[i];
  return fv_bootstrap (interquartile_mean (collected.drawn, n_used), n_used, resample_strata,
                       &collected, FV_BOOTSTRAP_RESAMPLES, seed)
      .difference;
}
