/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One label a picture or several. */

#include "fv-label-loss.h"

#include "fv-multi-label.h"
#include "fv-op.h"

/* Of libtorch's losses: the value of each picture. */
#define NO_REDUCTION 0

/* [N] */
static FvTensor *
measure_each (FvScope *scope, FvTensor *logits, const FvBatch *batch)
{
  if (batch->targets != NULL)
    return fv_multi_label_loss (scope, logits, batch->targets);
  return fv_call (scope, "aten::cross_entropy_loss", fv_of (logits), fv_of (batch->labels),
                  fv_none (), fv_int (NO_REDUCTION));
}

FvTensor *
fv_label_loss (FvScope *scope, FvTensor *logits, const FvBatch *batch)
{
  FvTensor *each;

  if (batch->importance == NULL && batch->targets == NULL)
    return fv_call (scope, "aten::cross_entropy_loss", fv_of (logits), fv_of (batch->labels));
  each = measure_each (scope, logits, batch);
  if (batch->importance != NULL)
    each = fv_call (scope, "aten::mul.Tensor", fv_of (each), fv_of (batch->importance));
  return fv_call (scope, "aten::mean", fv_of (each));
}

FvTensor *
fv_label_right (FvScope *scope, FvTensor *logits, const FvBatch *batch)
{
  FvTensor *best = fv_call (scope, "aten::argmax", fv_of (logits), fv_int (1));
  FvTensor *found;

  if (batch->targets == NULL)
    return fv_call (scope, "aten::eq.Tensor", fv_of (best), fv_of (batch->labels));
  best = fv_call (scope, "aten::unsqueeze", fv_of (best), fv_int (1));
  found = fv_call (scope, "aten::gather", fv_of (batch->targets), fv_int (1), fv_of (best));
  return fv_call (scope, "aten::squeeze.dim", fv_of (found), fv_int (1));
}
