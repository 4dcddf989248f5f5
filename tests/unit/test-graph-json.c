/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A graph through JSON and back, guards, pruning, and JSON that is not what it says. */

#include "fv-executor.h"
#include "fv-graph-json.h"
#include "fv-graph-prune.h"
#include "fv-runtime.h"

/* relu (x · weight + constant) chunked in two, the second half, flattened to [N, rest]; guarded by
 * the number of rows. One node is of no use. */
static FvGraph *
make_graph (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvGraph *graph = fv_graph_new ();
  FvNodeId x = fv_graph_add_input (graph);
  FvTensor *half = fv_call (scope, "aten::full", fv_ints (1), fv_real (0.5));
  guint weight = fv_graph_add_parameter (graph, "body.weight", FV_DTYPE_FLOAT32, fv_ints (1).ints,
                                         1, FV_PARAMETER_WEIGHT);
  FvNodeId scaled, unused, chunks, rows, second, sizes;
  const FvValue even = fv_bool (TRUE);

  fv_graph_set_parameter (graph, weight, fv_call (scope, "aten::full", fv_ints (1), fv_real (2)));
  scaled = fv_op_node (graph, "body", "aten::mul.Tensor", fv_from (x), fv_parameter (weight));
  unused = fv_op_node (graph, "unused", "aten::sigmoid", fv_from (scaled));
  scaled = fv_op_node (graph, "body", "aten::add.Tensor", fv_from (scaled),
                       fv_constant (fv_of (half)));
  scaled = fv_op_node (graph, "body", "aten::dropout", fv_from (scaled), fv_constant (fv_real (1)),
                       fv_mode (FV_ARGUMENT_DROPOUT_TRAINING));
  fv_graph_set_layer_output (graph, "body", scaled);
  fv_graph_set_layer_output (graph, "unused", unused);
  chunks = fv_op_node (graph, "", "aten::chunk", fv_from (scaled), fv_constant (fv_int (2)),
                       fv_constant (fv_int (1)));
  second = fv_graph_add_item (graph, "", chunks, 1);
  rows = fv_op_node (graph, "", "aten::size.int", fv_from (x), fv_constant (fv_int (2)));
  sizes = fv_graph_add_list (graph, "",
                             (const FvArgument[]){ fv_constant (fv_int (-1)), fv_from (rows) }, 2);
  fv_guards_add (fv_graph_get_guards (graph),
                 fv_op_node (graph, "", "aten::lt.int", fv_from (rows), fv_constant (fv_int (4))),
                 &even);
  fv_graph_set_output (graph,
                       fv_op_node (graph, "", "aten::reshape", fv_from (second), fv_from (sizes)));
  g_assert_true (fv_graph_check (graph, NULL));
  return graph;
}

static FvGraph *
read_back (const FvGraph *graph, char **json, GError **error)
{
  g_autoptr (FvStateDict) tensors = fv_state_dict_new ();

  *json = fv_graph_to_json (graph, tensors);
  return fv_graph_from_json (*json, tensors, error);
}

static double
run_at (FvGraph *graph, gint64 rows, GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *input = fv_call (scope, "aten::full", fv_ints (1, 4, rows, 1), fv_real (3));
  FvTensor *output = fv_graph_forward (graph, scope, input);

  if (!fv_scope_check (scope, error))
    return -1;
  g_assert_cmpint (fv_tensor_get_size (output, 1), ==, rows);
  return fv_tensor_to_double (fv_call (scope, "aten::mean", fv_of (output)));
}

static void
test_round_trip (void)
{
  g_autoptr (FvGraph) graph = make_graph ();
  g_autofree char *json = NULL;
  g_autofree char *again = NULL;
  g_autoptr (FvGraph) copy = read_back (graph, &json, NULL);
  g_autoptr (FvGraph) twice = read_back (copy, &again, NULL);

  g_assert_nonnull (twice);
  g_assert_cmpstr (json, ==, again);
  g_assert_cmpuint (fv_graph_get_n_nodes (copy), ==, fv_graph_get_n_nodes (graph));
  g_assert_cmpfloat (run_at (copy, 2, NULL), ==, 3 * 2 + 0.5);
  g_assert_cmpint (fv_graph_get_parameter_role (copy, 0), ==, FV_PARAMETER_WEIGHT);
  g_assert_cmpuint (fv_graph_find_layer (copy, "body", NULL), ==,
                    fv_graph_find_layer (graph, "body", NULL));
}

static void
test_prune (void)
{
  g_autoptr (FvGraph) graph = make_graph ();
  g_autoptr (FvGraph) pruned = fv_graph_prune (graph);

  g_assert_cmpuint (fv_graph_get_n_nodes (pruned), ==, fv_graph_get_n_nodes (graph) - 1);
  g_assert_cmpuint (fv_graph_get_layer_output (pruned, "unused"), ==, FV_NODE_NONE);
  g_assert_true (
      fv_graph_is_op (pruned, fv_graph_get_layer_output (pruned, "body"), "aten::dropout"));
  g_assert_cmpfloat (run_at (pruned, 3, NULL), ==, 3 * 2 + 0.5);
}

/* A size at which the network would have branched otherwise. */
static void
test_guard (void)
{
  g_autoptr (FvGraph) graph = make_graph ();
  g_autoptr (GError) error = NULL;

  g_assert_cmpfloat (run_at (graph, 3, NULL), >, 0);
  g_assert_cmpfloat (run_at (graph, 4, &error), ==, -1);
  g_assert_nonnull (strstr (error->message, "[1, 4, 4, 1]"));
  g_assert_cmpfloat (run_at (graph, 3, NULL), >, 0);
}

static void
test_damaged (void)
{
  static const char *const texts[] = {
    "",
    "[]",
    "{}",
    "{\"parameters\":[],\"nodes\":[],\"output\":0,\"guards\":[],\"layers\":{}}",
    "{\"parameters\":[[\"absent\",true]],\"nodes\":[],\"output\":0,\"guards\":[],\"layers\":{}}",
    "{\"parameters\":[],\"nodes\":[[\"input\",\"\"],[\"input\",\"\"]],\"output\":0,\"guards\":[],"
    "\"layers\":{}}",
    "{\"parameters\":[],\"nodes\":[[\"input\",\"\"],[\"op\",\"\",\"aten::relu\",[\"node\",1]]],"
    "\"output\":1,\"guards\":[],\"layers\":{}}",
    "{\"parameters\":[],\"nodes\":[[\"input\",\"\"],[\"op\",\"\",\"aten::from_file\",[\"string\","
    "\"x\"]]],\"output\":1,\"guards\":[],\"layers\":{}}",
    "{\"parameters\":[],\"nodes\":[[\"input\",\"\"],[\"item\",\"\",[\"int\",0],[\"int\",0]]],"
    "\"output\":1,\"guards\":[],\"layers\":{}}",
    "{\"parameters\":[],\"nodes\":[[\"input\",\"\"]],\"output\":0,\"guards\":[[7,[\"int\",1]]],"
    "\"layers\":{}}",
    "{\"parameters\":[],\"nodes\":[[\"input\",\"\"]],\"output\":0,\"guards\":[],"
    "\"layers\":{\"a\":-1}}",
  };
  g_autoptr (FvStateDict) tensors = fv_state_dict_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (fv_graph_from_json (texts[i], tensors, &error));
    g_assert_nonnull (error);
  }
}

/* Cut or changed anywhere, the text is refused or read, and never more. */
static void
test_fuzz (void)
{
  g_autoptr (FvGraph) graph = make_graph ();
  g_autoptr (FvStateDict) tensors = fv_state_dict_new ();
  g_autofree char *json = fv_graph_to_json (graph, tensors);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  gsize length = strlen (json);

  for (int i = 0; i < 3000; i++) {
    g_autofree char *text = g_strdup (json);
    g_autoptr (FvGraph) read = NULL;

    for (int changes = g_rand_int_range (rand, 1, 4); changes > 0; changes--)
      text[g_rand_int_range (rand, 0, (gint32) length)]
          = "[]{}\",:0123456789-abx \\"[g_rand_int_range (rand, 0, 24)];
    if (i % 3 == 0)
      text[g_rand_int_range (rand, 0, (gint32) length)] = '\0';
    read = fv_graph_from_json (text, tensors, NULL);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/graph-json/round-trip", test_round_trip);
  g_test_add_func ("/graph-json/prune", test_prune);
  g_test_add_func ("/graph-json/guard", test_guard);
  g_test_add_func ("/graph-json/damaged", test_damaged);
  g_test_add_func ("/graph-json/fuzz", test_fuzz);
  return g_test_run ();
}
