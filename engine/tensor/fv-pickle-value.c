/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Values of a pickle. They belong to one arena because they may form circles, which counting
 * references would never free, and because freeing a deep one by recursion could overflow. */

#include "fv-pickle-value.h"

/* A value takes about 100 bytes; the largest published checkpoints have some 100,000. */
#define MAX_VALUES (2 * 1000 * 1000)
#define TEXT_CHUNK_BYTES 4096

static gboolean
has_items (const FvPickleValue *value)
{
  return value->kind >= FV_PICKLE_TUPLE && value->kind <= FV_PICKLE_ORDERED_DICT;
}

static gboolean
has_tensor (const FvPickleValue *value)
{
  return value->kind == FV_PICKLE_STORAGE || value->kind == FV_PICKLE_TENSOR;
}

static void
free_value (FvPickleValue *value)
{
  if (has_items (value))
    g_ptr_array_unref (value->items);
  else if (has_tensor (value))
    g_free (value->tensor);
  g_free (value);
}

FvPickle *
fv_pickle_new (void)
{
  FvPickle *self = g_new0 (FvPickle, 1);

  self->values = g_ptr_array_new_with_free_func ((GDestroyNotify) free_value);
  self->texts = g_string_chunk_new (TEXT_CHUNK_BYTES);
  return self;
}

void
fv_pickle_free (FvPickle *self)
{
  g_ptr_array_unref (self->values);
  g_string_chunk_free (self->texts);
  g_free (self);
}

FvPickleValue *
fv_pickle_add_value (FvPickle *self, FvPickleKind kind, GError **error)
{
  FvPickleValue *value;

  if (self->values->len >= MAX_VALUES) {
    fv_pickle_refuse (error, "describes more objects than weights need");
    return NULL;
  }
  value = g_new0 (FvPickleValue, 1);
  value->kind = kind;
  if (has_items (value))
    value->items = g_ptr_array_new ();
  else if (has_tensor (value))
    value->tensor = g_new0 (FvPickleTensor, 1);
  g_ptr_array_add (self->values, value);
  return value;
}

gboolean
fv_pickle_refuse (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_propagate_error (error,
                     g_error_new_valist (FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE, format, arguments));
  va_end (arguments);
  return FALSE;
}

const FvPickleTensor *
fv_pickle_next_storage (const FvPickle *self, guint *index)
{
  while (*index < self->values->len) {
    const FvPickleValue *value = g_ptr_array_index (self->values, (*index)++);

    if (value->kind == FV_PICKLE_STORAGE)
      return value->tensor;
  }
  return NULL;
}

const FvPickleValue *
fv_pickle_get_root (const FvPickle *self)
{
  return self->root;
}

guint
fv_pickle_value_get_n_pairs (const FvPickleValue *self)
{
  if (self->kind != FV_PICKLE_DICT && self->kind != FV_PICKLE_ORDERED_DICT)
    return 0;
  return self->items->len / 2;
}

const char *
fv_pickle_value_get_key (const FvPickleValue *self, guint index)
{
  const FvPickleValue *key;

  g_return_val_if_fail (index < fv_pickle_value_get_n_pairs (self), NULL);

  key = g_ptr_array_index (self->items, 2 * index);
  return key->kind == FV_PICKLE_TEXT ? key->text : NULL;
}

const FvPickleValue *
fv_pickle_value_get_item (const FvPickleValue *self, guint index)
{
  g_return_val_if_fail (index < fv_pickle_value_get_n_pairs (self), NULL);

  return g_ptr_array_index (self->items, 2 * index + 1);
}

const FvPickleTensor *
fv_pickle_value_get_tensor (const FvPickleValue *self)
{
  return self->kind == FV_PICKLE_TENSOR ? self->tensor : NULL;
}
