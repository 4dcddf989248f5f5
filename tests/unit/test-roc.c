/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The area under the ROC curve against pairs counted one by one, ties and repeats included. */

#include "fv-roc.h"

#include <math.h>

#define N 40

/* Of all pairs of a positive and a negative item, the share that is in order. */
static double
count_pairs (const float *scores, const guint8 *positive, const guint *counts)
{
  double n_won = 0, n_pairs = 0;

  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      double pairs = positive[i] && !positive[j] ? (double) counts[i] * counts[j] : 0;

      n_pairs += pairs;
      n_won += scores[i] > scores[j] ? pairs : scores[i] < scores[j] ? 0 : pairs / 2;
    }
  return n_won / n_pairs;
}

static void
test_pairs (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  float scores[N];
  guint8 positive[N];
  guint counts[N];

  for (int round = 0; round < 20; round++) {
    for (int i = 0; i < N; i++) {
      scores[i] = (float) ((N - i) / (round % 4 + 1)); /* falling, in steps of ties */
      positive[i] = g_rand_boolean (rand);
      counts[i] = g_rand_int_range (rand, 0, 4);
    }
    positive[0] = counts[0] = counts[1] = 1;
    positive[1] = 0;
    g_assert_cmpfloat_with_epsilon (fv_roc_area (scores, positive, counts, N),
                                    count_pairs (scores, positive, counts), 1e-12);
  }
}

static void
test_limits (void)
{
  const float falling[] = { 3, 2, 1, 0 }, tied[] = { 1, 1, 1, 1 };
  const guint8 first[] = { 1, 1, 0, 0 }, last[] = { 0, 0, 1, 1 }, all[] = { 1, 1, 1, 1 };

  g_assert_cmpfloat (fv_roc_area (falling, first, NULL, 4), ==, 1);
  g_assert_cmpfloat (fv_roc_area (falling, last, NULL, 4), ==, 0);
  g_assert_cmpfloat (fv_roc_area (tied, first, NULL, 4), ==, 0.5);
  g_assert_true (isnan (fv_roc_area (falling, all, NULL, 4)));
  g_assert_true (isnan (fv_roc_area (falling, first, NULL, 0)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/roc/pairs", test_pairs);
  g_test_add_func ("/roc/limits", test_limits);
  return g_test_run ();
}
