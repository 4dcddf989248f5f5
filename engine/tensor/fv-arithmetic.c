/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One operator each. */

#include "fv-arithmetic.h"

#include "fv-op.h"

FvTensor *
fv_add (FvScope *scope, FvTensor *a, FvTensor *b)
{
  return fv_call (scope, "aten::add.Tensor", fv_of (a), fv_of (b));
}

FvTensor *
fv_subtract (FvScope *scope, FvTensor *a, FvTensor *b)
{
  return fv_call (scope, "aten::sub.Tensor", fv_of (a), fv_of (b));
}

FvTensor *
fv_multiply (FvScope *scope, FvTensor *a, FvTensor *b)
{
  return fv_call (scope, "aten::mul.Tensor", fv_of (a), fv_of (b));
}

FvTensor *
fv_scale (FvScope *scope, FvTensor *a, double factor)
{
  return fv_call (scope, "aten::mul.Scalar", fv_of (a), fv_real (factor));
}
