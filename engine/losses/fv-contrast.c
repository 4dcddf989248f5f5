/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The contrast term, in the order of its equation. */

#include "fv-contrast.h"

#include <math.h>

#include "fv-mask-cells.h"
#include "fv-op.h"

/* Guards the division by evidence: far below any that training meets. */
#define EVIDENCE_EPSILON 1e-12

/* E: [N,h,w]. */
static FvTensor *
differences (FvScope *scope, FvTensor *maps)
{
  FvTensor *common = fv_call (scope, "aten::mean.dim", fv_of (maps), fv_ints (1), fv_bool (TRUE));
  FvTensor *own = fv_call (scope, "aten::sub.Tensor", fv_of (maps), fv_of (common));

  return fv_call (scope, "aten::sum.dim_IntList", fv_of (fv_call (scope, "aten::abs", fv_of (own))),
                  fv_ints (1));
}

/* sum over cells of @area × @evidence: [N]. */
static FvTensor *
collect (FvScope *scope, FvTensor *area, FvTensor *evidence)
{
  return fv_mask_cells_sum (scope,
                            fv_call (scope, "aten::mul.Tensor", fv_of (area), fv_of (evidence)));
}

/* R for the evidence E. */
static FvTensor *
measure (FvScope *scope, FvTensor *evidence, FvTensor *inside, FvTensor *opinion, FvTensor *weight)
{
  FvTensor *inside_area = fv_mask_cells_inside (scope, inside, opinion);
  FvTensor *all = fv_call (scope, "aten::clamp_min", fv_of (collect (scope, opinion, evidence)),
                           fv_real (EVIDENCE_EPSILON));
  FvTensor *share = fv_call (scope, "aten::div.Tensor",
                             fv_of (collect (scope, inside_area, evidence)), fv_of (all));

  return fv_mask_cells_mean (scope, fv_mask_cells_count (scope, inside_area, weight),
                             fv_call (scope, "aten::rsub.Scalar", fv_of (share), fv_real (1)));
}

FvTensor *
fv_contrast (FvScope *scope, FvTensor *maps, FvTensor *inside, FvTensor *opinion, FvTensor *weight)
{
  return measure (scope, differences (scope, maps), inside, opinion, weight);
}

FvTensor *
fv_contrast_of_one (FvScope *scope, FvTensor *map, FvTensor *inside, FvTensor *opinion,
                    FvTensor *weight)
{
  return measure (scope, fv_call (scope, "aten::abs", fv_of (map)), inside, opinion, weight);
}

FvTensor *
fv_contrast_rivals (FvScope *scope, FvTensor *logits, FvTensor *labels)
{
  FvTensor *column = fv_call (scope, "aten::unsqueeze", fv_of (labels), fv_int (1));
  FvTensor *others = fv_call (scope, "aten::scatter.value", fv_of (logits), fv_int (1),
                              fv_of (column), fv_real (INFINITY));
  FvTensor *ranked = fv_call (scope, "aten::argsort", fv_of (others), fv_int (1), fv_bool (TRUE));

  return fv_call (scope, "aten::slice.Tensor", fv_of (ranked), fv_int (1), fv_int (0),
                  fv_int (1 + FV_CONTRAST_RIVALS));
}
