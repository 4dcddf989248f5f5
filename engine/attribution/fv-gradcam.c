/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Grad-CAM, in closed form on linear heads and through the cut elsewhere. */

#include "fv-gradcam.h"

#include "fv-autograd.h"
#include "fv-channel-weights.h"
#include "fv-executor.h"
#include "fv-linear-head.h"
#include "fv-map-batch.h"

/* [N,K] for one target a picture → [N,h,w]. */
static FvTensor *
weigh_channels (FvScope *scope, FvTensor *alpha, FvTensor *planes)
{
  FvTensor *weights = fv_call (scope, "aten::unsqueeze", fv_of (alpha), fv_int (1));

  return fv_call (scope, "aten::squeeze.dim", fv_of (fv_channels_weigh (scope, weights, planes)),
                  fv_int (1));
}

/* alpha: [N,K]. Runs what lies above the layer once more, now recorded, with its activation as a
 * leaf. */
static FvTensor *
alpha_through_cut (FvScope *scope, FvInspection *inspection, FvTensor *targets)
{
  FvGraph *graph = fv_model_get_graph (fv_inspection_get_model (inspection));
  const FvLayer *layer = fv_inspection_get_layer (inspection);
  const FvActivations *kept = fv_inspection_get_activations (inspection);
  FvTensor *leaf = fv_detach (scope, fv_activations_get (kept, layer->node), TRUE);
  FvTensor *logits
      = fv_graph_forward_from (graph, scope, kept, layer->node, leaf, (FvRunMode){ 0 });
  FvTensor *gradients = fv_channels_gradients (scope, layer, leaf, logits, targets, FALSE);

  return fv_call (scope, "aten::mean.dim", fv_of (gradients), fv_ints (2, 3));
}

/* [N,h,w], signed; *backwards says what it cost. */
static FvTensor *
signed_maps (FvScope *scope, FvInspection *inspection, FvTensor *targets, int *backwards)
{
  const FvGraph *graph = fv_model_get_graph (fv_inspection_get_model (inspection));
  const FvLayer *layer = fv_inspection_get_layer (inspection);
  const FvActivations *kept = fv_inspection_get_activations (inspection);
  FvTensor *planes = fv_layer_to_planes (scope, layer, fv_activations_get (kept, layer->node));
  FvLinearHead head;
  FvTensor *alpha;
  double cells;

  if (planes == NULL)
    return NULL;
  cells = (double) (fv_tensor_get_size (planes, 2) * fv_tensor_get_size (planes, 3));
  *backwards = fv_graph_find_linear_head (graph, layer->node, &head) ? 0 : 1;
  if (*backwards == 0)
    alpha = fv_call (scope, "aten::div.Scalar",
                     fv_of (fv_channels_of_head (scope, graph, &head, targets)), fv_real (cells));
  else
    alpha = alpha_through_cut (scope, inspection, targets);
  return weigh_channels (scope, alpha, planes);
}

GPtrArray *
fv_gradcam (FvInspection *inspection, const int *targets, gboolean relu, GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvTensor) classes = fv_map_batch_targets (inspection, targets, error);
  FvMapBatch batch = { .method = "gradcam", .targets = classes, .forwards = 1 };
  FvTensor *maps;

  if (classes == NULL)
    return NULL;
  batch.layer = fv_inspection_get_layer (inspection)->name;
  maps = signed_maps (scope, inspection, classes, &batch.backwards);
  if (relu)
    maps = fv_call (scope, "aten::relu", fv_of (maps));
  if (!fv_scope_check (scope, error))
    return NULL;
  return fv_map_batch_split (inspection, &batch, maps, error);
}
