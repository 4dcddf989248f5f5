/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The bootstrap: exact where a resample can only be one thing, by theory elsewhere. */

#include "fv-statistics-private.h"

#include <math.h>
#include <string.h>

static void
test_mean_of_equal_values (void)
{
  const double values[] = { 2.5, 2.5, NAN, 2.5 };
  FvEstimate estimate = fv_estimate_mean (values, 4, 1);

  g_assert_cmpfloat (estimate.value, ==, 2.5);
  g_assert_cmpfloat (estimate.low, ==, 2.5);
  g_assert_cmpfloat (estimate.high, ==, 2.5);
  g_assert_cmpuint (estimate.n, ==, 3);
}

static void
test_no_data (void)
{
  const double values[] = { NAN, NAN };
  FvEstimate estimate = fv_estimate_mean (values, 2, 1);
  FvDifference difference = fv_estimate_mean_difference (values, values, 2, 1);

  g_assert_cmpuint (estimate.n, ==, 0);
  g_assert_true (isnan (estimate.value) && isnan (estimate.low) && isnan (estimate.high));
  g_assert_cmpuint (difference.difference.n, ==, 0);
  g_assert_true (isnan (difference.p));
  g_assert_true (isnan (fv_estimate_mean (values, 0, 1).value));
}

static void
test_one_value (void)
{
  const double value = -3.0;
  FvEstimate estimate = fv_estimate_mean (&value, 1, 1);

  g_assert_cmpfloat (estimate.low, ==, -3.0);
  g_assert_cmpfloat (estimate.high, ==, -3.0);
}

/* Of two values 0 and 1 a resample has mean 0, ½ or 1 with probability ¼, ½, ¼. */
static void
test_two_values (void)
{
  const double values[] = { 0.0, 1.0 };
  FvEstimate estimate = fv_estimate_mean (values, 2, 1);

  g_assert_cmpfloat (estimate.value, ==, 0.5);
  g_assert_cmpfloat (estimate.low, ==, 0.0);
  g_assert_cmpfloat (estimate.high, ==, 1.0);
}

/* 0 … 399 has standard error 115.5 / 20 = 5.77: the interval is 199.5 ± 1.96 · 5.77. */
static void
test_width_is_theory (void)
{
  double values[400];
  FvEstimate estimate;

  for (int i = 0; i < 400; i++)
    values[i] = i;
  estimate = fv_estimate_mean (values, 400, 7);
  g_assert_cmpfloat_with_epsilon (estimate.value, 199.5, 1e-9);
  g_assert_cmpfloat_with_epsilon (estimate.low, 199.5 - 11.3, 1.0);
  g_assert_cmpfloat_with_epsilon (estimate.high, 199.5 + 11.3, 1.0);
}

static void
test_same_seed_same_bytes (void)
{
  double values[50];
  FvEstimate first, again, other;

  for (int i = 0; i < 50; i++)
    values[i] = sin (i);
  first = fv_estimate_mean (values, 50, G_GUINT64_CONSTANT (1) << 40);
  again = fv_estimate_mean (values, 50, G_GUINT64_CONSTANT (1) << 40);
  other = fv_estimate_mean (values, 50, 0);
  g_assert_cmpmem (&first, sizeof first, &again, sizeof again);
  g_assert_cmpfloat (first.low, !=, other.low);
}

static void
test_difference_is_paired (void)
{
  const double a[] = { 1.0, 10.0, 100.0, NAN, 5.0 };
  const double b[] = { 3.0, 12.0, 102.0, 1.0, NAN };
  FvDifference difference = fv_estimate_mean_difference (a, b, 5, 1);

  g_assert_cmpuint (difference.difference.n, ==, 3);
  g_assert_cmpfloat (difference.difference.value, ==, 2.0);
  g_assert_cmpfloat (difference.difference.low, ==, 2.0);
  g_assert_cmpfloat (difference.difference.high, ==, 2.0);
  g_assert_cmpfloat_with_epsilon (difference.p, 2.0 / (FV_BOOTSTRAP_RESAMPLES + 1), 1e-12);
}

static void
test_no_difference (void)
{
  const double a[] = { 1.0, 2.0, 3.0, 4.0 };
  const double b[] = { 2.0, 1.0, 4.0, 3.0 };

  FvDifference none = fv_estimate_mean_difference (a, a, 4, 1);

  g_assert_cmpfloat (none.p, ==, 1.0);
  g_assert_cmpfloat (none.difference.value, ==, 0.0);
  g_assert_cmpfloat (none.difference.low, ==, 0.0);
  g_assert_cmpfloat (none.difference.high, ==, 0.0);
  g_assert_cmpfloat (fv_estimate_mean_difference (a, b, 4, 1).p, >, 0.5);
}

/* The largest of the chosen values; NaN when the first item is not among them. */
static double
maximum (const gsize *indices, gsize n, gpointer user_data)
{
  const double *values = user_data;
  double largest = -INFINITY;
  gboolean has_first = FALSE;

  for (gsize i = 0; i < n; i++) {
    largest = fmax (largest, values[indices[i]]);
    has_first = has_first || indices[i] == 0;
  }
  return has_first ? largest : NAN;
}

static void
test_any_statistic (void)
{
  double values[] = { 1.0, 2.0, 8.0 };
  FvEstimate estimate = fv_estimate_statistic (3, maximum, values, 3);

  g_assert_cmpfloat (estimate.value, ==, 8.0);
  g_assert_cmpfloat (estimate.low, ==, 1.0);
  g_assert_cmpfloat (estimate.high, ==, 8.0);
}

/* -- coverage ------------------------------------------------------------------------------- */

#define N_SIMULATIONS 2000
#define N_RESAMPLES 500

/* Share of simulations of @n draws from the exponential distribution, whose skewness is 2, in which
 * the interval holds the true mean 1. */
static double
measure_coverage (gsize n)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (17);
  g_autofree double *values = g_new (double, n);
  int n_covered = 0;

  for (int i = 0; i < N_SIMULATIONS; i++) {
    FvEstimate estimate;

    for (gsize k = 0; k < n; k++)
      values[k] = -log (1 - g_rand_double (rand));
    estimate = fv_bootstrap_mean (values, n, N_RESAMPLES, (guint64) i);
    n_covered += estimate.low <= 1 && 1 <= estimate.high;
  }
  return (double) n_covered / N_SIMULATIONS;
}

static void
test_coverage (void)
{
  double many = measure_coverage (200), few = measure_coverage (20);

  g_test_message ("coverage %.3f of 200 values, %.3f of 20", many, few);
  g_assert_cmpfloat (many, >, 0.93);
  g_assert_cmpfloat (many, <, 0.97);
  /* Skewed data in small numbers stay hard: plain percentiles cover 0.90. */
  g_assert_cmpfloat (few, >, 0.91);
}

/* -- runs ----------------------------------------------------------------------------------- */

typedef struct {
  double values[3][40];
} Table;

static double
mean_of_run (gsize run, const gsize *indices, gsize n, gpointer user_data)
{
  const Table *table = user_data;
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += table->values[run][indices[i]];
  return sum / (double) n;
}

/* Items that do not vary leave the runs' spread, and runs that agree leave the items'. */
static void
test_runs_have_two_levels (void)
{
  Table table;
  FvDifference between, within;
  FvEstimate plain;

  for (int run = 0; run < 3; run++)
    for (int i = 0; i < 40; i++)
      table.values[run][i] = run;
  between = fv_estimate_over_runs (3, 40, mean_of_run, &table, 1);
  g_assert_cmpfloat (between.difference.value, ==, 1);
  /* Three runs: from thrice the lowest to thrice the highest. */
  g_assert_cmpfloat (between.difference.low, ==, 0);
  g_assert_cmpfloat (between.difference.high, ==, 2);
  g_assert_cmpuint (between.difference.n, ==, 40);

  for (int run = 0; run < 3; run++)
    for (int i = 0; i < 40; i++)
      table.values[run][i] = i;
  within = fv_estimate_over_runs (3, 40, mean_of_run, &table, 1);
  plain = fv_estimate_mean (table.values[0], 40, 1);
  g_assert_cmpfloat_with_epsilon (within.difference.value, plain.value, 1e-12);
  g_assert_cmpfloat (within.difference.high - within.difference.low, >, plain.high - plain.low);
}

static void
test_one_run_is_plain (void)
{
  Table table;
  FvDifference one;
  FvEstimate plain;

  for (int i = 0; i < 40; i++)
    table.values[0][i] = sin (i);
  one = fv_estimate_over_runs (1, 40, mean_of_run, &table, 5);
  plain = fv_estimate_mean (table.values[0], 40, 5);
  g_assert_cmpfloat (one.difference.value, ==, plain.value);
  g_assert_cmpfloat (one.difference.low, ==, plain.low);
  g_assert_cmpfloat (one.difference.high, ==, plain.high);
}

/* -- the rest ------------------------------------------------------------------------------- */

/* 0.01 · 4, 0.02 · 3, 0.03 · 2 (the same), 0.9 · 1. */
static void
test_holm (void)
{
  double p[] = { 0.9, 0.01, NAN, 0.03, 0.02 };

  fv_adjust_holm (p, 5, p);
  g_assert_cmpfloat_with_epsilon (p[1], 0.04, 1e-12);
  g_assert_cmpfloat_with_epsilon (p[4], 0.06, 1e-12);
  g_assert_cmpfloat_with_epsilon (p[3], 0.06, 1e-12);
  g_assert_cmpfloat_with_epsilon (p[0], 0.9, 1e-12);
  g_assert_true (isnan (p[2]));
  p[0] = p[1] = 0.7;
  fv_adjust_holm (p, 2, p);
  g_assert_cmpfloat (p[1], ==, 1);
}

/* scipy.stats.trim_mean ([…], 0.25): of ten values two fall at each end. */
static void
test_iqm (void)
{
  const double values[] = { 100, 1, 2, 3, 4, 5, 6, 7, 8, -100, NAN };
  const gsize strata[] = { 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1 };
  const gsize apart[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
  FvEstimate iqm = fv_estimate_iqm (values, strata, 11, 2, 1);
  FvEstimate alone = fv_estimate_iqm (values, apart, 11, 11, 1);

  g_assert_cmpfloat_with_epsilon (iqm.value, 4.5, 1e-12);
  g_assert_cmpuint (iqm.n, ==, 10);
  g_assert_cmpfloat (iqm.low, <, 4.5);
  g_assert_cmpfloat (iqm.high, >, 4.5);
  /* Each its own stratum: a resample can only be the same. */
  g_assert_cmpfloat (alone.low, ==, alone.value);
  g_assert_cmpfloat (alone.high, ==, alone.value);
  g_assert_true (isnan (fv_estimate_iqm (values + 10, strata, 1, 1, 1).value));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/statistics/equal-values", test_mean_of_equal_values);
  g_test_add_func ("/statistics/no-data", test_no_data);
  g_test_add_func ("/statistics/one-value", test_one_value);
  g_test_add_func ("/statistics/two-values", test_two_values);
  g_test_add_func ("/statistics/width-is-theory", test_width_is_theory);
  g_test_add_func ("/statistics/same-seed-same-bytes", test_same_seed_same_bytes);
  g_test_add_func ("/statistics/difference-is-paired", test_difference_is_paired);
  g_test_add_func ("/statistics/no-difference", test_no_difference);
  g_test_add_func ("/statistics/any-statistic", test_any_statistic);
  g_test_add_func ("/statistics/coverage", test_coverage);
  g_test_add_func ("/statistics/runs-have-two-levels", test_runs_have_two_levels);
  g_test_add_func ("/statistics/one-run-is-plain", test_one_run_is_plain);
  g_test_add_func ("/statistics/holm", test_holm);
  g_test_add_func ("/statistics/iqm", test_iqm);
  return g_test_run ();
}
