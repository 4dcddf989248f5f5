/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The five steps of ATCON: the soft mask by hand and at its limits, each way's maps, and the loss
 * differentiated through both maps and the mask against finite differences in float64. */

#include "fv-agreement.h"
#include "fv-consistency.h"
#include "fv-soft-mask.h"
#include "fv-training-map.h"
#include "tiny-network.h"

#define STEP 1e-6
#define N_PARAMETERS 6 /* of the tiny networks, at most */

/* -- the mask ------------------------------------------------------------------------------- */

static void
test_mask_by_hand (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  const double g[] = { 0, 1, 2, 5 }, flat[] = { 3, 3, 3, 3 };
  const gint64 shape[] = { 1, 2, 2 };
  const double spread = sqrt (14.0 / 3), sigma = 2 + spread / 2;
  double plain[4], normalised[4];

  for (int i = 0; i < 4; i++) {
    plain[i] = 1 / (1 + exp (-3 * (g[i] - sigma)));
    normalised[i] = 1 / (1 + exp (-3 * (g[i] - sigma) / spread));
  }
  assert_near (fv_soft_mask (scope, new_doubles (scope, g, shape, 3), 3, FALSE), plain, 4, 1e-14);
  assert_near (fv_soft_mask (scope, new_doubles (scope, g, shape, 3), 3, TRUE), normalised, 4,
               1e-14);
  assert_values (fv_soft_mask (scope, new_doubles (scope, g, shape, 3), 0, FALSE), 0.5, 0.5, 0.5,
                 0.5);
  assert_values (fv_soft_mask (scope, new_doubles (scope, flat, shape, 3), 9, TRUE), 0.5, 0.5, 0.5,
                 0.5);
  assert_near (fv_soft_mask (scope, new_doubles (scope, g, shape, 3), 1e5, FALSE),
               (const double[]){ 0, 0, 0, 1 }, 4, 1e-300);
}

/* -- the steps ------------------------------------------------------------------------------ */

static FvAgreement
find (FvScope *scope, const TinyNetwork *network, const FvAgreementOptions *options,
      FvTensor *targets, gboolean create_graph)
{
  FvAgreement found;

  fv_agreement_find (scope, network->graph, network->layer, network->input, targets, options,
                     create_graph, &found);
  assert_scope_sound (scope);
  return found;
}

static FvTensor *
gradcam (FvScope *scope, const TinyNetwork *network, FvTensor *images, FvTensor *targets)
{
  g_autoptr (FvActivations) run = tiny_network_run (network, images);
  const FvNodeId output = fv_graph_get_output (network->graph);
  const FvMapSource source
      = { .graph = network->graph,
          .layer = network->layer,
          .activation
          = fv_scope_take (scope, fv_tensor_ref (fv_activations_get (run, network->layer->node))),
          .logits = fv_scope_take (scope, fv_tensor_ref (fv_activations_get (run, output))) };

  return fv_training_map (scope, FV_TRAINING_MAP_GRADCAM, &source, targets);
}

static void
assert_same (FvTensor *found, FvTensor *wanted)
{
  gsize n;
  g_autofree double *values = fv_tensor_to_doubles (wanted, &n, NULL);

  assert_near (found, values, n, 1e-12);
}

/* M1 is Grad-CAM of the picture, x~ the picture times T, M2 Grad-CAM of x~ for the same class. */
static void
check_steps (TinyHead head)
{
  g_auto (TinyNetwork) network = tiny_network_new (head);
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvAgreementOptions options = fv_agreement_options_default ();
  FvAgreement found = find (scope, &network, &options, NULL, FALSE);
  FvTensor *planes, *predicted;

  predicted = fv_call (scope, "aten::argmax", fv_of (found.logits), fv_int (1));
  assert_same (found.targets, predicted);
  assert_same (found.first, gradcam (scope, &network, network.input, found.targets));
  assert_same (found.mask, fv_soft_mask (scope, found.pixels, options.omega, FALSE));
  planes = fv_call (scope, "aten::unsqueeze", fv_of (found.mask), fv_int (1));
  assert_same (found.masked,
               fv_call (scope, "aten::mul.Tensor", fv_of (network.input), fv_of (planes)));
  assert_same (found.second, gradcam (scope, &network, found.masked, found.targets));
  assert_scope_sound (scope);
}

static void
test_steps (void)
{
  check_steps (TINY_LINEAR);
  check_steps (TINY_DISGUISED);
  check_steps (TINY_DEEP);
}

static void
assert_shape (FvTensor *tensor, gint64 height, gint64 width)
{
  g_assert_cmpint (fv_tensor_get_size (tensor, 0), ==, TINY_PICTURES);
  g_assert_cmpint (fv_tensor_get_size (tensor, 1), ==, height);
  g_assert_cmpint (fv_tensor_get_size (tensor, 2), ==, width);
}

/* The two are of one size in every way, with either kind of pixels. */
static void
test_ways (void)
{
  g_auto (TinyNetwork) network = tiny_network_new (TINY_LINEAR);

  for (int pixels = FV_AGREEMENT_GUIDED; pixels <= FV_AGREEMENT_INTEGRATED; pixels++)
    for (int way = FV_AGREEMENT_ENLARGED; way <= FV_AGREEMENT_SMOOTH; way++) {
      g_autoptr (FvScope) scope = fv_scope_new ();
      const FvAgreementOptions options
          = { (FvAgreementPixels) pixels, (FvAgreementWay) way, 5, FALSE, FALSE };
      FvAgreement found = find (scope, &network, &options, NULL, TRUE);
      int side = way == FV_AGREEMENT_ENLARGED || way == FV_AGREEMENT_MASKED_BY_CAM ? 5 : 3;

      assert_shape (found.first, side, side);
      assert_shape (found.second, side, side);
      g_assert_true (fv_tensor_requires_grad (
          fv_consistency (scope, FV_SIMILARITY_PEARSON, found.first, found.second)));
    }
}

/* Point by point: of the softmax over the classes, not over the pictures, six points from black to
 * the picture. */
static void
test_integrated (void)
{
  g_auto (TinyNetwork) network = tiny_network_new (TINY_DEEP);
  g_autoptr (FvScope) scope = fv_scope_new ();
  const FvAgreementOptions options
      = { FV_AGREEMENT_INTEGRATED, FV_AGREEMENT_POOLED, 1, FALSE, FALSE };
  FvAgreement found = find (scope, &network, &options, NULL, FALSE);
  FvTensor *sum = NULL,
           *column = fv_call (scope, "aten::unsqueeze", fv_of (found.targets), fv_int (1));

  for (int i = 0; i < 6; i++) {
    FvTensor *point = fv_detach (
        scope, fv_call (scope, "aten::mul.Scalar", fv_of (network.input), fv_real (i / 5.0)), TRUE);
    g_autoptr (FvActivations) run = tiny_network_run (&network, point);
    FvTensor *logits = fv_activations_get (run, fv_graph_get_output (network.graph));
    FvTensor *p = fv_call (scope, "aten::softmax.int", fv_of (logits), fv_int (1));
    FvTensor *chosen = fv_call (scope, "aten::gather", fv_of (p), fv_int (1), fv_of (column));
    FvTensor *gradient;

    fv_gradient (scope, fv_call (scope, "aten::sum", fv_of (chosen)), NULL, &point, 1, FALSE,
                 &gradient);
    sum = sum == NULL ? gradient
                      : fv_call (scope, "aten::add.Tensor", fv_of (sum), fv_of (gradient));
  }
  sum = fv_call (scope, "aten::mul.Tensor", fv_of (sum), fv_of (network.input));
  sum = fv_call (scope, "aten::abs", fv_of (sum));
  sum = fv_call (scope, "aten::sum.dim_IntList", fv_of (sum), fv_ints (1));
  assert_same (found.pixels, fv_call (scope, "aten::div.Scalar", fv_of (sum), fv_real (6)));
}

/* -- gradients ------------------------------------------------------------------------------ */

typedef struct {
  FvAgreementOptions options;
  FvTensor *targets;
  FvTensor *mask; /* NULL: as the network makes it */
} Question;

static FvTensor *
make_loss (FvScope *scope, const TinyNetwork *network, const Question *question)
{
  FvAgreement found = find (scope, network, &question->options, question->targets, TRUE);
  FvTensor *second = found.second;

  if (question->mask != NULL) {
    FvTensor *planes = fv_call (scope, "aten::unsqueeze", fv_of (question->mask), fv_int (1));

    second = gradcam (scope, network,
                      fv_call (scope, "aten::mul.Tensor", fv_of (network->input), fv_of (planes)),
                      question->targets);
  }
  return fv_call (scope, "aten::mean",
                  fv_of (fv_consistency (scope, FV_SIMILARITY_PEARSON, found.first, second)));
}

static double
loss_of (const TinyNetwork *network, const Question *question)
{
  g_autoptr (FvScope) scope = fv_scope_new ();

  return fv_tensor_to_double (make_loss (scope, network, question));
}

static double
difference (const TinyNetwork *network, const Question *question, FvTensor *parameter,
            const double *values, gsize i)
{
  double above, below;

  tiny_set_value (parameter, i, values[i] + STEP);
  above = loss_of (network, question);
  tiny_set_value (parameter, i, values[i] - STEP);
  below = loss_of (network, question);
  tiny_set_value (parameter, i, values[i]);
  return (above - below) / (2 * STEP);
}

/* ‖gradient of @question − finite differences of @reference‖ / ‖finite differences‖ */
static double
gradient_error (const TinyNetwork *network, const Question *question, const Question *reference)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  guint n_parameters = fv_graph_get_n_parameters (network->graph);
  FvTensor *parameters[N_PARAMETERS], *gradients[N_PARAMETERS];
  double error = 0, norm = 0;

  g_assert_cmpuint (n_parameters, <=, N_PARAMETERS);
  for (guint p = 0; p < n_parameters; p++)
    parameters[p] = fv_graph_get_parameter (network->graph, p);
  fv_gradient (scope, make_loss (scope, network, question), NULL, parameters, n_parameters, FALSE,
               gradients);
  assert_scope_sound (scope);
  for (guint p = 0; p < n_parameters; p++) {
    gsize n;
    g_autofree double *found = fv_tensor_to_doubles (gradients[p], &n, NULL);
    g_autofree double *values = fv_tensor_to_doubles (parameters[p], NULL, NULL);

    for (gsize i = 0; i < n; i++) {
      double wanted = difference (network, reference, parameters[p], values, i);

      error += (found[i] - wanted) * (found[i] - wanted);
      norm += wanted * wanted;
    }
  }
  return sqrt (error / norm);
}

static void
check_gradient (TinyHead head, FvAgreementPixels pixels, FvAgreementWay way)
{
  g_auto (TinyNetwork) network = tiny_network_new (head);
  g_autoptr (FvScope) scope = fv_scope_new ();
  Question question = { { pixels, way, 4, FALSE, FALSE }, NULL, NULL };
  double error;

  question.targets = find (scope, &network, &question.options, NULL, FALSE).targets;
  error = gradient_error (&network, &question, &question);
  g_test_message ("head %d, pixels %d, way %d: relative error %.1e", head, pixels, way, error);
  g_assert_cmpfloat (error, <, 1e-6);
}

static void
test_gradient (void)
{
  check_gradient (TINY_LINEAR, FV_AGREEMENT_GUIDED, FV_AGREEMENT_MASKED);
  check_gradient (TINY_DEEP, FV_AGREEMENT_GUIDED, FV_AGREEMENT_MASKED);
  check_gradient (TINY_DEEP, FV_AGREEMENT_INTEGRATED, FV_AGREEMENT_MASKED);
  check_gradient (TINY_DEEP, FV_AGREEMENT_GUIDED, FV_AGREEMENT_ENLARGED);
  check_gradient (TINY_DEEP, FV_AGREEMENT_GUIDED, FV_AGREEMENT_POOLED);
  check_gradient (TINY_DEEP, FV_AGREEMENT_GUIDED, FV_AGREEMENT_MASKED_BY_CAM);
}

/* A detached mask is a constant to the gradient, and only to the gradient. */
static void
test_detached (void)
{
  g_auto (TinyNetwork) network = tiny_network_new (TINY_DEEP);
  g_autoptr (FvScope) scope = fv_scope_new ();
  Question detached = { { FV_AGREEMENT_GUIDED, FV_AGREEMENT_MASKED, 4, FALSE, TRUE }, NULL, NULL };
  Question constant = detached, attached = detached;
  FvAgreement found = find (scope, &network, &detached.options, NULL, FALSE);

  detached.targets = constant.targets = attached.targets = found.targets;
  attached.options.detached = FALSE;
  constant.mask = fv_detach (scope, found.mask, FALSE);
  g_assert_cmpfloat (loss_of (&network, &detached), ==, loss_of (&network, &attached));
  g_assert_cmpfloat (gradient_error (&network, &detached, &constant), <, 1e-6);
  g_assert_cmpfloat (gradient_error (&network, &detached, &attached), >, 1e-2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/agreement/mask-by-hand", test_mask_by_hand);
  g_test_add_func ("/agreement/steps", test_steps);
  g_test_add_func ("/agreement/ways", test_ways);
  g_test_add_func ("/agreement/integrated", test_integrated);
  g_test_add_func ("/agreement/gradient", test_gradient);
  g_test_add_func ("/agreement/detached", test_detached);
  return g_test_run ();
}
