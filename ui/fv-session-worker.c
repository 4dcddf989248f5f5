/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-session-worker.h"

#include "fv-explain.h"
#include "fv-input.h"
#include "fv-inspection-cache.h"
#include "fv-method.h"
#include "fv-scope.h"
#include "fv-trainer.h"

/* Activations of the pictures looked at last. */
#define CACHE_BYTES ((gsize) 256 << 20)

struct _FvSessionWorker {
  FvModel *model;  /* nullable */
  FvModel *before; /* nullable */
  FvModel *older;  /* what “before” was until the lesson that is being given; nullable */
  FvInspectionCache *inspections;
  FvImage *image;  /* the picture asked for last, */
  FvModel *viewer; /* the model that it was preprocessed for, */
  FvTensor *input; /* and what came of it */
};

FvSessionWorker *
fv_session_worker_new (void)
{
  FvSessionWorker *self = g_new0 (FvSessionWorker, 1);

  self->inspections = fv_inspection_cache_new (CACHE_BYTES);
  return self;
}

static void
forget_input (FvSessionWorker *self)
{
  g_clear_pointer (&self->image, fv_image_unref);
  g_clear_pointer (&self->viewer, fv_model_unref);
  g_clear_pointer (&self->input, fv_tensor_unref);
}

void
fv_session_worker_free (FvSessionWorker *self)
{
  forget_input (self);
  fv_inspection_cache_free (self->inspections);
  g_clear_pointer (&self->model, fv_model_unref);
  g_clear_pointer (&self->before, fv_model_unref);
  g_clear_pointer (&self->older, fv_model_unref);
  g_free (self);
}

/* What a model is called. */
static const char *
get_name (const FvModelSource *source)
{
  if (source->weights != NULL)
    return source->weights;
  return source->model != NULL ? source->model : source->card;
}

static FvModelInfo *
describe_model (FvModel *model, GError **error)
{
  const FvCard *card = fv_model_get_card (model);
  GPtrArray *layers = fv_model_get_layers (model, error);
  const FvLayer *chosen = layers == NULL ? NULL : fv_model_get_default_layer (model, NULL);
  FvModelInfo *info;

  if (layers == NULL)
    return NULL;
  info
      = fv_model_info_new (get_name (fv_model_get_source (model)), card->architecture, layers->len);
  info->n_classes = fv_model_get_n_classes (model);
  info->classes = g_strdupv (card->classes);
  info->width = card->width;
  info->height = card->height;
  info->can_show = chosen != NULL;
  info->can_swap_evidence = fv_train_can_swap (model);
  info->has_rectifiers = fv_train_can_guide (model);
  info->has_attention = chosen != NULL && fv_model_get_attention (model, NULL) != NULL;
  info->can_train_batch_norm = !card->batch_norm_folded;
  for (guint i = 0; i < layers->len; i++) {
    const FvLayer *layer = g_ptr_array_index (layers, i);

    info->layers[i] = (FvLayerInfo){ g_strdup (layer->name), layer->channels, layer->height,
                                     layer->width, layer->layout == FV_LAYOUT_TOKENS };
    if (layer == chosen)
      info->default_layer = i;
  }
  return info;
}

FvModelInfo *
fv_session_worker_describe (FvSessionWorker *self, GError **error)
{
  g_return_val_if_fail (self->model != NULL, NULL);

  return describe_model (self->model, error);
}

static gboolean
check_model (FvSessionWorker *self, GError **error)
{
  if (self->model == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_INITIALIZED,
                         "No model is open: open weights or a run folder first.");
  return self->model != NULL;
}

FvModelInfo *
fv_session_worker_open_model (FvSessionWorker *self, const FvModelSource *source, GError **error)
{
  g_autoptr (FvModel) opened = fv_model_open (source, 0, error);
  FvModelInfo *info = opened == NULL ? NULL : describe_model (opened, error);

  if (info == NULL)
    return NULL;
  g_clear_pointer (&self->before, fv_model_unref);
  g_clear_pointer (&self->model, fv_model_unref);
  self->model = g_steal_pointer (&opened);
  return info;
}

FvModelInfo *
fv_session_worker_open_run (FvSessionWorker *self, const char *folder, GError **error)
{
  g_autoptr (FvModel) opened = NULL;
  FvModelInfo *info;

  if (!check_model (self, error))
    return NULL;
  opened = fv_model_open (&(FvModelSource){ .model = folder }, 0, error);
  info = opened == NULL ? NULL : describe_model (opened, error);
  if (info == NULL)
    return NULL;
  fv_session_worker_begin_lesson (self, opened);
  fv_session_worker_end_lesson (self, TRUE);
  return info;
}

/* The picture as @model wants it. (transfer none) */
static FvTensor *
preprocess (FvSessionWorker *self, FvModel *model, FvImage *image, GError **error)
{
  g_autoptr (FvScope) scope = NULL;
  FvTensor *input;

  if (self->image == image && self->viewer == model)
    return self->input;
  scope = fv_scope_new ();
  input = fv_input_from_image (scope, fv_model_get_card (model), image, FALSE);
  if (!fv_scope_check (scope, error))
    return NULL;
  forget_input (self);
  self->image = fv_image_ref (image);
  self->viewer = fv_model_ref (model);
  self->input = fv_scope_keep (scope, input);
  return self->input;
}

/* @show: FALSE asks for the prediction alone. (transfer none) */
static FvInspection *
look_at (FvSessionWorker *self, FvModel *model, const FvInspectQuestion *question, gboolean show,
         GCancellable *cancellable, GError **error)
{
  FvTensor *input = preprocess (self, model, question->image, error);

  return input == NULL ? NULL
                       : fv_inspection_cache_get (self->inspections, model, input, show,
                                                  question->layer, cancellable, error);
}

/* Of the picture that was looked at last. */
static FvMap *
make_map (FvSessionWorker *self, FvInspection *inspection, const FvInspectQuestion *question,
          int target, GCancellable *cancellable, GError **error)
{
  FvExplainOptions options = fv_explain_options_default (
      question->method != NULL ? question->method : fv_method_get (0)->key);
  g_autoptr (GPtrArray) maps = NULL;

  options.targets = &target;
  options.seed = question->seed;
  maps = fv_explain (inspection, self->input, &options, cancellable, error);

  return maps == NULL ? NULL : fv_map_copy (g_ptr_array_index (maps, 0));
}

static char *
dup_class_name (FvModel *model, int index)
{
  const char *name = fv_card_get_class_name (fv_model_get_card (model), index);

  return name != NULL ? g_strdup (name) : g_strdup_printf ("%d", index);
}

static FvInspectResult *
make_result (FvSessionWorker *self, FvInspection *inspection, const FvInspectQuestion *question,
             GCancellable *cancellable, GError **error)
{
  FvModel *model = fv_inspection_get_model (inspection);
  int n_classes = fv_inspection_get_n_classes (inspection);
  g_autofree float *probabilities = g_new (float, (gsize) n_classes);
  gboolean show = fv_inspection_get_layer (inspection) != NULL;
  FvMap *map
      = show ? make_map (self, inspection, question, question->target, cancellable, error) : NULL;
  FvInspectResult *result;

  if (show && map == NULL)
    return NULL;
  result = fv_inspect_result_new (map);
  if (!show)
    result->target
        = question->target >= 0 ? question->target : fv_inspection_get_prediction (inspection, 0);
  fv_inspection_get_probabilities (inspection, 0, probabilities);
  fv_inspect_result_rank (result, probabilities, n_classes);
  for (int i = 0; i < result->n_top; i++)
    result->names[i] = dup_class_name (model, result->classes[i]);
  result->target_name = dup_class_name (model, result->target);
  result->width = fv_model_get_card (model)->width;
  result->height = fv_model_get_card (model)->height;
  return result;
}

static gboolean
have_same_classes (FvModel *a, FvModel *b)
{
  const FvCard *first = fv_model_get_card (a);
  const FvCard *second = fv_model_get_card (b);

  if (fv_model_get_n_classes (a) != fv_model_get_n_classes (b))
    return FALSE;
  return first->classes == NULL || second->classes == NULL
         || g_strv_equal ((const char *const *) first->classes,
                          (const char *const *) second->classes);
}

/* Each network explains what it predicts; a class that was chosen is the same one for both, unless
 * the lesson has replaced the classes. */
static gboolean
add_before_map (FvSessionWorker *self, FvInspectResult *result, const FvInspectQuestion *question,
                GCancellable *cancellable, GError **error)
{
  int target = have_same_classes (self->before, self->model) ? question->target : -1;
  FvInspection *inspection = look_at (self, self->before, question, TRUE, cancellable, error);

  if (inspection == NULL)
    return FALSE;
  result->before = make_map (self, inspection, question, target, cancellable, error);
  if (result->before != NULL)
    result->before_name = dup_class_name (self->before, result->before->target);
  return result->before != NULL;
}

FvInspectResult *
fv_session_worker_inspect (FvSessionWorker *self, const FvInspectQuestion *question,
                           GCancellable *cancellable, GError **error)
{
  gint64 start = g_get_monotonic_time ();
  g_autoptr (FvInspectResult) result = NULL;
  FvInspection *inspection;

  if (!check_model (self, error))
    return NULL;
  inspection = look_at (self, self->model, question,
                        fv_model_get_default_layer (self->model, NULL) != NULL, cancellable, error);
  if (inspection == NULL)
    return NULL;
  result = make_result (self, inspection, question, cancellable, error);
  if (result == NULL)
    return NULL;
  if (question->before && self->before != NULL
      && !add_before_map (self, result, question, cancellable, error))
    return NULL;
  result->seconds = (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
  return g_steal_pointer (&result);
}

FvAgreementSteps *
fv_session_worker_agree (FvSessionWorker *self, FvImage *image, const FvTrainConfig *config,
                         GError **error)
{
  FvTensor *input;

  if (!check_model (self, error))
    return NULL;
  input = preprocess (self, self->model, image, error);
  return input == NULL ? NULL : fv_agreement_steps_find (self->model, input, config, error);
}

gboolean
fv_session_worker_measure (FvSessionWorker *self, const FvDataset *dataset, gsize sample,
                           const char *method, FvImageResult *result, GCancellable *cancellable,
                           GError **error)
{
  const FvEvaluationOptions options = { .method = method };

  return check_model (self, error)
         && fv_evaluate_sample (self->model, dataset, sample, &options, result, cancellable, error);
}

FvEvaluation *
fv_session_worker_evaluate (FvSessionWorker *self, const FvDataset *dataset, FvSplit split,
                            const char *method, const FvMetricSelection *metrics,
                            FvEvaluationCallback callback, gpointer user_data,
                            GCancellable *cancellable, GError **error)
{
  const FvEvaluationOptions options = { .method = method, .metrics = metrics };

  if (!check_model (self, error))
    return NULL;
  return fv_evaluate (self->model, dataset, split, &options, callback, user_data, cancellable,
                      error);
}

FvModel *
fv_session_worker_get_model (const FvSessionWorker *self)
{
  return self->model;
}

void
fv_session_worker_begin_lesson (FvSessionWorker *self, FvModel *learner)
{
  g_return_if_fail (self->model != NULL);

  self->older = g_steal_pointer (&self->before);
  self->before = g_steal_pointer (&self->model);
  self->model = fv_model_ref (learner);
}

/* Puts the model from before the lesson back in its place. */
static void
go_back (FvSessionWorker *self)
{
  g_clear_pointer (&self->model, fv_model_unref);
  self->model = g_steal_pointer (&self->before);
}

void
fv_session_worker_end_lesson (FvSessionWorker *self, gboolean keep)
{
  g_return_if_fail (self->before != NULL);

  if (!keep) {
    go_back (self);
    self->before = g_steal_pointer (&self->older);
  }
  g_clear_pointer (&self->older, fv_model_unref);
}

FvModelInfo *
fv_session_worker_undo (FvSessionWorker *self, GError **error)
{
  if (self->before == NULL) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_INITIALIZED,
                         "There is no training to undo.");
    return NULL;
  }
  go_back (self);
  return fv_session_worker_describe (self, error);
}
