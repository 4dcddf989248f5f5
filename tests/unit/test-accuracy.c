/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Accuracy, F1 and groups on six answers counted by hand. */

#include "fv-accuracy.h"

#include <math.h>

#define N 6

static const int labels[N] = { 0, 0, 0, 1, 1, 2 };
static const int predictions[N] = { 0, 0, 1, 1, 0, 0 };
static const int groups[N] = { 0, 0, 1, 1, 3, -1 };

static void
test_accuracy (void)
{
  g_assert_cmpfloat_with_epsilon (fv_accuracy (labels, predictions, N), 0.5, 1e-12);
  g_assert_cmpfloat (fv_accuracy (labels, labels, N), ==, 1.0);
  g_assert_true (isnan (fv_accuracy (labels, predictions, 0)));
}

/* F1: class 0: 2·2 / (3 + 4), class 1: 2·1 / (2 + 2), class 2: 0 / (1 + 0). */
static void
test_f1_macro (void)
{
  double expected = (4.0 / 7.0 + 0.5 + 0.0) / 3.0;

  g_assert_cmpfloat_with_epsilon (fv_f1_macro (labels, predictions, N, 3), expected, 1e-12);
  /* A class that never occurs is not counted as 0. */
  g_assert_cmpfloat_with_epsilon (fv_f1_macro (labels, predictions, N, 9), expected, 1e-12);
  g_assert_cmpfloat (fv_f1_macro (labels, labels, N, 3), ==, 1.0);
  g_assert_true (isnan (fv_f1_macro (labels, predictions, 0, 3)));
}

/* A prediction that is no class: wrong, and no false positive for any class. */
static void
test_f1_out_of_range (void)
{
  const int wild[] = { 0, 77, -1 };
  const int truth[] = { 0, 0, 0 };

  g_assert_cmpfloat_with_epsilon (fv_f1_macro (truth, wild, 3, 2), 2.0 / 4.0, 1e-12);
}

static void
test_groups (void)
{
  double accuracy[4];
  gsize count[4];

  fv_accuracy_by_group (labels, predictions, groups, N, 4, accuracy, count);
  g_assert_cmpfloat (accuracy[0], ==, 1.0);
  g_assert_cmpfloat (accuracy[1], ==, 0.5);
  g_assert_true (isnan (accuracy[2]));
  g_assert_cmpfloat (accuracy[3], ==, 0.0);
  g_assert_cmpuint (count[0], ==, 2);
  g_assert_cmpuint (count[1], ==, 2);
  g_assert_cmpuint (count[2], ==, 0);
  g_assert_cmpuint (count[3], ==, 1);
}

static void
test_worst_group (void)
{
  g_assert_cmpfloat (fv_worst_group_accuracy (labels, predictions, groups, N, 4), ==, 0.0);
  g_assert_cmpfloat (fv_worst_group_accuracy (labels, predictions, groups, N, 3), ==, 0.5);
  g_assert_true (isnan (fv_worst_group_accuracy (labels, predictions, groups, 0, 4)));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/accuracy/accuracy", test_accuracy);
  g_test_add_func ("/accuracy/f1-macro", test_f1_macro);
  g_test_add_func ("/accuracy/f1-out-of-range", test_f1_out_of_range);
  g_test_add_func ("/accuracy/groups", test_groups);
  g_test_add_func ("/accuracy/worst-group", test_worst_group);
  return g_test_run ();
}
