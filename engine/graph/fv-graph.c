/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The graph's storage: nodes and parameters, and building them. */

#include "fv-graph.h"

typedef struct {
  FvNodeKind kind;
  const FvOp *op;
  char *module;
  FvArgument *arguments;
  gsize n_arguments;
} Node;

typedef struct {
  char *name;
  FvParameterRole role;
  FvTensor *tensor;
} Parameter;

struct _FvGraph {
  gatomicrefcount references;
  GArray *nodes;      /* Node */
  GArray *parameters; /* Parameter */
  GHashTable *parameters_by_name;
  FvGuards *guards;
  GHashTable *layer_outputs; /* name → FvNodeId */
  FvNodeId input;
  FvNodeId output;
  GError *error;
};

static void
clear_node (gpointer data)
{
  Node *node = data;

  for (gsize i = 0; i < node->n_arguments; i++)
    if (node->arguments[i].kind == FV_ARGUMENT_CONSTANT)
      fv_value_clear (&node->arguments[i].constant);
  g_free (node->arguments);
  g_free (node->module);
}

static void
clear_parameter (gpointer data)
{
  Parameter *parameter = data;

  g_free (parameter->name);
  fv_tensor_unref (parameter->tensor);
}

FvGraph *
fv_graph_new (void)
{
  FvGraph *self = g_new0 (FvGraph, 1);

  g_atomic_ref_count_init (&self->references);
  self->nodes = g_array_new (FALSE, TRUE, sizeof (Node));
  g_array_set_clear_func (self->nodes, clear_node);
  self->parameters = g_array_new (FALSE, TRUE, sizeof (Parameter));
  g_array_set_clear_func (self->parameters, clear_parameter);
  self->parameters_by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->guards = fv_guards_new ();
  self->layer_outputs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->input = FV_NODE_NONE;
  self->output = FV_NODE_NONE;
  return self;
}

FvGraph *
fv_graph_ref (FvGraph *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
fv_graph_unref (FvGraph *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  g_hash_table_unref (self->parameters_by_name);
  g_array_unref (self->nodes);
  g_array_unref (self->parameters);
  fv_guards_free (self->guards);
  g_hash_table_unref (self->layer_outputs);
  g_clear_error (&self->error);
  g_free (self);
}

static const Node *
get_node (const FvGraph *self, FvNodeId node)
{
  g_assert (node < self->nodes->len);
  return &g_array_index (self->nodes, Node, node);
}

static Parameter *
get_parameter (const FvGraph *self, guint parameter)
{
  g_assert (parameter < self->parameters->len);
  return &g_array_index (self->parameters, Parameter, parameter);
}

static void
fail (FvGraph *self, GError *error)
{
  if (self->error == NULL)
    self->error = error;
  else
    g_error_free (error);
}

static gboolean
arguments_exist (const FvGraph *self, const FvArgument *arguments, gsize n_arguments)
{
  for (gsize i = 0; i < n_arguments; i++) {
    if (arguments[i].kind == FV_ARGUMENT_NODE && arguments[i].index >= self->nodes->len)
      return FALSE;
    if (arguments[i].kind == FV_ARGUMENT_PARAMETER && arguments[i].index >= self->parameters->len)
      return FALSE;
  }
  return TRUE;
}

static FvNodeId
add_node (FvGraph *self, FvNodeKind kind, const FvOp *op, const char *module,
          const FvArgument *arguments, gsize n_arguments)
{
  Node node = { .kind = kind, .op = op, .n_arguments = n_arguments };

  if (self->error != NULL)
    return FV_NODE_NONE;
  if (!arguments_exist (self, arguments, n_arguments)) {
    fail (self, g_error_new (FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                             "a node of “%s” uses what does not exist", module));
    return FV_NODE_NONE;
  }
  node.module = g_strdup (module);
  node.arguments = g_memdup2 (arguments, n_arguments * sizeof (FvArgument));
  for (gsize i = 0; i < n_arguments; i++)
    if (arguments[i].kind == FV_ARGUMENT_CONSTANT)
      node.arguments[i].constant = fv_value_copy (&arguments[i].constant);
  g_array_append_val (self->nodes, node);
  return self->nodes->len - 1;
}

FvNodeId
fv_graph_add_input (FvGraph *self)
{
  g_assert (self->input == FV_NODE_NONE);
  self->input = add_node (self, FV_NODE_INPUT, NULL, "", NULL, 0);
  return self->input;
}

static FvTensor *
new_zeros (FvDtype dtype, const gint64 *shape, int n_dims, GError **error)
{
  g_autofree guint8 *zeros = NULL;
  gsize n_bytes = fv_dtype_get_size (dtype);

  for (int i = 0; i < n_dims; i++)
    n_bytes *= (gsize) shape[i];
  zeros = g_malloc0 (MAX (n_bytes, 1));
  return fv_tensor_new (dtype, shape, n_dims, zeros, n_bytes, error);
}

guint
fv_graph_add_parameter_tensor (FvGraph *self, const char *name, FvTensor *tensor,
                               FvParameterRole role)
{
  Parameter parameter = { .role = role };

  if (self->error != NULL)
    return FV_NODE_NONE;
  g_assert (!g_hash_table_contains (self->parameters_by_name, name));
  parameter.tensor = fv_tensor_ref (tensor);
  parameter.name = g_strdup (name);
  g_hash_table_insert (self->parameters_by_name, parameter.name,
                       GUINT_TO_POINTER (self->parameters->len));
  g_array_append_val (self->parameters, parameter);
  return self->parameters->len - 1;
}

guint
fv_graph_add_parameter (FvGraph *self, const char *name, FvDtype dtype, const gint64 *shape,
                        int n_dims, FvParameterRole role)
{
  g_autoptr (FvTensor) zeros = NULL;
  GError *error = NULL;

  if (self->error != NULL)
    return FV_NODE_NONE;
  zeros = new_zeros (dtype, shape, n_dims, &error);
  if (zeros == NULL) {
    fail (self, error);
    return FV_NODE_NONE;
  }
  return fv_graph_add_parameter_tensor (self, name, zeros, role);
}

FvNodeId
fv_graph_add_op (FvGraph *self, const char *module, const char *op, const FvArgument *arguments,
                 gsize n_arguments)
{
  GError *error = NULL;
  const FvOp *found = fv_op_find (op, &error);

  if (found == NULL) {
    fail (self, error);
    return FV_NODE_NONE;
  }
  return add_node (self, FV_NODE_OP, found, module, arguments, n_arguments);
}

FvNodeId
fv_graph_add_list (FvGraph *self, const char *module, const FvArgument *arguments,
                   gsize n_arguments)
{
  return add_node (self, FV_NODE_LIST, NULL, module, arguments, n_arguments);
}

FvNodeId
fv_graph_add_item (FvGraph *self, const char *module, FvNodeId node, gint64 index)
{
  const FvArgument arguments[] = { fv_from (node), fv_constant (fv_int (index)) };

  return add_node (self, FV_NODE_ITEM, NULL, module, arguments, G_N_ELEMENTS (arguments));
}

void
fv_graph_set_layer_output (FvGraph *self, const char *layer, FvNodeId node)
{
  g_hash_table_replace (self->layer_outputs, g_strdup (layer), GUINT_TO_POINTER (node));
}

FvNodeId
fv_graph_get_layer_output (const FvGraph *self, const char *layer)
{
  gpointer node;

  if (!g_hash_table_lookup_extended (self->layer_outputs, layer, NULL, &node))
    return FV_NODE_NONE;
  return GPOINTER_TO_UINT (node);
}

FvGuards *
fv_graph_get_guards (const FvGraph *self)
{
  return self->guards;
}

void
fv_graph_set_output (FvGraph *self, FvNodeId node)
{
  self->output = node;
}

gboolean
fv_graph_check (const FvGraph *self, GError **error)
{
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (self->error));
  return FALSE;
}

guint
fv_graph_get_n_nodes (const FvGraph *self)
{
  return self->nodes->len;
}

FvNodeId
fv_graph_get_input (const FvGraph *self)
{
  return self->input;
}

FvNodeId
fv_graph_get_output (const FvGraph *self)
{
  return self->output;
}

FvNodeKind
fv_graph_get_node_kind (const FvGraph *self, FvNodeId node)
{
  return get_node (self, node)->kind;
}

const FvOp *
fv_graph_get_op (const FvGraph *self, FvNodeId node)
{
  return get_node (self, node)->op;
}

const char *
fv_graph_get_module (const FvGraph *self, FvNodeId node)
{
  return get_node (self, node)->module;
}

gsize
fv_graph_get_n_arguments (const FvGraph *self, FvNodeId node)
{
  return get_node (self, node)->n_arguments;
}

const FvArgument *
fv_graph_get_argument (const FvGraph *self, FvNodeId node, gsize index)
{
  g_assert (index < get_node (self, node)->n_arguments);
  return &get_node (self, node)->arguments[index];
}

gboolean
fv_graph_is_op (const FvGraph *self, FvNodeId node, const char *op)
{
  const Node *found = get_node (self, node);

  return found->kind == FV_NODE_OP && g_str_equal (fv_op_get_name (found->op), op);
}

guint
fv_graph_get_n_parameters (const FvGraph *self)
{
  return self->parameters->len;
}

const char *
fv_graph_get_parameter_name (const FvGraph *self, guint parameter)
{
  return get_parameter (self, parameter)->name;
}

FvParameterRole
fv_graph_get_parameter_role (const FvGraph *self, guint parameter)
{
  return get_parameter (self, parameter)->role;
}

FvTensor *
fv_graph_get_parameter (const FvGraph *self, guint parameter)
{
  return get_parameter (self, parameter)->tensor;
}

guint
fv_graph_find_parameter (const FvGraph *self, const char *name)
{
  gpointer index;

  if (!g_hash_table_lookup_extended (self->parameters_by_name, name, NULL, &index))
    return FV_NODE_NONE;
  return GPOINTER_TO_UINT (index);
}

void
fv_graph_set_parameter (FvGraph *self, guint parameter, FvTensor *tensor)
{
  Parameter *entry = get_parameter (self, parameter);

  fv_tensor_ref (tensor);
  fv_tensor_unref (entry->tensor);
  entry->tensor = tensor;
}

guint64
fv_graph_get_version (const FvGraph *self)
{
  guint64 version = 0;

  for (guint i = 0; i < self->parameters->len; i++)
    version += fv_tensor_get_version (fv_graph_get_parameter (self, i));
  return version;
}
