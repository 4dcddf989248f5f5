/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Grad-CAM, in closed form on linear heads and through the cut elsewhere. */

#include "fv-gradcam.h"

#include <math.h>

#include "fv-autograd.h"
#include "fv-channel-weights.h"
#include "fv-executor.h"
#include "fv-linear-head.h"

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

static gint64 *
resolve_targets (const FvInspection *inspection, const int *targets, GError **error)
{
  int n_images = fv_inspection_get_n_images (inspection);
  g_autofree gint64 *resolved = g_new (gint64, n_images);

  for (int i = 0; i < n_images; i++) {
    resolved[i] = targets != NULL && targets[i] >= 0 ? targets[i]
                                                     : fv_inspection_get_prediction (inspection, i);
    if (resolved[i] < fv_inspection_get_n_classes (inspection))
      continue;
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "there is no class %" G_GINT64_FORMAT ": the network has classes 0 to %d",
                 resolved[i], fv_inspection_get_n_classes (inspection) - 1);
    return NULL;
  }
  return g_steal_pointer (&resolved);
}

/* Activations may overflow below a rectifier that hides it from the logits. */
static gboolean
check_finite (const float *values, gsize n, GError **error)
{
  for (gsize i = 0; i < n; i++)
    if (!isfinite (values[i])) {
      g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                   "the map holds values that are not finite: the network's weights are damaged");
      return FALSE;
    }
  return TRUE;
}

static GPtrArray *
split_maps (const FvInspection *inspection, FvTensor *tensor, const gint64 *targets, int backwards,
            GError **error)
{
  GPtrArray *maps = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_map_free);
  int height = (int) fv_tensor_get_size (tensor, 1);
  int width = (int) fv_tensor_get_size (tensor, 2);
  gsize cells = (gsize) height * (gsize) width;
  gsize n = 0;
  g_autofree float *values = fv_tensor_to_floats (tensor, &n, error);

  if (values == NULL || !check_finite (values, n, error))
    g_clear_pointer (&maps, g_ptr_array_unref);
  for (int i = 0; maps != NULL && i < fv_inspection_get_n_images (inspection); i++) {
    FvMap *map = fv_map_new (width, height, "gradcam", fv_inspection_get_layer (inspection)->name,
                             (int) targets[i]);

    memcpy (map->values, values + (gsize) i * cells, cells * sizeof (float));
    map->forwards = 1;
    map->backwards = backwards;
    g_ptr_array_add (maps, map);
  }
  return maps;
}

GPtrArray *
fv_gradcam (FvInspection *inspection, const int *targets, gboolean relu, GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autofree gint64 *resolved = resolve_targets (inspection, targets, error);
  const gint64 n_images = fv_inspection_get_n_images (inspection);
  g_autoptr (FvTensor) indices = NULL;
  FvTensor *maps;
  int backwards = 0;

  if (resolved == NULL)
    return NULL;
  indices = fv_tensor_new (FV_DTYPE_INT64, &n_images, 1, resolved,
                           (gsize) n_images * sizeof (gint64), error);
  if (indices == NULL)
    return NULL;
  maps = signed_maps (scope, inspection, indices, &backwards);
  if (relu)
    maps = fv_call (scope, "aten::relu", fv_of (maps));
  if (!fv_scope_check (scope, error))
    return NULL;
  return split_maps (inspection, maps, resolved, backwards, error);
}
