/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One argument or result of an operator: the few kinds of value that libtorch's operators take.
 * A plain struct, so that a call's arguments can be written as a compound literal.
 * As an argument a value borrows what it points to; as a result it owns it: fv_value_clear (). */

#pragma once

#include "fv-tensor.h"

G_BEGIN_DECLS

typedef enum {
  FV_VALUE_NONE,
  FV_VALUE_TENSOR,
  FV_VALUE_INT,
  FV_VALUE_FLOAT,
  FV_VALUE_BOOL,
  FV_VALUE_STRING,
  FV_VALUE_INTS,    /* a list of int64 */
  FV_VALUE_REALS,   /* a list of doubles */
  FV_VALUE_BOOLS,   /* a list of booleans */
  FV_VALUE_TENSORS, /* a list of tensors; NULL where a list of optional tensors has none */
  FV_VALUE_TUPLE,   /* several results of one operator; never an argument */
} FvValueKind;

typedef struct _FvValue FvValue;

struct _FvValue {
  FvValueKind kind;
  gsize n; /* length of the list or tuple */
  union {
    FvTensor *tensor;
    gint64 integer;
    double real;
    gboolean boolean;
    const char *string;
    const gint64 *ints;
    const double *reals;
    const gboolean *booleans;
    FvTensor *const *tensors;
    FvValue *items;
  };
};

static inline FvValue
fv_none (void)
{
  FvValue value = { FV_VALUE_NONE, 0, { NULL } };

  return value;
}

/* A NULL tensor is a mistake of the caller, reported by the call; for "no tensor" use fv_none ().
 */
static inline FvValue
fv_of (FvTensor *tensor)
{
  FvValue value = fv_none ();

  value.kind = FV_VALUE_TENSOR;
  value.tensor = tensor;
  return value;
}

static inline FvValue
fv_int (gint64 integer)
{
  FvValue value = fv_none ();

  value.kind = FV_VALUE_INT;
  value.integer = integer;
  return value;
}

static inline FvValue
fv_real (double real)
{
  FvValue value = fv_none ();

  value.kind = FV_VALUE_FLOAT;
  value.real = real;
  return value;
}

static inline FvValue
fv_bool (gboolean boolean)
{
  FvValue value = fv_none ();

  value.kind = FV_VALUE_BOOL;
  value.boolean = boolean;
  return value;
}

static inline FvValue
fv_string (const char *string)
{
  FvValue value = fv_none ();

  value.kind = FV_VALUE_STRING;
  value.string = string;
  return value;
}

static inline FvValue
fv_int_list (const gint64 *ints, gsize n)
{
  FvValue value = fv_none ();

  value.kind = FV_VALUE_INTS;
  value.n = n;
  value.ints = ints;
  return value;
}

static inline FvValue
fv_real_list (const double *reals, gsize n)
{
  FvValue value = fv_none ();

  value.kind = FV_VALUE_REALS;
  value.n = n;
  value.reals = reals;
  return value;
}

static inline FvValue
fv_bool_list (const gboolean *booleans, gsize n)
{
  FvValue value = fv_none ();

  value.kind = FV_VALUE_BOOLS;
  value.n = n;
  value.booleans = booleans;
  return value;
}

static inline FvValue
fv_tuple (FvValue *items, gsize n)
{
  FvValue value = fv_none ();

  value.kind = FV_VALUE_TUPLE;
  value.n = n;
  value.items = items;
  return value;
}

static inline FvValue
fv_tensor_list (FvTensor *const *tensors, gsize n)
{
  FvValue value = fv_none ();

  value.kind = FV_VALUE_TENSORS;
  value.n = n;
  value.tensors = tensors;
  return value;
}

/* fv_ints (1, 2, 3): a list that lives as long as the enclosing block. */
#define fv_ints(...)                                                                               \
  fv_int_list ((const gint64[]){ __VA_ARGS__ }, G_N_ELEMENTS (((const gint64[]){ __VA_ARGS__ })))

/* Frees what a *result* owns and makes it NONE. */
void fv_value_clear (FvValue *self);
/* A value that owns what it points to: tensors are shared, lists and strings copied. */
FvValue fv_value_copy (const FvValue *self);
/* TRUE when kinds and numbers agree; tensors must be the same handle. */
gboolean fv_value_equal (const FvValue *a, const FvValue *b);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FvValue, fv_value_clear)

G_END_DECLS
