/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Grad-CAM, in closed form on linear heads and through the cut elsewhere. */

#include "fv-gradcam.h"

#include <math.h>

#include "fv-autograd.h"
#include "fv-executor.h"
#include "fv-linear-head.h"

/* sum over k of weights[n,k] A[n,k,:,:] → [N,h,w]. */
static FvTensor *
weigh_channels (FvScope *scope, FvTensor *weights, FvTensor *activation)
{
  gint64 n, k, h, w;
  FvTensor *flat, *maps;

  if (weights == NULL || activation == NULL)
    return NULL;
  n = fv_tensor_get_size (activation, 0);
  k = fv_tensor_get_size (activation, 1);
  h = fv_tensor_get_size (activation, 2);
  w = fv_tensor_get_size (activation, 3);
  flat = fv_call (scope, "aten::reshape", fv_of (activation), fv_ints (n, k, h * w));
  weights = fv_call (scope, "aten::reshape", fv_of (weights), fv_ints (n, 1, k));
  maps = fv_call (scope, "aten::bmm", fv_of (weights), fv_of (flat));
  return fv_call (scope, "aten::reshape", fv_of (maps), fv_ints (n, h, w));
}

/* Rows of the head's weight for the targets: [N,K]. */
static FvTensor *
head_weights (FvScope *scope, const FvGraph *graph, const FvLinearHead *head, FvTensor *targets)
{
  FvTensor *weight = fv_graph_get_parameter (graph, head->weight);

  return fv_call (scope, "aten::index_select", fv_of (weight), fv_int (0), fv_of (targets));
}

/* mean over cells of d sum_n logits[n, targets[n]] / d activation: [N,K]. Pictures of a batch do
 * not influence each other in evaluation, so one backward serves them all. */
static FvTensor *
pooled_gradients (FvScope *scope, const FvLayer *layer, FvTensor *activation, FvTensor *logits,
                  FvTensor *targets, gboolean create_graph)
{
  FvTensor *column = fv_call (scope, "aten::unsqueeze", fv_of (targets), fv_int (1));
  FvTensor *chosen = fv_call (scope, "aten::gather", fv_of (logits), fv_int (1), fv_of (column));
  FvTensor *sum = fv_call (scope, "aten::sum", fv_of (chosen));
  FvTensor *gradient;

  if (!fv_gradient (scope, sum, NULL, &activation, 1, create_graph, &gradient))
    return NULL;
  gradient = fv_layer_to_planes (scope, layer, gradient);
  return fv_call (scope, "aten::mean.dim", fv_of (gradient), fv_ints (2, 3));
}

FvTensor *
fv_gradcam_for_training (FvScope *scope, const FvGraph *graph, const FvLayer *layer,
                         FvTensor *activation, FvTensor *logits, FvTensor *targets)
{
  FvLinearHead head;
  FvTensor *weights;

  if (fv_scope_has_failed (scope) || activation == NULL || logits == NULL || targets == NULL)
    return NULL;
  if (fv_graph_find_linear_head (graph, layer->node, &head))
    weights = head_weights (scope, graph, &head, targets);
  else
    weights = pooled_gradients (scope, layer, activation, logits, targets, TRUE);
  return weigh_channels (scope, weights, fv_layer_to_planes (scope, layer, activation));
}

/* Runs what lies above the layer once more, now recorded, with its activation as a leaf. */
static FvTensor *
alpha_through_cut (FvScope *scope, FvInspection *inspection, FvTensor *targets)
{
  FvGraph *graph = fv_model_get_graph (fv_inspection_get_model (inspection));
  const FvLayer *layer = fv_inspection_get_layer (inspection);
  FvNodeId node = layer->node;
  FvNodeId output = fv_graph_get_output (graph);
  const FvActivations *kept = fv_inspection_get_activations (inspection);
  g_autoptr (FvActivations) given = fv_activations_new ();
  g_autoptr (FvActivations) found = NULL;
  g_autoptr (GArray) frontier = fv_graph_frontier (graph, node);
  FvTensor *leaf = fv_detach (scope, fv_activations_get (kept, node), TRUE);
  GError *error = NULL;

  if (leaf == NULL)
    return NULL;
  for (guint i = 1; i < frontier->len; i++) {
    FvNodeId other = g_array_index (frontier, FvNodeId, i);

    fv_activations_take (given, other, fv_value_copy (fv_activations_get_value (kept, other)));
  }
  fv_activations_set (given, node, leaf);
  found = fv_graph_run (graph, given, &output, 1, (FvRunMode){ FALSE, FALSE }, NULL, &error);
  if (found == NULL) {
    fv_scope_fail (scope, error);
    return NULL;
  }
  return pooled_gradients (scope, layer, leaf, fv_activations_get (found, output), targets, FALSE);
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
    alpha = fv_call (scope, "aten::div.Scalar", fv_of (head_weights (scope, graph, &head, targets)),
                     fv_real (cells));
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
