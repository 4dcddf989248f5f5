/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Follows the only user of each value from a node up to the output and matches the pattern
 * pooling → (flatten | dropout)* → linear. */

#include "fv-linear-head.h"

/* The one node that uses @node as its first argument; FV_NODE_NONE when others use it too. */
static FvNodeId
find_only_user (const FvGraph *graph, FvNodeId node)
{
  FvNodeId only = FV_NODE_NONE;

  for (FvNodeId user = node + 1; user < fv_graph_get_n_nodes (graph); user++)
    for (gsize i = 0; i < fv_graph_get_n_arguments (graph, user); i++) {
      const FvArgument *argument = fv_graph_get_argument (graph, user, i);

      if (argument->kind != FV_ARGUMENT_NODE || argument->index != node)
        continue;
      if (only != FV_NODE_NONE || i != 0)
        return FV_NODE_NONE;
      only = user;
    }
  return only;
}

static gboolean
has_ints (const FvGraph *graph, FvNodeId node, gint64 first, gint64 second)
{
  const FvArgument *argument = fv_graph_get_argument (graph, node, 1);

  return argument->kind == FV_ARGUMENT_CONSTANT && argument->constant.kind == FV_VALUE_INTS
         && argument->constant.n == 2 && argument->constant.ints[0] == first
         && argument->constant.ints[1] == second;
}

static gboolean
is_global_average_pooling (const FvGraph *graph, FvNodeId node)
{
  if (fv_graph_is_op (graph, node, "aten::adaptive_avg_pool2d"))
    return has_ints (graph, node, 1, 1);
  if (fv_graph_is_op (graph, node, "aten::mean.dim"))
    return has_ints (graph, node, 2, 3) || has_ints (graph, node, -2, -1);
  return FALSE;
}

static gboolean
passes_through (const FvGraph *graph, FvNodeId node)
{
  return fv_graph_is_op (graph, node, "aten::flatten.using_ints")
         || fv_graph_is_op (graph, node, "aten::dropout");
}

static gboolean
match_linear (const FvGraph *graph, FvNodeId node, FvLinearHead *head)
{
  const FvArgument *weight;
  const FvArgument *bias;

  if (!fv_graph_is_op (graph, node, "aten::linear") || node != fv_graph_get_output (graph))
    return FALSE;
  weight = fv_graph_get_argument (graph, node, 1);
  bias = fv_graph_get_n_arguments (graph, node) > 2 ? fv_graph_get_argument (graph, node, 2) : NULL;
  if (weight->kind != FV_ARGUMENT_PARAMETER)
    return FALSE;
  head->weight = weight->index;
  head->bias = bias != NULL && bias->kind == FV_ARGUMENT_PARAMETER ? bias->index : FV_NODE_NONE;
  return TRUE;
}

gboolean
fv_graph_find_linear_head (const FvGraph *graph, FvNodeId node, FvLinearHead *head)
{
  FvNodeId user = find_only_user (graph, node);

  if (user == FV_NODE_NONE || !is_global_average_pooling (graph, user))
    return FALSE;
  for (user = find_only_user (graph, user); user != FV_NODE_NONE;
       user = find_only_user (graph, user)) {
    if (match_linear (graph, user, head))
      return TRUE;
    if (!passes_through (graph, user))
      return FALSE;
  }
  return FALSE;
}
