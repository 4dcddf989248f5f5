/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Networks rewritten for forward passes give the numbers of the original at every wanted node, for
 * any number of pictures, and hold the rewrites that they are made for. */

#include "fv-autograd.h"
#include "fv-inference.h"
#include "fv-model.h"
#include "fv-op.h"
#include "fv-runtime.h"
#include "tensor-fixture.h"

static FvModel *
new_model (const char *architecture, gboolean same_padding)
{
  g_autoptr (FvCard) card = fv_card_new (architecture);
  g_autoptr (GError) error = NULL;
  FvModel *model;

  card->same_padding = same_padding;
  model = fv_model_new (card, 10, 5, &error);
  g_assert_no_error (error);
  return model;
}

/* Running statistics and affine numbers that matter. */
static void
make_statistics_matter (FvGraph *graph)
{
  for (guint i = 0; i < fv_graph_get_n_parameters (graph); i++) {
    const char *name = fv_graph_get_parameter_name (graph, i);
    g_autoptr (FvScope) scope = fv_scope_new ();
    FvTensor *tensor = fv_graph_get_parameter (graph, i);
    FvTensor *noise;

    if (fv_tensor_get_n_dims (tensor) != 1)
      continue;
    noise = fv_call (scope, "aten::linspace", fv_real (0.5), fv_real (1.5),
                     fv_int (fv_tensor_get_size (tensor, 0)));
    if (g_str_has_suffix (name, "running_mean") || g_str_has_suffix (name, "bias"))
      noise = fv_call (scope, "aten::sub.Scalar", fv_of (noise), fv_real (1));
    assert_scope_sound (scope);
    g_assert_true (fv_tensor_copy_from (tensor, noise, NULL));
  }
}

static double
largest_error (FvTensor *found, FvTensor *wanted)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *difference = fv_call (scope, "aten::sub.Tensor", fv_of (found), fv_of (wanted));
  FvTensor *largest
      = fv_call (scope, "aten::max", fv_of (fv_call (scope, "aten::abs", fv_of (difference))));
  FvTensor *scale
      = fv_call (scope, "aten::max", fv_of (fv_call (scope, "aten::abs", fv_of (wanted))));

  assert_scope_sound (scope);
  return fv_tensor_to_double (largest) / fv_tensor_to_double (scale);
}

static gsize
count_ops (const FvGraph *graph, const char *op)
{
  gsize n = 0;

  for (FvNodeId node = 0; node < fv_graph_get_n_nodes (graph); node++)
    n += fv_graph_is_op (graph, node, op);
  return n;
}

/* @n_norms: batch norms that are left, since what they work on is wanted itself. */
static void
assert_equal_outputs (FvModel *model, const char *layer, gint64 side, gsize n_norms)
{
  g_autoptr (FvNoGrad) no_grad = fv_no_grad_enter ();
  FvGraph *graph = fv_model_get_graph (model);
  FvNodeId node = fv_graph_find_layer (graph, layer, NULL);
  g_autoptr (GArray) wanted = fv_graph_frontier (graph, node);
  FvNodeId output = fv_graph_get_output (graph);
  g_autoptr (FvTensor) one = new_waves ((const gint64[]){ 1, 3, side, side }, 4);
  g_autoptr (FvTensor) three = new_waves ((const gint64[]){ 3, 3, side, side }, 4);
  g_autoptr (FvActivations) given = fv_activations_new ();
  g_autoptr (FvActivations) expected = NULL;
  g_autoptr (FvActivations) found = NULL;
  g_autoptr (FvInference) inference = NULL;
  g_autoptr (GError) error = NULL;

  make_statistics_matter (graph);
  g_array_append_val (wanted, output);
  inference
      = fv_inference_new (graph, one, (const FvNodeId *) wanted->data, wanted->len, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (inference);
  fv_activations_set (given, fv_graph_get_input (graph), three);
  expected = fv_graph_run (graph, given, (const FvNodeId *) wanted->data, wanted->len,
                           (FvRunMode){ 0 }, NULL, &error);
  found = fv_inference_run (inference, three, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < wanted->len; i++) {
    FvNodeId id = g_array_index (wanted, FvNodeId, i);

    g_assert_cmpfloat (
        largest_error (fv_activations_get (found, id), fv_activations_get (expected, id)), <=,
        FV_INFERENCE_TOLERANCE);
  }
  g_assert_cmpuint (count_ops (fv_inference_get_graph (inference), "aten::batch_norm"), ==,
                    n_norms);
}

static void
test_resnet (void)
{
  g_autoptr (FvModel) model = new_model ("resnet18", FALSE);

  assert_equal_outputs (model, "layer2", 64, 0);
  assert_equal_outputs (model, "layer3.0.conv1", 64, 1);
  assert_equal_outputs (model, "layer4", 75, 0);
}

static void
test_mobilenet (void)
{
  g_autoptr (FvModel) model = new_model ("mobilenet_v2", FALSE);

  assert_equal_outputs (model, "features.18", 64, 0);
}

/* TensorFlow's padding is folded into the kernels: none is left. */
static void
test_same_padding (void)
{
  g_autoptr (FvModel) model = new_model ("mobilenet_v2", TRUE);

  assert_equal_outputs (model, "features.18", 64, 0);
  assert_equal_outputs (model, "features.5", 75, 0);
}

static void
test_small_cnn (void)
{
  g_autoptr (FvModel) model = new_model ("small_cnn", FALSE);

  assert_equal_outputs (model, "block3.relu", 96, 0);
}

/* 256 tokens of 8 features: a linear layer over them becomes a convolution, the head does not. */
static void
test_linear_over_tokens (void)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();
  g_autoptr (FvTensor) input = new_waves ((const gint64[]){ 1, 8, 16, 16 }, 4);
  g_autoptr (FvTensor) weight = new_waves ((const gint64[]){ 12, 8 }, 2);
  g_autoptr (FvTensor) bias = new_waves ((const gint64[]){ 12 }, 1);
  g_autoptr (FvTensor) head = new_waves ((const gint64[]){ 3, 12 }, 2);
  guint w = fv_graph_add_parameter_tensor (graph, "w", weight, FV_PARAMETER_WEIGHT);
  guint b = fv_graph_add_parameter_tensor (graph, "b", bias, FV_PARAMETER_WEIGHT);
  guint h = fv_graph_add_parameter_tensor (graph, "h", head, FV_PARAMETER_WEIGHT);
  FvNodeId x = fv_graph_add_input (graph);
  FvNodeId tokens
      = fv_op_node (graph, "", "aten::flatten.using_ints", fv_from (x), fv_constant (fv_int (2)));
  FvNodeId wide, mean, output;
  g_autoptr (FvInference) inference = NULL;
  g_autoptr (FvActivations) given = fv_activations_new ();
  g_autoptr (FvActivations) expected = NULL;
  g_autoptr (FvActivations) found = NULL;
  g_autoptr (GError) error = NULL;

  tokens = fv_op_node (graph, "", "aten::transpose.int", fv_from (tokens), fv_constant (fv_int (1)),
                       fv_constant (fv_int (2)));
  wide = fv_op_node (graph, "", "aten::linear", fv_from (tokens), fv_parameter (w),
                     fv_parameter (b));
  wide = fv_op_node (graph, "", "aten::relu", fv_from (wide));
  mean = fv_op_node (graph, "", "aten::mean.dim", fv_from (wide), fv_constant (fv_ints (1)));
  output = fv_op_node (graph, "", "aten::linear", fv_from (mean), fv_parameter (h));
  fv_graph_set_output (graph, output);
  fv_activations_set (given, x, input);
  expected = fv_graph_run (graph, given, &output, 1, (FvRunMode){ 0 }, NULL, &error);
  inference = fv_inference_new (graph, input, &output, 1, NULL, &error);
  g_assert_nonnull (inference);
  found = fv_inference_run (inference, input, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpfloat (
      largest_error (fv_activations_get (found, output), fv_activations_get (expected, output)), <=,
      FV_INFERENCE_TOLERANCE);
  g_assert_cmpuint (count_ops (fv_inference_get_graph (inference), "aten::conv2d"), ==, 1);
  g_assert_cmpuint (count_ops (fv_inference_get_graph (inference), "aten::linear"), ==, 1);
}

/* -- through a model, which decides when to rewrite ----------------------------------------- */

static FvTensor *
run_model (FvModel *model, FvTensor *input)
{
  FvNodeId output = fv_graph_get_output (fv_model_get_graph (model));
  g_autoptr (GError) error = NULL;
  g_autoptr (FvActivations) found = fv_model_run (model, input, &output, 1, NULL, &error);

  g_assert_no_error (error);
  return fv_tensor_ref (fv_activations_get (found, output));
}

static FvTensor *
run_graph (FvModel *model, FvTensor *input)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvNoGrad) no_grad = fv_no_grad_enter ();

  return fv_scope_keep (scope, fv_graph_forward (fv_model_get_graph (model), scope, input));
}

static void
assert_model_runs_its_graph (FvModel *model, FvTensor *input)
{
  g_autoptr (FvTensor) expected = run_graph (model, input);
  g_autoptr (FvTensor) first = run_model (model, input);
  g_autoptr (FvTensor) second = run_model (model, input);

  g_assert_cmpfloat (largest_error (first, expected), <=, FV_INFERENCE_TOLERANCE);
  g_assert_true (fv_tensor_equal (first, second));
}

/* Weights that change are noticed, whoever changes them. */
static void
test_changed_weights (void)
{
  g_autoptr (FvModel) model = new_model ("small_cnn", FALSE);
  g_autoptr (FvTensor) input = new_waves ((const gint64[]){ 2, 3, 48, 48 }, 4);
  g_autoptr (FvTensor) before = run_model (model, input);
  g_autoptr (FvTensor) after = NULL;

  make_statistics_matter (fv_model_get_graph (model));
  after = run_model (model, input);
  g_assert_cmpfloat (largest_error (after, before), >, 0.01);
  assert_model_runs_its_graph (model, input);
}

/* One model serves pictures of several sizes, more of them than it keeps networks for. */
static void
test_sizes (void)
{
  g_autoptr (FvModel) model = new_model ("small_cnn", FALSE);

  for (int round = 0; round < 2; round++)
    for (gint64 side = 32; side <= 64; side += 8) {
      g_autoptr (FvTensor) input = new_waves ((const gint64[]){ 1 + round, 3, side, side }, 4);

      assert_model_runs_its_graph (model, input);
    }
}

/* A model that learns runs the graph itself, to the bit. */
static void
test_learning (void)
{
  g_autoptr (FvModel) model = new_model ("resnet18", FALSE);
  g_autoptr (FvTensor) input = new_waves ((const gint64[]){ 1, 3, 64, 64 }, 4);
  g_autoptr (FvTensor) expected = run_graph (model, input);
  g_autoptr (FvTensor) found = NULL;

  fv_model_set_learning (model, TRUE);
  found = run_model (model, input);
  g_assert_true (fv_tensor_equal (found, expected));
  fv_model_set_learning (model, FALSE);
  assert_model_runs_its_graph (model, input);
}

static void
test_cancelled (void)
{
  g_autoptr (FvModel) model = new_model ("small_cnn", FALSE);
  g_autoptr (FvTensor) input = new_waves ((const gint64[]){ 1, 3, 48, 48 }, 4);
  FvNodeId output = fv_graph_get_output (fv_model_get_graph (model));
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (fv_model_run (model, input, &output, 1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_model_runs_its_graph (model, input);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/inference/resnet", test_resnet);
  g_test_add_func ("/inference/mobilenet", test_mobilenet);
  g_test_add_func ("/inference/same-padding", test_same_padding);
  g_test_add_func ("/inference/small-cnn", test_small_cnn);
  g_test_add_func ("/inference/linear-over-tokens", test_linear_over_tokens);
  g_test_add_func ("/inference/changed-weights", test_changed_weights);
  g_test_add_func ("/inference/sizes", test_sizes);
  g_test_add_func ("/inference/learning", test_learning);
  g_test_add_func ("/inference/cancelled", test_cancelled);
  return g_test_run ();
}
