/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The bootstrap: exact where a resample can only be one thing, by theory elsewhere. */

#include "fv-statistics.h"

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

  g_assert_cmpfloat (fv_estimate_mean_difference (a, a, 4, 1).p, ==, 1.0);
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
  return g_test_run ();
}
