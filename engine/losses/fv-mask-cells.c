/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Areas on a map's cells. */

#include "fv-mask-cells.h"

#include "fv-op.h"

/* Guards divisions by areas, which are at least one cell's share when they are not 0. */
#define AREA_EPSILON 1e-12

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

void
fv_mask_cells_pool (FvScope *scope, int height, int width, FvTensor **inside, FvTensor **opinion)
{
  FvTensor *area = fv_mask_cells_inside (scope, *inside, *opinion);
  FvTensor *total;

  area = fv_call (scope, "aten::adaptive_avg_pool2d", fv_of (area), fv_ints (height, width));
  *opinion
      = fv_call (scope, "aten::adaptive_avg_pool2d", fv_of (*opinion), fv_ints (height, width));
  total = fv_call (scope, "aten::clamp_min", fv_of (*opinion), fv_real (AREA_EPSILON));
  *inside = fv_call (scope, "aten::div.Tensor", fv_of (area), fv_of (total));
}

FvTensor *
fv_mask_cells_sum (FvScope *scope, FvTensor *cells)
{
  return fv_call (scope, "aten::sum.dim_IntList", fv_of (cells), fv_ints (1, 2));
}

FvTensor *
fv_mask_cells_average (FvScope *scope, FvTensor *area, FvTensor *values)
{
  FvTensor *total = fv_call (scope, "aten::clamp_min", fv_of (fv_mask_cells_sum (scope, area)),
                             fv_real (AREA_EPSILON));
  FvTensor *weighed = fv_call (scope, "aten::mul.Tensor", fv_of (area), fv_of (values));

  return fv_call (scope, "aten::div.Tensor", fv_of (fv_mask_cells_sum (scope, weighed)),
                  fv_of (total));
}

FvTensor *
fv_mask_cells_count (FvScope *scope, FvTensor *inside_area, FvTensor *weight)
{
  FvTensor *area = fv_mask_cells_sum (scope, inside_area);
  FvTensor *has_inside = fv_call (scope, "aten::gt.Scalar", fv_of (area), fv_real (0));

  return fv_call (scope, "aten::mul.Tensor", fv_of (weight), fv_of (has_inside));
}

FvTensor *
fv_mask_cells_mean (FvScope *scope, FvTensor *counts, FvTensor *each)
{
  FvTensor *n = fv_call (scope, "aten::clamp_min",
                         fv_of (fv_call (scope, "aten::sum", fv_of (counts))), fv_real (1));
  FvTensor *counted = fv_call (scope, "aten::mul.Tensor", fv_of (counts), fv_of (each));

  return fv_call (scope, "aten::div.Tensor", fv_of (fv_call (scope, "aten::sum", fv_of (counted))),
                  fv_of (n));
}
