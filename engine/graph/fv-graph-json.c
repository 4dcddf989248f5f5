/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writing a graph as JSON.
 *
 *   {"parameters": [["conv1.weight", true], …],             true: learned, false: buffer
 *    "nodes": [["input"], ["op", module, "aten::relu", argument, …],
 *              ["list", module, argument, …], ["item", module, node, index], …],
 *    "output": node, "guards": [[node, value], …], "layers": {"conv1": node, …}}
 *
 * An argument is ["node", n], ["parameter", n], ["batch_norm"], ["dropout"] or a value: ["none"],
 * ["int", 1], ["float", "0.5"], ["bool", true], ["string", "…"], ["ints", …], ["floats", …],
 * ["bools", …], ["tensor", name], ["tensors", name or null, …]. Floats are text, because JSON has
 * no infinity. */

#include "fv-graph-json.h"

#include <json-glib/json-glib.h>

typedef struct {
  const FvGraph *graph;
  JsonBuilder *builder;
  FvStateDict *tensors;
} Writer;

static void
add_string (const Writer *writer, const char *string)
{
  json_builder_add_string_value (writer->builder, string);
}

static void
add_float (const Writer *writer, double real)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  add_string (writer, g_ascii_dtostr (text, sizeof text, real));
}

/* Puts a constant into the state dict and its name into the text. */
static void
add_tensor (const Writer *writer, FvTensor *tensor)
{
  g_autofree char *name = NULL;

  if (tensor == NULL) {
    json_builder_add_null_value (writer->builder);
    return;
  }
  for (guint i = fv_state_dict_get_length (writer->tensors); name == NULL; i++) {
    name = g_strdup_printf ("%u constant", i);
    if (!fv_state_dict_add (writer->tensors, name, tensor))
      g_clear_pointer (&name, g_free);
  }
  add_string (writer, name);
}

static const char *
get_value_name (FvValueKind kind)
{
  switch (kind) {
  case FV_VALUE_TENSOR:
    return "tensor";
  case FV_VALUE_INT:
    return "int";
  case FV_VALUE_FLOAT:
    return "float";
  case FV_VALUE_BOOL:
    return "bool";
  case FV_VALUE_STRING:
    return "string";
  case FV_VALUE_INTS:
    return "ints";
  case FV_VALUE_REALS:
    return "floats";
  case FV_VALUE_BOOLS:
    return "bools";
  case FV_VALUE_TENSORS:
    return "tensors";
  case FV_VALUE_NONE:
  case FV_VALUE_TUPLE:
  default:
    return "none";
  }
}

static void
add_list (const Writer *writer, const FvValue *value)
{
  for (gsize i = 0; i < value->n; i++)
    if (value->kind == FV_VALUE_INTS)
      json_builder_add_int_value (writer->builder, value->ints[i]);
    else if (value->kind == FV_VALUE_REALS)
      add_float (writer, value->reals[i]);
    else if (value->kind == FV_VALUE_BOOLS)
      json_builder_add_boolean_value (writer->builder, value->booleans[i]);
    else if (value->kind == FV_VALUE_TENSORS)
      add_tensor (writer, value->tensors[i]);
}

static void
add_value (const Writer *writer, const FvValue *value)
{
  json_builder_begin_array (writer->builder);
  add_string (writer, get_value_name (value->kind));
  if (value->kind == FV_VALUE_TENSOR)
    add_tensor (writer, value->tensor);
  else if (value->kind == FV_VALUE_INT)
    json_builder_add_int_value (writer->builder, value->integer);
  else if (value->kind == FV_VALUE_FLOAT)
    add_float (writer, value->real);
  else if (value->kind == FV_VALUE_BOOL)
    json_builder_add_boolean_value (writer->builder, value->boolean);
  else if (value->kind == FV_VALUE_STRING)
    add_string (writer, value->string);
  else
    add_list (writer, value);
  json_builder_end_array (writer->builder);
}

static void
add_reference (const Writer *writer, const char *kind, guint index)
{
  json_builder_begin_array (writer->builder);
  add_string (writer, kind);
  if (index != FV_NODE_NONE)
    json_builder_add_int_value (writer->builder, index);
  json_builder_end_array (writer->builder);
}

static void
add_argument (const Writer *writer, const FvArgument *argument)
{
  switch (argument->kind) {
  case FV_ARGUMENT_NODE:
    add_reference (writer, "node", argument->index);
    break;
  case FV_ARGUMENT_PARAMETER:
    add_reference (writer, "parameter", argument->index);
    break;
  case FV_ARGUMENT_BATCH_NORM_TRAINING:
    add_reference (writer, "batch_norm", FV_NODE_NONE);
    break;
  case FV_ARGUMENT_DROPOUT_TRAINING:
    add_reference (writer, "dropout", FV_NODE_NONE);
    break;
  case FV_ARGUMENT_CONSTANT:
  default:
    add_value (writer, &argument->constant);
  }
}

static const char *
get_kind_name (FvNodeKind kind)
{
  switch (kind) {
  case FV_NODE_INPUT:
    return "input";
  case FV_NODE_LIST:
    return "list";
  case FV_NODE_ITEM:
    return "item";
  case FV_NODE_OP:
  default:
    return "op";
  }
}

static void
add_node (const Writer *writer, FvNodeId node)
{
  FvNodeKind kind = fv_graph_get_node_kind (writer->graph, node);

  json_builder_begin_array (writer->builder);
  add_string (writer, get_kind_name (kind));
  add_string (writer, fv_graph_get_module (writer->graph, node));
  if (kind == FV_NODE_OP)
    add_string (writer, fv_op_get_name (fv_graph_get_op (writer->graph, node)));
  for (gsize i = 0; i < fv_graph_get_n_arguments (writer->graph, node); i++)
    add_argument (writer, fv_graph_get_argument (writer->graph, node, i));
  json_builder_end_array (writer->builder);
}

static void
add_parameters (const Writer *writer)
{
  json_builder_set_member_name (writer->builder, "parameters");
  json_builder_begin_array (writer->builder);
  for (guint i = 0; i < fv_graph_get_n_parameters (writer->graph); i++) {
    const char *name = fv_graph_get_parameter_name (writer->graph, i);

    fv_state_dict_add (writer->tensors, name, fv_graph_get_parameter (writer->graph, i));
    json_builder_begin_array (writer->builder);
    add_string (writer, name);
    json_builder_add_boolean_value (writer->builder, fv_graph_get_parameter_role (writer->graph, i)
                                                         == FV_PARAMETER_WEIGHT);
    json_builder_end_array (writer->builder);
  }
  json_builder_end_array (writer->builder);
}

static void
add_nodes (const Writer *writer)
{
  json_builder_set_member_name (writer->builder, "nodes");
  json_builder_begin_array (writer->builder);
  for (FvNodeId node = 0; node < fv_graph_get_n_nodes (writer->graph); node++)
    add_node (writer, node);
  json_builder_end_array (writer->builder);
}

static void
add_guards (const Writer *writer)
{
  const FvGuards *guards = fv_graph_get_guards (writer->graph);

  json_builder_set_member_name (writer->builder, "guards");
  json_builder_begin_array (writer->builder);
  for (guint i = 0; i < fv_guards_get_length (guards); i++) {
    json_builder_begin_array (writer->builder);
    json_builder_add_int_value (writer->builder, fv_guards_get_node (guards, i));
    add_value (writer, fv_guards_get_expected (guards, i));
    json_builder_end_array (writer->builder);
  }
  json_builder_end_array (writer->builder);
}

static void
add_layers (const Writer *writer)
{
  g_autoptr (GPtrArray) layers = fv_graph_list_layers (writer->graph);

  json_builder_set_member_name (writer->builder, "layers");
  json_builder_begin_object (writer->builder);
  for (guint i = 0; i < layers->len; i++) {
    const char *layer = g_ptr_array_index (layers, i);
    FvNodeId node = fv_graph_get_layer_output (writer->graph, layer);

    if (node == FV_NODE_NONE)
      continue;
    json_builder_set_member_name (writer->builder, layer);
    json_builder_add_int_value (writer->builder, node);
  }
  json_builder_end_object (writer->builder);
}

char *
fv_graph_to_json (const FvGraph *graph, FvStateDict *tensors)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  const Writer writer = { graph, builder, tensors };

  json_builder_begin_object (builder);
  add_parameters (&writer);
  add_nodes (&writer);
  json_builder_set_member_name (builder, "output");
  json_builder_add_int_value (builder, fv_graph_get_output (graph));
  add_guards (&writer);
  add_layers (&writer);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}
