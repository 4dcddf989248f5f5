/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A forward may return a tensor, a tuple, a list, a named tuple or a dictionary, also nested. */

#include "fv-script-outputs.h"

typedef struct {
  char *name;
  FvSymbol *symbol;
} Output;

static void
clear_output (gpointer data)
{
  g_free (((Output *) data)->name);
}

/* Adds every tensor of @result under its name: "logits", "0", "heads.1"; one alone is "". */
static void
list_outputs (GArray *outputs, FvSymbol *result, const char *name)
{
  Output output = { NULL, result };

  if (fv_symbol_is_value (result, FV_VALUE_TENSOR)) {
    output.name = g_strdup (name);
    g_array_append_val (outputs, output);
    return;
  }
  for (guint i = 0; result->items != NULL && i < result->items->len; i++) {
    g_autofree char *number = g_strdup_printf ("%u", i);
    g_autofree char *inner = fv_module_join (
        name, result->names != NULL ? g_ptr_array_index (result->names, i) : number);

    list_outputs (outputs, g_ptr_array_index (result->items, i), inner);
  }
}

static gboolean
is_logits (const FvSymbol *symbol)
{
  const FvTensor *tensor = symbol->value.tensor;

  return symbol->argument.kind == FV_ARGUMENT_NODE && fv_tensor_get_n_dims (tensor) == 2
         && fv_tensor_get_size (tensor, 0) == 1 && fv_tensor_get_size (tensor, 1) > 0;
}

static char *
describe_outputs (const GArray *outputs)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < outputs->len; i++) {
    const Output *output = &g_array_index (outputs, Output, i);
    g_autofree char *tensor = fv_tensor_describe (output->symbol->value.tensor);

    g_string_append_printf (text, "%s%s%s(%s)", i > 0 ? ", " : "", output->name,
                            *output->name != '\0' ? " " : "", tensor);
  }
  return g_string_free (text, FALSE);
}

static const Output *
find_named (const GArray *outputs, const char *name)
{
  for (guint i = 0; i < outputs->len; i++)
    if (g_str_equal (g_array_index (outputs, Output, i).name, name))
      return &g_array_index (outputs, Output, i);
  return NULL;
}

/* The only logits; *n says how many there are. */
static const Output *
find_only (const GArray *outputs, guint *n)
{
  const Output *only = NULL;

  *n = 0;
  for (guint i = 0; i < outputs->len; i++)
    if (is_logits (g_array_index (outputs, Output, i).symbol)) {
      only = &g_array_index (outputs, Output, i);
      (*n)++;
    }
  return *n == 1 ? only : NULL;
}

static gboolean
refuse (const FvRecorder *recorder, const GArray *outputs, const char *name, guint n_logits,
        GError **error)
{
  g_autofree char *list = describe_outputs (outputs);

  if (outputs->len == 0)
    return fv_recorder_refuse (recorder, error, "returns no tensor");
  if (name != NULL)
    return fv_recorder_refuse (
        recorder, error, "has no result “%s” of shape [1, classes]; it returns %s", name, list);
  if (n_logits > 1)
    return fv_recorder_refuse (recorder, error,
                               "returns several results, choose one by its name (--logits NAME): "
                               "%s",
                               list);
  return fv_recorder_refuse (recorder, error,
                             "is no classifier: none of its results is [1, classes]; it returns %s",
                             list);
}

gboolean
fv_script_choose_output (FvRecorder *recorder, FvSymbol *result, const char *name, GError **error)
{
  g_autoptr (GArray) outputs = g_array_new (FALSE, FALSE, sizeof (Output));
  const Output *chosen;
  guint n_logits = 0;

  g_array_set_clear_func (outputs, clear_output);
  list_outputs (outputs, result, "");
  chosen = name != NULL ? find_named (outputs, name) : find_only (outputs, &n_logits);
  if (chosen == NULL || !is_logits (chosen->symbol) || !fv_symbol_is_current (chosen->symbol))
    return refuse (recorder, outputs, name, n_logits, error);
  recorder->n_classes = (int) fv_tensor_get_size (chosen->symbol->value.tensor, 1);
  fv_graph_set_output (recorder->graph, chosen->symbol->argument.index);
  return TRUE;
}
