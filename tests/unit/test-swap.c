/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Evidence swap: values worked out by hand, the split against the logits themselves, gradients
 * against finite differences in float64, and who takes part. */

#include <math.h>

#include "fv-autograd.h"
#include "fv-mask-cells.h"
#include "fv-op.h"
#include "fv-runtime.h"
#include "fv-swap.h"

#define N 3
#define CHANNELS 2
#define CLASSES 3
#define SIDE 2
#define CELLS (SIDE * SIDE)

/* What goes in: three pictures of 2 × 2 cells. */
typedef struct {
  double activation[N * CHANNELS * CELLS];
  double weight[CLASSES * CHANNELS];
  double bias[CLASSES];
  double inside[N * CELLS];
  double opinion[N * CELLS];
  double counts[N]; /* has a mask */
  gint64 labels[N];
} Case;

static const Case ordinary = {
  .activation = { 1, 0, 2, 0.5, 0, 3, 1, 0, 0.2, 0.4, 0, 1, 2, 0, 0, 1, 0, 1, 1, 0, 4, 0, 0.3, 1 },
  .weight = { 0.5, -1, 1, 0.25, -0.75, 2 },
  .bias = { 0.1, -0.2, 0.3 },
  .inside = { 1, 0, 0.5, 0, 0, 1, 1, 0.25, 0.75, 0, 0, 1 },
  .opinion = { 1, 1, 1, 1, 1, 0.5, 1, 1, 1, 0, 1, 0.25 },
  .counts = { 1, 1, 1 },
  .labels = { 0, 2, 1 },
};

static FvTensor *
tensor_of (FvScope *scope, FvDtype dtype, const void *values, const gint64 *shape, int n_dims)
{
  gsize count = 1;

  for (int i = 0; i < n_dims; i++)
    count *= (gsize) shape[i];
  return fv_scope_take (
      scope, fv_tensor_new (dtype, shape, n_dims, values, count * fv_dtype_get_size (dtype), NULL));
}

/* A case as tensors; activation, weight and bias are leaves. */
typedef struct {
  FvTensor *leaves[3];
  FvTensor *inside, *opinion, *counts, *labels;
} Tensors;

static Tensors
tensors_of (FvScope *scope, const Case *c)
{
  const gint64 activation[] = { N, CHANNELS, SIDE, SIDE }, weight[] = { CLASSES, CHANNELS };
  const gint64 cells[] = { N, SIDE, SIDE }, bias[] = { CLASSES }, pictures[] = { N };
  const FvDtype real = FV_DTYPE_FLOAT64;

  return (Tensors){
    .leaves = { fv_detach (scope, tensor_of (scope, real, c->activation, activation, 4), TRUE),
                fv_detach (scope, tensor_of (scope, real, c->weight, weight, 2), TRUE),
                fv_detach (scope, tensor_of (scope, real, c->bias, bias, 1), TRUE) },
    .inside = tensor_of (scope, real, c->inside, cells, 3),
    .opinion = tensor_of (scope, real, c->opinion, cells, 3),
    .counts = tensor_of (scope, real, c->counts, pictures, 1),
    .labels = tensor_of (scope, FV_DTYPE_INT64, c->labels, pictures, 1),
  };
}

static FvEvidence
split (FvScope *scope, const Tensors *tensors)
{
  return fv_evidence_split (scope, tensors->leaves[0], tensors->leaves[1], tensors->leaves[2],
                            tensors->inside, tensors->opinion);
}

static FvTensor *
swap (FvScope *scope, const Tensors *tensors)
{
  FvEvidence evidence = split (scope, tensors);
  FvTensor *area = fv_mask_cells_inside (scope, tensors->inside, tensors->opinion);

  return fv_evidence_swap (scope, &evidence, tensors->labels,
                           fv_mask_cells_count (scope, area, tensors->counts));
}

static double
evaluate (const Case *c)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (GError) error = NULL;
  Tensors tensors = tensors_of (scope, c);
  double loss = fv_tensor_to_double (swap (scope, &tensors));

  fv_scope_check (scope, &error);
  g_assert_no_error (error);
  return loss;
}

/* The equations once more, in plain loops. */
static void
split_by_hand (const Case *c, int picture, double z_in[CLASSES], double z_out[CLASSES])
{
  for (int k = 0; k < CLASSES; k++) {
    z_in[k] = c->bias[k];
    z_out[k] = 0;
    for (int cell = 0; cell < CELLS; cell++) {
      int i = picture * CELLS + cell;
      double outside = c->opinion[i] * (1 - c->inside[i]);
      double map = 0;

      for (int channel = 0; channel < CHANNELS; channel++)
        map += c->weight[k * CHANNELS + channel]
               * c->activation[(picture * CHANNELS + channel) * CELLS + cell];
      z_in[k] += (1 - outside) * map / CELLS;
      z_out[k] += outside * map / CELLS;
    }
  }
}

static double
cross_entropy_by_hand (const double *z, gint64 label)
{
  double sum = 0;

  for (int k = 0; k < CLASSES; k++)
    sum += exp (z[k]);
  return log (sum) - z[label];
}

/* The mean over all pairs of those pictures that @takes_part. */
static double
swap_by_hand (const Case *c, const gboolean takes_part[N])
{
  double sum = 0;
  int n = 0;

  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      double z[CLASSES], z_out[CLASSES], unused[CLASSES];

      if (!takes_part[i] || !takes_part[j])
        continue;
      split_by_hand (c, i, z, unused);
      split_by_hand (c, j, unused, z_out);
      for (int k = 0; k < CLASSES; k++)
        z[k] += z_out[k];
      sum += cross_entropy_by_hand (z, c->labels[i]);
      n++;
    }
  return n > 0 ? sum / n : 0;
}

static void
test_by_hand (void)
{
  g_assert_cmpfloat_with_epsilon (
      evaluate (&ordinary), swap_by_hand (&ordinary, (gboolean[]){ TRUE, TRUE, TRUE }), 1e-12);
}

/* One picture whose mask is its first cell, weights that read the channels off: z_in = (2, 0) and
 * z_out = (0, 3), so the only pair is the picture with itself: log (1 + e). */
static void
test_numbers (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  const gint64 labels[] = { 0 }, n[] = { 1 }, shape[] = { 1, 2 };
  const double z_in[] = { 2, 0 }, z_out[] = { 0, 3 }, one[] = { 1 };
  const FvEvidence evidence = { tensor_of (scope, FV_DTYPE_FLOAT64, z_in, shape, 2),
                                tensor_of (scope, FV_DTYPE_FLOAT64, z_out, shape, 2) };
  FvTensor *loss
      = fv_evidence_swap (scope, &evidence, tensor_of (scope, FV_DTYPE_INT64, labels, n, 1),
                          tensor_of (scope, FV_DTYPE_FLOAT64, one, n, 1));

  g_assert_cmpfloat_with_epsilon (fv_tensor_to_double (loss), log (1 + exp (1)), 1e-12);
}

/* z_in + z_out = z, also where cells have no opinion or half of one. */
static void
test_split_is_whole (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  Tensors tensors = tensors_of (scope, &ordinary);
  FvEvidence evidence = split (scope, &tensors);
  FvTensor *pooled = fv_call (scope, "aten::mean.dim", fv_of (tensors.leaves[0]), fv_ints (2, 3));
  FvTensor *logits = fv_call (scope, "aten::linear", fv_of (pooled), fv_of (tensors.leaves[1]),
                              fv_of (tensors.leaves[2]));
  FvTensor *sum
      = fv_call (scope, "aten::add.Tensor", fv_of (evidence.inside), fv_of (evidence.outside));
  FvTensor *error = fv_call (scope, "aten::sub.Tensor", fv_of (sum), fv_of (logits));
  FvTensor *worst
      = fv_call (scope, "aten::max", fv_of (fv_call (scope, "aten::abs", fv_of (error))));

  g_assert_cmpfloat (fv_tensor_to_double (worst), <, 1e-14);
}

/* A cell of no opinion speaks for its own picture, whatever S is there; it is no one else's
 * background. */
static void
test_no_opinion_stays_inside (void)
{
  Case silent = ordinary, inside = ordinary;

  for (int i = 0; i < 2; i++) {
    silent.opinion[CELLS + i] = 0;
    silent.inside[CELLS + i] = 0;
    inside.opinion[CELLS + i] = 1;
    inside.inside[CELLS + i] = 1;
  }
  g_assert_cmpfloat_with_epsilon (evaluate (&silent), evaluate (&inside), 1e-14);
}

/* Without a mask, or with one that has nothing inside, a picture neither gives nor takes. */
static void
test_left_out (void)
{
  Case unmasked = ordinary, empty = ordinary, nobody = ordinary;
  double expected = swap_by_hand (&ordinary, (gboolean[]){ TRUE, FALSE, TRUE });

  unmasked.counts[1] = 0;
  for (int i = 0; i < CELLS; i++)
    empty.inside[CELLS + i] = 0;
  g_assert_cmpfloat_with_epsilon (evaluate (&unmasked), expected, 1e-12);
  g_assert_cmpfloat_with_epsilon (evaluate (&empty), expected, 1e-12);
  for (int i = 0; i < N; i++)
    nobody.counts[i] = 0;
  g_assert_cmpfloat (evaluate (&nobody), ==, 0);
}

/* The logits of the ordinary head for activations [N,K,h,w]. */
static FvTensor *
run_head (FvScope *scope, const Tensors *tensors, FvTensor *activation)
{
  FvTensor *pooled = fv_call (scope, "aten::mean.dim", fv_of (activation), fv_ints (2, 3));

  return fv_call (scope, "aten::linear", fv_of (pooled), fv_of (tensors->leaves[1]),
                  fv_of (tensors->leaves[2]));
}

/* R with the donors that @draw chooses, through the cut. */
static double
swap_once (const Case *c, guint32 draw)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (GError) error = NULL;
  Tensors tensors = tensors_of (scope, c);
  FvTensor *area = fv_mask_cells_inside (scope, tensors.inside, tensors.opinion);
  FvTensor *counts = fv_mask_cells_count (scope, area, tensors.counts);
  FvTensor *outside = fv_mask_cells_outside (scope, tensors.inside, tensors.opinion);
  FvTensor *share = fv_call (scope, "aten::unsqueeze", fv_of (outside), fv_int (1));
  FvTensor *donors = fv_evidence_donors (scope, counts, draw);
  FvTensor *composed = fv_evidence_compose (scope, tensors.leaves[0], share, donors);
  double loss = fv_tensor_to_double (
      fv_evidence_decide (scope, run_head (scope, &tensors, composed), tensors.labels, counts));

  fv_scope_check (scope, &error);
  g_assert_no_error (error);
  return loss;
}

/* All shifts of a batch are all its pairs: their mean through the cut is the closed form. */
static void
test_all_shifts_are_all_pairs (void)
{
  Case two = ordinary, nobody = ordinary;

  g_assert_cmpfloat_with_epsilon (
      (swap_once (&ordinary, 0) + swap_once (&ordinary, 1) + swap_once (&ordinary, 2)) / 3,
      evaluate (&ordinary), 1e-12);
  two.counts[1] = 0;
  g_assert_cmpfloat_with_epsilon ((swap_once (&two, 6) + swap_once (&two, 7)) / 2, evaluate (&two),
                                  1e-12);
  for (int i = 0; i < N; i++)
    nobody.counts[i] = 0;
  g_assert_cmpfloat (swap_once (&nobody, 5), ==, 0);
}

/* Pictures without a mask keep their surroundings and are nobody's donor. */
static void
test_donors (void)
{
  static const gint64 expected[3][5] = { { 0, 1, 2, 3, 4 }, { 0, 3, 2, 4, 1 }, { 0, 4, 2, 1, 3 } };
  const double counts[] = { 0, 1, 0, 1, 1 };
  const gint64 n = 5;

  for (guint32 draw = 0; draw < 6; draw++) {
    g_autoptr (FvScope) scope = fv_scope_new ();
    FvTensor *donors
        = fv_evidence_donors (scope, tensor_of (scope, FV_DTYPE_FLOAT64, counts, &n, 1), draw);
    gint64 found[5];

    g_assert_true (fv_tensor_read (donors, FV_DTYPE_INT64, found, sizeof found, NULL));
    g_assert_cmpmem (found, sizeof found, expected[draw % 3], sizeof found);
  }
}

/* Compares the gradient of @leaf with central differences; @values is the leaf's part of @moved. */
static void
assert_gradient (Case *moved, double *values, gsize n, int leaf)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  Tensors tensors = tensors_of (scope, moved);
  g_autofree double *gradient = g_new (double, n);
  const double step = 1e-6;
  FvTensor *found;

  g_assert_true (
      fv_gradient (scope, swap (scope, &tensors), NULL, &tensors.leaves[leaf], 1, FALSE, &found));
  g_assert_true (fv_tensor_read (found, FV_DTYPE_FLOAT64, gradient, n * sizeof (double), NULL));
  for (gsize i = 0; i < n; i++) {
    double value = values[i], up, down;

    values[i] = value + step;
    up = evaluate (moved);
    values[i] = value - step;
    down = evaluate (moved);
    values[i] = value;
    g_assert_cmpfloat_with_epsilon (gradient[i], (up - down) / (2 * step), 1e-8);
  }
}

static void
test_gradient (void)
{
  Case moved = ordinary;

  assert_gradient (&moved, moved.activation, G_N_ELEMENTS (moved.activation), 0);
  assert_gradient (&moved, moved.weight, G_N_ELEMENTS (moved.weight), 1);
  assert_gradient (&moved, moved.bias, G_N_ELEMENTS (moved.bias), 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/swap/by-hand", test_by_hand);
  g_test_add_func ("/swap/numbers", test_numbers);
  g_test_add_func ("/swap/split-is-whole", test_split_is_whole);
  g_test_add_func ("/swap/no-opinion-stays-inside", test_no_opinion_stays_inside);
  g_test_add_func ("/swap/left-out", test_left_out);
  g_test_add_func ("/swap/gradient", test_gradient);
  g_test_add_func ("/swap/donors", test_donors);
  g_test_add_func ("/swap/all-shifts-are-all-pairs", test_all_shifts_are_all_pairs);
  return g_test_run ();
}
