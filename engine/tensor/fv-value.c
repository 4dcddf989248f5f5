/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Owning, freeing and comparing what values point to. */

#include "fv-value.h"

static void
clear_tensors (FvValue *self)
{
  for (gsize i = 0; i < self->n; i++)
    fv_tensor_unref (self->tensors[i]);
  g_free ((FvTensor **) self->tensors);
}

static void
clear_items (FvValue *self)
{
  for (gsize i = 0; i < self->n; i++)
    fv_value_clear (&self->items[i]);
  g_free (self->items);
}

void
fv_value_clear (FvValue *self)
{
  switch (self->kind) {
  case FV_VALUE_TENSOR:
    fv_tensor_unref (self->tensor);
    break;
  case FV_VALUE_STRING:
    g_free ((char *) self->string);
    break;
  case FV_VALUE_INTS:
    g_free ((gint64 *) self->ints);
    break;
  case FV_VALUE_REALS:
    g_free ((double *) self->reals);
    break;
  case FV_VALUE_BOOLS:
    g_free ((gboolean *) self->booleans);
    break;
  case FV_VALUE_TENSORS:
    clear_tensors (self);
    break;
  case FV_VALUE_TUPLE:
    clear_items (self);
    break;
  case FV_VALUE_NONE:
  case FV_VALUE_INT:
  case FV_VALUE_FLOAT:
  case FV_VALUE_BOOL:
  default:
    break;
  }
  *self = fv_none ();
}

static FvTensor *const *
copy_tensors (const FvValue *self)
{
  FvTensor **tensors = g_new0 (FvTensor *, MAX (self->n, 1));

  for (gsize i = 0; i < self->n; i++)
    tensors[i] = self->tensors[i] != NULL ? fv_tensor_ref (self->tensors[i]) : NULL;
  return tensors;
}

static FvValue *
copy_items (const FvValue *self)
{
  FvValue *items = g_new0 (FvValue, MAX (self->n, 1));

  for (gsize i = 0; i < self->n; i++)
    items[i] = fv_value_copy (&self->items[i]);
  return items;
}

FvValue
fv_value_copy (const FvValue *self)
{
  FvValue copy = *self;

  switch (self->kind) {
  case FV_VALUE_TENSOR:
    fv_tensor_ref (copy.tensor);
    break;
  case FV_VALUE_STRING:
    copy.string = g_strdup (self->string);
    break;
  case FV_VALUE_INTS:
    copy.ints = g_memdup2 (self->ints, self->n * sizeof (gint64));
    break;
  case FV_VALUE_REALS:
    copy.reals = g_memdup2 (self->reals, self->n * sizeof (double));
    break;
  case FV_VALUE_BOOLS:
    copy.booleans = g_memdup2 (self->booleans, self->n * sizeof (gboolean));
    break;
  case FV_VALUE_TENSORS:
    copy.tensors = copy_tensors (self);
    break;
  case FV_VALUE_TUPLE:
    copy.items = copy_items (self);
    break;
  case FV_VALUE_NONE:
  case FV_VALUE_INT:
  case FV_VALUE_FLOAT:
  case FV_VALUE_BOOL:
  default:
    break;
  }
  return copy;
}

static gboolean
equal_items (const FvValue *a, const FvValue *b)
{
  for (gsize i = 0; i < a->n; i++)
    if (!fv_value_equal (&a->items[i], &b->items[i]))
      return FALSE;
  return TRUE;
}

static gboolean
equal_bytes (const void *a, const void *b, gsize n)
{
  return n == 0 || memcmp (a, b, n) == 0;
}

gboolean
fv_value_equal (const FvValue *a, const FvValue *b)
{
  if (a->kind != b->kind || a->n != b->n)
    return FALSE;
  switch (a->kind) {
  case FV_VALUE_TENSOR:
    return a->tensor == b->tensor;
  case FV_VALUE_INT:
    return a->integer == b->integer;
  case FV_VALUE_FLOAT:
    return equal_bytes (&a->real, &b->real, sizeof (double));
  case FV_VALUE_BOOL:
    return !a->boolean == !b->boolean;
  case FV_VALUE_STRING:
    return g_str_equal (a->string, b->string);
  case FV_VALUE_INTS:
    return equal_bytes (a->ints, b->ints, a->n * sizeof (gint64));
  case FV_VALUE_REALS:
    return equal_bytes (a->reals, b->reals, a->n * sizeof (double));
  case FV_VALUE_BOOLS:
    return equal_bytes (a->booleans, b->booleans, a->n * sizeof (gboolean));
  case FV_VALUE_TENSORS:
    return equal_bytes (a->tensors, b->tensors, a->n * sizeof (FvTensor *));
  case FV_VALUE_TUPLE:
    return equal_items (a, b);
  case FV_VALUE_NONE:
  default:
    return TRUE;
  }
}
