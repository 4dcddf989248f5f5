/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Owning and freeing what values point to. */

#include "fv-value.h"

void
fv_value_clear (FvValue *self)
{
  if (self->kind == FV_VALUE_TENSOR) {
    fv_tensor_unref (self->tensor);
  } else if (self->kind == FV_VALUE_STRING) {
    g_free ((char *) self->string);
  } else if (self->kind == FV_VALUE_INTS) {
    g_free ((gint64 *) self->ints);
  } else if (self->kind == FV_VALUE_TENSORS) {
    for (gsize i = 0; i < self->n; i++)
      fv_tensor_unref (self->tensors[i]);
    g_free ((FvTensor **) self->tensors);
  }
  *self = fv_none ();
}

FvValue
fv_value_copy (const FvValue *self)
{
  FvValue copy = *self;

  if (copy.kind == FV_VALUE_TENSOR) {
    fv_tensor_ref (copy.tensor);
  } else if (copy.kind == FV_VALUE_STRING) {
    copy.string = g_strdup (copy.string);
  } else if (copy.kind == FV_VALUE_INTS) {
    copy.ints = g_memdup2 (copy.ints, copy.n * sizeof (gint64));
  } else if (copy.kind == FV_VALUE_TENSORS) {
    copy.tensors = g_memdup2 (copy.tensors, copy.n * sizeof (FvTensor *));
    for (gsize i = 0; i < copy.n; i++)
      fv_tensor_ref (copy.tensors[i]);
  }
  return copy;
}
