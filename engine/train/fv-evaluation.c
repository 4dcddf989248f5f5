/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Evaluation, one picture after another. */

#include "fv-consistency-run.h"
#include "fv-evaluation-private.h"

FvEvaluation *
fv_evaluation_ref (FvEvaluation *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
fv_evaluation_unref (FvEvaluation *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  g_array_unref (self->results);
  fv_dataset_unref (self->dataset);
  g_array_unref (self->probabilities);
  for (FvMetricFamily family = 0; family < FV_N_FAMILIES; family++)
    g_free (self->left_out[family]);
  g_free (self->consistency_layer);
  g_free (self->layer);
  g_free (self->method);
  g_free (self);
}

/* -- measuring ------------------------------------------------------------------------------ */

/* Whether the next of @n_left pictures is one of the @n_wanted still to be drawn: so each has the
 * same chance, and those drawn stay in order (Knuth's algorithm S). */
static gboolean
draw_next (GRand *random, gsize n_wanted, gsize n_left)
{
  return n_wanted >= n_left || g_rand_double_range (random, 0, (double) n_left) < (double) n_wanted;
}

static gboolean
evaluate_split (FvEvaluation *self, FvModel *model, FvSplit split,
                const FvEvaluationOptions *options, FvEvaluationCallback callback,
                gpointer user_data, GCancellable *cancellable, GError **error)
{
  gsize n_left = fv_dataset_get_n_in_split (self->dataset, split);
  gsize total = options->limit > 0 ? MIN (options->limit, n_left) : n_left;
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32) options->seed);
  g_autofree float *probabilities = g_new (float, self->n_classes);

  for (gsize i = 0; i < fv_dataset_get_n_samples (self->dataset); i++) {
    FvImageResult result;

    if (fv_dataset_get_sample (self->dataset, i)->split != split
        || !draw_next (random, total - self->results->len, n_left--))
      continue;
    if (g_cancellable_set_error_if_cancelled (cancellable, error)
        || !fv_evaluation_measure (model, self->dataset, i, options, &result, probabilities,
                                   cancellable, error))
      return FALSE;
    g_array_append_val (self->results, result);
    g_array_append_vals (self->probabilities, probabilities, (guint) self->n_classes);
    if (callback != NULL && !callback (&result, self->results->len, total, user_data)) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "the evaluation was stopped");
      return FALSE;
    }
  }
  return TRUE;
}

/* A network that cannot have it: an error for who named it, and a word for who did not. */
static gboolean
prepare_consistency (FvEvaluation *self, FvModel *model, const char *layer, GError **error)
{
  g_autoptr (GError) reason = NULL;
  const FvLayer *found;

  if (self->metrics.consistency == 0)
    return TRUE;
  found = fv_consistency_run_find_layer (model, layer, &reason);
  if (found != NULL)
    self->consistency_layer = g_strdup (found->name);
  else if (fv_metric_selection_is_optional (&self->metrics, FV_FAMILY_CONSISTENCY)) {
    self->metrics.consistency = 0;
    self->left_out[FV_FAMILY_CONSISTENCY] = g_strdup (reason->message);
  } else
    g_propagate_error (error, g_steal_pointer (&reason));
  return self->metrics.consistency == 0 || found != NULL;
}

gboolean
fv_evaluation_classes_agree (const FvModel *model, const FvDataset *dataset)
{
  const FvCard *card = fv_model_get_card (model);

  if (fv_model_get_n_classes (model) != fv_dataset_get_n_classes (dataset))
    return FALSE;
  for (int i = 0; card->classes != NULL && i < fv_dataset_get_n_classes (dataset); i++)
    if (g_strcmp0 (card->classes[i], fv_dataset_get_class_name (dataset, i)) != 0)
      return FALSE;
  return TRUE;
}

FvEvaluation *
fv_evaluate (FvModel *model, const FvDataset *dataset, FvSplit split,
             const FvEvaluationOptions *options, FvEvaluationCallback callback, gpointer user_data,
             GCancellable *cancellable, GError **error)
{
  g_autoptr (FvEvaluation) self = g_new0 (FvEvaluation, 1);
  FvEvaluationOptions chosen = *options;

  g_atomic_ref_count_init (&self->references);
  self->dataset = fv_dataset_ref ((FvDataset *) dataset);
  self->results = g_array_new (FALSE, FALSE, sizeof (FvImageResult));
  self->probabilities = g_array_new (FALSE, FALSE, sizeof (float));
  self->n_classes = (gsize) fv_model_get_n_classes (model);
  self->seed = options->seed;
  self->method = g_strdup (fv_evaluation_choose_method (options));
  self->metrics = options->metrics != NULL ? *options->metrics : fv_metric_selection_default ();
  self->faithfulness = fv_evaluation_choose_faithfulness (options);
  self->agreement = fv_evaluation_choose_agreement (options);
  self->multi_label = fv_model_get_card (model)->multi_label;
  self->classes_agree = fv_evaluation_classes_agree (model, dataset);
  if (options->target_label && !self->classes_agree) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "the labels of “%s” cannot be explained: the model's classes are others",
                 fv_dataset_get_path (dataset));
    return NULL;
  }
  self->layer = g_strdup (fv_evaluation_choose_layer (model, options));
  chosen.metrics = &self->metrics;
  if (!prepare_consistency (self, model, options->layer, error)
      || !evaluate_split (self, model, split, &chosen, callback, user_data, cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* -- reading -------------------------------------------------------------------------------- */

gsize
fv_evaluation_get_n_results (const FvEvaluation *self)
{
  return self->results->len;
}

const FvImageResult *
fv_evaluation_get_result (const FvEvaluation *self, gsize index)
{
  g_assert (index < self->results->len);
  return &g_array_index (self->results, FvImageResult, index);
}

FvDataset *
fv_evaluation_get_dataset (const FvEvaluation *self)
{
  return self->dataset;
}

const char *
fv_evaluation_get_layer (const FvEvaluation *self)
{
  return self->layer;
}

gsize
fv_evaluation_get_n_dead_maps (const FvEvaluation *self)
{
  gsize n = 0;

  for (gsize i = 0; i < self->results->len; i++)
    n += fv_evaluation_get_result (self, i)->dead ? 1 : 0;
  return n;
}

FvMetricSelection
fv_evaluation_get_metrics (const FvEvaluation *self)
{
  return self->metrics;
}

const char *
fv_evaluation_get_left_out (const FvEvaluation *self, FvMetricFamily family)
{
  return self->left_out[family];
}

const char *
fv_evaluation_get_method (const FvEvaluation *self)
{
  return self->method;
}
