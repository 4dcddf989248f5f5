/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Measuring one picture: its prediction, its map, how the map agrees with the mask. */

#include <math.h>

#include "fv-evaluation.h"
#include "fv-gradcam.h"
#include "fv-input.h"

/* @layer: NULL for a mere prediction. */
static FvInspection *
inspect (FvModel *model, const FvImage *image, const char *layer, GCancellable *cancellable,
         GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *input = fv_input_from_image (scope, fv_model_get_card (model), image, FALSE);

  if (!fv_scope_check (scope, error))
    return NULL;
  return layer != NULL ? fv_inspection_new (model, input, layer, cancellable, error)
                       : fv_inspection_new_prediction (model, input, cancellable, error);
}

/* @map: NULL when the network has no layer to draw one at. */
static gboolean
measure_alignment (FvModel *model, const FvDataset *dataset, const FvImage *image, const FvMap *map,
                   FvImageResult *result, GError **error)
{
  const FvCard *card = fv_model_get_card (model);
  g_autoptr (GError) reason = NULL;
  g_autoptr (FvMask) mask = fv_dataset_load_mask (
      dataset, result->sample, fv_image_get_width (image), fv_image_get_height (image), &reason);

  if (reason != NULL) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return FALSE;
  }
  result->dead = map != NULL && fv_map_is_dead (map);
  result->has_mask = mask != NULL;
  result->alignment = fv_alignment_undefined ();
  if (mask != NULL && map != NULL)
    result->alignment = fv_alignment_measure (map->values, map->width, map->height, mask,
                                              card->width, card->height);
  return TRUE;
}

static double
probability_of (const FvInspection *inspection, int class_index)
{
  g_autofree float *probabilities = g_new (float, fv_inspection_get_n_classes (inspection));

  fv_inspection_get_probabilities (inspection, 0, probabilities);
  return probabilities[class_index];
}

/* The layer to explain at: the chosen one, the model's own, or NULL when it has none. */
static const char *
choose_layer (FvModel *model, const FvEvaluationOptions *options)
{
  const FvLayer *own = options->layer == NULL ? fv_model_get_default_layer (model, NULL) : NULL;

  return own != NULL ? own->name : options->layer;
}

gboolean
fv_evaluate_sample (FvModel *model, const FvDataset *dataset, gsize sample,
                    const FvEvaluationOptions *options, FvImageResult *result,
                    GCancellable *cancellable, GError **error)
{
  const FvSample *photo = fv_dataset_get_sample (dataset, sample);
  const char *layer = choose_layer (model, options);
  g_autoptr (FvImage) image = fv_image_load (photo->path, error);
  g_autoptr (FvInspection) inspection
      = image != NULL ? inspect (model, image, layer, cancellable, error) : NULL;
  g_autoptr (GPtrArray) maps = NULL;
  int target = options->target_label ? photo->label : -1;

  if (inspection == NULL)
    return FALSE;
  if (layer != NULL) {
    maps = fv_gradcam (inspection, &target, TRUE, error);
    if (maps == NULL)
      return FALSE;
  }
  *result = (FvImageResult){ .sample = sample, .label = photo->label };
  result->prediction = fv_inspection_get_prediction (inspection, 0);
  result->probability = probability_of (inspection, result->prediction);
  return measure_alignment (model, dataset, image, maps != NULL ? maps->pdata[0] : NULL, result,
                            error);
}
