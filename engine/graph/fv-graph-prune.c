/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Marks what is needed, backwards, and copies that. */

#include "fv-graph-prune.h"

static void
mark_arguments (const FvGraph *graph, FvNodeId node, gboolean *needed)
{
  for (gsize i = 0; i < fv_graph_get_n_arguments (graph, node); i++) {
    const FvArgument *argument = fv_graph_get_argument (graph, node, i);

    if (argument->kind == FV_ARGUMENT_NODE)
      needed[argument->index] = TRUE;
  }
}

static void
mark (const FvGraph *graph, gboolean *needed)
{
  FvGuards *guards = fv_graph_get_guards (graph);

  needed[fv_graph_get_input (graph)] = TRUE;
  needed[fv_graph_get_output (graph)] = TRUE;
  for (guint i = 0; i < fv_guards_get_length (guards); i++)
    needed[fv_guards_get_node (guards, i)] = TRUE;
  for (FvNodeId node = fv_graph_get_n_nodes (graph); node-- > 0;)
    if (needed[node])
      mark_arguments (graph, node, needed);
}

static void
copy_parameters (const FvGraph *graph, FvGraph *copy)
{
  for (guint i = 0; i < fv_graph_get_n_parameters (graph); i++)
    fv_graph_add_parameter_tensor (copy, fv_graph_get_parameter_name (graph, i),
                                   fv_graph_get_parameter (graph, i),
                                   fv_graph_get_parameter_role (graph, i));
}

static FvNodeId
copy_node (const FvGraph *graph, FvGraph *copy, FvNodeId node, const FvNodeId *renamed)
{
  gsize n = fv_graph_get_n_arguments (graph, node);
  const char *module = fv_graph_get_module (graph, node);
  g_autofree FvArgument *arguments = g_new (FvArgument, n + 1);

  for (gsize i = 0; i < n; i++) {
    arguments[i] = *fv_graph_get_argument (graph, node, i);
    if (arguments[i].kind == FV_ARGUMENT_NODE)
      arguments[i].index = renamed[arguments[i].index];
  }
  switch (fv_graph_get_node_kind (graph, node)) {
  case FV_NODE_INPUT:
    return fv_graph_add_input (copy);
  case FV_NODE_LIST:
    return fv_graph_add_list (copy, module, arguments, n);
  case FV_NODE_ITEM:
    return fv_graph_add_item (copy, module, arguments[0].index, arguments[1].constant.integer);
  case FV_NODE_OP:
  default:
    return fv_graph_add_op (copy, module, fv_op_get_name (fv_graph_get_op (graph, node)), arguments,
                            n);
  }
}

static void
copy_layers (const FvGraph *graph, FvGraph *copy, const gboolean *needed, const FvNodeId *renamed)
{
  g_autoptr (GPtrArray) layers = fv_graph_list_layers (graph);

  for (guint i = 0; i < layers->len; i++) {
    const char *layer = g_ptr_array_index (layers, i);
    FvNodeId node = fv_graph_get_layer_output (graph, layer);

    if (node != FV_NODE_NONE && needed[node])
      fv_graph_set_layer_output (copy, layer, renamed[node]);
  }
}

FvGraph *
fv_graph_prune (FvGraph *graph)
{
  guint n_nodes = fv_graph_get_n_nodes (graph);
  FvGuards *guards = fv_graph_get_guards (graph);
  FvGraph *copy = fv_graph_new ();
  g_autofree gboolean *needed = g_new0 (gboolean, n_nodes);
  g_autofree FvNodeId *renamed = g_new0 (FvNodeId, n_nodes);

  mark (graph, needed);
  copy_parameters (graph, copy);
  for (FvNodeId node = 0; node < n_nodes; node++)
    if (needed[node])
      renamed[node] = copy_node (graph, copy, node, renamed);
  for (guint i = 0; i < fv_guards_get_length (guards); i++)
    fv_guards_add (fv_graph_get_guards (copy), renamed[fv_guards_get_node (guards, i)],
                   fv_guards_get_expected (guards, i));
  copy_layers (graph, copy, needed, renamed);
  fv_graph_set_output (copy, renamed[fv_graph_get_output (graph)]);
  return copy;
}
