/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The bookkeeping of a rewrite. */

#include "fv-rewrite.h"

static void
count_use (FvRewrite *self, FvNodeId node, FvNodeId user)
{
  self->n_uses[node]++;
  self->last_user[node] = user;
}

static void
count_uses (FvRewrite *self, const FvNodeId *wanted, gsize n_wanted)
{
  for (gsize i = 0; i < n_wanted; i++) {
    self->wanted[wanted[i]] = TRUE;
    count_use (self, wanted[i], FV_NODE_NONE);
  }
  for (FvNodeId node = fv_graph_get_n_nodes (self->source); node-- > 0;)
    for (gsize i = 0; self->n_uses[node] > 0 && i < fv_graph_get_n_arguments (self->source, node);
         i++) {
      FvNodeId argument = fv_rewrite_get_source (self, node, i);

      if (argument != FV_NODE_NONE)
        count_use (self, argument, node);
    }
}

FvRewrite *
fv_rewrite_new (FvGraph *source, FvActivations *sample, const FvNodeId *wanted, gsize n_wanted,
                gboolean may_block)
{
  FvRewrite *self = g_new0 (FvRewrite, 1);
  guint n_nodes = fv_graph_get_n_nodes (source);
  guint n_parameters = fv_graph_get_n_parameters (source);

  self->source = source;
  self->sample = sample;
  self->may_block = may_block;
  self->scope = fv_scope_new ();
  self->graph = fv_graph_new ();
  self->wanted = g_new0 (gboolean, n_nodes);
  self->n_uses = g_new0 (guint, n_nodes);
  self->is_shared = g_new0 (gboolean, n_nodes);
  self->last_user = g_new (FvNodeId, n_nodes);
  self->twins = g_new (FvTwin, n_nodes);
  self->parameters = g_new (guint, MAX (n_parameters, 1));
  for (guint i = 0; i < n_nodes; i++)
    self->twins[i] = (FvTwin){ FV_NODE_NONE, FV_NODE_NONE };
  for (guint i = 0; i < n_parameters; i++)
    self->parameters[i] = FV_NODE_NONE;
  count_uses (self, wanted, n_wanted);
  return self;
}

void
fv_rewrite_free (FvRewrite *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->graph, fv_graph_unref);
  fv_scope_free (self->scope);
  g_free (self->wanted);
  g_free (self->n_uses);
  g_free (self->is_shared);
  g_free (self->last_user);
  g_free (self->twins);
  g_free (self->parameters);
  g_free (self);
}

FvNodeId
fv_rewrite_get_source (const FvRewrite *self, FvNodeId node, gsize index)
{
  const FvArgument *argument;

  if (index >= fv_graph_get_n_arguments (self->source, node))
    return FV_NODE_NONE;
  argument = fv_graph_get_argument (self->source, node, index);
  return argument->kind == FV_ARGUMENT_NODE ? argument->index : FV_NODE_NONE;
}

FvValue
fv_rewrite_get_value (const FvRewrite *self, FvNodeId node, gsize index)
{
  const FvArgument *argument;
  const FvValue *value;

  if (index >= fv_graph_get_n_arguments (self->source, node))
    return fv_none ();
  argument = fv_graph_get_argument (self->source, node, index);
  if (argument->kind == FV_ARGUMENT_CONSTANT)
    return argument->constant;
  if (argument->kind == FV_ARGUMENT_PARAMETER)
    return fv_of (fv_graph_get_parameter (self->source, argument->index));
  if (argument->kind != FV_ARGUMENT_NODE)
    return fv_bool (FALSE); /* a mode: this is evaluation */
  value = fv_activations_get_value (self->sample, argument->index);
  return value != NULL ? *value : fv_none ();
}

FvTensor *
fv_rewrite_get_sample (const FvRewrite *self, FvNodeId node)
{
  return fv_activations_get (self->sample, node);
}

static FvNodeId
convert (FvRewrite *self, FvNodeId node, FvNodeId from, const char *op)
{
  self->n_converted += fv_tensor_get_n_elements (fv_rewrite_get_sample (self, node));
  return fv_op_node (self->graph, fv_graph_get_module (self->source, node), op, fv_from (from));
}

FvNodeId
fv_rewrite_get_dense (FvRewrite *self, FvNodeId node)
{
  FvTwin *twin = &self->twins[node];

  if (twin->dense == FV_NODE_NONE)
    twin->dense = convert (self, node, twin->blocked, "aten::to_dense");
  return twin->dense;
}

FvNodeId
fv_rewrite_get_blocked (FvRewrite *self, FvNodeId node)
{
  FvTwin *twin = &self->twins[node];

  if (twin->blocked == FV_NODE_NONE)
    twin->blocked = convert (self, node, twin->dense, "aten::to_mkldnn");
  return twin->blocked;
}

gboolean
fv_rewrite_is_blocked (const FvRewrite *self, FvNodeId node)
{
  return node != FV_NODE_NONE && self->twins[node].blocked != FV_NODE_NONE;
}

FvArgument
fv_rewrite_get_parameter (FvRewrite *self, guint parameter)
{
  guint *copy = &self->parameters[parameter];

  if (*copy == FV_NODE_NONE)
    *copy = fv_graph_add_parameter_tensor (
        self->graph, fv_graph_get_parameter_name (self->source, parameter),
        fv_graph_get_parameter (self->source, parameter), FV_PARAMETER_BUFFER);
  return fv_parameter (*copy);
}

FvArgument
fv_rewrite_add_tensor (FvRewrite *self, FvNodeId node, const char *name, FvTensor *tensor)
{
  g_autofree char *path = g_strdup_printf ("%s of node %u", name, node);

  if (tensor == NULL) /* the scope knows why */
    return fv_constant (fv_none ());
  return fv_parameter (
      fv_graph_add_parameter_tensor (self->graph, path, tensor, FV_PARAMETER_BUFFER));
}

gboolean
fv_rewrite_may_overwrite (const FvRewrite *self, FvNodeId node)
{
  return self->n_uses[node] == 1 && !self->wanted[node] && !self->is_shared[node]
         && node != fv_graph_get_input (self->source);
}

FvNodeId
fv_rewrite_get_only_user (const FvRewrite *self, FvNodeId node, const char *op)
{
  FvNodeId user = self->last_user[node];

  if (self->n_uses[node] != 1 || user == FV_NODE_NONE || !fv_graph_is_op (self->source, user, op)
      || fv_rewrite_get_source (self, user, 0) != node)
    return FV_NODE_NONE;
  return user;
}
