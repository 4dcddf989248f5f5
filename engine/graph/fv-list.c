/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lists of one kind of value. */

#include "fv-list.h"

static gboolean
have_kind (const FvValue *items, gsize n_items, FvValueKind kind)
{
  for (gsize i = 0; i < n_items; i++)
    if (items[i].kind != kind)
      return FALSE;
  return TRUE;
}

static FvValue
make_ints (const FvValue *items, gsize n_items)
{
  gint64 *ints = g_new (gint64, MAX (n_items, 1));

  for (gsize i = 0; i < n_items; i++)
    ints[i] = items[i].integer;
  return fv_int_list (ints, n_items);
}

static FvValue
make_reals (const FvValue *items, gsize n_items)
{
  double *reals = g_new (double, n_items);

  for (gsize i = 0; i < n_items; i++)
    reals[i] = items[i].real;
  return fv_real_list (reals, n_items);
}

static FvValue
make_bools (const FvValue *items, gsize n_items)
{
  gboolean *booleans = g_new (gboolean, n_items);

  for (gsize i = 0; i < n_items; i++)
    booleans[i] = items[i].boolean;
  return fv_bool_list (booleans, n_items);
}

static gboolean
are_optional_tensors (const FvValue *items, gsize n_items)
{
  for (gsize i = 0; i < n_items; i++)
    if (items[i].kind != FV_VALUE_TENSOR && items[i].kind != FV_VALUE_NONE)
      return FALSE;
  return TRUE;
}

static FvValue
make_tensors (const FvValue *items, gsize n_items)
{
  FvTensor **tensors = g_new0 (FvTensor *, n_items);

  for (gsize i = 0; i < n_items; i++)
    tensors[i] = items[i].kind == FV_VALUE_TENSOR ? fv_tensor_ref (items[i].tensor) : NULL;
  return fv_tensor_list (tensors, n_items);
}

gboolean
fv_list_make (const FvValue *items, gsize n_items, FvValue *list, GError **error)
{
  if (have_kind (items, n_items, FV_VALUE_INT))
    *list = make_ints (items, n_items);
  else if (have_kind (items, n_items, FV_VALUE_FLOAT))
    *list = make_reals (items, n_items);
  else if (have_kind (items, n_items, FV_VALUE_BOOL))
    *list = make_bools (items, n_items);
  else if (are_optional_tensors (items, n_items))
    *list = make_tensors (items, n_items);
  else {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "a list holds values of different kinds");
    return FALSE;
  }
  return TRUE;
}

gsize
fv_list_get_length (const FvValue *value)
{
  return value->kind >= FV_VALUE_INTS && value->kind <= FV_VALUE_TUPLE ? value->n : G_MAXSIZE;
}

static FvValue
copy_item (const FvValue *list, gsize index)
{
  switch (list->kind) {
  case FV_VALUE_INTS:
    return fv_int (list->ints[index]);
  case FV_VALUE_REALS:
    return fv_real (list->reals[index]);
  case FV_VALUE_BOOLS:
    return fv_bool (list->booleans[index]);
  case FV_VALUE_TENSORS:
    return list->tensors[index] != NULL ? fv_of (fv_tensor_ref (list->tensors[index])) : fv_none ();
  case FV_VALUE_TUPLE:
    return fv_value_copy (&list->items[index]);
  case FV_VALUE_NONE:
  case FV_VALUE_TENSOR:
  case FV_VALUE_INT:
  case FV_VALUE_FLOAT:
  case FV_VALUE_BOOL:
  case FV_VALUE_STRING:
  default:
    g_assert_not_reached ();
  }
}

gboolean
fv_list_get_item (const FvValue *list, gint64 index, FvValue *item, GError **error)
{
  gsize length = fv_list_get_length (list);

  if (length != G_MAXSIZE && index < 0)
    index += (gint64) length;
  if (length == G_MAXSIZE || index < 0 || (gsize) index >= length) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "a list has no element %" G_GINT64_FORMAT, index);
    return FALSE;
  }
  *item = copy_item (list, (gsize) index);
  return TRUE;
}
