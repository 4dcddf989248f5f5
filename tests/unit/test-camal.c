/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The two-term loss: values worked out by hand, gradients against finite differences in float64,
 * and every degenerate mask. */

#include <math.h>

#include "fv-autograd.h"
#include "fv-camal.h"
#include "fv-runtime.h"

#define SIDE 3
#define CELLS (SIDE * SIDE)

static FvTensor *
tensor_of (FvScope *scope, const double *values, gint64 n, int n_dims)
{
  const gint64 shape[] = { n, SIDE, SIDE };
  gsize count = (gsize) n * (n_dims == 3 ? CELLS : 1);

  return fv_scope_take (scope, fv_tensor_new (FV_DTYPE_FLOAT64, shape, n_dims, values,
                                              count * sizeof (double), NULL));
}

typedef struct {
  const double *maps, *inside, *opinion, *weight;
  gint64 n;
} Case;

/* The loss, and its gradient with respect to the maps unless @gradient is NULL. */
static double
evaluate (const Case *c, double *gradient)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (GError) error = NULL;
  FvTensor *maps = fv_detach (scope, tensor_of (scope, c->maps, c->n, 3), TRUE);
  FvTensor *loss = fv_camal_two_term (scope, maps, tensor_of (scope, c->inside, c->n, 3),
                                      tensor_of (scope, c->opinion, c->n, 3),
                                      tensor_of (scope, c->weight, c->n, 1));
  FvTensor *found;

  if (gradient != NULL && fv_gradient (scope, loss, NULL, &maps, 1, FALSE, &found))
    fv_tensor_read (found, FV_DTYPE_FLOAT64, gradient, (gsize) c->n * CELLS * sizeof (double),
                    NULL);
  fv_scope_check (scope, &error);
  g_assert_no_error (error);
  return fv_tensor_to_double (loss);
}

static void
assert_gradient (const Case *c)
{
  gsize count = (gsize) c->n * CELLS;
  g_autofree double *gradient = g_new (double, count);
  g_autofree double *moved = g_memdup2 (c->maps, count * sizeof (double));
  Case other = *c;
  const double step = 1e-6;

  other.maps = moved;
  evaluate (c, gradient);
  for (gsize i = 0; i < count; i++) {
    double up, down;

    moved[i] = c->maps[i] + step;
    up = evaluate (&other, NULL);
    moved[i] = c->maps[i] - step;
    down = evaluate (&other, NULL);
    moved[i] = c->maps[i];
    g_assert_cmpfloat_with_epsilon (gradient[i], (up - down) / (2 * step), 1e-7);
  }
}

static const double all[CELLS] = { 1, 1, 1, 1, 1, 1, 1, 1, 1 };
static const double none[CELLS] = { 0 };
static const double one[1] = { 1 };
/* The upper left 2x2 cells. */
static const double block[CELLS] = { 1, 1, 0, 1, 1, 0, 0, 0, 0 };

static void
test_perfect_and_worst (void)
{
  static const double opposite[CELLS] = { 0, 0, 2, 0, 0, 2, 2, 2, 2 };
  static const double scaled[CELLS] = { 7, 7, 0, 7, 7, 0, 0, 0, 0 };

  g_assert_cmpfloat (evaluate (&(Case){ block, block, all, one, 1 }, NULL), ==, 0);
  g_assert_cmpfloat (evaluate (&(Case){ scaled, block, all, one, 1 }, NULL), ==, 0);
  g_assert_cmpfloat (evaluate (&(Case){ opposite, block, all, one, 1 }, NULL), ==, 2);
}

/* A = M / 4: inside sums to (4 + 2 + 0 + 1) / 4 over 4 cells, outside to (3 + 1) / 4 over 5; the
 * negative cell counts as 0. R = 1/5 + 1 − 7/16. */
static void
test_by_hand (void)
{
  static const double maps[CELLS] = { 4, 2, 3, -5, 1, 1, 0, 0, -2 };

  g_assert_cmpfloat_with_epsilon (evaluate (&(Case){ maps, block, all, one, 1 }, NULL),
                                  0.2 + 1 - 7.0 / 16, 1e-12);
}

/* "No opinion" on the cell of the map's maximum: neither it nor its scale counts any more. */
static void
test_no_opinion_never_counts (void)
{
  static const double opinion[CELLS] = { 1, 1, 0, 1, 1, 1, 1, 1, 1 };
  static const double low[CELLS] = { 4, 2, 3, -5, 1, 1, 0, 0, -2 };
  static const double high[CELLS] = { 4, 2, 300, -5, 1, 1, 0, 0, -2 };
  double gradient[CELLS];

  g_assert_cmpfloat (evaluate (&(Case){ low, block, opinion, one, 1 }, NULL), ==,
                     evaluate (&(Case){ high, block, opinion, one, 1 }, gradient));
  g_assert_cmpfloat (gradient[2], ==, 0);
  /* Outside is now (1) / 4 over 4 cells. */
  g_assert_cmpfloat_with_epsilon (evaluate (&(Case){ low, block, opinion, one, 1 }, NULL),
                                  1.0 / 16 + 1 - 7.0 / 16, 1e-12);
}

static void
test_gradient (void)
{
  static const double maps[2 * CELLS]
      = { 4, 2, 3, -5, 1, 1, 0.2, 0.1, -2, 0.3, 0.9, -1, 2, 0.7, -3, 0.5, 1.1, 0.4 };
  static const double inside[2 * CELLS]
      = { 1, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0.5, 1, 0, 1, 0.25, 0, 0, 1 };
  static const double opinion[2 * CELLS]
      = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0.5, 1, 0.3, 1, 1 };
  static const double weight[2] = { 1, 1 };

  assert_gradient (&(Case){ maps, inside, opinion, weight, 2 });
}

static void
test_dead_map_is_lifted (void)
{
  static const double dead[CELLS] = { -1, -2, -0.5, -3, -1, -1, -4, -1, -2 };
  Case c = { dead, block, all, one, 1 };
  double gradient[CELLS];
  double guard = 0;
  double loss = evaluate (&c, gradient);

  for (int i = 0; i < CELLS; i++)
    if (block[i] > 0) {
      guard += log1p (exp (-dead[i])) / 4;
      g_assert_cmpfloat (gradient[i], <, 0); /* descending raises the map inside */
    } else {
      g_assert_cmpfloat (gradient[i], ==, 0);
    }
  g_assert_cmpfloat_with_epsilon (loss, 1 + guard, 1e-12);
  assert_gradient (&c);
}

/* All zero is dead as well, and finite. */
static void
test_zero_map (void)
{
  double gradient[CELLS];

  g_assert_cmpfloat_with_epsilon (evaluate (&(Case){ none, block, all, one, 1 }, gradient),
                                  1 + log (2), 1e-12);
  for (int i = 0; i < CELLS; i++)
    g_assert_true (isfinite (gradient[i]));
}

static void
test_empty_mask_has_no_say (void)
{
  static const double maps[CELLS] = { 4, 2, 3, -5, 1, 1, 0, 0, -2 };
  double gradient[CELLS];

  g_assert_cmpfloat (evaluate (&(Case){ maps, none, all, one, 1 }, gradient), ==, 0);
  for (int i = 0; i < CELLS; i++)
    g_assert_cmpfloat (gradient[i], ==, 0);
}

static void
test_no_opinion_anywhere_has_no_say (void)
{
  static const double maps[CELLS] = { 4, 2, 3, -5, 1, 1, 0, 0, -2 };
  double gradient[CELLS];

  g_assert_cmpfloat (evaluate (&(Case){ maps, block, none, one, 1 }, gradient), ==, 0);
  for (int i = 0; i < CELLS; i++)
    g_assert_cmpfloat (gradient[i], ==, 0);
}

static void
test_full_mask (void)
{
  static const double maps[CELLS] = { 4, 2, 3, -5, 1, 1, 0.5, 0.5, -2 };
  Case c = { maps, all, all, one, 1 };

  g_assert_cmpfloat_with_epsilon (evaluate (&c, NULL), 1 - 12.0 / 4 / 9, 1e-12);
  assert_gradient (&c);
}

static void
test_one_cell (void)
{
  static const double maps[CELLS] = { 1, 2, 0, 0, 4, 0, 0, 0, 0 };
  static const double centre[CELLS] = { 0, 0, 0, 0, 1, 0, 0, 0, 0 };

  g_assert_cmpfloat_with_epsilon (evaluate (&(Case){ maps, centre, all, one, 1 }, NULL),
                                  3.0 / 4 / 8, 1e-12);
}

/* A picture without a mask, or with an empty one, changes nothing for the others. */
static void
test_pictures_without_mask_are_left_out (void)
{
  static const double maps[3 * CELLS]
      = { 4, 2, 3, -5, 1, 1, 0, 0, -2, 9, 9, 9, 9, 9, 9, 9, 9, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9 };
  static const double inside[3 * CELLS]
      = { 1, 1, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
  static const double opinion[3 * CELLS]
      = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
  static const double weight[3] = { 1, 0, 1 };

  g_assert_cmpfloat_with_epsilon (evaluate (&(Case){ maps, inside, opinion, weight, 3 }, NULL),
                                  0.2 + 1 - 7.0 / 16, 1e-12);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/camal/perfect-and-worst", test_perfect_and_worst);
  g_test_add_func ("/camal/by-hand", test_by_hand);
  g_test_add_func ("/camal/no-opinion-never-counts", test_no_opinion_never_counts);
  g_test_add_func ("/camal/gradient", test_gradient);
  g_test_add_func ("/camal/dead-map-is-lifted", test_dead_map_is_lifted);
  g_test_add_func ("/camal/zero-map", test_zero_map);
  g_test_add_func ("/camal/empty-mask-has-no-say", test_empty_mask_has_no_say);
  g_test_add_func ("/camal/no-opinion-anywhere", test_no_opinion_anywhere_has_no_say);
  g_test_add_func ("/camal/full-mask", test_full_mask);
  g_test_add_func ("/camal/one-cell", test_one_cell);
  g_test_add_func ("/camal/pictures-without-mask", test_pictures_without_mask_are_left_out);
  return g_test_run ();
}
