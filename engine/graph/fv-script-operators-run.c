/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Running one operator of a script on the sample, and adding it to the graph. */

#include "fv-list.h"
#include "fv-script-operators.h"
#include "fv-script-parts.h"

#define MAX_RESULTS 16

/* One call's arguments, as the sample's values and as the graph has them. */
typedef struct {
  FvValue *values;
  FvArgument *arguments;
  gboolean *owned; /* values made here: lists */
  gsize n;
  gboolean all_constant;
  gboolean from_picture;
  gboolean form_from_picture;
} Call;

static void
call_init (Call *call, gsize n)
{
  call->values = g_new0 (FvValue, n + 1);
  call->arguments = g_new0 (FvArgument, n + 1);
  call->owned = g_new0 (gboolean, n + 1);
  call->n = n;
  call->all_constant = TRUE;
  call->from_picture = FALSE;
  call->form_from_picture = FALSE;
}

static void
call_clear (Call *call)
{
  for (gsize i = 0; i < call->n; i++)
    if (call->owned[i])
      fv_value_clear (&call->values[i]);
  g_free (call->values);
  g_free (call->arguments);
  g_free (call->owned);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_clear)

/* -- arguments ------------------------------------------------------------------------------ */

static gboolean
check_current (const FvRecorder *self, FvSymbol *symbol, GError **error)
{
  return fv_symbol_is_current (symbol)
         || fv_recorder_refuse (self, error,
                                "changes a tensor in place while another view of it is in use, "
                                "which Fovea cannot follow");
}

/* A list of constants is a constant; any other becomes a node. */
static gboolean
add_list (FvRecorder *self, Call *call, gsize index, const FvSymbol *list, const char *op,
          GError **error)
{
  g_autofree FvValue *values = g_new0 (FvValue, list->items->len + 1);
  g_autofree FvArgument *arguments = g_new0 (FvArgument, list->items->len + 1);
  gboolean constant = TRUE;

  for (guint i = 0; i < list->items->len; i++) {
    FvSymbol *item = g_ptr_array_index (list->items, i);

    if (item->kind != FV_SYMBOL_VALUE)
      return fv_recorder_refuse (self, error, "uses a list of lists, which Fovea cannot follow");
    if (!check_current (self, item, error))
      return FALSE;
    values[i] = item->value;
    arguments[i] = item->argument;
    constant = constant && fv_symbol_is_constant (item);
    call->from_picture = call->from_picture || item->from_picture;
    call->form_from_picture = call->form_from_picture || item->form_from_picture;
  }
  if (!fv_list_make (values, list->items->len, &call->values[index], NULL))
    return fv_recorder_refuse (self, error, "gives “%s” a list of things of different kinds", op);
  call->owned[index] = TRUE;
  call->all_constant = call->all_constant && constant;
  call->arguments[index]
      = constant
            ? fv_constant (call->values[index])
            : fv_from (fv_graph_add_list (self->graph, self->module, arguments, list->items->len));
  return TRUE;
}

static gboolean
add_argument (FvRecorder *self, Call *call, gsize index, FvSymbol *symbol, const char *op,
              GError **error)
{
  if (symbol->kind == FV_SYMBOL_LIST)
    return add_list (self, call, index, symbol, op, error);
  if (symbol->kind != FV_SYMBOL_VALUE)
    return fv_recorder_refuse (self, error,
                               "gives “%s” something that is no tensor, number or "
                               "list of them",
                               op);
  if (!check_current (self, symbol, error))
    return FALSE;
  call->values[index] = symbol->value;
  call->arguments[index] = symbol->argument;
  call->all_constant = call->all_constant && fv_symbol_is_constant (symbol);
  call->from_picture = call->from_picture || symbol->from_picture;
  call->form_from_picture = call->form_from_picture || symbol->form_from_picture;
  return TRUE;
}

/* Flags that training changes are decided by whoever runs the graph. A batch norm without running
 * statistics always uses the batch's. */
static void
set_modes (Call *call, const char *op)
{
  static const char *const dropouts[]
      = { "aten::dropout", "aten::feature_dropout", "aten::alpha_dropout",
          "aten::feature_alpha_dropout", NULL };

  if (g_str_equal (op, "aten::batch_norm") && call->n > 5
      && call->values[3].kind == FV_VALUE_TENSOR)
    call->arguments[5] = fv_mode (FV_ARGUMENT_BATCH_NORM_TRAINING);
  if (g_strv_contains (dropouts, op) && call->n > 2)
    call->arguments[2] = fv_mode (FV_ARGUMENT_DROPOUT_TRAINING);
}

/* -- results -------------------------------------------------------------------------------- */

static char *
without_overload (const char *op)
{
  return g_strndup (op, strcspn (op, "."));
}

/* Operators that look at a tensor's form and never at its values. */
static gboolean
asks_for_form (const char *op)
{
  static const char *const names[]
      = { "aten::size",     "aten::len",           "aten::numel",          "aten::stride",
          "prim::device",   "aten::is_contiguous", "aten::storage_offset", "prim::shape",
          "aten::sym_size", "aten::dim",           "prim::ndim",           NULL };
  g_autofree char *name = without_overload (op);

  return g_strv_contains (names, name);
}

/* Operators whose answer is the same for every picture: types never change. */
static gboolean
asks_for_type (const char *op)
{
  static const char *const names[] = { "prim::dtype",
                                       "prim::layout",
                                       "aten::is_floating_point",
                                       "aten::is_complex",
                                       "prim::is_cuda",
                                       "prim::is_sparse",
                                       "prim::is_quantized",
                                       "prim::is_mkldnn",
                                       "aten::is_signed",
                                       "prim::is_meta",
                                       "prim::is_mps",
                                       "prim::is_nested",
                                       NULL };
  g_autofree char *name = without_overload (op);

  return g_strv_contains (names, name);
}

/* A result that looks into an argument's memory is its view. */
static void
find_base (FvSymbol *result, const char *op, FvSymbol *const *inputs, gsize n_inputs)
{
  for (gsize i = 0; i < n_inputs && result->value.kind == FV_VALUE_TENSOR; i++) {
    if (inputs[i]->kind != FV_SYMBOL_VALUE)
      continue;
    if (inputs[i]->base != NULL && inputs[i]->value.kind == FV_VALUE_TENSORS) {
      fv_symbol_set_base (result, inputs[i]->base, NULL, NULL, 0);
      return;
    }
    if (inputs[i]->value.kind == FV_VALUE_TENSOR
        && fv_tensor_shares_memory (inputs[i]->value.tensor, result->value.tensor)) {
      fv_symbol_set_base (result, inputs[i], i == 0 ? op : NULL, inputs + 1, n_inputs - 1);
      return;
    }
  }
}

/* A list of views, as aten::chunk makes one. */
static void
find_base_of_list (FvSymbol *result, FvSymbol *const *inputs, gsize n_inputs)
{
  if (result->value.kind != FV_VALUE_TENSORS || result->value.n == 0)
    return;
  for (gsize i = 0; i < n_inputs; i++)
    if (fv_symbol_is_value (inputs[i], FV_VALUE_TENSOR)
        && fv_tensor_shares_memory (inputs[i]->value.tensor, result->value.tensors[0])) {
      fv_symbol_set_base (result, inputs[i], NULL, NULL, 0);
      return;
    }
}

/* TRUE when one of the indices is a tensor of truths. */
static gboolean
has_mask (const FvSymbol *indices)
{
  for (guint i = 0; i < indices->items->len; i++) {
    const FvSymbol *index = g_ptr_array_index (indices->items, i);

    if (fv_symbol_is_value (index, FV_VALUE_TENSOR)
        && (fv_tensor_get_dtype (index->value.tensor) == FV_DTYPE_BOOL
            || fv_tensor_get_dtype (index->value.tensor) == FV_DTYPE_UINT8))
      return TRUE;
  }
  return FALSE;
}

/* Operators whose result is as long as the values say. A mask as an index is one too. */
static gboolean
makes_form_of_values (const char *op, FvSymbol *const *inputs, gsize n_inputs)
{
  static const char *const names[] = { "aten::nonzero",
                                       "aten::nonzero_numpy",
                                       "aten::masked_select",
                                       "aten::argwhere",
                                       "aten::_unique",
                                       "aten::_unique2",
                                       "aten::unique_consecutive",
                                       "aten::unique_dim",
                                       "aten::bincount",
                                       "aten::repeat_interleave",
                                       NULL };
  g_autofree char *name = without_overload (op);

  if (g_strv_contains (names, name) || (g_str_equal (name, "aten::where") && n_inputs == 1))
    return TRUE;
  return g_str_equal (name, "aten::index") && n_inputs > 1
         && (inputs[1]->kind != FV_SYMBOL_LIST || has_mask (inputs[1]));
}

static FvSymbol *
make_symbol (const Call *call, FvValue value, FvArgument argument, const char *op,
             FvSymbol *const *inputs)
{
  gboolean from_picture = call->from_picture && (!asks_for_form (op) || call->form_from_picture);
  FvSymbol *symbol;

  if (call->all_constant || asks_for_type (op))
    symbol = fv_symbol_new_constant (value);
  else
    symbol = fv_symbol_new_value (value, argument, from_picture);
  symbol->form_from_picture = call->form_from_picture
                              || (call->from_picture && makes_form_of_values (op, inputs, call->n));
  find_base (symbol, op, inputs, call->n);
  find_base_of_list (symbol, inputs, call->n);
  return symbol;
}

/* The module a node belongs to; in a network that has lost its modules, a name of its own: the
 * operator's and its number. (transfer full) */
static char *
name_module (FvRecorder *self, const char *op, const FvValue *value)
{
  g_autofree char *full = without_overload (op);
  const char *name = full + strlen ("aten::");
  guint count;

  if (self->has_modules || !g_str_has_prefix (full, "aten::") || value->kind != FV_VALUE_TENSOR
      || fv_tensor_get_n_dims (value->tensor) < 3)
    return g_strdup (self->module);
  count = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, name)) + 1;
  g_hash_table_insert (self->counts, g_strdup (name), GUINT_TO_POINTER (count));
  return g_strdup_printf ("%s_%u", name, count);
}

static FvNodeId
add_node (FvRecorder *self, const Call *call, const char *op, const FvValue *value)
{
  g_autofree char *module = NULL;

  if (call->all_constant || asks_for_type (op))
    return FV_NODE_NONE;
  module = name_module (self, op, value);
  return fv_graph_add_op (self->graph, module, op, call->arguments, call->n);
}

gboolean
fv_recorder_call (FvRecorder *self, const char *op, FvSymbol *const *inputs, gsize n_inputs,
                  FvSymbol **results, GError **error)
{
  const FvOp *found = fv_op_find (op, error);
  FvValue values[MAX_RESULTS] = { 0 };
  gsize n_results;
  FvNodeId node;
  g_auto (Call) call = { 0 };

  call_init (&call, n_inputs);
  if (found == NULL)
    return FALSE;
  if (fv_op_writes (found))
    return fv_recorder_refuse (self, error,
                               "uses “%s”, which changes what it is given in a way that Fovea "
                               "cannot follow",
                               op);
  n_results = fv_op_get_n_results (found);
  for (gsize i = 0; i < n_inputs; i++)
    if (!add_argument (self, &call, i, inputs[i], op, error))
      return FALSE;
  if (!fv_op_run (found, call.values, n_inputs, values, MAX_RESULTS, error)) {
    if (*self->module != '\0')
      g_prefix_error (error, "layer “%s”: ", self->module);
    return FALSE;
  }
  set_modes (&call, op);
  node = add_node (self, &call, op, &values[0]);
  for (gsize i = 0; i < n_results; i++) {
    FvNodeId item = n_results == 1 || node == FV_NODE_NONE
                        ? node
                        : fv_graph_add_item (self->graph, self->module, node, (gint64) i);

    results[i] = make_symbol (&call, values[i], fv_from (item), op, inputs);
  }
  return fv_graph_check (self->graph, error);
}

FvSymbol *
fv_recorder_call_one (FvRecorder *self, const char *op, FvSymbol *const *inputs, gsize n_inputs,
                      GError **error)
{
  FvSymbol *results[MAX_RESULTS] = { NULL };

  gboolean done = fv_recorder_call (self, op, inputs, n_inputs, results, error);

  for (gsize i = done ? 1 : 0; i < MAX_RESULTS; i++)
    fv_symbol_unref (results[i]);
  return done ? results[0] : NULL;
}

/* -- nodes of the program ------------------------------------------------------------------- */

/* Training's answers: the fast paths of evaluation have no gradients to explain with. */
static gboolean
asks_about_gradients (const char *op)
{
  return g_str_equal (op, "aten::is_grad_enabled") || g_str_equal (op, "prim::requires_grad");
}

static gboolean
run_pure (FvRecorder *self, FvScriptNode *node, const char *op, FvSymbol *const *inputs, gsize n,
          GError **error)
{
  FvSymbol *results[MAX_RESULTS] = { NULL };

  if (!fv_recorder_call (self, op, inputs, n, results, error)) {
    for (gsize i = 0; i < MAX_RESULTS; i++)
      fv_symbol_unref (results[i]);
    return FALSE;
  }
  for (guint i = 0; i < fv_script_node_get_n_outputs (node); i++)
    fv_recorder_take_output (self, node, i, results[i]);
  return TRUE;
}

gboolean
fv_recorder_run_operator (FvRecorder *self, FvScriptNode *node, GError **error)
{
  g_autofree char *op = fv_script_node_get_op (node);
  const char *kind = fv_script_node_get_kind (node);
  gsize n = fv_script_node_get_n_inputs (node);
  g_autofree FvSymbol **inputs = g_new0 (FvSymbol *, n + 1);

  if (op == NULL || !fv_script_operator_is_allowed (kind))
    return fv_recorder_refuse (self, error, "uses “%s”, which Fovea does not run", kind);
  for (gsize i = 0; i < n; i++)
    inputs[i] = fv_recorder_get_input (self, node, (guint) i);
  if (asks_about_gradients (op)) {
    fv_recorder_take_output (self, node, 0, fv_symbol_new_constant (fv_bool (TRUE)));
    return TRUE;
  }
  if (!fv_script_is_in_place (op))
    return run_pure (self, node, op, inputs, n, error);
  if (!fv_recorder_run_in_place (self, op, inputs, n, error))
    return FALSE;
  if (fv_script_node_get_n_outputs (node) > 0)
    fv_recorder_take_output (self, node, 0, fv_symbol_ref (inputs[0]));
  return TRUE;
}

const FvValue *
fv_recorder_decide (FvRecorder *self, FvSymbol *symbol, GError **error)
{
  if (symbol->kind != FV_SYMBOL_VALUE
      || (symbol->value.kind != FV_VALUE_BOOL && symbol->value.kind != FV_VALUE_INT)) {
    fv_recorder_refuse (self, error, "branches on something that is no truth and no number");
    return NULL;
  }
  if (symbol->from_picture) {
    fv_recorder_refuse (self, error,
                        "decides by the picture's values what it does next (an “if” or a loop on "
                        "data); Fovea follows only networks that do the same for every picture, as "
                        "torch.jit.trace makes them");
    return NULL;
  }
  if (!fv_symbol_is_constant (symbol))
    fv_guards_add (fv_graph_get_guards (self->graph), symbol->argument.index, &symbol->value);
  return &symbol->value;
}
