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
  g_assert_true (
      fv_inference_fits (inference, three, (const FvNodeId *) wanted->data, wanted->len));
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/inference/resnet", test_resnet);
  g_test_add_func ("/inference/mobilenet", test_mobilenet);
  g_test_add_func ("/inference/same-padding", test_same_padding);
  g_test_add_func ("/inference/small-cnn", test_small_cnn);
  return g_test_run ();
}
