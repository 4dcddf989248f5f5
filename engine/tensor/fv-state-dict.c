/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An ordered dictionary of tensors. Order is kept because it is the order in which PyTorch lists
 * parameters, and because it makes saved files repeat byte for byte. */

#include "fv-state-dict.h"

struct _FvStateDict {
  GPtrArray *names;    /* char *, owned */
  GPtrArray *tensors;  /* FvTensor *, a reference each */
  GHashTable *indices; /* name (of `names`) -> index */
};

FvStateDict *
fv_state_dict_new (void)
{
  FvStateDict *self = g_atomic_rc_box_new0 (FvStateDict);

  self->names = g_ptr_array_new_with_free_func (g_free);
  self->tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_tensor_unref);
  self->indices = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

FvStateDict *
fv_state_dict_ref (FvStateDict *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
fv_state_dict_clear (FvStateDict *self)
{
  g_hash_table_unref (self->indices);
  g_ptr_array_unref (self->tensors);
  g_ptr_array_unref (self->names);
}

void
fv_state_dict_unref (FvStateDict *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) fv_state_dict_clear);
}

gboolean
fv_state_dict_add (FvStateDict *self, const char *name, FvTensor *tensor)
{
  char *owned_name;

  g_return_val_if_fail (name != NULL && tensor != NULL, FALSE);

  if (g_hash_table_contains (self->indices, name))
    return FALSE;
  owned_name = g_strdup (name);
  g_hash_table_insert (self->indices, owned_name, GUINT_TO_POINTER (self->names->len));
  g_ptr_array_add (self->names, owned_name);
  g_ptr_array_add (self->tensors, fv_tensor_ref (tensor));
  return TRUE;
}

guint
fv_state_dict_get_length (const FvStateDict *self)
{
  return self->names->len;
}

const char *
fv_state_dict_get_name (const FvStateDict *self, guint index)
{
  g_return_val_if_fail (index < self->names->len, NULL);

  return g_ptr_array_index (self->names, index);
}

FvTensor *
fv_state_dict_get_tensor (const FvStateDict *self, guint index)
{
  g_return_val_if_fail (index < self->tensors->len, NULL);

  return g_ptr_array_index (self->tensors, index);
}

FvTensor *
fv_state_dict_lookup (const FvStateDict *self, const char *name)
{
  gpointer index;

  if (!g_hash_table_lookup_extended (self->indices, name, NULL, &index))
    return NULL;
  return g_ptr_array_index (self->tensors, GPOINTER_TO_UINT (index));
}
