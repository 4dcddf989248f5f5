/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Symbols: counted, since names, lists and views share them. */

#include "fv-symbol.h"

static FvSymbol *
symbol_new (FvSymbolKind kind)
{
  FvSymbol *self = g_rc_box_new0 (FvSymbol);

  self->kind = kind;
  return self;
}

FvSymbol *
fv_symbol_new_value (FvValue value, FvArgument argument, gboolean from_picture)
{
  FvSymbol *self = symbol_new (FV_SYMBOL_VALUE);

  self->value = value;
  self->argument = argument;
  self->from_picture = from_picture;
  return self;
}

FvSymbol *
fv_symbol_new_constant (FvValue value)
{
  return fv_symbol_new_value (value, fv_constant (value), FALSE);
}

FvSymbol *
fv_symbol_new_container (FvSymbolKind kind)
{
  FvSymbol *self = symbol_new (kind);

  self->items = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_symbol_unref);
  return self;
}

FvSymbol *
fv_symbol_new_object (FvScriptObject *object, const char *path)
{
  FvSymbol *self = symbol_new (FV_SYMBOL_OBJECT);

  self->object = object;
  self->path = g_strdup (path);
  return self;
}

static FvSymbol *
new_container_of_datum (const FvScriptDatum *datum, FvSymbolKind kind, const char *path)
{
  FvSymbol *self = fv_symbol_new_container (kind);

  for (guint i = 0; i < datum->items->len; i++) {
    g_autoptr (FvSymbol) item = fv_symbol_new_datum (g_ptr_array_index (datum->items, i), path);

    fv_symbol_add_item (self, datum->names != NULL ? datum->names[i] : NULL, item);
  }
  return self;
}

static FvSymbol *
new_of_datum (const FvScriptDatum *datum, const char *path)
{
  switch (datum->kind) {
  case FV_SCRIPT_VALUE:
    return fv_symbol_new_constant (fv_value_copy (&datum->value));
  case FV_SCRIPT_LIST:
    return new_container_of_datum (datum, FV_SYMBOL_LIST, path);
  case FV_SCRIPT_TUPLE:
    return new_container_of_datum (datum, FV_SYMBOL_TUPLE, path);
  case FV_SCRIPT_DICT:
    return new_container_of_datum (datum, FV_SYMBOL_DICT, path);
  case FV_SCRIPT_OBJECT:
    return fv_symbol_new_object (datum->object, path);
  case FV_SCRIPT_OTHER:
  default:
    return symbol_new (FV_SYMBOL_OTHER);
  }
}

FvSymbol *
fv_symbol_new_datum (const FvScriptDatum *datum, const char *path)
{
  FvSymbol *self = new_of_datum (datum, path);

  self->is_attribute = TRUE;
  return self;
}

FvSymbol *
fv_symbol_ref (FvSymbol *self)
{
  return g_rc_box_acquire (self);
}

static void
symbol_clear (gpointer data)
{
  FvSymbol *self = data;

  fv_value_clear (&self->value);
  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->view_inputs, g_ptr_array_unref);
  fv_symbol_unref (self->base);
  g_free (self->view_op);
  g_free (self->path);
}

void
fv_symbol_unref (FvSymbol *self)
{
  if (self != NULL)
    g_rc_box_release_full (self, symbol_clear);
}

void
fv_symbol_add_item (FvSymbol *self, const char *name, FvSymbol *item)
{
  g_ptr_array_add (self->items, fv_symbol_ref (item));
  if (name == NULL)
    return;
  if (self->names == NULL)
    self->names = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->names, g_strdup (name));
}

FvSymbol *
fv_symbol_find_item (const FvSymbol *self, const char *name)
{
  for (guint i = 0; self->names != NULL && i < self->names->len; i++)
    if (g_str_equal (g_ptr_array_index (self->names, i), name))
      return g_ptr_array_index (self->items, i);
  return NULL;
}

gboolean
fv_symbol_is_constant (const FvSymbol *self)
{
  return self->kind == FV_SYMBOL_VALUE && self->argument.kind == FV_ARGUMENT_CONSTANT;
}

gboolean
fv_symbol_is_value (const FvSymbol *self, FvValueKind kind)
{
  return self->kind == FV_SYMBOL_VALUE && self->value.kind == kind;
}

void
fv_symbol_set_base (FvSymbol *self, FvSymbol *base, const char *view_op, FvSymbol *const *inputs,
                    gsize n_inputs)
{
  self->base = fv_symbol_ref (base);
  self->view_op = g_strdup (view_op);
  self->view_inputs = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_symbol_unref);
  for (gsize i = 0; i < n_inputs; i++)
    g_ptr_array_add (self->view_inputs, fv_symbol_ref (inputs[i]));
  self->seen_version = fv_symbol_get_root (self)->version;
}

FvSymbol *
fv_symbol_get_root (FvSymbol *self)
{
  while (self->base != NULL)
    self = self->base;
  return self;
}

gboolean
fv_symbol_is_current (FvSymbol *self)
{
  if (self->stale)
    return FALSE;
  return self->base == NULL || self->seen_version == fv_symbol_get_root (self)->version;
}
