/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Accuracy, F1 and groups on six answers counted by hand. */

#include "fv-accuracy.h"
#include "fv-average-precision.h"

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

static void
test_confusion (void)
{
  gsize counts[9];
  const gsize expected[9] = { 2, 1, 0, 1, 1, 0, 1, 0, 0 };

  fv_confusion (labels, predictions, N, 3, counts);
  g_assert_cmpmem (counts, sizeof counts, expected, sizeof expected);
}

/* Two in the bin up to 6/15: one right, mean 0.38; one at 1, wrong; one at exactly 9/15, right. */
static void
test_calibration_error (void)
{
  const int truth[] = { 0, 1, 2, 3 };
  const int answers[] = { 0, 0, 0, 3 };
  const double probabilities[] = { 0.36, 0.4, 1.0, 0.6 };
  double expected = (fabs (1 - 0.76) + 1.0 + 0.4) / 4;

  g_assert_cmpfloat_with_epsilon (fv_calibration_error (truth, answers, probabilities, 4), expected,
                                  1e-12);
  g_assert_true (isnan (fv_calibration_error (truth, answers, probabilities, 0)));
}

/* sklearn's example: scores 0.1 0.4 0.35 0.8 of 0 0 1 1 have 0.8333. Ties are one step. */
static void
test_average_precision (void)
{
  const float scores[] = { 0.1f, 0.4f, 0.35f, 0.8f };
  const guint8 truth[] = { 0, 0, 1, 1 };
  g_autofree gsize *order = fv_order_by_score (scores, 1, 4);
  const float tied[] = { 0.5f, 0.5f, 0.5f, 0.1f };
  const guint8 one[] = { 0, 1, 0, 0 }, none[] = { 0, 0, 0, 0 };
  const guint counts[] = { 1, 0, 0, 3 };
  float sorted[4];
  guint8 positive[4];

  for (int i = 0; i < 4; i++) {
    sorted[i] = scores[order[i]];
    positive[i] = truth[order[i]];
  }
  g_assert_cmpfloat_with_epsilon (fv_average_precision (sorted, positive, NULL, 4),
                                  0.5 * 1 + 0.5 * 2 / 3, 1e-12);
  g_assert_cmpfloat_with_epsilon (fv_average_precision (tied, one, NULL, 4), 1.0 / 3, 1e-12);
  g_assert_true (isnan (fv_average_precision (tied, none, NULL, 4)));
  /* The positive item is not in the resample. */
  g_assert_true (isnan (fv_average_precision (tied, one, counts, 4)));
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
  g_test_add_func ("/accuracy/confusion", test_confusion);
  g_test_add_func ("/accuracy/calibration-error", test_calibration_error);
  g_test_add_func ("/accuracy/average-precision", test_average_precision);
  return g_test_run ();
}
