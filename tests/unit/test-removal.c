/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What removing pixels is made of: their order, what they become, and imputation against a dense
 * solution of the same equations. */

#include <math.h>
#include <string.h>

#include "fv-baseline.h"
#include "fv-curve.h"
#include "fv-imputation.h"
#include "fv-pixel-order.h"
#include "fv-random.h"

#define assert_near(a, b, epsilon) g_assert_cmpfloat_with_epsilon (a, b, epsilon)

/* -- order ---------------------------------------------------------------------------------- */

static void
test_order (void)
{
  const float values[] = { 0.0f, 2.0f, -1.0f, 2.0f, -0.0f, NAN, INFINITY, -INFINITY, 1e-40f };
  const guint32 expected[] = { 6, 1, 3, 8, 0, 4, 2, 7, 5 };
  g_autofree guint32 *order = fv_pixel_order (values, G_N_ELEMENTS (values));

  g_assert_cmpmem (order, sizeof expected, expected, sizeof expected);
}

static void
test_blocks (void)
{
  FvBlocks blocks = fv_blocks_new (7, 5, 2); /* 5 / 2 rounded up: blocks of 3 */
  const guint32 corner[] = { 27, 34 };       /* what is left of column 6 in rows 3 and 4 */
  const guint32 second[] = { 3, 4, 5, 10, 11, 12, 17, 18, 19 };
  guint32 pixels[9];
  gsize n = 0;

  g_assert_cmpint (blocks.side, ==, 3);
  g_assert_cmpint (blocks.columns, ==, 3);
  g_assert_cmpint (blocks.rows, ==, 2);
  g_assert_cmpuint (fv_blocks_list (&blocks, 1, pixels), ==, 9);
  g_assert_cmpmem (pixels, sizeof second, second, sizeof second);
  g_assert_cmpuint (fv_blocks_list (&blocks, 5, pixels), ==, 2);
  g_assert_cmpmem (pixels, sizeof corner, corner, sizeof corner);
  for (guint32 block = 0; block < 6; block++)
    n += fv_blocks_list (&blocks, block, pixels);
  g_assert_cmpuint (n, ==, 35);
}

static void
test_copy (void)
{
  const float source[] = { 1, 2, 3, 4, 5, 6 };
  const float expected[] = { 0, 2, 0, 4, 0, 6 };
  const guint32 pixels[] = { 1 };
  float picture[6] = { 0 };

  fv_pixels_copy (picture, source, 2, pixels, 1);
  g_assert_cmpmem (picture, sizeof picture, expected, sizeof expected);
}

/* -- curves --------------------------------------------------------------------------------- */

static void
test_curve (void)
{
  const double even[] = { 0, 0.5, 1 }, uneven[] = { 0, 0.4, 0.8, 1 };
  const double falling[] = { 1, 0.3, 0 }, rising[] = { 0, 0.7, 1 };
  const double down[] = { 1, 0.45, 0.1, 0 };

  assert_near (fv_curve_get_area (even, falling, 3), 0.4, 1e-12);
  assert_near (fv_curve_get_area (even, rising, 3), 0.6, 1e-12);
  assert_near (fv_curve_get_area (uneven, down, 4), 0.41, 1e-12);
}

static void
test_steps (void)
{
  g_assert_cmpint (fv_curve_get_n_steps (5, 3), ==, 3);
  g_assert_cmpuint (fv_curve_get_end (5, 3, 0), ==, 0);
  g_assert_cmpuint (fv_curve_get_end (5, 3, 1), ==, 2);
  g_assert_cmpuint (fv_curve_get_end (5, 3, 3), ==, 5);
  g_assert_cmpint (fv_curve_get_n_steps (3, 20), ==, 3); /* no more steps than items */
  g_assert_cmpint (fv_curve_get_n_steps (9, 6), ==, 5);  /* steps of 2 */
  g_assert_cmpint (fv_curve_get_n_steps (50176, 20), ==, 20);
}

/* -- baselines ------------------------------------------------------------------------------ */

static void
test_baseline_names (void)
{
  for (guint i = 0; i < FV_BASELINE_N; i++) {
    FvBaseline found = FV_BASELINE_N;

    g_assert_true (fv_baseline_find (fv_baseline_get_name ((FvBaseline) i), &found));
    g_assert_cmpint (found, ==, (int) i);
  }
  g_assert_false (fv_baseline_find ("grey", &(FvBaseline){ 0 }));
  g_assert_false (fv_baseline_find (NULL, &(FvBaseline){ 0 }));
}

static void
test_mean_and_zero (void)
{
  const float image[] = { 1, 3, -2, -4, 0, 8 };
  const float mean[] = { 2, 2, -3, -3, 4, 4 };
  const float zero[6] = { 0 };
  float out[6];

  fv_baseline_fill (FV_BASELINE_MEAN, image, 2, 1, 0, out);
  g_assert_cmpmem (out, sizeof out, mean, sizeof mean);
  fv_baseline_fill (FV_BASELINE_ZERO, image, 2, 1, 0, out);
  g_assert_cmpmem (out, sizeof out, zero, sizeof zero);
}

static void
test_noise (void)
{
  float image[300], first[300], again[300], other[300];

  for (int i = 0; i < 300; i++)
    image[i] = (float) (i / 100 + (i % 2)); /* 0 … 1, 1 … 2 and 2 … 3 */
  fv_baseline_fill (FV_BASELINE_NOISE, image, 10, 10, 5, first);
  fv_baseline_fill (FV_BASELINE_NOISE, image, 10, 10, 5, again);
  fv_baseline_fill (FV_BASELINE_NOISE, image, 10, 10, 6, other);
  g_assert_cmpmem (first, sizeof first, again, sizeof again);
  g_assert_cmpint (memcmp (first, other, sizeof first), !=, 0);
  for (int i = 0; i < 300; i++) {
    g_assert_cmpfloat (first[i], >=, i / 100);
    g_assert_cmpfloat (first[i], <=, i / 100 + 1);
  }
}

/* A white pixel at 224 spreads as the outer product of RISE's kernel, at 112 of one half as wide.
 */
static void
test_blur (void)
{
  double sum = 0;
  g_autofree float *image = g_new0 (float, 3 * 224 * 224);
  g_autofree float *out = g_new (float, 3 * 224 * 224);

  for (int i = -5; i <= 5; i++)
    sum += exp (-i * i / 50.0);
  image[100 * 224 + 50] = 1;
  fv_baseline_fill (FV_BASELINE_BLUR, image, 224, 224, 0, out);
  assert_near (out[100 * 224 + 50], 1 / (sum * sum), 1e-7);
  assert_near (out[103 * 224 + 45], exp (-9 / 50.0) * exp (-25 / 50.0) / (sum * sum), 1e-7);
  g_assert_cmpfloat (out[100 * 224 + 56], ==, 0);
  for (int i = 0; i < 112 * 112; i++)
    image[i] = 0.25f;
  fv_baseline_fill (FV_BASELINE_BLUR, image, 112, 112, 0, out);
  assert_near (out[0], 0.25, 1e-6); /* edges are repeated */
  assert_near (out[112 * 112 - 1], 0.25, 1e-6);
}

/* -- random --------------------------------------------------------------------------------- */

static void
test_draws (void)
{
  g_autoptr (GRand) rand = fv_random_new (1, 2);
  g_autoptr (GRand) same = fv_random_new (1, 2);
  g_autoptr (GRand) other = fv_random_new (1, 3);
  guint32 items[50];
  guint64 seen = 0;
  double sum = 0, squares = 0;

  g_assert_cmpuint (g_rand_int (rand), ==, g_rand_int (same));
  g_assert_cmpuint (g_rand_int (same), !=, g_rand_int (other));
  for (guint32 i = 0; i < 50; i++)
    items[i] = i;
  fv_random_draw (rand, items, 50, 20);
  for (int i = 0; i < 50; i++)
    seen |= (guint64) 1 << items[i];
  g_assert_cmpuint (seen, ==, ((guint64) 1 << 50) - 1);
  for (int i = 0; i < 20000; i++) {
    double value = fv_random_normal (rand);

    sum += value;
    squares += value * value;
  }
  assert_near (sum / 20000, 0, 0.03);
  assert_near (squares / 20000, 1, 0.05);
}

/* -- imputation ----------------------------------------------------------------------------- */

#define MAX_PIXELS 120

/* The weight of pixel @j for its neighbour @i, 0 when they are none. */
static double
weight (int width, int i, int j)
{
  int dx = abs (i % width - j % width), dy = abs (i / width - j / width);

  if (dx > 1 || dy > 1 || i == j)
    return 0;
  return dx + dy == 1 ? 1.0 / 6 : 1.0 / 12;
}

/* Gaussian elimination with the largest pivot: the equations as they are written down. */
static void
solve_dense (const float *plane, int width, int n, const guint8 *known, double *solution)
{
  static double a[MAX_PIXELS][MAX_PIXELS + 1];

  memset (a, 0, sizeof a);
  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      a[i][j] += known[i] ? (i == j) : -weight (width, i, j);
      a[i][i] += known[i] ? 0 : weight (width, i, j);
    }
  for (int i = 0; i < n; i++)
    a[i][n] = known[i] ? plane[i] : 0;
  for (int k = 0; k < n; k++) {
    int pivot = k;

    for (int i = k + 1; i < n; i++)
      pivot = fabs (a[i][k]) > fabs (a[pivot][k]) ? i : pivot;
    for (int j = 0; j <= n; j++) {
      double held = a[k][j];

      a[k][j] = a[pivot][j];
      a[pivot][j] = held;
    }
    for (int i = 0; i < n; i++) {
      double factor = a[i][k] / a[k][k];

      for (int j = k; i != k && j <= n; j++)
        a[i][j] -= factor * a[k][j];
    }
  }
  for (int i = 0; i < n; i++)
    solution[i] = a[i][n] / a[i][i];
}

static void
check_imputation (int width, int height, double share_unknown, guint32 seed)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  int n = width * height;
  float picture[3 * MAX_PIXELS], original[3 * MAX_PIXELS];
  guint8 known[MAX_PIXELS];
  double solution[MAX_PIXELS];

  for (int i = 0; i < 3 * n; i++)
    picture[i] = original[i] = (float) g_rand_double_range (rand, -2, 2);
  for (int i = 0; i < n; i++)
    known[i] = g_rand_double (rand) >= share_unknown;
  known[g_rand_int_range (rand, 0, n)] = 1;
  fv_impute (picture, width, height, known);
  for (int c = 0; c < 3; c++) {
    solve_dense (original + c * n, width, n, known, solution);
    for (int i = 0; i < n; i++) {
      assert_near (picture[c * n + i], solution[i], 1e-4);
      if (known[i])
        g_assert_cmpfloat (picture[c * n + i], ==, original[c * n + i]);
    }
  }
}

static void
test_imputation_against_dense (void)
{
  for (guint32 seed = 1; seed <= 20; seed++) {
    check_imputation (10, 12, 0.05 * seed, seed);
    check_imputation (1, 7, 0.5, seed);
    check_imputation (9, 2, 0.9, seed);
  }
}

static void
test_imputation_of_everything_or_nothing (void)
{
  const float original[] = { 1, 2, 3, 4, 5, 6 };
  const guint8 all[] = { 1, 1 }, none[] = { 0, 0 };
  float picture[] = { 1, 2, 3, 4, 5, 6 };

  fv_impute (picture, 2, 1, all);
  g_assert_cmpmem (picture, sizeof picture, original, sizeof original);
  fv_impute (picture, 2, 1, none);
  g_assert_cmpmem (picture, sizeof picture, original, sizeof original);
}

static void
test_imputation_noise (void)
{
  const guint8 known[] = { 1, 0 };
  float picture[6] = { 0 };
  g_autoptr (GRand) rand = fv_random_new (1, 1);

  fv_imputation_add_noise (picture, 2, 1, known, 0.01, rand);
  for (int i = 0; i < 6; i++)
    if (i % 2 == 0)
      g_assert_cmpfloat (picture[i], ==, 0);
    else
      g_assert_true (picture[i] != 0 && fabsf (picture[i]) < 0.06f);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/removal/order", test_order);
  g_test_add_func ("/removal/blocks", test_blocks);
  g_test_add_func ("/removal/copy", test_copy);
  g_test_add_func ("/removal/curve", test_curve);
  g_test_add_func ("/removal/steps", test_steps);
  g_test_add_func ("/removal/baseline/names", test_baseline_names);
  g_test_add_func ("/removal/baseline/mean-and-zero", test_mean_and_zero);
  g_test_add_func ("/removal/baseline/noise", test_noise);
  g_test_add_func ("/removal/baseline/blur", test_blur);
  g_test_add_func ("/removal/random", test_draws);
  g_test_add_func ("/removal/imputation/dense", test_imputation_against_dense);
  g_test_add_func ("/removal/imputation/everything-or-nothing",
                   test_imputation_of_everything_or_nothing);
  g_test_add_func ("/removal/imputation/noise", test_imputation_noise);
  return g_test_run ();
}
