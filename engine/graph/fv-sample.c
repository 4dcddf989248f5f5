/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One run that keeps everything, and a walk along it that counts. */

#include "fv-sample.h"

#include "fv-op.h"

static FvNodeId
get_argument_node (const FvGraph *graph, FvNodeId node, gsize index)
{
  const FvArgument *argument = fv_graph_get_argument (graph, node, index);

  return argument->kind == FV_ARGUMENT_NODE ? argument->index : FV_NODE_NONE;
}

/* The last node that uses each one's value, itself when none does; FV_NODE_NONE when the node is
 * not needed. (transfer full): [n_nodes] */
static FvNodeId *
find_last_users (const FvGraph *graph, const FvNodeId *wanted, gsize n_wanted)
{
  guint n_nodes = fv_graph_get_n_nodes (graph);
  FvNodeId *last = g_new (FvNodeId, MAX (n_nodes, 1));

  for (FvNodeId node = 0; node < n_nodes; node++)
    last[node] = FV_NODE_NONE;
  for (gsize i = 0; i < n_wanted; i++)
    last[wanted[i]] = n_nodes - 1;
  for (FvNodeId node = n_nodes; node-- > 0;)
    for (gsize i = 0; last[node] != FV_NODE_NONE && i < fv_graph_get_n_arguments (graph, node);
         i++) {
      FvNodeId argument = get_argument_node (graph, node, i);

      if (argument != FV_NODE_NONE && last[argument] == FV_NODE_NONE)
        last[argument] = node;
    }
  return last;
}

FvActivations *
fv_graph_run_sample (FvGraph *graph, FvTensor *input, const FvNodeId *wanted, gsize n_wanted,
                     GCancellable *cancellable, GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvActivations) given = fv_activations_new ();
  g_autoptr (GArray) needed = g_array_new (FALSE, FALSE, sizeof (FvNodeId));
  g_autofree FvNodeId *last = find_last_users (graph, wanted, n_wanted);
  FvTensor *first
      = fv_call (scope, "aten::narrow", fv_of (input), fv_int (0), fv_int (0), fv_int (1));

  if (!fv_scope_check (scope, error))
    return NULL;
  for (FvNodeId node = 0; node < fv_graph_get_n_nodes (graph); node++)
    if (last[node] != FV_NODE_NONE)
      g_array_append_val (needed, node);
  fv_activations_set (given, fv_graph_get_input (graph), first);
  return fv_graph_run (graph, given, (const FvNodeId *) needed->data, needed->len, (FvRunMode){ 0 },
                       cancellable, error);
}

static gsize
get_bytes (const FvActivations *sample, FvNodeId node)
{
  const FvTensor *tensor = fv_activations_get (sample, node);

  return tensor == NULL ? 0
                        : (gsize) fv_tensor_get_n_elements (tensor)
                              * fv_dtype_get_size (fv_tensor_get_dtype (tensor));
}

gsize
fv_graph_estimate_peak (const FvGraph *graph, const FvActivations *sample)
{
  const FvNodeId output = fv_graph_get_output (graph);
  g_autofree FvNodeId *last = find_last_users (graph, &output, 1);
  gsize held = 0, peak = 0;

  for (FvNodeId node = 0; node < fv_graph_get_n_nodes (graph); node++) {
    if (last[node] == FV_NODE_NONE)
      continue;
    held += get_bytes (sample, node);
    peak = MAX (peak, held);
    for (gsize i = 0; i < fv_graph_get_n_arguments (graph, node); i++) {
      FvNodeId argument = get_argument_node (graph, node, i);

      if (argument == FV_NODE_NONE || last[argument] != node)
        continue;
      held -= get_bytes (sample, argument);
      last[argument] = FV_NODE_NONE; /* a node may use a value twice */
    }
  }
  return peak;
}
