/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Consistency of maps: limits that hold exactly, values in plain loops, gradients against finite
 * differences in float64, and maps that say nothing. */

#include "fv-consistency.h"

#include "fv-autograd.h"
#include "fv-op.h"
#include "tensor-fixture.h"

#define N 2
#define SIDE 4
#define CELLS (SIDE * SIDE)
#define STEP 1e-6

typedef struct {
  double first[N * CELLS];
  double second[N * CELLS];
} Pair;

static Pair
new_pair (void)
{
  Pair pair;

  for (int i = 0; i < N * CELLS; i++) {
    pair.first[i] = sin (1 + 2.1 * i);
    pair.second[i] = cos (0.4 + 1.3 * i) + 0.5 * pair.first[i];
  }
  return pair;
}

/* Each picture's R; the gradient of their sum with respect to the first maps unless NULL. */
static void
measure (const Pair *pair, FvSimilarity similarity, double *found, double *gradient)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  const gint64 shape[] = { N, SIDE, SIDE };
  FvTensor *first = fv_detach (scope, new_doubles (scope, pair->first, shape, 3), TRUE);
  FvTensor *values
      = fv_consistency (scope, similarity, first, new_doubles (scope, pair->second, shape, 3));
  FvTensor *slope = NULL;

  g_assert_true (fv_tensor_read (values, FV_DTYPE_FLOAT64, found, N * sizeof (double), NULL));
  if (gradient != NULL
      && fv_gradient (scope, fv_call (scope, "aten::sum", fv_of (values)), NULL, &first, 1, FALSE,
                      &slope))
    g_assert_true (fv_tensor_read (slope, FV_DTYPE_FLOAT64, gradient, sizeof pair->first, NULL));
  assert_scope_sound (scope);
}

static void
assert_both (const Pair *pair, FvSimilarity similarity, double wanted)
{
  double found[N];

  measure (pair, similarity, found, NULL);
  for (int i = 0; i < N; i++)
    g_assert_cmpfloat_with_epsilon (found[i], wanted, 1e-12);
}

static void
scale_second (Pair *pair, double by, double plus)
{
  for (int i = 0; i < N * CELLS; i++)
    pair->second[i] = by * pair->first[i] + plus;
}

/* Only the shape counts; the opposite is opposite, since the sigmoid is symmetric. */
static void
test_limits (void)
{
  Pair pair = new_pair ();

  scale_second (&pair, 1, 0);
  assert_both (&pair, FV_SIMILARITY_PEARSON, -1);
  assert_both (&pair, FV_SIMILARITY_SSIM, 0);
  scale_second (&pair, 250, -3);
  assert_both (&pair, FV_SIMILARITY_PEARSON, -1);
  assert_both (&pair, FV_SIMILARITY_SSIM, 0);
  scale_second (&pair, -0.1, 7);
  assert_both (&pair, FV_SIMILARITY_PEARSON, 1);
}

static void
test_scale_does_not_count (void)
{
  Pair pair = new_pair (), scaled = pair;
  double wanted[N], found[N];

  for (int i = 0; i < N * CELLS; i++)
    scaled.second[i] = 40 * pair.second[i] - 2;
  for (FvSimilarity kind = FV_SIMILARITY_PEARSON; kind <= FV_SIMILARITY_CROSS; kind++) {
    measure (&pair, kind, wanted, NULL);
    measure (&scaled, kind, found, NULL);
    for (int i = 0; i < N; i++)
      g_assert_cmpfloat_with_epsilon (found[i], wanted[i], 1e-12);
  }
}

/* -- plain loops ---------------------------------------------------------------------------- */

static void
standardise (const double *map, double *z)
{
  double mean = 0, squares = 0;

  for (int i = 0; i < CELLS; i++)
    mean += map[i] / CELLS;
  for (int i = 0; i < CELLS; i++)
    squares += (map[i] - mean) * (map[i] - mean);
  for (int i = 0; i < CELLS; i++)
    z[i] = (map[i] - mean) / sqrt (squares / (CELLS - 1));
}

static double
pearson_by_hand (const double *a, const double *b)
{
  double za[CELLS], zb[CELLS], mean_a = 0, mean_b = 0, ab = 0, aa = 0, bb = 0;

  standardise (a, za);
  standardise (b, zb);
  for (int i = 0; i < CELLS; i++) {
    mean_a += (za[i] = 1 / (1 + exp (-za[i]))) / CELLS;
    mean_b += (zb[i] = 1 / (1 + exp (-zb[i]))) / CELLS;
  }
  for (int i = 0; i < CELLS; i++) {
    ab += (za[i] - mean_a) * (zb[i] - mean_b);
    aa += (za[i] - mean_a) * (za[i] - mean_a);
    bb += (zb[i] - mean_b) * (zb[i] - mean_b);
  }
  return -ab / sqrt (aa * bb);
}

static double
cross_by_hand (const double *a, const double *b)
{
  double za[CELLS], zb[CELLS], mean = 0;

  standardise (a, za);
  standardise (b, zb);
  for (int i = 0; i < CELLS; i++)
    mean += 1 / (1 + exp (-za[i])) / (1 + exp (-zb[i])) / CELLS;
  return -fabs (mean);
}

/* The window's average of @a · @b around (x, y), zeros beyond the border. */
static double
average (const double *a, const double *b, int x, int y)
{
  double sum = 0, weights = 0;

  for (int dy = -5; dy <= 5; dy++)
    for (int dx = -5; dx <= 5; dx++) {
      double weight = exp (-(dx * dx + dy * dy) / (2 * 1.5 * 1.5));
      gboolean within = x + dx >= 0 && x + dx < SIDE && y + dy >= 0 && y + dy < SIDE;
      int at = (y + dy) * SIDE + x + dx;

      weights += weight;
      if (within)
        sum += weight * a[at] * b[at];
    }
  return sum / weights;
}

static double
ssim_by_hand (const double *a, const double *b)
{
  double za[CELLS], zb[CELLS], ones[CELLS], sum = 0;

  standardise (a, za);
  standardise (b, zb);
  for (int i = 0; i < CELLS; i++)
    ones[i] = 1;
  for (int i = 0; i < CELLS; i++) {
    int x = i % SIDE, y = i / SIDE;
    double ma = average (za, ones, x, y), mb = average (zb, ones, x, y);
    double ab = average (za, zb, x, y) - ma * mb;
    double aa = average (za, za, x, y) - ma * ma, bb = average (zb, zb, x, y) - mb * mb;

    sum += (2 * ma * mb + 1e-4) / (ma * ma + mb * mb + 1e-4) * (2 * ab + 9e-4) / (aa + bb + 9e-4);
  }
  return 1 - sum / CELLS;
}

static void
test_by_hand (void)
{
  Pair pair = new_pair ();
  double pearson[N], ssim[N], cross[N];

  measure (&pair, FV_SIMILARITY_PEARSON, pearson, NULL);
  measure (&pair, FV_SIMILARITY_SSIM, ssim, NULL);
  measure (&pair, FV_SIMILARITY_CROSS, cross, NULL);
  for (int i = 0; i < N; i++) {
    const double *a = pair.first + i * CELLS, *b = pair.second + i * CELLS;

    g_assert_cmpfloat_with_epsilon (pearson[i], pearson_by_hand (a, b), 1e-12);
    g_assert_cmpfloat_with_epsilon (ssim[i], ssim_by_hand (a, b), 1e-12);
    g_assert_cmpfloat_with_epsilon (cross[i], cross_by_hand (a, b), 1e-12);
  }
}

static void
test_gradient (void)
{
  for (FvSimilarity kind = FV_SIMILARITY_PEARSON; kind <= FV_SIMILARITY_CROSS; kind++) {
    Pair pair = new_pair ();
    double gradient[N * CELLS], up[N], down[N];

    measure (&pair, kind, up, gradient);
    for (int i = 0; i < N * CELLS; i++) {
      double value = pair.first[i];

      pair.first[i] = value + STEP;
      measure (&pair, kind, up, NULL);
      pair.first[i] = value - STEP;
      measure (&pair, kind, down, NULL);
      pair.first[i] = value;
      g_assert_cmpfloat_with_epsilon (gradient[i], (up[0] + up[1] - down[0] - down[1]) / (2 * STEP),
                                      1e-7);
    }
  }
}

/* A constant map has no shape to agree with, and its gradient is a number all the same. */
static void
test_constant (void)
{
  for (FvSimilarity kind = FV_SIMILARITY_PEARSON; kind <= FV_SIMILARITY_CROSS; kind++) {
    Pair pair = new_pair ();
    double found[N], gradient[N * CELLS];

    for (int i = 0; i < CELLS; i++)
      pair.first[i] = 3;
    measure (&pair, kind, found, gradient);
    if (kind == FV_SIMILARITY_PEARSON)
      g_assert_cmpfloat (found[0], ==, 0);
    for (int i = 0; i < N * CELLS; i++)
      g_assert_true (isfinite (gradient[i]) && isfinite (found[i / CELLS]));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/consistency/limits", test_limits);
  g_test_add_func ("/consistency/scale-does-not-count", test_scale_does_not_count);
  g_test_add_func ("/consistency/by-hand", test_by_hand);
  g_test_add_func ("/consistency/gradient", test_gradient);
  g_test_add_func ("/consistency/constant", test_constant);
  return g_test_run ();
}
