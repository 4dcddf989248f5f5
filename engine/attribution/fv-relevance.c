/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The row of relevance, block by block. */

#include "fv-relevance.h"

#include "fv-autograd.h"
#include "fv-channel-weights.h"

/* Ā: [N·H,T,T] or [N,H,T,T] → [N,T,T]. */
static FvTensor *
weigh_heads (FvScope *scope, FvTensor *matrix, FvTensor *gradient, gint64 n)
{
  gint64 tokens = fv_tensor_get_size (matrix, fv_tensor_get_n_dims (matrix) - 1);
  FvTensor *product = fv_call (scope, "aten::mul.Tensor", fv_of (gradient), fv_of (matrix));
  FvTensor *positive = fv_call (scope, "aten::relu", fv_of (product));
  FvTensor *heads
      = fv_call (scope, "aten::reshape", fv_of (positive), fv_ints (n, -1, tokens, tokens));

  return fv_call (scope, "aten::mean.dim", fv_of (heads), fv_ints (1));
}

/* The row that the logits are read from: [N,T,T] → [N,1,T]. */
static FvTensor *
read_row (FvScope *scope, const FvAttention *attention, FvTensor *matrix)
{
  FvTensor *rows;

  if (attention->has_class_token)
    return fv_call (scope, "aten::slice.Tensor", fv_of (matrix), fv_int (1), fv_int (0),
                    fv_int (1));
  rows = fv_call (scope, "aten::slice.Tensor", fv_of (matrix), fv_int (1),
                  fv_int (attention->cells->n_prefix));
  return fv_call (scope, "aten::mean.dim", fv_of (rows), fv_ints (1), fv_bool (TRUE));
}

/* With e the row of I that is read, e (I + Ā_B) … (I + Ā_1) − e: [N,1,T]. */
static FvTensor *
gather_row (FvScope *scope, const FvRelevanceSource *source, FvTensor *const *gradients)
{
  gint64 n = fv_tensor_get_size (source->logits, 0);
  FvTensor *row = NULL;

  for (guint block = source->attention->nodes->len; block-- > 0;) {
    FvTensor *matrix = weigh_heads (scope, source->matrices[block], gradients[block], n);
    FvTensor *read = read_row (scope, source->attention, matrix);
    FvTensor *passed
        = row == NULL ? NULL : fv_call (scope, "aten::bmm", fv_of (row), fv_of (matrix));

    if (passed == NULL) {
      row = read;
      continue;
    }
    row = fv_call (scope, "aten::add.Tensor", fv_of (row), fv_of (read));
    row = fv_call (scope, "aten::add.Tensor", fv_of (row), fv_of (passed));
  }
  return row;
}

FvTensor *
fv_relevance (FvScope *scope, const FvRelevanceSource *source, FvTensor *targets,
              gboolean create_graph)
{
  guint n_blocks = source->attention->nodes->len;
  g_autofree FvTensor **gradients = g_new0 (FvTensor *, n_blocks);
  FvTensor *sum = fv_channels_sum_logits (scope, source->logits, targets);
  FvTensor *row, *planes;

  if (!fv_gradient (scope, sum, NULL, source->matrices, n_blocks, create_graph, gradients))
    return NULL;
  row = gather_row (scope, source, gradients);
  row = fv_call (scope, "aten::transpose.int", fv_of (row), fv_int (1), fv_int (2));
  planes = fv_layer_to_planes (scope, source->attention->cells, row);
  return fv_call (scope, "aten::squeeze.dim", fv_of (planes), fv_int (1));
}
