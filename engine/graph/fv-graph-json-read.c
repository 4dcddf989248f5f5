/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading a graph from JSON (fv-graph-json.c has the format). The text comes from a process that
 * has read somebody's file: every place, name and number is checked before it is used. */

#include "fv-graph-json.h"

#include <json-glib/json-glib.h>

#include "fv-json-guard.h"
#include "fv-list.h"
#include "fv-script-operators.h"

static const FvJsonLimits limits = { .max_depth = 8, .max_values = 20000000 };

typedef struct {
  FvGraph *graph;
  const FvStateDict *tensors;
  GError **error;
} Reader;

static gboolean
refuse (const Reader *reader, const char *what)
{
  if (reader->error != NULL && *reader->error == NULL)
    g_set_error (reader->error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "the graph of the network is damaged: %s", what);
  return FALSE;
}

/* -- JSON ----------------------------------------------------------------------------------- */

static gboolean
is_value (JsonNode *node, GType type)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

static JsonNode *
element (JsonArray *array, guint index)
{
  return index < json_array_get_length (array) ? json_array_get_element (array, index) : NULL;
}

static const char *
string_at (JsonArray *array, guint index)
{
  JsonNode *node = element (array, index);

  return is_value (node, G_TYPE_STRING) ? json_node_get_string (node) : NULL;
}

static gboolean
int_at (JsonArray *array, guint index, gint64 *value)
{
  JsonNode *node = element (array, index);

  if (!is_value (node, G_TYPE_INT64))
    return FALSE;
  *value = json_node_get_int (node);
  return TRUE;
}

static JsonArray *
array_of (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

/* -- values --------------------------------------------------------------------------------- */

static gboolean
read_int (const Reader *reader, JsonArray *array, guint index, FvValue *value)
{
  value->kind = FV_VALUE_INT;
  return int_at (array, index, &value->integer) || refuse (reader, "a number is missing");
}

static gboolean
read_float (const Reader *reader, JsonArray *array, guint index, FvValue *value)
{
  const char *text = string_at (array, index);

  if (text == NULL)
    return refuse (reader, "a number is missing");
  *value = fv_real (g_ascii_strtod (text, NULL));
  return TRUE;
}

static gboolean
read_bool (const Reader *reader, JsonArray *array, guint index, FvValue *value)
{
  JsonNode *node = element (array, index);

  if (!is_value (node, G_TYPE_BOOLEAN))
    return refuse (reader, "a truth is missing");
  *value = fv_bool (json_node_get_boolean (node));
  return TRUE;
}

static gboolean
read_string (const Reader *reader, JsonArray *array, guint index, FvValue *value)
{
  const char *text = string_at (array, index);

  if (text == NULL)
    return refuse (reader, "a text is missing");
  *value = fv_string (g_strdup (text));
  return TRUE;
}

/* A tensor of the state dict, or none at all. */
static gboolean
read_tensor (const Reader *reader, JsonArray *array, guint index, FvValue *value)
{
  JsonNode *node = element (array, index);
  const char *name = string_at (array, index);
  FvTensor *tensor = name != NULL ? fv_state_dict_lookup (reader->tensors, name) : NULL;

  if (node != NULL && JSON_NODE_HOLDS_NULL (node)) {
    *value = fv_none ();
    return TRUE;
  }
  if (tensor == NULL)
    return refuse (reader, "a tensor is missing");
  *value = fv_of (fv_tensor_ref (tensor));
  return TRUE;
}

static gboolean
read_none (G_GNUC_UNUSED const Reader *reader, G_GNUC_UNUSED JsonArray *array,
           G_GNUC_UNUSED guint index, FvValue *value)
{
  *value = fv_none ();
  return TRUE;
}

typedef gboolean (*ReadItem) (const Reader *reader, JsonArray *array, guint index, FvValue *value);

static const struct {
  const char *name;
  ReadItem read;
  FvValueKind list; /* kind of the list, NONE for one value */
} kinds[] = {
  { "none", read_none, FV_VALUE_NONE },     { "int", read_int, FV_VALUE_NONE },
  { "float", read_float, FV_VALUE_NONE },   { "bool", read_bool, FV_VALUE_NONE },
  { "string", read_string, FV_VALUE_NONE }, { "tensor", read_tensor, FV_VALUE_NONE },
  { "ints", read_int, FV_VALUE_INTS },      { "floats", read_float, FV_VALUE_REALS },
  { "bools", read_bool, FV_VALUE_BOOLS },   { "tensors", read_tensor, FV_VALUE_TENSORS },
};

static gboolean
read_list (const Reader *reader, JsonArray *array, ReadItem read, FvValueKind kind, FvValue *value)
{
  guint n = json_array_get_length (array) - 1;
  g_autofree FvValue *items = g_new0 (FvValue, n + 1);
  gboolean sound = TRUE;

  for (guint i = 0; sound && i < n; i++)
    sound = read (reader, array, i + 1, &items[i]);
  if (sound && n == 0) {
    *value = fv_none ();
    value->kind = kind;
  } else if (sound) {
    sound = fv_list_make (items, n, value, reader->error);
  }
  for (guint i = 0; i < n; i++)
    fv_value_clear (&items[i]);
  return sound;
}

static gboolean
read_value (const Reader *reader, JsonArray *array, FvValue *value)
{
  const char *name = string_at (array, 0);

  for (gsize i = 0; name != NULL && i < G_N_ELEMENTS (kinds); i++) {
    if (!g_str_equal (kinds[i].name, name))
      continue;
    if (kinds[i].list == FV_VALUE_NONE)
      return kinds[i].read (reader, array, 1, value);
    return read_list (reader, array, kinds[i].read, kinds[i].list, value);
  }
  return refuse (reader, "an argument is of an unknown kind");
}

/* -- nodes ---------------------------------------------------------------------------------- */

static gboolean
read_index (const Reader *reader, JsonArray *array, guint count, guint *index)
{
  gint64 value;

  if (!int_at (array, 1, &value) || value < 0 || value >= count)
    return refuse (reader, "a node uses what does not exist");
  *index = (guint) value;
  return TRUE;
}

static gboolean
read_argument (const Reader *reader, JsonArray *array, FvArgument *argument)
{
  const char *kind = string_at (array, 0);

  if (g_strcmp0 (kind, "node") == 0) {
    *argument = fv_from (0);
    return read_index (reader, array, fv_graph_get_n_nodes (reader->graph), &argument->index);
  }
  if (g_strcmp0 (kind, "parameter") == 0) {
    *argument = fv_parameter (0);
    return read_index (reader, array, fv_graph_get_n_parameters (reader->graph), &argument->index);
  }
  *argument = fv_constant (fv_none ());
  if (g_strcmp0 (kind, "batch_norm") == 0)
    *argument = fv_mode (FV_ARGUMENT_BATCH_NORM_TRAINING);
  else if (g_strcmp0 (kind, "dropout") == 0)
    *argument = fv_mode (FV_ARGUMENT_DROPOUT_TRAINING);
  else
    return read_value (reader, array, &argument->constant);
  return TRUE;
}

static void
clear_argument (gpointer data)
{
  FvArgument *argument = data;

  if (argument->kind == FV_ARGUMENT_CONSTANT)
    fv_value_clear (&argument->constant);
}

/* The arguments from place @first on; NULL when one is wrong. (transfer full) */
static GArray *
read_arguments (const Reader *reader, JsonArray *array, guint first)
{
  g_autoptr (GArray) arguments = g_array_new (FALSE, FALSE, sizeof (FvArgument));

  g_array_set_clear_func (arguments, clear_argument);
  for (guint i = first; i < json_array_get_length (array); i++) {
    JsonArray *inner = array_of (element (array, i));
    FvArgument argument;

    if (inner == NULL) {
      refuse (reader, "a node is no list");
      return NULL;
    }
    if (!read_argument (reader, inner, &argument))
      return NULL;
    g_array_append_val (arguments, argument);
  }
  return g_steal_pointer (&arguments);
}

static gboolean
add_op (const Reader *reader, const char *module, const char *op, const GArray *arguments)
{
  g_autofree char *name = g_strndup (op, strcspn (op, "."));

  if (!fv_script_operator_is_allowed (name))
    return refuse (reader, "it uses an operator that Fovea does not run");
  fv_graph_add_op (reader->graph, module, op, (const FvArgument *) arguments->data, arguments->len);
  return TRUE;
}

static gboolean
add_item (const Reader *reader, const char *module, const GArray *arguments)
{
  const FvArgument *list = (const FvArgument *) arguments->data;

  if (arguments->len != 2 || list[0].kind != FV_ARGUMENT_NODE
      || list[1].kind != FV_ARGUMENT_CONSTANT || list[1].constant.kind != FV_VALUE_INT)
    return refuse (reader, "an item of a list is described wrongly");
  fv_graph_add_item (reader->graph, module, list[0].index, list[1].constant.integer);
  return TRUE;
}

static gboolean
read_node (const Reader *reader, JsonArray *array, gboolean first)
{
  const char *kind = string_at (array, 0);
  const char *module = string_at (array, 1);
  const char *op = string_at (array, 2);
  gboolean is_op = g_strcmp0 (kind, "op") == 0;
  g_autoptr (GArray) arguments = NULL;

  if (kind == NULL || module == NULL || g_str_equal (kind, "input") != first
      || (is_op && op == NULL))
    return refuse (reader, "a node is of an unknown kind");
  arguments = read_arguments (reader, array, is_op ? 3 : 2);
  if (arguments == NULL)
    return FALSE;
  if (is_op)
    return add_op (reader, module, op, arguments);
  if (g_str_equal (kind, "item"))
    return add_item (reader, module, arguments);
  if (g_str_equal (kind, "list"))
    fv_graph_add_list (reader->graph, module, (const FvArgument *) arguments->data, arguments->len);
  else if (first)
    fv_graph_add_input (reader->graph);
  else
    return refuse (reader, "a node is of an unknown kind");
  return TRUE;
}

/* -- the parts of a graph ------------------------------------------------------------------- */

static gboolean
read_parameter (const Reader *reader, JsonArray *array)
{
  const char *name = string_at (array, 0);
  FvTensor *tensor = name != NULL ? fv_state_dict_lookup (reader->tensors, name) : NULL;
  FvValue learned;

  if (tensor == NULL || fv_graph_find_parameter (reader->graph, name) != FV_NODE_NONE)
    return refuse (reader, "a parameter is missing");
  if (!read_bool (reader, array, 1, &learned))
    return FALSE;
  fv_graph_add_parameter_tensor (reader->graph, name, tensor,
                                 learned.boolean ? FV_PARAMETER_WEIGHT : FV_PARAMETER_BUFFER);
  return TRUE;
}

static JsonArray *
find_array (const Reader *reader, JsonObject *object, const char *name)
{
  JsonArray *array = array_of (json_object_get_member (object, name));

  if (array == NULL)
    refuse (reader, "one of its parts is missing");
  return array;
}

static gboolean
read_parameters (const Reader *reader, JsonObject *object)
{
  JsonArray *array = find_array (reader, object, "parameters");

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++) {
    JsonArray *parameter = array_of (element (array, i));

    if (parameter == NULL || !read_parameter (reader, parameter))
      return refuse (reader, "a parameter is missing");
  }
  return array != NULL;
}

static gboolean
read_nodes (const Reader *reader, JsonObject *object)
{
  JsonArray *array = find_array (reader, object, "nodes");

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++) {
    JsonArray *node = array_of (element (array, i));

    if (node == NULL || !read_node (reader, node, i == 0))
      return refuse (reader, "a node is no list");
    if (!fv_graph_check (reader->graph, reader->error))
      return FALSE;
  }
  return array != NULL;
}

static gboolean
read_node_id (const Reader *reader, JsonNode *node, FvNodeId *id)
{
  gint64 value = is_value (node, G_TYPE_INT64) ? json_node_get_int (node) : -1;

  if (value < 0 || value >= fv_graph_get_n_nodes (reader->graph))
    return refuse (reader, "it names a node that does not exist");
  *id = (FvNodeId) value;
  return TRUE;
}

static gboolean
read_guards (const Reader *reader, JsonObject *object)
{
  JsonArray *array = find_array (reader, object, "guards");

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++) {
    JsonArray *guard = array_of (element (array, i));
    JsonArray *expected = guard != NULL ? array_of (element (guard, 1)) : NULL;
    g_auto (FvValue) value = fv_none ();
    FvNodeId node;

    if (expected == NULL || !read_node_id (reader, element (guard, 0), &node)
        || !read_value (reader, expected, &value))
      return refuse (reader, "a guard is described wrongly");
    fv_guards_add (fv_graph_get_guards (reader->graph), node, &value);
  }
  return array != NULL;
}

static gboolean
read_layers (const Reader *reader, JsonObject *object)
{
  JsonNode *node = json_object_get_member (object, "layers");
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;
  FvNodeId id;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return refuse (reader, "one of its parts is missing");
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &name, &member)) {
    if (!read_node_id (reader, member, &id))
      return FALSE;
    fv_graph_set_layer_output (reader->graph, name, id);
  }
  return TRUE;
}

static gboolean
read_graph (const Reader *reader, JsonObject *object)
{
  FvNodeId output;

  if (!read_parameters (reader, object) || !read_nodes (reader, object)
      || !read_guards (reader, object) || !read_layers (reader, object)
      || !read_node_id (reader, json_object_get_member (object, "output"), &output))
    return FALSE;
  fv_graph_set_output (reader->graph, output);
  return TRUE;
}

FvGraph *
fv_graph_from_json (const char *json, const FvStateDict *tensors, GError **error)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();
  g_autoptr (JsonParser) parser = json_parser_new ();
  GError *reason = NULL;
  const Reader reader = { graph, tensors, &reason };
  gsize n_members;
  const char *problem = fv_json_guard_check (json, strlen (json), &limits, &n_members);
  JsonNode *root;

  if (problem != NULL)
    refuse (&reader, problem);
  else if (json_parser_load_from_data (parser, json, -1, &reason)) {
    root = json_parser_get_root (parser);
    if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
      refuse (&reader, "it is no object");
    else
      read_graph (&reader, json_node_get_object (root));
  }
  if (reason == NULL)
    return g_steal_pointer (&graph);
  g_propagate_error (error, reason);
  return NULL;
}
