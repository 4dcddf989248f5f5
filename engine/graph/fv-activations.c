/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A table from node to value. */

#include "fv-activations.h"

struct _FvActivations {
  gatomicrefcount references;
  GHashTable *values; /* FvNodeId → FvValue */
};

static void
free_value (gpointer data)
{
  fv_value_clear (data);
  g_free (data);
}

FvActivations *
fv_activations_new (void)
{
  FvActivations *self = g_new0 (FvActivations, 1);

  g_atomic_ref_count_init (&self->references);
  self->values = g_hash_table_new_full (NULL, NULL, NULL, free_value);
  return self;
}

FvActivations *
fv_activations_ref (FvActivations *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
fv_activations_unref (FvActivations *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  g_hash_table_unref (self->values);
  g_free (self);
}

void
fv_activations_set (FvActivations *self, FvNodeId node, FvTensor *tensor)
{
  fv_activations_take (self, node, fv_of (fv_tensor_ref (tensor)));
}

void
fv_activations_take (FvActivations *self, FvNodeId node, FvValue value)
{
  g_hash_table_replace (self->values, GUINT_TO_POINTER (node),
                        g_memdup2 (&value, sizeof (FvValue)));
}

FvTensor *
fv_activations_get (const FvActivations *self, FvNodeId node)
{
  const FvValue *value = fv_activations_get_value (self, node);

  return value != NULL && value->kind == FV_VALUE_TENSOR ? value->tensor : NULL;
}

const FvValue *
fv_activations_get_value (const FvActivations *self, FvNodeId node)
{
  return g_hash_table_lookup (self->values, GUINT_TO_POINTER (node));
}

gsize
fv_activations_get_bytes (const FvActivations *self)
{
  GHashTableIter iter;
  gpointer data;
  gsize bytes = 0;

  g_hash_table_iter_init (&iter, self->values);
  while (g_hash_table_iter_next (&iter, NULL, &data)) {
    const FvValue *value = data;

    if (value->kind == FV_VALUE_TENSOR)
      bytes += (gsize) fv_tensor_get_n_elements (value->tensor)
               * fv_dtype_get_size (fv_tensor_get_dtype (value->tensor));
  }
  return bytes;
}
