/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Areas on a map's cells. */

#include "fv-mask-cells.h"

#include "fv-op.h"

FvTensor *
fv_mask_cells_inside (FvScope *scope, FvTensor *inside, FvTensor *opinion)
{
  return fv_call (scope, "aten::mul.Tensor", fv_of (opinion), fv_of (inside));
}

FvTensor *
fv_mask_cells_outside (FvScope *scope, FvTensor *inside, FvTensor *opinion)
{
  FvTensor *rest = fv_call (scope, "aten::rsub.Scalar", fv_of (inside), fv_real (1));

  return fv_call (scope, "aten::mul.Tensor", fv_of (opinion), fv_of (rest));
}

FvTensor *
fv_mask_cells_sum (FvScope *scope, FvTensor *cells)
{
  return fv_call (scope, "aten::sum.dim_IntList", fv_of (cells), fv_ints (1, 2));
}

FvTensor *
fv_mask_cells_count (FvScope *scope, FvTensor *inside_area, FvTensor *weight)
{
  FvTensor *area = fv_mask_cells_sum (scope, inside_area);
  FvTensor *has_inside = fv_call (scope, "aten::gt.Scalar", fv_of (area), fv_real (0));

  return fv_call (scope, "aten::mul.Tensor", fv_of (weight), fv_of (has_inside));
}
