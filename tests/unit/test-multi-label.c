/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Losses where several classes may be in a picture: by hand in float64, and their gradients against
 * central differences. */

#include <string.h>

#include "fv-autograd.h"
#include "fv-contrast.h"
#include "fv-multi-label.h"
#include "fv-op.h"
#include "fv-swap.h"
#include "tensor-fixture.h"

#define N 3
#define CLASSES 4

/* Logits on the inside and the outside, and what is in the pictures: the masks are of classes 1, 0
 * and 3. The first two have two classes each, the last has one. */
static const double z_in[N][CLASSES]
    = { { 0.3, -1.2, 2.5, 0.1 }, { -0.7, 40, -60, 1.5 }, { 0.9, -0.4, 0.2, -2.1 } };
static const double z_out[N][CLASSES]
    = { { -0.2, 0.8, 1.1, -0.9 }, { 0.4, 0.6, -1.3, 0.7 }, { -1.6, 0.5, 0.3, 0.2 } };
static const double targets[N][CLASSES] = { { 0, 1, 1, 0 }, { 1, 0, 0, 1 }, { 0, 0, 0, 1 } };
static const gint64 labels[N] = { 1, 0, 3 };
static const gint64 shape[] = { N, CLASSES };

static FvTensor *
new_labels (FvScope *scope)
{
  return fv_scope_take (scope,
                        fv_tensor_new (FV_DTYPE_INT64, shape, 1, labels, sizeof labels, NULL));
}

static FvTensor *
new_targets (FvScope *scope)
{
  return new_doubles (scope, targets[0], shape, 2);
}

/* − t log σ(z) − (1 − t) log (1 − σ(z)), summed; log σ(z) = − log (1 + e^−z). */
static double
loss_by_hand (const double z[CLASSES], const double t[CLASSES])
{
  double sum = 0;

  for (int c = 0; c < CLASSES; c++)
    sum += t[c] * log1p (exp (-z[c])) + (1 - t[c]) * log1p (exp (z[c]));
  return sum;
}

static void
test_loss (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *logits = fv_detach (scope, new_doubles (scope, z_in[0], shape, 2), TRUE);
  FvTensor *each = fv_multi_label_loss (scope, logits, new_targets (scope));
  double expected[N], slopes[N * CLASSES];
  FvTensor *gradient;

  for (int i = 0; i < N; i++) {
    expected[i] = loss_by_hand (z_in[i], targets[i]);
    for (int c = 0; c < CLASSES; c++)
      slopes[i * CLASSES + c] = 1 / (1 + exp (-z_in[i][c])) - targets[i][c];
  }
  assert_near (each, expected, N, 1e-12);
  g_assert_true (fv_gradient (scope, fv_call (scope, "aten::sum", fv_of (each)), NULL, &logits, 1,
                              FALSE, &gradient));
  assert_near (gradient, slopes, N * CLASSES, 1e-12);
  assert_scope_sound (scope);
}

/* The object of i and what else is in j. */
static double
pair_by_hand (int i, int j)
{
  double z[CLASSES], t[CLASSES];

  for (int c = 0; c < CLASSES; c++) {
    z[c] = z_in[i][c] + z_out[j][c];
    t[c] = c == labels[i] || (c != labels[j] && targets[j][c] > 0) ? 1 : 0;
  }
  return loss_by_hand (z, t);
}

static FvTensor *
swap (FvScope *scope, FvTensor *inside, FvTensor *outside, FvTensor *counts)
{
  const FvEvidence evidence = { inside, outside };

  return fv_evidence_swap_several (scope, &evidence, new_labels (scope), new_targets (scope),
                                   counts);
}

static void
test_swap (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *leaves[] = { fv_detach (scope, new_doubles (scope, z_in[0], shape, 2), TRUE),
                         fv_detach (scope, new_doubles (scope, z_out[0], shape, 2), TRUE) };
  FvTensor *all = swap (scope, leaves[0], leaves[1], doubles (scope, 1, 1, 1));
  FvTensor *two = swap (scope, leaves[0], leaves[1], doubles (scope, 1, 0, 1));
  FvTensor *none = swap (scope, leaves[0], leaves[1], doubles (scope, 0, 0, 0));
  double sum = 0, of_two = 0;

  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      sum += pair_by_hand (i, j);
      of_two += i != 1 && j != 1 ? pair_by_hand (i, j) : 0;
    }
  g_assert_cmpfloat_with_epsilon (fv_tensor_to_double (all), sum / 9, 1e-12);
  g_assert_cmpfloat_with_epsilon (fv_tensor_to_double (two), of_two / 4, 1e-12);
  g_assert_cmpfloat (fv_tensor_to_double (none), ==, 0);
  assert_scope_sound (scope);
}

/* The loss with one value of the outside moved, for differences. */
static double
swap_moved (int place, double by)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  double moved[N * CLASSES];

  memcpy (moved, z_out, sizeof moved);
  moved[place] += by;
  return fv_tensor_to_double (swap (scope, new_doubles (scope, z_in[0], shape, 2),
                                    new_doubles (scope, moved, shape, 2),
                                    doubles (scope, 1, 1, 1)));
}

static void
test_swap_gradient (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *outside = fv_detach (scope, new_doubles (scope, z_out[0], shape, 2), TRUE);
  FvTensor *value
      = swap (scope, new_doubles (scope, z_in[0], shape, 2), outside, doubles (scope, 1, 1, 1));
  double expected[N * CLASSES];
  FvTensor *gradient;

  for (int i = 0; i < N * CLASSES; i++)
    expected[i] = (swap_moved (i, 1e-6) - swap_moved (i, -1e-6)) / 2e-6;
  g_assert_true (fv_gradient (scope, value, NULL, &outside, 1, FALSE, &gradient));
  assert_near (gradient, expected, N * CLASSES, 1e-7);
}

/* Above a cut one donor a picture; over all shifts it is the mean over all pairs. */
static void
test_swap_through_cut (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *counts = doubles (scope, 1, 1, 1);
  double sum = 0, sum_by_hand = 0;

  for (guint32 shift = 0; shift < N; shift++) {
    FvTensor *donors = fv_evidence_donors (scope, counts, shift);
    double z[N][CLASSES], by_hand = 0, found;

    for (guint32 i = 0; i < N; i++) {
      for (int c = 0; c < CLASSES; c++)
        z[i][c] = z_in[i][c] + z_out[(i + shift) % N][c];
      by_hand += pair_by_hand ((int) i, (int) ((i + shift) % N)) / N;
    }
    found = fv_tensor_to_double (
        fv_evidence_decide_several (scope, new_doubles (scope, z[0], shape, 2), new_labels (scope),
                                    new_targets (scope), donors, counts));
    g_assert_cmpfloat_with_epsilon (found, by_hand, 1e-12);
    sum += found;
    sum_by_hand += by_hand;
  }
  g_assert_cmpfloat_with_epsilon (sum, sum_by_hand, 1e-12);
  assert_scope_sound (scope);
}

/* Evidence for and against counts the same, "no opinion" not at all. */
static void
test_contrast (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  const gint64 cells[] = { 2, 1, 3 };
  const double map[] = { 2, -3, 4, 1, 1, 1 };
  const double inside[] = { 1, 0, 0.5, 0, 0, 0 }, opinion[] = { 1, 1, 0.5, 1, 1, 1 };
  FvTensor *value = fv_contrast_of_one (
      scope, new_doubles (scope, map, cells, 3), new_doubles (scope, inside, cells, 3),
      new_doubles (scope, opinion, cells, 3), doubles (scope, 1, 1));

  /* Inside 2 + 4/4 of 2 + 3 + 4/2; the second mask is empty and left out. */
  g_assert_cmpfloat_with_epsilon (fv_tensor_to_double (value), 1 - 3.0 / 7, 1e-12);
  assert_scope_sound (scope);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/multi-label/loss", test_loss);
  g_test_add_func ("/multi-label/swap", test_swap);
  g_test_add_func ("/multi-label/swap-gradient", test_swap_gradient);
  g_test_add_func ("/multi-label/swap-through-cut", test_swap_through_cut);
  g_test_add_func ("/multi-label/contrast", test_contrast);
  return g_test_run ();
}
