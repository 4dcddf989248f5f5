/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Orders, importances and shares of masks, counted. */

#include <math.h>

#include "fv-sampling.h"

/* Twelve pictures: one of kind 5, three of kind −1, eight of kind 2. */
#define N 12
static const int kinds[N] = { 2, 2, -1, 2, 5, 2, 2, -1, 2, 2, 2, -1 };

static void
count (GRand *random, const int *of, guint counts[N])
{
  g_autoptr (FvSampling) sampling = fv_sampling_new_of_kinds (of, NULL, N);
  g_autofree guint *order = fv_sampling_order (sampling, random, N);

  for (guint i = 0; i < N; i++) {
    g_assert_cmpuint (order[i], <, N);
    counts[order[i]]++;
  }
}

static void
test_permutation (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  guint counts[N] = { 0 };

  count (random, NULL, counts);
  for (guint i = 0; i < N; i++)
    g_assert_cmpuint (counts[i], ==, 1);
}

/* Four of each kind: the only one of its kind four times, three pictures once and one of them
 * twice, four of the eight once; over many epochs all of a kind equally often. */
static void
test_balanced (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  guint sums[N] = { 0 };

  for (int epoch = 0; epoch < 600; epoch++) {
    guint counts[N] = { 0 };
    guint of_kind[3] = { 0 };

    count (random, kinds, counts);
    for (guint i = 0; i < N; i++) {
      of_kind[kinds[i] == 5 ? 0 : kinds[i] == -1 ? 1 : 2] += counts[i];
      g_assert_cmpuint (counts[i], >=, kinds[i] == 5 ? 4 : kinds[i] == -1 ? 1 : 0);
      g_assert_cmpuint (counts[i], <=, kinds[i] == 5 ? 4 : kinds[i] == -1 ? 2 : 1);
      sums[i] += counts[i];
    }
    for (int k = 0; k < 3; k++)
      g_assert_cmpuint (of_kind[k], ==, 4);
  }
  for (guint i = 0; i < N; i++)
    if (kinds[i] == 2)
      g_assert_cmpfloat_with_epsilon (sums[i], 300, 60); /* five standard deviations */
}

/* Eleven pictures of two kinds: six of the one and five of the other, which one being drawn. */
static void
test_remainder (void)
{
  static const int two[11] = { 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0 };
  g_autoptr (GRand) random = g_rand_new_with_seed (2);
  g_autoptr (FvSampling) sampling = fv_sampling_new_of_kinds (two, NULL, 11);
  int n_six = 0;

  for (int epoch = 0; epoch < 100; epoch++) {
    g_autofree guint *order = fv_sampling_order (sampling, random, 11);
    int n_first = 0;

    for (guint i = 0; i < 11; i++)
      n_first += two[order[i]] == 0;
    g_assert_true (n_first == 5 || n_first == 6);
    n_six += n_first == 6;
  }
  g_assert_cmpint (n_six, >, 20);
  g_assert_cmpint (n_six, <, 80);
}

/* 12 / (3 n_kind): 4, 4/3, 1/2, whose mean is 1 already. */
static void
test_importances (void)
{
  g_autoptr (FvSampling) sampling = fv_sampling_new_of_kinds (NULL, kinds, N);
  const float *importances = fv_sampling_get_importances (sampling);

  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat_with_epsilon (importances[i],
                                    kinds[i] == 5    ? 4
                                    : kinds[i] == -1 ? 4.0 / 3
                                                     : 0.5,
                                    1e-6);
}

/* One picture among a hundred would count 50 and is held at 20; then the mean is made 1 again. */
static void
test_importances_are_capped (void)
{
  int rare[100] = { 1 };
  g_autoptr (FvSampling) sampling = fv_sampling_new_of_kinds (NULL, rare, 100);
  const float *importances = fv_sampling_get_importances (sampling);
  double other = 100.0 / 2 / 99;
  double mean = (20 + 99 * other) / 100;

  g_assert_cmpfloat_with_epsilon (importances[0], 20 / mean, 1e-4);
  g_assert_cmpfloat_with_epsilon (importances[99], other / mean, 1e-5);
}

static void
test_shares (void)
{
  static const struct {
    double share;
    guint n;
  } cases[] = { { 0, 0 }, { 0.001, 1 }, { 0.5, 4 }, { 0.56, 4 }, { 0.57, 5 }, { 1, 8 } };

  for (gsize c = 0; c < G_N_ELEMENTS (cases); c++) {
    gboolean flags[N], again[N];
    guint n = 0;

    for (guint i = 0; i < N; i++)
      flags[i] = again[i] = kinds[i] == 2;
    fv_sampling_keep_share (flags, N, cases[c].share, 7);
    fv_sampling_keep_share (again, N, cases[c].share, 7);
    g_assert_cmpmem (flags, sizeof flags, again, sizeof again);
    for (guint i = 0; i < N; i++) {
      g_assert_true (!flags[i] || kinds[i] == 2);
      n += flags[i] ? 1 : 0;
    }
    g_assert_cmpuint (n, ==, cases[c].n);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sampling/permutation", test_permutation);
  g_test_add_func ("/sampling/balanced", test_balanced);
  g_test_add_func ("/sampling/remainder", test_remainder);
  g_test_add_func ("/sampling/importances", test_importances);
  g_test_add_func ("/sampling/importances-are-capped", test_importances_are_capped);
  g_test_add_func ("/sampling/shares", test_shares);
  return g_test_run ();
}
