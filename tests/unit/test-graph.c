/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A graph as data: building it, asking for its layers, and running it: modes, lifetimes, what is
 * missing. Whole networks are in test-executor.c. */

#include "fv-executor.h"
#include "fv-linear-head.h"
#include "fv-runtime.h"
#include "tensor-fixture.h"

#define CHANNELS 2

static FvNodeId
add_relu (FvGraph *graph, const char *module, FvNodeId x)
{
  return fv_op_node (graph, module, "aten::relu", fv_from (x));
}

static guint
add_weight (FvGraph *graph, const char *name, gint64 rows, gint64 columns)
{
  return fv_graph_add_parameter (graph, name, FV_DTYPE_FLOAT32, (const gint64[]){ rows, columns },
                                 columns > 0 ? 2 : 1, FV_PARAMETER_WEIGHT);
}

static FvActivations *
run (FvGraph *graph, FvTensor *input, FvRunMode mode, GError **error)
{
  g_autoptr (FvActivations) given = fv_activations_new ();
  FvNodeId output = fv_graph_get_output (graph);

  fv_activations_set (given, fv_graph_get_input (graph), input);
  return fv_graph_run (graph, given, &output, 1, mode, NULL, error);
}

/* -- building ------------------------------------------------------------------------------- */

static void
test_mistakes_stick (void)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();
  FvNodeId x = fv_graph_add_input (graph);
  g_autoptr (GError) error = NULL;

  g_assert_true (fv_graph_check (graph, NULL));
  x = fv_op_node (graph, "first", "aten::no_such_operator", fv_from (x));
  g_assert_cmpuint (x, ==, FV_NODE_NONE);
  g_assert_cmpuint (add_relu (graph, "second", x), ==, FV_NODE_NONE);
  g_assert_cmpuint (add_weight (graph, "weight", 1, 0), ==, FV_NODE_NONE);
  g_assert_false (fv_graph_check (graph, &error));
  g_assert_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_NO_OP);
  assert_says (error, "no_such_operator");
}

static void
test_dangling_argument (void)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();
  g_autoptr (GError) error = NULL;

  fv_graph_add_input (graph);
  add_relu (graph, "block", 7);
  g_assert_false (fv_graph_check (graph, &error));
  assert_says (error, "block");
}

static void
test_parameters (void)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();
  FvNodeId x = fv_graph_add_input (graph);
  guint unused = add_weight (graph, "unused", 3, 0);
  guint weight = add_weight (graph, "fc.weight", 3, 2);
  FvNodeId node = fv_op_node (graph, "fc", "aten::linear", fv_from (x), fv_parameter (weight));

  g_assert_cmpuint (fv_graph_find_parameter (graph, "fc.weight"), ==, weight);
  g_assert_cmpuint (fv_graph_find_parameter (graph, "fc.bias"), ==, FV_NODE_NONE);
  g_assert_cmpuint (fv_graph_get_parameter_user (graph, weight), ==, node);
  g_assert_cmpuint (fv_graph_get_parameter_user (graph, unused), ==, FV_NODE_NONE);
  assert_values (fv_graph_get_parameter (graph, unused), 0, 0, 0);
}

/* -- layers --------------------------------------------------------------------------------- */

/* input 0 → block1.a 1 → block1.b 2 → block10.a 3 → (with 1) "" 4 */
static FvGraph *
new_branching (void)
{
  FvGraph *graph = fv_graph_new ();
  FvNodeId x = fv_graph_add_input (graph);
  FvNodeId first = add_relu (graph, "block1.a", x);

  x = add_relu (graph, "block1.b", first);
  x = add_relu (graph, "block10.a", x);
  fv_graph_set_output (graph,
                       fv_op_node (graph, "", "aten::add.Tensor", fv_from (x), fv_from (first)));
  return graph;
}

static void
test_layers (void)
{
  static const char *const expected[]
      = { "block1.a", "block1", "block1.b", "block10", "block10.a" };
  g_autoptr (FvGraph) graph = new_branching ();
  g_autoptr (GPtrArray) layers = fv_graph_list_layers (graph);

  g_assert_cmpuint (layers->len, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    g_assert_true (g_ptr_array_find_with_equal_func (layers, expected[i], g_str_equal, NULL));
  g_assert_cmpstr (g_ptr_array_index (layers, 0), ==, "block1.a");
  g_assert_cmpuint (fv_graph_find_layer (graph, "block1", NULL), ==, 2);
  g_assert_cmpuint (fv_graph_find_layer (graph, "block10", NULL), ==, 3);
  g_assert_cmpuint (fv_graph_find_layer_start (graph, "block1", NULL), ==, 1);
  g_assert_cmpuint (fv_graph_find_layer_start (graph, "block10", NULL), ==, 3);
}

static void
test_unknown_layer (void)
{
  g_autoptr (FvGraph) graph = new_branching ();
  static const char *const names[] = { "block", "block1.", "block1.a.b", "" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) end = NULL;
    g_autoptr (GError) start = NULL;

    g_assert_cmpuint (fv_graph_find_layer (graph, names[i], &end), ==, FV_NODE_NONE);
    assert_says (end, names[i]);
    assert_says (end, "fovea-cli model info");
    g_assert_cmpuint (fv_graph_find_layer_start (graph, names[i], &start), ==, FV_NODE_NONE);
    assert_says (start, names[i]);
  }
}

static void
test_frontier (void)
{
  g_autoptr (FvGraph) graph = new_branching ();
  g_autoptr (GArray) skipped = fv_graph_frontier (graph, 2);
  g_autoptr (GArray) whole = fv_graph_frontier (graph, 1);

  g_assert_cmpuint (skipped->len, ==, 2);
  g_assert_cmpuint (g_array_index (skipped, FvNodeId, 0), ==, 2);
  g_assert_cmpuint (g_array_index (skipped, FvNodeId, 1), ==, 1);
  g_assert_cmpuint (whole->len, ==, 1);
}

/* -- heads ---------------------------------------------------------------------------------- */

typedef struct {
  gint64 pooled; /* side of the pooling's output */
  gboolean flattened;
  gboolean rectified;  /* between pooling and the linear layer */
  gboolean used_twice; /* the layer's activation is also used elsewhere */
  gboolean not_the_output;
} HeadOptions;

static gboolean
has_head (HeadOptions options)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();
  FvNodeId input = fv_graph_add_input (graph);
  FvNodeId layer = add_relu (graph, "layer", input);
  guint weight = add_weight (graph, "fc.weight", 3, 2);
  guint bias = add_weight (graph, "fc.bias", 3, 0);
  FvLinearHead head = { 99, 99 };
  gboolean found;
  FvNodeId x = fv_op_node (graph, "pool", "aten::adaptive_avg_pool2d", fv_from (layer),
                           fv_constant (fv_ints (options.pooled, options.pooled)));

  if (options.flattened)
    x = fv_op_node (graph, "", "aten::flatten.using_ints", fv_from (x), fv_constant (fv_int (1)));
  x = fv_op_node (graph, "drop", "aten::dropout", fv_from (x), fv_constant (fv_real (0.5)),
                  fv_mode (FV_ARGUMENT_DROPOUT_TRAINING));
  if (options.rectified)
    x = add_relu (graph, "relu", x);
  x = fv_op_node (graph, "fc", "aten::linear", fv_from (x), fv_parameter (weight),
                  fv_parameter (bias));
  if (options.used_twice)
    add_relu (graph, "other", layer);
  fv_graph_set_output (graph, options.not_the_output ? add_relu (graph, "out", x) : x);
  g_assert_true (fv_graph_check (graph, NULL));
  found = fv_graph_find_linear_head (graph, layer, &head);
  g_assert_true (!found || (head.weight == weight && head.bias == bias));
  g_assert_false (fv_graph_find_linear_head (graph, input, &head));
  return found;
}

static void
test_linear_head (void)
{
  g_assert_true (has_head ((HeadOptions){ .pooled = 1, .flattened = TRUE }));
  g_assert_false (has_head ((HeadOptions){ .pooled = 2, .flattened = TRUE }));
  g_assert_false (has_head ((HeadOptions){ .pooled = 1, .flattened = TRUE, .rectified = TRUE }));
  g_assert_false (has_head ((HeadOptions){ .pooled = 1, .flattened = TRUE, .used_twice = TRUE }));
  g_assert_false (
      has_head ((HeadOptions){ .pooled = 1, .flattened = TRUE, .not_the_output = TRUE }));
}

/* -- running -------------------------------------------------------------------------------- */

static FvTensor *
ones_like (FvTensor *tensor)
{
  g_autoptr (FvScope) scope = fv_scope_new ();

  return fv_scope_keep (scope, fv_call (scope, "aten::ones_like", fv_of (tensor)));
}

static FvGraph *
new_batch_norm (void)
{
  FvGraph *graph = fv_graph_new ();
  FvNodeId x = fv_graph_add_input (graph);
  guint weight = add_weight (graph, "bn.weight", CHANNELS, 0);
  guint bias = add_weight (graph, "bn.bias", CHANNELS, 0);
  guint mean = add_weight (graph, "bn.running_mean", CHANNELS, 0);
  guint variance = add_weight (graph, "bn.running_var", CHANNELS, 0);
  g_autoptr (FvTensor) ones = ones_like (fv_graph_get_parameter (graph, weight));

  fv_graph_set_parameter (graph, weight, ones);
  g_assert_true (fv_tensor_copy_from (fv_graph_get_parameter (graph, variance), ones, NULL));
  fv_graph_set_output (
      graph, fv_op_node (graph, "bn", "aten::batch_norm", fv_from (x), fv_parameter (weight),
                         fv_parameter (bias), fv_parameter (mean), fv_parameter (variance),
                         fv_mode (FV_ARGUMENT_BATCH_NORM_TRAINING), fv_constant (fv_real (0.1)),
                         fv_constant (fv_real (0)), fv_constant (fv_bool (FALSE))));
  return graph;
}

/* Two pictures of one pixel: channel 0 is 1 and 3, channel 1 is 0 and 8. */
static void
test_batch_norm_mode (void)
{
  g_autoptr (FvGraph) graph = new_batch_norm ();
  g_autoptr (FvScope) scope = fv_scope_new ();
  const gint64 shape[] = { 2, CHANNELS, 1, 1 };
  const float values[] = { 1, 0, 3, 8 };
  g_autoptr (FvTensor) input
      = fv_tensor_new (FV_DTYPE_FLOAT32, shape, 4, values, sizeof values, NULL);
  FvTensor *mean
      = fv_graph_get_parameter (graph, fv_graph_find_parameter (graph, "bn.running_mean"));
  FvNodeId output = fv_graph_get_output (graph);
  g_autoptr (FvActivations) evaluated = run (graph, input, (FvRunMode){ 0 }, NULL);
  g_autoptr (FvActivations) trained = NULL;

  assert_values (fv_activations_get (evaluated, output), 1, 0, 3, 8);
  assert_values (mean, 0, 0);
  trained = run (graph, input, (FvRunMode){ .batch_norm_training = TRUE }, NULL);
  assert_near (fv_activations_get (trained, output), (const double[]){ -1, -1, 1, 1 }, 4, 1e-5);
  assert_near (mean, (const double[]){ 0.2, 0.4 }, 2, 1e-6);
}

static void
test_dropout_mode (void)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();
  const gint64 shape[] = { 1000 };
  g_autoptr (FvTensor) waves = new_waves (shape, 1);
  g_autoptr (FvTensor) input = ones_like (waves);
  g_autoptr (FvActivations) evaluated = NULL;
  g_autoptr (FvActivations) trained = NULL;
  g_autofree float *values = NULL;
  int n_zero = 0;

  fv_graph_set_output (
      graph, fv_op_node (graph, "drop", "aten::dropout", fv_from (fv_graph_add_input (graph)),
                         fv_constant (fv_real (0.5)), fv_mode (FV_ARGUMENT_DROPOUT_TRAINING)));
  evaluated = run (graph, input, (FvRunMode){ .batch_norm_training = TRUE }, NULL);
  g_assert_true (
      fv_tensor_equal (fv_activations_get (evaluated, fv_graph_get_output (graph)), input));
  fv_runtime_seed (1);
  trained = run (graph, input, (FvRunMode){ .dropout_training = TRUE }, NULL);
  values
      = fv_tensor_to_floats (fv_activations_get (trained, fv_graph_get_output (graph)), NULL, NULL);
  for (int i = 0; i < shape[0]; i++) {
    g_assert_true (values[i] == 0 || values[i] == 2);
    n_zero += values[i] == 0;
  }
  g_assert_cmpint (n_zero, >, 400);
  g_assert_cmpint (n_zero, <, 600);
}

static void
test_missing_input (void)
{
  g_autoptr (FvGraph) graph = new_branching ();
  g_autoptr (FvActivations) given = fv_activations_new ();
  g_autoptr (FvActivations) found = NULL;
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvNodeId output = fv_graph_get_output (graph);
  g_autoptr (GError) error = NULL;

  g_assert_null (fv_graph_run (graph, given, &output, 1, (FvRunMode){ 0 }, NULL, &error));
  assert_says (error, "without its input");
  g_assert_null (fv_graph_forward (graph, scope, NULL));
  g_assert_true (fv_scope_has_failed (scope));
}

/* Given a cut, nothing before it runs, so nothing before it is needed. */
static void
test_run_from_a_cut (void)
{
  g_autoptr (FvGraph) graph = new_branching ();
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvActivations) given = fv_activations_new ();
  g_autoptr (FvActivations) found = NULL;
  const FvNodeId wanted[] = { 4, 1, 4 };
  g_autoptr (GError) error = NULL;

  fv_activations_set (given, 2, doubles (scope, -5, 7));
  fv_activations_set (given, 1, doubles (scope, 10, 20));
  found = fv_graph_run (graph, given, wanted, 3, (FvRunMode){ 0 }, NULL, &error);
  g_assert_no_error (error);
  assert_values (fv_activations_get (found, 4), 10, 27);
  assert_values (fv_activations_get (found, 1), 10, 20);
  g_assert_null (fv_activations_get (found, 3));
}

static void
test_failing_operator_names_its_layer (void)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();
  g_autoptr (FvScope) scope = fv_scope_new ();
  guint weight = add_weight (graph, "head.fc.weight", 3, 4);
  g_autoptr (GError) error = NULL;

  fv_graph_set_output (graph,
                       fv_op_node (graph, "head.fc", "aten::linear",
                                   fv_from (fv_graph_add_input (graph)), fv_parameter (weight)));
  g_assert_null (run (graph, doubles (scope, 1, 2), (FvRunMode){ 0 }, &error));
  assert_says (error, "layer “head.fc”: aten::linear (float64 [2], float32 [3, 4]): ");
}

static void
test_cancelled (void)
{
  g_autoptr (FvGraph) graph = new_branching ();
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (FvActivations) given = fv_activations_new ();
  FvNodeId output = fv_graph_get_output (graph);
  g_autoptr (GError) error = NULL;

  fv_activations_set (given, 0, doubles (scope, 1));
  g_cancellable_cancel (cancellable);
  g_assert_null (fv_graph_run (graph, given, &output, 1, (FvRunMode){ 0 }, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* -- memory --------------------------------------------------------------------------------- */

#define CHAIN_LENGTH 24
/* 40 MB: above what the allocator keeps in its heap, so that the peak is exact. */
#define CHAIN_FLOATS (10 * 1024 * 1024)

/* The most resident memory this process has had, in bytes. */
static guint64
get_peak (void)
{
  g_autofree char *status = NULL;
  const char *line;

  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  line = strstr (status, "VmHWM:");
  g_assert_nonnull (line);
  return g_ascii_strtoull (line + strlen ("VmHWM:"), NULL, 10) * 1024;
}

/* Twenty-four values of 40 MB each pass, and two live at a time. */
static void
test_freed_after_last_use (void)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();
  FvNodeId x = fv_graph_add_input (graph);
  g_autoptr (FvTensor) input = new_waves ((const gint64[]){ CHAIN_FLOATS }, 1);
  g_autoptr (FvActivations) found = NULL;
  guint64 before;

#ifdef __SANITIZE_ADDRESS__
  g_test_skip ("AddressSanitizer keeps freed memory for a while");
  return;
#endif
  for (int i = 0; i < CHAIN_LENGTH; i++)
    x = fv_op_node (graph, "chain", "aten::neg", fv_from (x));
  fv_graph_set_output (graph, x);
  before = get_peak ();
  found = run (graph, input, (FvRunMode){ 0 }, NULL);
  g_assert_nonnull (found);
  g_assert_true (fv_tensor_equal (fv_activations_get (found, x), input));
  g_assert_cmpuint (get_peak (), <, before + 4 * CHAIN_FLOATS * sizeof (float));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/graph/mistakes-stick", test_mistakes_stick);
  g_test_add_func ("/graph/dangling-argument", test_dangling_argument);
  g_test_add_func ("/graph/parameters", test_parameters);
  g_test_add_func ("/graph/layers", test_layers);
  g_test_add_func ("/graph/unknown-layer", test_unknown_layer);
  g_test_add_func ("/graph/frontier", test_frontier);
  g_test_add_func ("/graph/linear-head", test_linear_head);
  g_test_add_func ("/graph/batch-norm-mode", test_batch_norm_mode);
  g_test_add_func ("/graph/dropout-mode", test_dropout_mode);
  g_test_add_func ("/graph/missing-input", test_missing_input);
  g_test_add_func ("/graph/run-from-a-cut", test_run_from_a_cut);
  g_test_add_func ("/graph/failing-operator-names-its-layer",
                   test_failing_operator_names_its_layer);
  g_test_add_func ("/graph/cancelled", test_cancelled);
  g_test_add_func ("/graph/freed-after-last-use", test_freed_after_last_use);
  return g_test_run ();
}
