/* SPDX-License-Identifier: GPL-3.0-or-later */

/* In-place operators become pure ones. A symbol is one object of the program, so giving it a new
 * value is seen under every name; a view writes through to what it looks into. */

#include "fv-script-parts.h"

gboolean
fv_script_is_in_place (const char *op)
{
  gsize length = strcspn (op, ".");

  return length > 2 && op[length - 1] == '_' && op[length - 2] != '_';
}

/* "aten::add_.Tensor" → "aten::add.Tensor". (transfer full) */
static char *
get_pure_twin (const char *op)
{
  gsize length = strcspn (op, ".");
  g_autofree char *name = g_strndup (op, length - 1);

  /* The one whose twin has another overload. */
  if (g_str_equal (op, "aten::transpose_"))
    return g_strdup ("aten::transpose.int");
  return g_strconcat (name, op + length, NULL);
}

/* The operator that puts a changed part back into the whole it was cut from. */
static const char *
get_scatter (const char *view_op)
{
  static const char *const scatters[][2] = {
    { "aten::slice.Tensor", "aten::slice_scatter" },
    { "aten::select.int", "aten::select_scatter" },
    { "aten::diagonal", "aten::diagonal_scatter" },
  };

  for (gsize i = 0; view_op != NULL && i < G_N_ELEMENTS (scatters); i++)
    if (g_str_equal (scatters[i][0], view_op))
      return scatters[i][1];
  return NULL;
}

/* TRUE for operators that always show the same memory in the same order. Those that may copy
 * (reshape, contiguous, dropout …) are none of them: what they do on one picture says nothing of
 * what they do on three. */
static gboolean
keeps_order (const char *view_op)
{
  static const char *const names[]
      = { "aten::view",        "aten::view_as", "aten::unsqueeze", "aten::squeeze",
          "aten::squeeze.dim", "aten::detach",  "aten::alias",     NULL };

  return view_op != NULL && g_strv_contains (names, view_op);
}

/* Operators that change how a tensor is seen, not what is in its memory. */
static gboolean
changes_form (const char *op)
{
  static const char *const names[]
      = { "aten::t_",       "aten::transpose_",   "aten::swapaxes_",  "aten::swapdims_",
          "aten::squeeze_", "aten::squeeze_.dim", "aten::unsqueeze_", NULL };

  return g_strv_contains (names, op);
}

static void
set_value (FvSymbol *target, const FvSymbol *from)
{
  fv_value_clear (&target->value);
  target->value = fv_value_copy (&from->value);
  target->argument = from->argument;
  if (target->argument.kind == FV_ARGUMENT_CONSTANT)
    target->argument.constant = target->value;
  target->from_picture = from->from_picture;
  target->form_from_picture = from->form_from_picture;
}

/* The base with @part put where the view @view looks. NULL when that cannot be followed or, with
 * @error, has failed. (transfer full) */
static FvSymbol *
put_back (FvRecorder *self, FvSymbol *view, FvSymbol *part, GError **error)
{
  const char *scatter = get_scatter (view->view_op);
  g_autoptr (GPtrArray) inputs = g_ptr_array_new ();

  if (scatter == NULL && !keeps_order (view->view_op))
    return NULL;
  if (scatter == NULL) {
    FvSymbol *const both[] = { part, view->base };

    return fv_recorder_call_one (self, "aten::reshape_as", both, 2, error);
  }
  g_ptr_array_add (inputs, view->base);
  g_ptr_array_add (inputs, part);
  g_ptr_array_extend (inputs, view->view_inputs, NULL, NULL);
  return fv_recorder_call_one (self, scatter, (FvSymbol *const *) inputs->pdata, inputs->len,
                               error);
}

static void
set_bases_stale (FvSymbol *view)
{
  for (FvSymbol *base = view->base; base != NULL; base = base->base)
    base->stale = TRUE;
}

static gboolean
write_through (FvRecorder *self, FvSymbol *target, FvSymbol *changed, GError **error)
{
  g_autoptr (FvSymbol) whole = NULL;
  g_autoptr (GError) reason = NULL;

  if (target->argument.kind == FV_ARGUMENT_PARAMETER || target->is_attribute)
    return fv_recorder_refuse (self, error, "changes one of its own tensors while it runs");
  if (target->base != NULL) {
    whole = put_back (self, target, changed, &reason);
    if (reason != NULL) {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
    if (whole == NULL)
      set_bases_stale (target);
    else if (!write_through (self, target->base, whole, error))
      return FALSE;
  }
  set_value (target, changed);
  return TRUE;
}

/* The memory was written: views of it that are not part of the chain no longer show it. */
static void
bump_version (FvSymbol *written)
{
  guint version = ++fv_symbol_get_root (written)->version;

  for (FvSymbol *view = written; view->base != NULL; view = view->base)
    view->seen_version = version;
}

gboolean
fv_recorder_run_in_place (FvRecorder *self, const char *op, FvSymbol *const *inputs, gsize n_inputs,
                          GError **error)
{
  g_autofree char *twin = get_pure_twin (op);
  g_autoptr (FvSymbol) changed = NULL;

  if (n_inputs == 0 || !fv_symbol_is_value (inputs[0], FV_VALUE_TENSOR)
      || fv_op_find (twin, NULL) == NULL)
    return fv_recorder_refuse (self, error, "uses “%s”, which Fovea does not run", op);
  changed = fv_recorder_call_one (self, twin, inputs, n_inputs, error);
  if (changed == NULL)
    return FALSE;
  if (fv_tensor_get_dtype (changed->value.tensor) != fv_tensor_get_dtype (inputs[0]->value.tensor))
    return fv_recorder_refuse (self, error, "changes a tensor's type in place by “%s”", op);
  if (changes_form (op)) {
    set_value (inputs[0], changed);
    g_clear_pointer (&inputs[0]->view_op, g_free);
    return TRUE;
  }
  if (!write_through (self, inputs[0], changed, error))
    return FALSE;
  bump_version (inputs[0]);
  return TRUE;
}
