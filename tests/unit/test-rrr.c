/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Right for the right reasons: a linear classifier of pixels by hand, the gradient of the gradient
 * against finite differences in float64, and every degenerate mask. */

#include "fv-autograd.h"
#include "fv-op.h"
#include "fv-rrr.h"
#include "fv-runtime.h"
#include "tensor-fixture.h"

#define N 2
#define CLASSES 3
#define SIDE 4
#define PIXELS (SIDE * SIDE)
#define CELLS 4

typedef struct {
  double images[N * PIXELS]; /* one channel */
  double weights[CLASSES * PIXELS];
  double inside[N * CELLS]; /* 2 × 2 cells of 2 × 2 pixels */
  double opinion[N * CELLS];
  double has_mask[N];
} Case;

static Case
new_case (void)
{
  Case c = { .inside = { 1, 0, 0.5, 0, 0, 1, 0, 0.25 },
             .opinion = { 1, 1, 1, 0.5, 1, 1, 0, 1 },
             .has_mask = { 1, 1 } };

  for (int i = 0; i < N * PIXELS; i++)
    c.images[i] = cos (1 + 0.7 * i);
  for (int i = 0; i < CLASSES * PIXELS; i++)
    c.weights[i] = sin (0.3 + 1.1 * i);
  return c;
}

/* The loss, and its gradient with respect to the weights unless @gradient is NULL. */
static double
evaluate (const Case *c, double *gradient)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  const gint64 pixels[] = { N, 1, SIDE, SIDE }, cells[] = { N, 2, 2 }, n[] = { N };
  const gint64 classes[] = { CLASSES, PIXELS };
  FvTensor *images = fv_detach (scope, new_doubles (scope, c->images, pixels, 4), TRUE);
  FvTensor *weights = fv_detach (scope, new_doubles (scope, c->weights, classes, 2), TRUE);
  FvTensor *flat = fv_call (scope, "aten::flatten.using_ints", fv_of (images), fv_int (1));
  FvTensor *logits = fv_call (scope, "aten::linear", fv_of (flat), fv_of (weights));
  FvTensor *loss
      = fv_rrr (scope, images, logits, new_doubles (scope, c->inside, cells, 3),
                new_doubles (scope, c->opinion, cells, 3), new_doubles (scope, c->has_mask, n, 1));
  FvTensor *found;

  if (gradient != NULL && fv_gradient (scope, loss, NULL, &weights, 1, FALSE, &found))
    g_assert_true (fv_tensor_read (found, FV_DTYPE_FLOAT64, gradient, sizeof c->weights, NULL));
  assert_scope_sound (scope);
  return fv_tensor_to_double (loss);
}

/* The equation in plain loops: of logits W x, d / dx of sum over k of log p_k is
 * sum over k of W_k − C sum over k of p_k W_k. */
static double
by_hand (const Case *c, int picture)
{
  double p[CLASSES], sum = 0, loss = 0;

  for (int k = 0; k < CLASSES; k++) {
    double z = 0;

    for (int i = 0; i < PIXELS; i++)
      z += c->weights[k * PIXELS + i] * c->images[picture * PIXELS + i];
    sum += p[k] = exp (z);
  }
  for (int i = 0; i < PIXELS; i++) {
    int cell = picture * CELLS + i / SIDE / 2 * 2 + i % SIDE / 2;
    double gradient = 0;

    for (int k = 0; k < CLASSES; k++)
      gradient += c->weights[k * PIXELS + i] * (1 - CLASSES * p[k] / sum);
    loss += c->opinion[cell] * (1 - c->inside[cell]) * gradient * gradient;
  }
  return loss;
}

static void
test_by_hand (void)
{
  Case c = new_case ();

  g_assert_cmpfloat_with_epsilon (evaluate (&c, NULL), (by_hand (&c, 0) + by_hand (&c, 1)) / 2,
                                  1e-10);
}

static void
test_masks_without_a_say (void)
{
  Case c = new_case (), unmasked = new_case (), silent = new_case ();
  double expected = by_hand (&c, 1);

  unmasked.has_mask[0] = 0;
  for (int i = 0; i < CELLS; i++)
    silent.opinion[i] = c.inside[i] = 0;
  g_assert_cmpfloat_with_epsilon (evaluate (&c, NULL), expected, 1e-10);
  g_assert_cmpfloat_with_epsilon (evaluate (&unmasked, NULL), expected, 1e-10);
  g_assert_cmpfloat_with_epsilon (evaluate (&silent, NULL), expected, 1e-10);
  unmasked.has_mask[1] = 0;
  g_assert_cmpfloat (evaluate (&unmasked, NULL), ==, 0);
}

static void
test_full_mask (void)
{
  Case c = new_case ();

  for (int i = 0; i < N * CELLS; i++)
    c.inside[i] = 1;
  g_assert_cmpfloat (evaluate (&c, NULL), ==, 0);
}

static void
test_gradient (void)
{
  Case c = new_case ();
  double gradient[CLASSES * PIXELS];
  const double step = 1e-6;

  evaluate (&c, gradient);
  for (int i = 0; i < CLASSES * PIXELS; i++) {
    double value = c.weights[i], up, down;

    c.weights[i] = value + step;
    up = evaluate (&c, NULL);
    c.weights[i] = value - step;
    down = evaluate (&c, NULL);
    c.weights[i] = value;
    g_assert_cmpfloat_with_epsilon (gradient[i], (up - down) / (2 * step), 1e-6);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/rrr/by-hand", test_by_hand);
  g_test_add_func ("/rrr/masks-without-a-say", test_masks_without_a_say);
  g_test_add_func ("/rrr/full-mask", test_full_mask);
  g_test_add_func ("/rrr/gradient", test_gradient);
  return g_test_run ();
}
