/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One forward pass, cut at a layer. */

#include "fv-inspection.h"

#include <math.h>

#include "fv-linear-head.h"

struct _FvInspection {
  gatomicrefcount references;
  FvModel *model;
  FvLayer *layer; /* NULL when only the prediction was asked for */
  FvActivations *activations;
  float *logits;
  int n_images, n_classes;
  gboolean multi_label; /* as the card said when the picture was seen */
};

static gboolean
choose_layer (FvInspection *self, const char *layer, GError **error)
{
  const FvLayer *chosen;
  FvNodeId node;

  if (layer == NULL) {
    chosen = fv_model_get_default_layer (self->model, error);
    self->layer = chosen != NULL ? fv_layer_copy (chosen) : NULL;
    return chosen != NULL;
  }
  node = fv_graph_find_layer (fv_model_get_graph (self->model), layer, error);
  self->layer = node != FV_NODE_NONE ? fv_layer_new (layer, node) : NULL;
  return node != FV_NODE_NONE;
}

/* How the layer's cells lie for pictures of this very size. */
static gboolean
infer_layer (FvInspection *self, const FvTensor *input, GError **error)
{
  FvTensor *activation = fv_activations_get (self->activations, self->layer->node);
  g_autofree char *found = NULL;

  if (activation != NULL && fv_layer_infer (self->layer, activation, input))
    return TRUE;
  found = activation != NULL ? fv_tensor_describe (activation) : g_strdup ("no tensor");
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
               "layer “%s” gives %s, which has no height and width to draw a map on",
               self->layer->name, found);
  return FALSE;
}

/* Damaged weights or a card with absurd numbers; no probability or map could come of it. */
static gboolean
check_finite (const FvInspection *self, GError **error)
{
  for (gsize i = 0; i < (gsize) self->n_images * (gsize) self->n_classes; i++)
    if (!isfinite (self->logits[i])) {
      g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                   "the network's output is not finite: its weights are damaged or its card's "
                   "numbers are wrong");
      return FALSE;
    }
  return TRUE;
}

static gboolean
take_logits (FvInspection *self, const FvTensor *input, GError **error)
{
  FvNodeId output = fv_graph_get_output (fv_model_get_graph (self->model));
  FvTensor *logits = fv_activations_get (self->activations, output);
  g_autofree char *found = NULL;

  self->n_images = (int) fv_tensor_get_size (input, 0);
  self->n_classes = fv_model_get_n_classes (self->model);
  self->multi_label = fv_model_get_card (self->model)->multi_label;
  if (logits == NULL || fv_tensor_get_n_dims (logits) != 2
      || fv_tensor_get_size (logits, 0) != self->n_images
      || fv_tensor_get_size (logits, 1) != self->n_classes) {
    found = logits != NULL ? fv_tensor_describe (logits) : g_strdup ("no tensor");
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "the network gives %s for %d picture(s) where one row of %d logits for each is "
                 "wanted: perhaps it was made for one picture at a time",
                 found, self->n_images, self->n_classes);
    return FALSE;
  }
  self->logits = fv_tensor_to_floats (logits, NULL, error);
  return self->logits != NULL && check_finite (self, error);
}

/* Whether maps at the layer will need the gradients of what lies above it. */
static gboolean
needs_gradients (const FvInspection *self)
{
  FvLinearHead head;

  return self->layer != NULL
         && !fv_graph_find_linear_head (fv_model_get_graph (self->model), self->layer->node, &head);
}

static gboolean
run (FvInspection *self, FvTensor *input, GCancellable *cancellable, GError **error)
{
  FvGraph *graph = fv_model_get_graph (self->model);
  g_autoptr (GArray) wanted = self->layer != NULL ? fv_graph_frontier (graph, self->layer->node)
                                                  : g_array_new (FALSE, FALSE, sizeof (FvNodeId));
  const FvNodeId *nodes;
  FvNodeId output = fv_graph_get_output (graph);

  g_array_append_val (wanted, output);
  nodes = (const FvNodeId *) wanted->data;
  self->activations
      = needs_gradients (self)
            ? fv_model_run_exactly (self->model, input, nodes, wanted->len, cancellable, error)
            : fv_model_run (self->model, input, nodes, wanted->len, cancellable, error);
  return self->activations != NULL;
}

static FvInspection *
inspection_new (FvModel *model)
{
  FvInspection *self = g_new0 (FvInspection, 1);

  g_atomic_ref_count_init (&self->references);
  self->model = fv_model_ref (model);
  return self;
}

FvInspection *
fv_inspection_new (FvModel *model, FvTensor *input, const char *layer, GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (FvInspection) self = inspection_new (model);

  if (!choose_layer (self, layer, error) || !run (self, input, cancellable, error)
      || !infer_layer (self, input, error) || !take_logits (self, input, error))
    return NULL;
  return g_steal_pointer (&self);
}

FvInspection *
fv_inspection_new_prediction (FvModel *model, FvTensor *input, GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (FvInspection) self = inspection_new (model);

  if (!run (self, input, cancellable, error) || !take_logits (self, input, error))
    return NULL;
  return g_steal_pointer (&self);
}

FvInspection *
fv_inspection_ref (FvInspection *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
fv_inspection_unref (FvInspection *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  fv_activations_unref (self->activations);
  fv_model_unref (self->model);
  g_free (self->logits);
  fv_layer_free (self->layer);
  g_free (self);
}

FvModel *
fv_inspection_get_model (const FvInspection *self)
{
  return self->model;
}

const FvLayer *
fv_inspection_get_layer (const FvInspection *self)
{
  return self->layer;
}

const FvActivations *
fv_inspection_get_activations (const FvInspection *self)
{
  return self->activations;
}

int
fv_inspection_get_n_images (const FvInspection *self)
{
  return self->n_images;
}

int
fv_inspection_get_n_classes (const FvInspection *self)
{
  return self->n_classes;
}

const float *
fv_inspection_get_logits (const FvInspection *self)
{
  return self->logits;
}

static const float *
get_row (const FvInspection *self, int image)
{
  g_assert (image >= 0 && image < self->n_images);
  return self->logits + (gsize) image * (gsize) self->n_classes;
}

int
fv_inspection_get_prediction (const FvInspection *self, int image)
{
  const float *row = get_row (self, image);
  int best = 0;

  for (int i = 1; i < self->n_classes; i++)
    if (row[i] > row[best])
      best = i;
  return best;
}

static void
write_softmax (const FvInspection *self, int image, float *probabilities)
{
  const float *row = get_row (self, image);
  float max = row[fv_inspection_get_prediction (self, image)];
  double sum = 0;

  for (int i = 0; i < self->n_classes; i++)
    sum += exp (row[i] - max);
  for (int i = 0; i < self->n_classes; i++)
    probabilities[i] = (float) (exp (row[i] - max) / sum);
}

void
fv_inspection_get_probabilities (const FvInspection *self, int image, float *probabilities)
{
  const float *row = get_row (self, image);

  if (!self->multi_label) {
    write_softmax (self, image, probabilities);
    return;
  }
  for (int i = 0; i < self->n_classes; i++)
    probabilities[i] = (float) (1 / (1 + exp (-(double) row[i])));
}

gint64 *
fv_inspection_resolve_targets (const FvInspection *self, const int *targets, GError **error)
{
  g_autofree gint64 *resolved = g_new (gint64, self->n_images);

  for (int i = 0; i < self->n_images; i++) {
    resolved[i]
        = targets != NULL && targets[i] >= 0 ? targets[i] : fv_inspection_get_prediction (self, i);
    if (resolved[i] < self->n_classes)
      continue;
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "there is no class %" G_GINT64_FORMAT ": the network has classes 0 to %d",
                 resolved[i], self->n_classes - 1);
    return NULL;
  }
  return g_steal_pointer (&resolved);
}
