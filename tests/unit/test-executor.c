/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whole networks: running on from any layer gives the bits of the full run, batches and
 * resolutions are free, TensorFlow's padding is what its formula says. */

#include "fv-autograd.h"
#include "fv-executor.h"
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

/* Values of @wanted in evaluation, without gradients. */
static FvActivations *
run (FvGraph *graph, const FvActivations *given, const FvNodeId *wanted, gsize n_wanted)
{
  g_autoptr (FvNoGrad) no_grad = fv_no_grad_enter ();
  g_autoptr (GError) error = NULL;
  FvActivations *found
      = fv_graph_run (graph, given, wanted, n_wanted, (FvRunMode){ 0 }, NULL, &error);

  g_assert_no_error (error);
  return found;
}

static FvTensor *
forward (FvModel *model, FvScope *scope, FvTensor *input)
{
  g_autoptr (FvNoGrad) no_grad = fv_no_grad_enter ();
  FvTensor *logits = fv_graph_forward (fv_model_get_graph (model), scope, input);

  assert_scope_sound (scope);
  return logits;
}

static void
assert_run_on_is_equal (FvGraph *graph, FvTensor *input, const char *layer)
{
  FvNodeId output = fv_graph_get_output (graph);
  FvNodeId node = fv_graph_find_layer (graph, layer, NULL);
  g_autoptr (GArray) frontier = fv_graph_frontier (graph, node);
  g_autoptr (FvActivations) given = fv_activations_new ();
  g_autoptr (FvActivations) cut = NULL;
  g_autoptr (FvActivations) full = NULL;
  g_autoptr (FvActivations) rest = NULL;

  fv_activations_set (given, fv_graph_get_input (graph), input);
  full = run (graph, given, &output, 1);
  cut = run (graph, given, (const FvNodeId *) frontier->data, frontier->len);
  rest = run (graph, cut, &output, 1);
  if (!fv_tensor_equal (fv_activations_get (full, output), fv_activations_get (rest, output)))
    g_error ("running on from %s differs from the full run", layer);
}

static void
assert_cuts (const char *architecture, gboolean same_padding, const char *const *layers)
{
  g_autoptr (FvModel) model = new_model (architecture, same_padding);
  g_autoptr (FvTensor) input = new_waves ((const gint64[]){ 2, 3, 97, 67 }, 4);

  for (const char *const *layer = layers; *layer != NULL; layer++)
    assert_run_on_is_equal (fv_model_get_graph (model), input, *layer);
}

/* Also between a block's convolutions, where the shortcut crosses the cut. */
static void
test_resnet_cuts (void)
{
  assert_cuts ("resnet18", FALSE,
               (const char *const[]){ "conv1", "maxpool", "layer1.1.conv1", "layer2.0.bn2",
                                      "layer2.0.downsample", "layer3", "layer4.1.conv2", "avgpool",
                                      "fc", NULL });
}

static void
test_mobilenet_cuts (void)
{
  assert_cuts ("mobilenet_v2", TRUE,
               (const char *const[]){ "features.0", "features.3.conv.1", "features.4.conv.1.0",
                                      "features.14", "features.18", "classifier.0", NULL });
}

/* Each picture of a batch is as if it had been alone. */
static void
assert_batches (FvModel *model, gint64 height, gint64 width)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvTensor) pictures = new_waves ((const gint64[]){ 7, 3, height, width }, 4);
  FvTensor *pair
      = fv_call (scope, "aten::narrow", fv_of (pictures), fv_int (0), fv_int (0), fv_int (2));
  g_autofree double *all = fv_tensor_to_doubles (forward (model, scope, pictures), NULL, NULL);

  assert_near (forward (model, scope, pair), all, 20, 1e-4);
  for (gint64 i = 0; i < 7; i += 3) {
    FvTensor *one
        = fv_call (scope, "aten::narrow", fv_of (pictures), fv_int (0), fv_int (i), fv_int (1));

    assert_near (forward (model, scope, one), all + 10 * i, 10, 1e-4);
  }
}

static void
test_batches_and_resolutions (void)
{
  g_autoptr (FvModel) resnet = new_model ("resnet18", FALSE);
  g_autoptr (FvModel) symmetric = new_model ("mobilenet_v2", FALSE);
  g_autoptr (FvModel) same = new_model ("mobilenet_v2", TRUE);

  assert_batches (resnet, 64, 64);
  assert_batches (resnet, 97, 131);
  assert_batches (symmetric, 97, 131);
  assert_batches (same, 97, 131);
}

/* TensorFlow: out = ceil (size / 2), total = max ((out − 1) · 2 + 3 − size, 0), the half in front
 * rounded down. */
static void
split_padding (gint64 size, gint64 *front, gint64 *back)
{
  gint64 out = (size + 1) / 2;
  gint64 total = MAX ((out - 1) * 2 + 3 - size, 0);

  *front = total / 2;
  *back = total - *front;
}

static void
assert_same_padding (FvModel *model, gint64 height, gint64 width)
{
  FvGraph *graph = fv_model_get_graph (model);
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvActivations) given = fv_activations_new ();
  g_autoptr (FvActivations) found = NULL;
  FvNodeId node = fv_graph_find_layer (graph, "features.0.0", NULL);
  g_autoptr (FvTensor) input = new_waves ((const gint64[]){ 1, 3, height, width }, 4);
  guint weight = fv_graph_find_parameter (graph, "features.0.0.weight");
  gint64 top, bottom, left, right;
  FvTensor *expected;

  split_padding (height, &top, &bottom);
  split_padding (width, &left, &right);
  expected
      = fv_call (scope, "aten::constant_pad_nd", fv_of (input), fv_ints (left, right, top, bottom));
  expected = fv_call (scope, "aten::conv2d", fv_of (expected),
                      fv_of (fv_graph_get_parameter (graph, weight)), fv_none (), fv_ints (2, 2));
  assert_scope_sound (scope);
  fv_activations_set (given, fv_graph_get_input (graph), input);
  found = run (graph, given, &node, 1);
  g_assert_cmpint (fv_tensor_get_size (expected, 2), ==, (height + 1) / 2);
  g_assert_true (fv_tensor_equal (fv_activations_get (found, node), expected));
}

static void
test_same_padding (void)
{
  g_autoptr (FvModel) model = new_model ("mobilenet_v2", TRUE);

  assert_same_padding (model, 96, 130);
  assert_same_padding (model, 97, 131);
  assert_same_padding (model, 96, 131);
  assert_same_padding (model, 97, 130);
}

/* Padding matters on even sizes only: there the two networks differ, on odd ones they agree. */
static void
test_paddings_differ (void)
{
  g_autoptr (FvModel) same = new_model ("mobilenet_v2", TRUE);
  g_autoptr (FvModel) symmetric = new_model ("mobilenet_v2", FALSE);
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvTensor) even = new_waves ((const gint64[]){ 1, 3, 64, 64 }, 4);
  g_autoptr (FvTensor) odd = new_waves ((const gint64[]){ 1, 3, 65, 65 }, 4);

  g_assert_false (fv_tensor_equal (forward (same, scope, even), forward (symmetric, scope, even)));
  g_assert_true (fv_tensor_equal (forward (same, scope, odd), forward (symmetric, scope, odd)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/executor/resnet-cuts", test_resnet_cuts);
  g_test_add_func ("/executor/mobilenet-cuts", test_mobilenet_cuts);
  g_test_add_func ("/executor/batches-and-resolutions", test_batches_and_resolutions);
  g_test_add_func ("/executor/same-padding", test_same_padding);
  g_test_add_func ("/executor/paddings-differ", test_paddings_differ);
  return g_test_run ();
}
