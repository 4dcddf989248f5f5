/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Input gradients outside the mask. */

#include "fv-rrr.h"

#include "fv-autograd.h"
#include "fv-mask-cells.h"
#include "fv-op.h"

/* sum over channels of (d / dx sum over k of log p_k)²: [N,H,W]. */
static FvTensor *
gradient_energy (FvScope *scope, FvTensor *images, FvTensor *logits)
{
  FvTensor *log = fv_call (scope, "aten::log_softmax.int", fv_of (logits), fv_int (1));
  FvTensor *sum = fv_call (scope, "aten::sum", fv_of (log));
  FvTensor *gradient, *squares;

  if (!fv_gradient (scope, sum, NULL, &images, 1, TRUE, &gradient))
    return NULL;
  squares = fv_call (scope, "aten::mul.Tensor", fv_of (gradient), fv_of (gradient));
  return fv_call (scope, "aten::sum.dim_IntList", fv_of (squares), fv_ints (1));
}

/* Cells [N,h,w] → the pixels they cover [N,H,W]. */
static FvTensor *
spread (FvScope *scope, FvTensor *cells, FvTensor *images)
{
  FvTensor *planes = fv_call (scope, "aten::unsqueeze", fv_of (cells), fv_int (1));
  FvTensor *pixels
      = fv_call (scope, "aten::upsample_nearest2d", fv_of (planes),
                 fv_ints (fv_tensor_get_size (images, 2), fv_tensor_get_size (images, 3)));

  return fv_call (scope, "aten::squeeze.dim", fv_of (pixels), fv_int (1));
}

FvTensor *
fv_rrr (FvScope *scope, FvTensor *images, FvTensor *logits, FvTensor *inside, FvTensor *opinion,
        FvTensor *weight)
{
  FvTensor *counts
      = fv_mask_cells_count (scope, fv_mask_cells_inside (scope, inside, opinion), weight);
  FvTensor *outside = spread (scope, fv_mask_cells_outside (scope, inside, opinion), images);
  FvTensor *energy = gradient_energy (scope, images, logits);
  FvTensor *wrong = fv_call (scope, "aten::mul.Tensor", fv_of (outside), fv_of (energy));

  return fv_mask_cells_mean (scope, counts, fv_mask_cells_sum (scope, wrong));
}
