/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A sigmoid around half a standard deviation above the mean. */

#include "fv-soft-mask.h"

#include "fv-op.h"

gboolean
fv_soft_mask_is_flat (double low, double high)
{
  return high - low < FV_SOFT_MASK_FLAT;
}

FvTensor *
fv_soft_mask (FvScope *scope, FvTensor *gradients, double omega, gboolean normalised)
{
  FvTensor *mean
      = fv_call (scope, "aten::mean.dim", fv_of (gradients), fv_ints (1, 2), fv_bool (TRUE));
  FvTensor *spread = fv_call (scope, "aten::std.dim", fv_of (gradients), fv_ints (1, 2),
                              fv_bool (TRUE), fv_bool (TRUE));
  FvTensor *sigma
      = fv_call (scope, "aten::add.Tensor", fv_of (mean), fv_of (spread), fv_real (0.5));
  FvTensor *above = fv_call (scope, "aten::sub.Tensor", fv_of (gradients), fv_of (sigma));

  if (normalised) {
    FvTensor *flat = fv_call (scope, "aten::eq.Scalar", fv_of (spread), fv_real (0));

    spread = fv_call (scope, "aten::masked_fill.Scalar", fv_of (spread), fv_of (flat), fv_real (1));
    above = fv_call (scope, "aten::div.Tensor", fv_of (above), fv_of (spread));
  }
  above = fv_call (scope, "aten::mul.Scalar", fv_of (above), fv_real (omega));
  return fv_call (scope, "aten::sigmoid", fv_of (above));
}
