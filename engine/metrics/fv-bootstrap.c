/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Resampling, and what the resamples say about the number. */

#include "fv-statistics-private.h"

#include <math.h>
#include <stdlib.h>

/* The 97.5 % point of the normal distribution. */
#define Z 1.959963984540054

static GRand *
rand_from_seed (guint64 seed)
{
  const guint32 words[] = { (guint32) seed, (guint32) (seed >> 32) };

  return g_rand_new_with_seed_array (words, G_N_ELEMENTS (words));
}

gsize
fv_bootstrap_draw (GRand *rand, gsize n)
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

/* The 97.5 % point of Student's t, by Cornish and Fisher's expansion around the normal one: within
 * 1 % from 3 degrees of freedom on, and with fewer the interval is all resamples anyway. */
static double
student_point (double freedom)
{
  double z3 = Z * Z * Z, z5 = z3 * Z * Z, z7 = z5 * Z * Z;

  return Z + (z3 + Z) / (4 * freedom) + (5 * z5 + 16 * z3 + 3 * Z) / (96 * freedom * freedom)
         + (3 * z7 + 19 * z5 + 17 * z3 - 15 * Z) / (384 * freedom * freedom * freedom);
}

/* See the top of fv-statistics.h. */
static double
lower_quantile (gsize n)
{
  double freedom = (double) n - 1;

  if (n < 2)
    return 0;
  return 0.5 * erfc (student_point (freedom) * sqrt ((double) n / freedom) * G_SQRT2 / 2);
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
fv_bootstrap (double value, gsize n, FvResampler resampler, gpointer user_data, int n_resamples,
              guint64 seed)
{
  FvDifference result = { { value, NAN, NAN, n }, NAN };
  g_autoptr (GRand) rand = rand_from_seed (seed);
  g_autofree double *results = g_new (double, n_resamples);
  gsize n_results = 0;

  if (isnan (value))
    return result;
  for (int i = 0; i < n_resamples; i++) {
    double resample = resampler (rand, user_data);

    if (!isnan (resample))
      results[n_results++] = resample;
  }
  qsort (results, n_results, sizeof *results, compare_doubles);
  if (n_results > 0) {
    double q = lower_quantile (n);

    result.difference.low = quantile (results, n_results, q);
    result.difference.high = quantile (results, n_results, 1 - q);
  }
  result.p = two_sided_p (results, n_results);
  return result;
}
