/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Measuring one picture: its prediction, its map, how the map agrees with the mask, and what the
 * network does when the picture is changed. */

#include <math.h>

#include "fv-consistency-run.h"
#include "fv-donors.h"
#include "fv-evaluation-private.h"
#include "fv-explain.h"
#include "fv-faithfulness-run.h"
#include "fv-gradcam.h"
#include "fv-input.h"
#include "fv-method.h"
#include "fv-sanity-run.h"

#define DEFAULT_METHOD "gradcam"

/* One picture while it is measured. */
typedef struct {
  FvModel *model;
  const FvEvaluationOptions *options;
  FvMetricSelection metrics;
  FvTensor *input;
  FvInspection *inspection;
  FvMask *mask;    /* (nullable) */
  GPtrArray *maps; /* one FvMap; NULL when the method wants a layer that the network has not */
  int target;      /* −1: the predicted class */
  double seconds;  /* that the inspection and the map took */
} Picture;

static void
picture_clear (Picture *picture)
{
  g_clear_pointer (&picture->input, fv_tensor_unref);
  g_clear_pointer (&picture->inspection, fv_inspection_unref);
  g_clear_pointer (&picture->mask, fv_mask_unref);
  g_clear_pointer (&picture->maps, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Picture, picture_clear)

const char *
fv_evaluation_choose_method (const FvEvaluationOptions *options)
{
  return options->method != NULL ? options->method : DEFAULT_METHOD;
}

FvFaithfulnessOptions
fv_evaluation_choose_faithfulness (const FvEvaluationOptions *options)
{
  return options->faithfulness != NULL ? *options->faithfulness
                                       : fv_faithfulness_options_default ();
}

FvAgreementOptions
fv_evaluation_choose_agreement (const FvEvaluationOptions *options)
{
  return options->agreement != NULL ? *options->agreement : fv_agreement_options_default ();
}

const char *
fv_evaluation_choose_layer (FvModel *model, const FvEvaluationOptions *options)
{
  const FvMethodInfo *method = fv_method_find (fv_evaluation_choose_method (options));
  const FvLayer *own;

  if (method != NULL && !method->needs_layer)
    return NULL;
  own = options->layer == NULL ? fv_model_get_default_layer (model, NULL) : NULL;
  return own != NULL ? own->name : options->layer;
}

/* Whether the method can draw at all on this network. */
static gboolean
can_explain (const Picture *picture, const char *layer)
{
  const FvMethodInfo *method = fv_method_find (fv_evaluation_choose_method (picture->options));

  return layer != NULL || (method != NULL && !method->needs_layer);
}

/* Equal seeds give each picture the same random map, whichever split it is measured with. */
static guint64
get_seed (const FvEvaluationOptions *options, gsize sample)
{
  return options->seed + sample;
}

static gboolean
inspect (Picture *picture, const FvImage *image, gsize sample, GCancellable *cancellable,
         GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  const char *method = fv_evaluation_choose_method (picture->options);
  const char *layer = fv_evaluation_choose_layer (picture->model, picture->options);
  FvExplainOptions options = fv_explain_options_default (method);
  FvTensor *input = fv_input_from_image (scope, fv_model_get_card (picture->model), image, FALSE);
  gint64 start = g_get_monotonic_time ();

  if (!fv_scope_check (scope, error))
    return FALSE;
  picture->input = fv_scope_keep (scope, input);
  picture->inspection
      = layer != NULL
            ? fv_inspection_new (picture->model, picture->input, layer, cancellable, error)
            : fv_inspection_new_prediction (picture->model, picture->input, cancellable, error);
  if (picture->inspection == NULL || !can_explain (picture, layer))
    return picture->inspection != NULL;
  options.targets = &picture->target;
  options.seed = get_seed (picture->options, sample);
  picture->maps = fv_explain (picture->inspection, picture->input, &options, cancellable, error);
  picture->seconds = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  return picture->maps != NULL;
}

/* The mask of the class that is explained, or of the label where that class is not in the photo.
 * TRUE with NULL when there is none. */
static gboolean
load_mask (Picture *picture, const FvDataset *dataset, const FvImage *image, gsize sample,
           GError **error)
{
  g_autoptr (GError) reason = NULL;
  int explained = picture->target >= 0 ? picture->target
                                       : fv_inspection_get_prediction (picture->inspection, 0);
  int label = fv_dataset_get_sample (dataset, sample)->label;

  if (!fv_dataset_is_multi_label (dataset) || !fv_dataset_has_class (dataset, sample, explained))
    explained = label;
  picture->mask = fv_dataset_load_class_mask (
      dataset, sample, explained, fv_image_get_width (image), fv_image_get_height (image), &reason);
  if (reason == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

static void
measure_alignment (const Picture *picture, FvImageResult *result)
{
  const FvCard *card = fv_model_get_card (picture->model);
  const FvMap *map = picture->maps != NULL ? g_ptr_array_index (picture->maps, 0) : NULL;

  result->dead = map != NULL && fv_map_is_dead (map);
  result->has_mask = picture->mask != NULL;
  if (picture->mask != NULL && map != NULL && picture->metrics.alignment != 0)
    result->alignment = fv_alignment_measure (map->values, map->width, map->height, picture->mask,
                                              card->width, card->height);
}

/* ATCON's protocol is about the signed map, and about pictures that are named right: none are where
 * the network's classes are others, whose numbers may be equal by chance. */
static gboolean
measure_localisation (const Picture *picture, FvImageResult *result, GError **error)
{
  const FvCard *card = fv_model_get_card (picture->model);
  gboolean is_signed = g_str_equal (fv_evaluation_choose_method (picture->options), DEFAULT_METHOD);
  g_autoptr (GPtrArray) maps = NULL;
  const FvMap *map;

  if (picture->mask == NULL || picture->maps == NULL || picture->metrics.localisation == 0)
    return TRUE;
  maps = is_signed ? fv_gradcam (picture->inspection, &picture->target, FALSE, error)
                   : g_ptr_array_ref (picture->maps);
  if (maps == NULL)
    return FALSE;
  map = g_ptr_array_index (maps, 0);
  result->localisation = fv_localisation_measure (map->values, map->width, map->height,
                                                  picture->mask, card->width, card->height);
  if (!result->right)
    result->localisation.values[FV_LOCALISATION_MASK]
        = result->localisation.values[FV_LOCALISATION_BOX] = NAN;
  return TRUE;
}

static gboolean
measure_faithfulness (const Picture *picture, const FvDataset *dataset, gsize sample,
                      FvImageResult *result, GCancellable *cancellable, GError **error)
{
  const FvFaithfulnessSet swaps = FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_BACKGROUND_SWAP)
                                  | FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_BACKGROUND_SWAP_KEPT);
  g_auto (FvDonors) donors = { .n = 0 };
  FvFaithfulnessOptions options = fv_evaluation_choose_faithfulness (picture->options);
  FvFaithfulnessPicture subject = { .input = picture->input,
                                    .seed = get_seed (picture->options, sample),
                                    .mask = picture->mask };

  if (picture->maps == NULL || picture->metrics.faithfulness == 0)
    return TRUE;
  if (picture->mask != NULL && (picture->metrics.faithfulness & swaps) != 0
      && !fv_donors_load (&donors, picture->model, dataset, sample, error))
    return FALSE;
  subject.donors = donors.inputs;
  subject.donor_masks = (const FvMask *const *) donors.masks;
  subject.n_donors = donors.n;
  subject.map = g_ptr_array_index (picture->maps, 0);
  options.seed = subject.seed;
  options.batch = 0;
  return fv_faithfulness_run (picture->model, &subject, picture->metrics.faithfulness, &options,
                              &result->faithfulness, NULL, cancellable, error);
}

/* Every picture meets the same networks that forget. */
static gboolean
measure_sanity (const Picture *picture, gsize sample, FvImageResult *result,
                GCancellable *cancellable, GError **error)
{
  FvSanityOptions options = fv_sanity_options_default ();

  if (picture->maps == NULL || picture->metrics.sanity == 0)
    return TRUE;
  options.seed = picture->options->seed;
  return fv_sanity_run (picture->model, picture->input, g_ptr_array_index (picture->maps, 0),
                        get_seed (picture->options, sample), picture->metrics.sanity, &options,
                        &result->sanity, cancellable, error);
}

/* Of the class predicted and at a layer with space, whatever is explained, and how. */
static gboolean
measure_consistency (const Picture *picture, FvImageResult *result, GCancellable *cancellable,
                     GError **error)
{
  const FvAgreementOptions options = fv_evaluation_choose_agreement (picture->options);

  if (picture->metrics.consistency == 0)
    return TRUE;
  return fv_consistency_run (picture->model, picture->input, picture->options->layer, &options,
                             picture->metrics.consistency, &result->consistency, cancellable,
                             error);
}

static void
read_prediction (const Picture *picture, FvImageResult *result, float *probabilities)
{
  g_autofree float *own = NULL;

  if (probabilities == NULL)
    probabilities = own = g_new (float, fv_inspection_get_n_classes (picture->inspection));
  fv_inspection_get_probabilities (picture->inspection, 0, probabilities);
  result->prediction = fv_inspection_get_prediction (picture->inspection, 0);
  result->probability = probabilities[result->prediction];
}

gboolean
fv_evaluation_measure (FvModel *model, const FvDataset *dataset, gsize sample,
                       const FvEvaluationOptions *options, FvImageResult *result,
                       float *probabilities, GCancellable *cancellable, GError **error)
{
  const FvSample *photo = fv_dataset_get_sample (dataset, sample);
  g_autoptr (FvImage) image = fv_image_load (photo->path, error);
  g_auto (Picture) picture
      = { .model = model,
          .options = options,
          .metrics = options->metrics != NULL ? *options->metrics : fv_metric_selection_default (),
          .target = options->target_label ? photo->label : -1 };

  *result = fv_image_result_new (sample, photo->label);
  if (image == NULL || !inspect (&picture, image, sample, cancellable, error)
      || !load_mask (&picture, dataset, image, sample, error))
    return FALSE;
  read_prediction (&picture, result, probabilities);
  result->seconds = picture.seconds;
  result->judged = fv_evaluation_classes_agree (model, dataset);
  result->right = result->judged && fv_dataset_has_class (dataset, sample, result->prediction);
  measure_alignment (&picture, result);
  return measure_localisation (&picture, result, error)
         && measure_faithfulness (&picture, dataset, sample, result, cancellable, error)
         && measure_sanity (&picture, sample, result, cancellable, error)
         && measure_consistency (&picture, result, cancellable, error);
}

gboolean
fv_evaluate_sample (FvModel *model, const FvDataset *dataset, gsize sample,
                    const FvEvaluationOptions *options, FvImageResult *result,
                    GCancellable *cancellable, GError **error)
{
  return fv_evaluation_measure (model, dataset, sample, options, result, NULL, cancellable, error);
}
