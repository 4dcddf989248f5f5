/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The executor: marks what the wanted nodes need, runs it in order, frees at the last use. */

#include "fv-executor.h"

#include "fv-list.h"
#include "fv-rectifier.h"

typedef struct {
  const FvGraph *graph;
  const FvActivations *given;
  FvRunMode mode;
  FvValue *values;  /* by node: what this run computed */
  guint *uses_left; /* by node: how many needed nodes still want it, one more when wanted */
} Run;

static const FvValue *
find_value (const Run *run, FvNodeId node)
{
  const FvValue *given = fv_activations_get_value (run->given, node);

  return given != NULL ? given : &run->values[node];
}

static void
use_arguments (Run *run, FvNodeId node)
{
  for (gsize i = 0; i < fv_graph_get_n_arguments (run->graph, node); i++) {
    const FvArgument *argument = fv_graph_get_argument (run->graph, node, i);

    if (argument->kind == FV_ARGUMENT_NODE)
      run->uses_left[argument->index]++;
  }
}

/* Walks back from the wanted nodes; what is given needs nothing more. A node that nobody uses
 * keeps a count of zero and does not run. */
static void
count_uses (Run *run, const FvNodeId *wanted, gsize n_wanted)
{
  for (gsize i = 0; i < n_wanted; i++)
    run->uses_left[wanted[i]]++;
  for (FvNodeId node = fv_graph_get_n_nodes (run->graph); node-- > 0;)
    if (run->uses_left[node] > 0 && fv_activations_get_value (run->given, node) == NULL)
      use_arguments (run, node);
}

/* Whether the node's first argument, [N,C,…], has several values of each channel. One has no
 * variance: what a batch norm learned from it would be no number. */
static gboolean
has_spread (const Run *run, FvNodeId node)
{
  const FvArgument *argument = fv_graph_get_argument (run->graph, node, 0);
  const FvTensor *input;

  if (argument->kind != FV_ARGUMENT_NODE)
    return TRUE;
  input = find_value (run, argument->index)->tensor;
  return fv_tensor_get_n_dims (input) < 2
         || fv_tensor_get_n_elements (input) > fv_tensor_get_size (input, 1);
}

static FvValue
resolve (const Run *run, FvNodeId node, const FvArgument *argument)
{
  switch (argument->kind) {
  case FV_ARGUMENT_NODE:
    return *find_value (run, argument->index);
  case FV_ARGUMENT_PARAMETER:
    return fv_of (fv_graph_get_parameter (run->graph, argument->index));
  case FV_ARGUMENT_CONSTANT:
    return argument->constant;
  case FV_ARGUMENT_BATCH_NORM_TRAINING:
    return fv_bool (run->mode.batch_norm_training && has_spread (run, node));
  case FV_ARGUMENT_DROPOUT_TRAINING:
    return fv_bool (run->mode.dropout_training);
  default:
    g_assert_not_reached ();
  }
}

/* The rectifier's value as the rule has it. */
static gboolean
apply_rule (const Run *run, const FvValue *input, FvValue *result, GError **error)
{
  FvTensor *ruled;

  if (input->kind != FV_VALUE_TENSOR || result->kind != FV_VALUE_TENSOR)
    return TRUE;
  ruled = fv_rule_apply (run->mode.rule, input->tensor, result->tensor, error);
  if (ruled == NULL)
    return FALSE;
  fv_value_clear (result);
  *result = fv_of (ruled);
  return TRUE;
}

static gboolean
run_op (const Run *run, FvNodeId node, const FvValue *arguments, gsize n_arguments, GError **error)
{
  const FvOp *op = fv_graph_get_op (run->graph, node);
  gsize n_results = fv_op_get_n_results (op);
  FvValue *result = &run->values[node];
  g_autofree FvValue *results = NULL;
  gboolean done;

  if (n_results == 1) {
    done = fv_op_run (op, arguments, n_arguments, result, 1, error);
  } else {
    results = g_new0 (FvValue, n_results + 1);
    done = fv_op_run (op, arguments, n_arguments, results, n_results, error);
    if (done)
      *result = fv_tuple (g_steal_pointer (&results), n_results);
  }
  if (done && run->mode.rule != NULL && fv_graph_is_rectifier (run->graph, node))
    done = apply_rule (run, &arguments[0], result, error);
  if (!done && *fv_graph_get_module (run->graph, node) != '\0')
    g_prefix_error (error, "layer “%s”: ", fv_graph_get_module (run->graph, node));
  return done;
}

static gboolean
run_node (const Run *run, FvNodeId node, GError **error)
{
  gsize n_arguments = fv_graph_get_n_arguments (run->graph, node);
  g_autofree FvValue *arguments = g_new (FvValue, MAX (n_arguments, 1));

  for (gsize i = 0; i < n_arguments; i++)
    arguments[i] = resolve (run, node, fv_graph_get_argument (run->graph, node, i));
  switch (fv_graph_get_node_kind (run->graph, node)) {
  case FV_NODE_OP:
    return run_op (run, node, arguments, n_arguments, error);
  case FV_NODE_LIST:
    return fv_list_make (arguments, n_arguments, &run->values[node], error);
  case FV_NODE_ITEM:
    return fv_list_get_item (&arguments[0], arguments[1].integer, &run->values[node], error);
  case FV_NODE_INPUT:
  default:
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "the model was run without its input");
    return FALSE;
  }
}

static void
release_arguments (Run *run, FvNodeId node)
{
  for (gsize i = 0; i < fv_graph_get_n_arguments (run->graph, node); i++) {
    const FvArgument *argument = fv_graph_get_argument (run->graph, node, i);

    if (argument->kind == FV_ARGUMENT_NODE && --run->uses_left[argument->index] == 0)
      fv_value_clear (&run->values[argument->index]);
  }
}

static gboolean
run_needed_nodes (Run *run, GCancellable *cancellable, GError **error)
{
  for (FvNodeId node = 0; node < fv_graph_get_n_nodes (run->graph); node++) {
    if (run->uses_left[node] == 0 || fv_activations_get_value (run->given, node) != NULL)
      continue;
    if (g_cancellable_set_error_if_cancelled (cancellable, error) || !run_node (run, node, error))
      return FALSE;
    release_arguments (run, node);
  }
  return TRUE;
}

static FvActivations *
collect (Run *run, const FvNodeId *wanted, gsize n_wanted)
{
  FvActivations *result = fv_activations_new ();

  for (gsize i = 0; i < n_wanted; i++)
    if (fv_activations_get_value (result, wanted[i]) == NULL)
      fv_activations_take (result, wanted[i], fv_value_copy (find_value (run, wanted[i])));
  return result;
}

static FvActivations *
run_wanted (FvGraph *graph, const FvActivations *given, const FvNodeId *wanted, gsize n_wanted,
            FvRunMode mode, GCancellable *cancellable, GError **error)
{
  guint n_nodes = fv_graph_get_n_nodes (graph);
  g_autofree FvValue *values = g_new0 (FvValue, n_nodes);
  g_autofree guint *uses_left = g_new0 (guint, n_nodes);
  Run run = { graph, given, mode, values, uses_left };
  FvActivations *result = NULL;

  count_uses (&run, wanted, n_wanted);
  if (run_needed_nodes (&run, cancellable, error))
    result = collect (&run, wanted, n_wanted);
  for (FvNodeId node = 0; node < n_nodes; node++)
    fv_value_clear (&values[node]);
  return result;
}

/* A run that also asks for what the guards look at, and checks it. */
static FvActivations *
run_guarded (FvGraph *graph, const FvActivations *given, FvTensor *input, const FvNodeId *wanted,
             gsize n_wanted, FvRunMode mode, GCancellable *cancellable, GError **error)
{
  FvGuards *guards = fv_graph_get_guards (graph);
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (FvNodeId));
  g_autoptr (FvActivations) found = NULL;

  g_array_append_vals (all, wanted, (guint) n_wanted);
  for (guint i = 0; i < fv_guards_get_length (guards); i++) {
    FvNodeId node = fv_guards_get_node (guards, i);

    g_array_append_val (all, node);
  }
  found
      = run_wanted (graph, given, (const FvNodeId *) all->data, all->len, mode, cancellable, error);
  for (guint i = 0; found != NULL && i < fv_guards_get_length (guards); i++)
    if (!fv_guards_check (guards, i,
                          fv_activations_get_value (found, fv_guards_get_node (guards, i)), input,
                          error))
      return NULL;
  if (found != NULL)
    fv_guards_set_checked (guards, input);
  return g_steal_pointer (&found);
}

FvActivations *
fv_graph_run (FvGraph *graph, const FvActivations *given, const FvNodeId *wanted, gsize n_wanted,
              FvRunMode mode, GCancellable *cancellable, GError **error)
{
  FvTensor *input = fv_activations_get (given, fv_graph_get_input (graph));

  if (input != NULL && fv_guards_must_check (fv_graph_get_guards (graph), input))
    return run_guarded (graph, given, input, wanted, n_wanted, mode, cancellable, error);
  return run_wanted (graph, given, wanted, n_wanted, mode, cancellable, error);
}

/* The output alone, borrowed from @scope. */
static FvTensor *
run_to_output (FvGraph *graph, FvScope *scope, const FvActivations *given, FvRunMode mode)
{
  FvNodeId output = fv_graph_get_output (graph);
  GError *error = NULL;
  g_autoptr (FvActivations) found = fv_graph_run (graph, given, &output, 1, mode, NULL, &error);

  if (found == NULL) {
    fv_scope_fail (scope, error);
    return NULL;
  }
  return fv_scope_take (scope, fv_tensor_ref (fv_activations_get (found, output)));
}

FvTensor *
fv_graph_forward (FvGraph *graph, FvScope *scope, FvTensor *input)
{
  g_autoptr (FvActivations) given = fv_activations_new ();

  if (fv_scope_has_failed (scope))
    return NULL;
  if (input == NULL) {
    fv_scope_fail (scope, g_error_new_literal (FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                                               "the model was run without its input"));
    return NULL;
  }
  fv_activations_set (given, fv_graph_get_input (graph), input);
  return run_to_output (graph, scope, given, (FvRunMode){ 0 });
}

FvTensor *
fv_graph_forward_from (FvGraph *graph, FvScope *scope, const FvActivations *known, FvNodeId node,
                       FvTensor *value, FvRunMode mode)
{
  g_autoptr (FvActivations) given = fv_activations_new ();
  g_autoptr (GArray) frontier = fv_graph_frontier (graph, node);

  if (fv_scope_has_failed (scope) || value == NULL)
    return NULL;
  for (guint i = 1; i < frontier->len; i++) {
    FvNodeId other = g_array_index (frontier, FvNodeId, i);

    fv_activations_take (given, other, fv_value_copy (fv_activations_get_value (known, other)));
  }
  fv_activations_set (given, node, value);
  return run_to_output (graph, scope, given, mode);
}
