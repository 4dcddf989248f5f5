/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Maps for training: closed forms on linear heads, recorded gradients elsewhere. */

#include "fv-training-map.h"

#include "fv-channel-weights.h"

static gboolean
has_linear_head (const FvGraph *graph, const FvLayer *layer, FvLinearHead *head)
{
  return fv_graph_find_linear_head (graph, layer->node, head);
}

gboolean
fv_training_map_is_defined (FvTrainingMapKind kind, const FvGraph *graph, const FvLayer *layer)
{
  FvLinearHead head;

  return kind != FV_TRAINING_MAP_CAM || has_linear_head (graph, layer, &head);
}

static FvTensor *
get_planes (FvScope *scope, const FvMapSource *source)
{
  return fv_layer_to_planes (scope, source->layer, source->activation);
}

/* -- linear heads --------------------------------------------------------------------------- */

/* What the kind makes of a head's weights. */
static FvTensor *
apply_kind (FvScope *scope, FvTrainingMapKind kind, FvTensor *weights)
{
  return kind == FV_TRAINING_MAP_LAYERCAM ? fv_call (scope, "aten::relu", fv_of (weights))
                                          : weights;
}

/* @targets: [N,T] → [N,T,h,w]. */
static FvTensor *
maps_of_head (FvScope *scope, FvTrainingMapKind kind, const FvMapSource *source,
              const FvLinearHead *head, FvTensor *targets)
{
  FvTensor *planes = get_planes (scope, source);
  FvTensor *flat = fv_call (scope, "aten::flatten.using_ints", fv_of (targets));
  FvTensor *rows = fv_channels_of_head (scope, source->graph, head, flat);
  FvTensor *weights;

  if (planes == NULL || rows == NULL)
    return NULL;
  weights = fv_call (scope, "aten::reshape", fv_of (rows),
                     fv_ints (fv_tensor_get_size (planes, 0), fv_tensor_get_size (targets, 1),
                              fv_tensor_get_size (planes, 1)));
  return fv_channels_weigh (scope, apply_kind (scope, kind, weights), planes);
}

FvTensor *
fv_training_maps_of_all (FvScope *scope, FvTrainingMapKind kind, const FvMapSource *source)
{
  FvTensor *planes = get_planes (scope, source);
  FvTensor *weights;
  FvLinearHead head;

  g_return_val_if_fail (kind != FV_TRAINING_MAP_TRANSFORMER, NULL);
  g_return_val_if_fail (has_linear_head (source->graph, source->layer, &head), NULL);

  weights = apply_kind (scope, kind, fv_graph_get_parameter (source->graph, head.weight));
  weights = fv_call (scope, "aten::unsqueeze", fv_of (weights), fv_int (2));
  weights = fv_call (scope, "aten::unsqueeze", fv_of (weights), fv_int (3));
  return fv_call (scope, "aten::conv2d", fv_of (planes), fv_of (weights));
}

/* -- elsewhere ------------------------------------------------------------------------------ */

/* sum over channels of @weights × @planes times the number of cells: [N,h,w]. */
static FvTensor *
weigh_cells (FvScope *scope, FvTensor *weights, FvTensor *planes)
{
  FvTensor *products = fv_call (scope, "aten::mul.Tensor", fv_of (weights), fv_of (planes));
  FvTensor *sum = fv_call (scope, "aten::sum.dim_IntList", fv_of (products), fv_ints (1));
  gint64 cells
      = planes != NULL ? fv_tensor_get_size (planes, 2) * fv_tensor_get_size (planes, 3) : 0;

  return fv_call (scope, "aten::mul.Scalar", fv_of (sum), fv_real ((double) cells));
}

/* @targets: [N] → [N,h,w]. */
static FvTensor *
map_through_cut (FvScope *scope, FvTrainingMapKind kind, const FvMapSource *source,
                 FvTensor *targets)
{
  FvTensor *planes, *gradients, *sums;

  if (kind == FV_TRAINING_MAP_TRANSFORMER)
    return fv_relevance (scope, &source->relevance, targets, TRUE);
  planes = get_planes (scope, source);
  gradients = fv_channels_gradients (scope, source->layer, source->activation, source->logits,
                                     targets, TRUE);
  switch (kind) {
  case FV_TRAINING_MAP_HIRESCAM:
    return weigh_cells (scope, gradients, planes);
  case FV_TRAINING_MAP_LAYERCAM:
    return weigh_cells (scope, fv_call (scope, "aten::relu", fv_of (gradients)), planes);
  case FV_TRAINING_MAP_GRADCAM:
    sums = fv_call (scope, "aten::sum.dim_IntList", fv_of (gradients), fv_ints (2, 3));
    sums = fv_call (scope, "aten::unsqueeze", fv_of (sums), fv_int (1));
    return fv_call (scope, "aten::squeeze.dim", fv_of (fv_channels_weigh (scope, sums, planes)),
                    fv_int (1));
  case FV_TRAINING_MAP_CAM:
  case FV_TRAINING_MAP_TRANSFORMER:
  default:
    g_return_val_if_reached (NULL);
  }
}

/* [N,T] → [N,T,h,w], a target after the other. */
static FvTensor *
maps_through_cut (FvScope *scope, FvTrainingMapKind kind, const FvMapSource *source,
                  FvTensor *targets)
{
  gint64 n_targets = fv_tensor_get_size (targets, 1);
  g_autofree FvTensor **maps = g_new (FvTensor *, n_targets);

  for (gint64 i = 0; i < n_targets; i++) {
    FvTensor *column = fv_call (scope, "aten::select.int", fv_of (targets), fv_int (1), fv_int (i));

    maps[i] = map_through_cut (scope, kind, source, column);
  }
  if (fv_scope_has_failed (scope))
    return NULL;
  return fv_call (scope, "aten::stack", fv_tensor_list (maps, (gsize) n_targets), fv_int (1));
}

/* -- both ----------------------------------------------------------------------------------- */

FvTensor *
fv_training_maps (FvScope *scope, FvTrainingMapKind kind, const FvMapSource *source,
                  FvTensor *targets)
{
  FvLinearHead head;

  if (fv_scope_has_failed (scope) || targets == NULL)
    return NULL;
  if (kind != FV_TRAINING_MAP_TRANSFORMER && has_linear_head (source->graph, source->layer, &head))
    return maps_of_head (scope, kind, source, &head, targets);
  return maps_through_cut (scope, kind, source, targets);
}

FvTensor *
fv_training_map (FvScope *scope, FvTrainingMapKind kind, const FvMapSource *source,
                 FvTensor *targets)
{
  FvTensor *column = fv_call (scope, "aten::unsqueeze", fv_of (targets), fv_int (1));
  FvTensor *maps = fv_training_maps (scope, kind, source, column);

  return fv_call (scope, "aten::squeeze.dim", fv_of (maps), fv_int (1));
}
