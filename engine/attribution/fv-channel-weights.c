/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Weights of channels, and sums with them. */

#include "fv-channel-weights.h"

#include "fv-autograd.h"

FvTensor *
fv_channels_of_head (FvScope *scope, const FvGraph *graph, const FvLinearHead *head,
                     FvTensor *targets)
{
  FvTensor *weight = fv_graph_get_parameter (graph, head->weight);

  return fv_call (scope, "aten::index_select", fv_of (weight), fv_int (0), fv_of (targets));
}

FvTensor *
fv_channels_sum_logits (FvScope *scope, FvTensor *logits, FvTensor *targets)
{
  FvTensor *column = fv_call (scope, "aten::unsqueeze", fv_of (targets), fv_int (1));
  FvTensor *chosen = fv_call (scope, "aten::gather", fv_of (logits), fv_int (1), fv_of (column));

  return fv_call (scope, "aten::sum", fv_of (chosen));
}

FvTensor *
fv_channels_gradients (FvScope *scope, const FvLayer *layer, FvTensor *activation, FvTensor *logits,
                       FvTensor *targets, gboolean create_graph)
{
  FvTensor *sum = fv_channels_sum_logits (scope, logits, targets);
  FvTensor *gradient;

  if (!fv_gradient (scope, sum, NULL, &activation, 1, create_graph, &gradient))
    return NULL;
  return fv_layer_to_planes (scope, layer, gradient);
}

FvTensor *
fv_channels_weigh (FvScope *scope, FvTensor *weights, FvTensor *planes)
{
  FvTensor *flat, *maps;

  if (weights == NULL || planes == NULL)
    return NULL;
  flat = fv_call (scope, "aten::flatten.using_ints", fv_of (planes), fv_int (2));
  maps = fv_call (scope, "aten::bmm", fv_of (weights), fv_of (flat));
  return fv_call (scope, "aten::reshape", fv_of (maps),
                  fv_ints (fv_tensor_get_size (planes, 0), fv_tensor_get_size (weights, 1),
                           fv_tensor_get_size (planes, 2), fv_tensor_get_size (planes, 3)));
}
