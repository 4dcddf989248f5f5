/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Binary cross-entropy over all classes; libtorch's own, which is stable for large logits. */

#include "fv-multi-label.h"

#include "fv-op.h"

/* Of libtorch's losses: the value of each element. */
#define NO_REDUCTION 0

FvTensor *
fv_multi_label_loss (FvScope *scope, FvTensor *logits, FvTensor *targets)
{
  FvTensor *each = fv_call (scope, "aten::binary_cross_entropy_with_logits", fv_of (logits),
                            fv_of (targets), fv_none (), fv_none (), fv_int (NO_REDUCTION));

  return fv_call (scope, "aten::sum.dim_IntList", fv_of (each), fv_ints (-1));
}

FvTensor *
fv_multi_label_with (FvScope *scope, FvTensor *targets, FvTensor *labels, int value)
{
  FvTensor *column = fv_call (scope, "aten::unsqueeze", fv_of (labels), fv_int (1));

  return fv_call (scope, "aten::scatter.value", fv_of (targets), fv_int (1), fv_of (column),
                  fv_real (value));
}
