/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A scope is a list of references and the first error. */

#include "fv-scope.h"

struct _FvScope {
  GPtrArray *tensors;
  GError *error;
};

FvScope *
fv_scope_new (void)
{
  FvScope *self = g_new0 (FvScope, 1);

  self->tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_tensor_unref);
  return self;
}

void
fv_scope_free (FvScope *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->tensors);
  g_clear_error (&self->error);
  g_free (self);
}

FvTensor *
fv_scope_take (FvScope *self, FvTensor *tensor)
{
  if (tensor != NULL)
    g_ptr_array_add (self->tensors, tensor);
  return tensor;
}

FvTensor *
fv_scope_keep (FvScope *self, FvTensor *tensor)
{
  return tensor != NULL ? fv_tensor_ref (tensor) : NULL;
}

void
fv_scope_fail (FvScope *self, GError *error)
{
  if (self->error == NULL)
    self->error = error;
  else
    g_error_free (error);
}

gboolean
fv_scope_has_failed (const FvScope *self)
{
  return self->error != NULL;
}

gboolean
fv_scope_check (const FvScope *self, GError **error)
{
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (self->error));
  return FALSE;
}
