/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Interpreting a script: names, calls, branches, loops, attributes. */

#include "fv-autograd.h"
#include "fv-graph-prune.h"
#include "fv-script-outputs.h"
#include "fv-script-parts.h"

/* Far beyond any network; a program that never ends is stopped here. */
#define MAX_STEPS 5000000
#define MAX_NODES 200000
#define MAX_DEPTH 200

static gboolean run_block (FvRecorder *self, FvScriptBlock *block, GError **error);

/* -- names ---------------------------------------------------------------------------------- */

static FvSymbol *
look_up (const FvRecorder *self, FvScriptName *name)
{
  FvSymbol *symbol = g_hash_table_lookup (self->names, name);

  g_assert (symbol != NULL);
  return symbol;
}

static void
bind (FvRecorder *self, FvScriptName *name, FvSymbol *symbol)
{
  g_hash_table_replace (self->names, name, symbol);
}

FvSymbol *
fv_recorder_get_input (FvRecorder *self, FvScriptNode *node, guint index)
{
  return look_up (self, fv_script_node_get_input (node, index));
}

void
fv_recorder_take_output (FvRecorder *self, FvScriptNode *node, guint index, FvSymbol *symbol)
{
  bind (self, fv_script_node_get_output (node, index), symbol);
}

gboolean
fv_recorder_refuse (const FvRecorder *self, GError **error, const char *format, ...)
{
  g_autofree char *reason = NULL;
  va_list arguments;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (*self->module == '\0')
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE, "the network %s", reason);
  else
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE, "its layer “%s” %s", self->module,
                 reason);
  return FALSE;
}

/* What the block returns. (transfer full): of FvSymbol */
static GPtrArray *
collect_outputs (FvRecorder *self, FvScriptBlock *block)
{
  GPtrArray *outputs = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_symbol_unref);

  for (guint i = 0; i < fv_script_block_get_n_outputs (block); i++)
    g_ptr_array_add (outputs,
                     fv_symbol_ref (look_up (self, fv_script_block_get_output (block, i))));
  return outputs;
}

static void
bind_outputs (FvRecorder *self, FvScriptNode *node, const GPtrArray *symbols, guint first)
{
  for (guint i = 0; i < fv_script_node_get_n_outputs (node) && first + i < symbols->len; i++)
    fv_recorder_take_output (self, node, i, fv_symbol_ref (g_ptr_array_index (symbols, first + i)));
}

/* -- calls ---------------------------------------------------------------------------------- */

/* Runs @block in names of its own. (transfer full): what it returns, or NULL */
static GPtrArray *
call_block (FvRecorder *self, FvScriptBlock *block, FvSymbol *const *inputs, guint n_inputs,
            GError **error)
{
  GHashTable *outer = self->names;
  GPtrArray *outputs = NULL;

  if (fv_script_block_get_n_inputs (block) != n_inputs || self->depth >= MAX_DEPTH) {
    fv_recorder_refuse (self, error, "calls its parts in a way that Fovea cannot follow");
    return NULL;
  }
  self->depth++;
  self->names = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) fv_symbol_unref);
  for (guint i = 0; i < n_inputs; i++)
    bind (self, fv_script_block_get_input (block, i), fv_symbol_ref (inputs[i]));
  if (run_block (self, block, error))
    outputs = collect_outputs (self, block);
  g_hash_table_unref (self->names);
  self->names = outer;
  self->depth--;
  return outputs;
}

/* The node whose value a module hands back: its tensor, or the first of several. */
static FvNodeId
node_of_result (const FvSymbol *symbol)
{
  if (symbol->items != NULL && symbol->items->len > 0)
    return node_of_result (g_ptr_array_index (symbol->items, 0));
  return fv_symbol_is_value (symbol, FV_VALUE_TENSOR) && symbol->argument.kind == FV_ARGUMENT_NODE
             ? symbol->argument.index
             : FV_NODE_NONE;
}

static void
note_layer (FvRecorder *self, const char *path, const char *method, const GPtrArray *outputs)
{
  FvNodeId node;

  if (*path == '\0' || !g_str_has_prefix (method, "forward") || outputs->len == 0)
    return;
  node = node_of_result (g_ptr_array_index (outputs, 0));
  if (node != FV_NODE_NONE)
    fv_graph_set_layer_output (self->graph, path, node);
}

static GPtrArray *
call_method (FvRecorder *self, FvSymbol *object, const char *method, FvSymbol *const *inputs,
             guint n_inputs, GError **error)
{
  FvScriptBlock *block = fv_script_object_get_method (object->object, method, error);
  const char *outer = self->module;
  GPtrArray *outputs;

  if (block == NULL)
    return NULL;
  self->module = object->path;
  outputs = call_block (self, block, inputs, n_inputs, error);
  self->module = outer;
  if (outputs != NULL)
    note_layer (self, object->path, method, outputs);
  return outputs;
}

static GPtrArray *
get_inputs (FvRecorder *self, FvScriptNode *node, guint first)
{
  GPtrArray *inputs = g_ptr_array_new ();

  for (guint i = first; i < fv_script_node_get_n_inputs (node); i++)
    g_ptr_array_add (inputs, fv_recorder_get_input (self, node, i));
  return inputs;
}

static gboolean
run_call_method (FvRecorder *self, FvScriptNode *node, GError **error)
{
  g_autoptr (GPtrArray) inputs = get_inputs (self, node, 0);
  FvSymbol *object = g_ptr_array_index (inputs, 0);
  g_autofree char *method = fv_script_node_get_text (node);
  g_autoptr (GPtrArray) outputs = NULL;

  if (object->kind != FV_SYMBOL_OBJECT)
    return fv_recorder_refuse (self, error, "calls “%s” of something that is no module", method);
  outputs
      = call_method (self, object, method, (FvSymbol *const *) inputs->pdata, inputs->len, error);
  if (outputs != NULL)
    bind_outputs (self, node, outputs, 0);
  return outputs != NULL;
}

static gboolean
run_call_function (FvRecorder *self, FvScriptNode *node, GError **error)
{
  FvScriptBlock *block = fv_script_node_get_function (node, error);
  g_autoptr (GPtrArray) inputs = NULL;
  g_autoptr (GPtrArray) outputs = NULL;

  if (block == NULL)
    return FALSE;
  inputs = get_inputs (self, node, 1);
  outputs = call_block (self, block, (FvSymbol *const *) inputs->pdata, inputs->len, error);
  if (outputs != NULL)
    bind_outputs (self, node, outputs, 0);
  return outputs != NULL;
}

/* -- branches and loops --------------------------------------------------------------------- */

static gboolean
run_if (FvRecorder *self, FvScriptNode *node, GError **error)
{
  const FvValue *condition
      = fv_recorder_decide (self, fv_recorder_get_input (self, node, 0), error);
  FvScriptBlock *branch;
  g_autoptr (GPtrArray) outputs = NULL;

  if (condition == NULL)
    return FALSE;
  branch = fv_script_node_get_block (node, condition->boolean ? 0 : 1);
  if (!run_block (self, branch, error))
    return FALSE;
  outputs = collect_outputs (self, branch);
  bind_outputs (self, node, outputs, 0);
  return TRUE;
}

/* Runs the body once. @carried is replaced by what it returns: whether to go on, then the values
 * carried round. */
static gboolean
run_turn (FvRecorder *self, FvScriptBlock *body, gint64 turn, GPtrArray **carried, GError **error)
{
  bind (self, fv_script_block_get_input (body, 0), fv_symbol_new_constant (fv_int (turn)));
  for (guint i = 1; i < fv_script_block_get_n_inputs (body); i++)
    bind (self, fv_script_block_get_input (body, i),
          fv_symbol_ref (g_ptr_array_index (*carried, i)));
  if (!run_block (self, body, error))
    return FALSE;
  g_ptr_array_unref (*carried);
  *carried = collect_outputs (self, body);
  return TRUE;
}

static gboolean
run_loop (FvRecorder *self, FvScriptNode *node, GError **error)
{
  FvScriptBlock *body = fv_script_node_get_block (node, 0);
  const FvValue *trips = fv_recorder_decide (self, fv_recorder_get_input (self, node, 0), error);
  g_autoptr (GPtrArray) carried = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_symbol_unref);
  gint64 n_trips;

  if (trips == NULL)
    return FALSE;
  n_trips = trips->integer;
  for (guint i = 1; i < fv_script_node_get_n_inputs (node); i++)
    g_ptr_array_add (carried, fv_symbol_ref (fv_recorder_get_input (self, node, i)));
  for (gint64 turn = 0; turn < n_trips; turn++) {
    const FvValue *go_on = fv_recorder_decide (self, g_ptr_array_index (carried, 0), error);

    if (go_on == NULL)
      return FALSE;
    if (!go_on->boolean)
      break;
    if (!run_turn (self, body, turn, &carried, error))
      return FALSE;
  }
  bind_outputs (self, node, carried, 1);
  return TRUE;
}

/* -- attributes and constants --------------------------------------------------------------- */

static gboolean
run_constant (FvRecorder *self, FvScriptNode *node, GError **error)
{
  g_autoptr (FvScriptDatum) datum = fv_script_node_get_constant (node, error);

  if (datum == NULL)
    return FALSE;
  fv_recorder_take_output (self, node, 0, fv_symbol_new_datum (datum, ""));
  return TRUE;
}

static gboolean
run_get_attribute (FvRecorder *self, FvScriptNode *node, GError **error)
{
  FvSymbol *object = fv_recorder_get_input (self, node, 0);
  g_autofree char *name = fv_script_node_get_text (node);
  g_autofree char *path = NULL;
  g_autoptr (FvScriptDatum) datum = NULL;
  FvSymbol *parameter;

  if (object->kind != FV_SYMBOL_OBJECT)
    return fv_recorder_refuse (self, error, "reads “%s” of something that is no module", name);
  path = fv_module_join (object->path, name);
  parameter = g_hash_table_lookup (self->parameters, path);
  if (parameter != NULL) {
    fv_recorder_take_output (self, node, 0, fv_symbol_ref (parameter));
    return TRUE;
  }
  datum = fv_script_object_get_attribute (object->object, name, error);
  if (datum == NULL)
    return FALSE;
  fv_recorder_take_output (self, node, 0, fv_symbol_new_datum (datum, path));
  return TRUE;
}

static gboolean
run_set_attribute (FvRecorder *self, FvScriptNode *node, GError **error)
{
  g_autofree char *name = fv_script_node_get_text (node);

  return fv_recorder_refuse (self, error,
                             "changes its own “%s” while it runs, which Fovea cannot follow", name);
}

/* -- small things --------------------------------------------------------------------------- */

static gboolean
run_identity (FvRecorder *self, FvScriptNode *node, G_GNUC_UNUSED GError **error)
{
  fv_recorder_take_output (self, node, 0, fv_symbol_ref (fv_recorder_get_input (self, node, 0)));
  return TRUE;
}

static gboolean
run_nothing (FvRecorder *self, FvScriptNode *node, G_GNUC_UNUSED GError **error)
{
  for (guint i = 0; i < fv_script_node_get_n_outputs (node); i++)
    fv_recorder_take_output (self, node, i, fv_symbol_new_constant (fv_none ()));
  return TRUE;
}

/* A text of something that is no value can only be for a message. */
static gboolean
run_format (FvRecorder *self, FvScriptNode *node, GError **error)
{
  for (guint i = 0; i < fv_script_node_get_n_inputs (node); i++)
    if (fv_recorder_get_input (self, node, i)->kind != FV_SYMBOL_VALUE)
      return run_nothing (self, node, error);
  return fv_recorder_run_operator (self, node, error);
}

static gboolean
run_raise (FvRecorder *self, FvScriptNode *node, GError **error)
{
  FvSymbol *message = fv_recorder_get_input (self, node, 0);

  /* Another size of picture may suit it. */
  g_set_error (
      error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT, "the network refuses the sample: %s",
      fv_symbol_is_value (message, FV_VALUE_STRING) ? message->value.string : "it says not why");
  return FALSE;
}

static gboolean
is_none (const FvSymbol *symbol)
{
  return fv_symbol_is_value (symbol, FV_VALUE_NONE);
}

/* “is” compares with None in TorchScript. */
static gboolean
run_is (FvRecorder *self, FvScriptNode *node, G_GNUC_UNUSED GError **error)
{
  gboolean same = is_none (fv_recorder_get_input (self, node, 0))
                  == is_none (fv_recorder_get_input (self, node, 1));
  gboolean wanted = g_str_equal (fv_script_node_get_kind (node), "aten::__is__");

  fv_recorder_take_output (self, node, 0, fv_symbol_new_constant (fv_bool (same == wanted)));
  return TRUE;
}

/* -- blocks --------------------------------------------------------------------------------- */

static const struct {
  const char *kind;
  gboolean (*run) (FvRecorder *self, FvScriptNode *node, GError **error);
} structures[] = {
  { "prim::Constant", run_constant },
  { "prim::GetAttr", run_get_attribute },
  { "prim::SetAttr", run_set_attribute },
  { "prim::CallMethod", run_call_method },
  { "prim::CallFunction", run_call_function },
  { "prim::If", run_if },
  { "prim::Loop", run_loop },
  { "prim::unchecked_cast", run_identity },
  { "prim::Uninitialized", run_nothing },
  { "prim::Print", run_nothing },
  { "prim::RaiseException", run_raise },
  { "aten::warn", run_nothing },
  { "aten::format", run_format },
  { "aten::percentFormat", run_format },
  { "aten::__is__", run_is },
  { "aten::__isnot__", run_is },
};

static gboolean
run_node (FvRecorder *self, FvScriptNode *node, GError **error)
{
  const char *kind = fv_script_node_get_kind (node);
  gboolean handled;

  for (gsize i = 0; i < G_N_ELEMENTS (structures); i++)
    if (g_str_equal (structures[i].kind, kind))
      return structures[i].run (self, node, error);
  if (!fv_recorder_run_container (self, node, &handled, error))
    return FALSE;
  return handled || fv_recorder_run_operator (self, node, error);
}

static gboolean
run_block (FvRecorder *self, FvScriptBlock *block, GError **error)
{
  for (FvScriptNode *node = fv_script_block_get_first (block); node != NULL;
       node = fv_script_node_get_next (node)) {
    if (++self->n_steps > MAX_STEPS || fv_graph_get_n_nodes (self->graph) > MAX_NODES)
      return fv_recorder_refuse (self, error, "does not come to an end");
    if (!run_node (self, node, error))
      return FALSE;
  }
  return TRUE;
}

/* -- parameters ----------------------------------------------------------------------------- */

/* The parameter that is @tensor itself, or FV_NODE_NONE: tied weights stay tied. */
static guint
find_tied (const FvGraph *graph, const FvTensor *tensor)
{
  for (guint i = 0; i < fv_graph_get_n_parameters (graph); i++)
    if (fv_tensor_is_same_view (fv_graph_get_parameter (graph, i), tensor))
      return i;
  return FV_NODE_NONE;
}

static void
add_parameter (FvRecorder *self, char *path, FvTensor *tensor, FvScriptRole role)
{
  guint parameter = find_tied (self->graph, tensor);

  if (parameter == FV_NODE_NONE)
    parameter = fv_graph_add_parameter_tensor (self->graph, path, tensor,
                                               role == FV_SCRIPT_PARAMETER ? FV_PARAMETER_WEIGHT
                                                                           : FV_PARAMETER_BUFFER);
  g_hash_table_insert (
      self->parameters, path,
      fv_symbol_new_value (fv_of (fv_tensor_ref (tensor)), fv_parameter (parameter), FALSE));
}

/* Parameters and buffers of @object and of all modules below it, whether forward uses them or not:
 * a state dict is whole. */
static gboolean
add_parameters (FvRecorder *self, FvScriptObject *object, const char *path, guint depth,
                GError **error)
{
  if (depth > MAX_DEPTH)
    return fv_recorder_refuse (self, error, "nests its modules without end");
  for (guint i = 0; i < fv_script_object_get_n_attributes (object); i++) {
    g_autofree char *name = fv_script_object_get_attribute_name (object, i);
    g_autofree char *inner = fv_module_join (path, name);
    FvScriptRole role = fv_script_object_get_attribute_role (object, i);
    g_autoptr (FvScriptDatum) datum = fv_script_object_get_attribute (object, name, error);

    if (datum == NULL)
      return FALSE;
    if (datum->kind == FV_SCRIPT_OBJECT) {
      if (!add_parameters (self, datum->object, inner, depth + 1, error))
        return FALSE;
    } else if (role != FV_SCRIPT_ATTRIBUTE && datum->value.kind == FV_VALUE_TENSOR) {
      add_parameter (self, g_steal_pointer (&inner), datum->value.tensor, role);
    }
  }
  return TRUE;
}

/* A frozen network is one module without others in it: its layers have lost their names. */
static gboolean
has_modules (FvScriptObject *root)
{
  for (guint i = 0; i < fv_script_object_get_n_attributes (root); i++) {
    g_autofree char *name = fv_script_object_get_attribute_name (root, i);
    g_autoptr (FvScriptDatum) datum = fv_script_object_get_attribute (root, name, NULL);

    if (datum != NULL && datum->kind == FV_SCRIPT_OBJECT)
      return TRUE;
  }
  return FALSE;
}

/* -- the whole ------------------------------------------------------------------------------ */

static FvSymbol *
new_sample (FvRecorder *self, int height, int width, GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *zeros = fv_call (scope, "aten::zeros", fv_ints (1, 3, height, width));

  if (!fv_scope_check (scope, error))
    return NULL;
  return fv_symbol_new_value (fv_of (fv_tensor_ref (zeros)),
                              fv_from (fv_graph_add_input (self->graph)), TRUE);
}

/* What forward is called with: the network, the sample, and defaults. NULL with @error.
 * (transfer full): of FvSymbol */
static GPtrArray *
make_inputs (FvRecorder *self, FvSymbol *root, FvSymbol *sample, GError **error)
{
  g_autoptr (GPtrArray) inputs = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_symbol_unref);
  FvScriptBlock *forward = fv_script_object_get_method (root->object, "forward", error);

  if (forward == NULL)
    return NULL;
  g_ptr_array_add (inputs, fv_symbol_ref (root));
  g_ptr_array_add (inputs, fv_symbol_ref (sample));
  for (guint i = inputs->len; i < fv_script_block_get_n_inputs (forward); i++) {
    g_autoptr (FvScriptDatum) datum
        = fv_script_object_get_default (root->object, "forward", i, error);

    if (datum == NULL)
      return NULL;
    g_ptr_array_add (inputs, fv_symbol_new_datum (datum, ""));
  }
  return g_steal_pointer (&inputs);
}

static gboolean
record_forward (FvRecorder *self, FvScript *script, int height, int width, const char *output,
                GError **error)
{
  g_autoptr (FvSymbol) root = fv_symbol_new_object (fv_script_get_root (script), "");
  g_autoptr (FvSymbol) sample = new_sample (self, height, width, error);
  g_autoptr (GPtrArray) inputs = NULL;
  g_autoptr (GPtrArray) outputs = NULL;

  if (sample == NULL || !add_parameters (self, root->object, "", 0, error))
    return FALSE;
  self->has_modules = has_modules (root->object);
  inputs = make_inputs (self, root, sample, error);
  if (inputs == NULL)
    return FALSE;
  outputs
      = call_method (self, root, "forward", (FvSymbol *const *) inputs->pdata, inputs->len, error);
  if (outputs == NULL)
    return FALSE;
  return fv_script_choose_output (self, g_ptr_array_index (outputs, 0), output, error);
}

FvGraph *
fv_script_record (FvScript *script, int height, int width, const char *output, int *n_classes,
                  GError **error)
{
  g_autoptr (FvNoGrad) no_grad = fv_no_grad_enter ();
  g_autoptr (FvGraph) graph = fv_graph_new ();
  g_autoptr (GHashTable) parameters
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) fv_symbol_unref);
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  FvRecorder recorder
      = { .graph = graph, .parameters = parameters, .counts = counts, .module = "" };

  if (!record_forward (&recorder, script, height, width, output, error)
      || !fv_graph_check (graph, error))
    return NULL;
  *n_classes = recorder.n_classes;
  return fv_graph_prune (graph);
}
