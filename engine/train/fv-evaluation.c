/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Evaluation, one picture after another. */

#include "fv-evaluation.h"

#include <math.h>

#include "fv-accuracy.h"

static const FvEstimate undefined = { NAN, NAN, NAN, 0 };

struct _FvEvaluation {
  gatomicrefcount references;
  FvDataset *dataset;
  GArray *results; /* FvImageResult */
  guint64 seed;
  char *layer;
  gboolean classes_agree;
};

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
  g_free (self->layer);
  g_free (self);
}

/* -- measuring ------------------------------------------------------------------------------ */

static gboolean
evaluate_split (FvEvaluation *self, FvModel *model, FvSplit split,
                const FvEvaluationOptions *options, FvEvaluationCallback callback,
                gpointer user_data, GCancellable *cancellable, GError **error)
{
  gsize total = fv_dataset_get_n_in_split (self->dataset, split);

  for (gsize i = 0; i < fv_dataset_get_n_samples (self->dataset); i++) {
    FvImageResult result;

    if (fv_dataset_get_sample (self->dataset, i)->split != split)
      continue;
    if (g_cancellable_set_error_if_cancelled (cancellable, error)
        || !fv_evaluate_sample (model, self->dataset, i, options, &result, cancellable, error))
      return FALSE;
    g_array_append_val (self->results, result);
    if (callback != NULL && !callback (&result, self->results->len, total, user_data)) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "the evaluation was stopped");
      return FALSE;
    }
  }
  return TRUE;
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
  const FvLayer *layer;

  g_atomic_ref_count_init (&self->references);
  self->dataset = fv_dataset_ref ((FvDataset *) dataset);
  self->results = g_array_new (FALSE, FALSE, sizeof (FvImageResult));
  self->seed = options->seed;
  self->classes_agree = fv_evaluation_classes_agree (model, dataset);
  if (options->target_label && !self->classes_agree) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "the labels of “%s” cannot be explained: the model's classes are others",
                 fv_dataset_get_path (dataset));
    return NULL;
  }
  /* A network without such a layer is measured by its predictions alone. */
  layer = options->layer == NULL ? fv_model_get_default_layer (model, NULL) : NULL;
  self->layer = g_strdup (layer != NULL ? layer->name : options->layer);
  if (!evaluate_split (self, model, split, options, callback, user_data, cancellable, error))
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

/* One number of each picture. */
typedef double (*Reading) (const FvImageResult *result);

static double
read_right (const FvImageResult *result)
{
  return result->prediction == result->label ? 1 : 0;
}

static double
read_energy (const FvImageResult *result)
{
  return result->alignment.values[FV_ALIGNMENT_ENERGY];
}

static double
read_iou (const FvImageResult *result)
{
  return result->alignment.values[FV_ALIGNMENT_IOU];
}

static double
read_pointing (const FvImageResult *result)
{
  return result->alignment.values[FV_ALIGNMENT_POINTING];
}

static double
read_chance (const FvImageResult *result)
{
  return result->alignment.area;
}

static FvEstimate
estimate (const FvEvaluation *self, Reading read)
{
  g_autofree double *values = g_new (double, MAX (self->results->len, 1));

  for (gsize i = 0; i < self->results->len; i++)
    values[i] = read (fv_evaluation_get_result (self, i));
  return fv_estimate_mean (values, self->results->len, self->seed);
}

FvEstimate
fv_evaluation_get_accuracy (const FvEvaluation *self)
{
  if (!self->classes_agree)
    return undefined;
  return estimate (self, read_right);
}

FvEstimate
fv_evaluation_get_energy (const FvEvaluation *self)
{
  return estimate (self, read_energy);
}

FvEstimate
fv_evaluation_get_iou (const FvEvaluation *self)
{
  return estimate (self, read_iou);
}

FvEstimate
fv_evaluation_get_pointing (const FvEvaluation *self)
{
  return estimate (self, read_pointing);
}

FvEstimate
fv_evaluation_get_chance (const FvEvaluation *self)
{
  return estimate (self, read_chance);
}

/* -- statistics that are not means ---------------------------------------------------------- */

/* Labels, predictions and groups of a resample, as the metrics want them. */
typedef struct {
  int *labels, *predictions, *groups;
} Columns;

static void
columns_clear (Columns *columns)
{
  g_free (columns->labels);
  g_free (columns->predictions);
  g_free (columns->groups);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Columns, columns_clear)

static void
columns_fill (Columns *columns, const FvEvaluation *self, const gsize *indices, gsize n)
{
  columns->labels = g_new (int, MAX (n, 1));
  columns->predictions = g_new (int, MAX (n, 1));
  columns->groups = g_new (int, MAX (n, 1));
  for (gsize i = 0; i < n; i++) {
    const FvImageResult *result = fv_evaluation_get_result (self, indices[i]);

    columns->labels[i] = result->label;
    columns->predictions[i] = result->prediction;
    columns->groups[i] = fv_dataset_get_sample (self->dataset, result->sample)->group_id;
  }
}

static double
f1_of (const gsize *indices, gsize n, gpointer user_data)
{
  const FvEvaluation *self = user_data;
  g_auto (Columns) columns = { NULL, NULL, NULL };

  columns_fill (&columns, self, indices, n);
  return fv_f1_macro (columns.labels, columns.predictions, n,
                      fv_dataset_get_n_classes (self->dataset));
}

static double
worst_group_of (const gsize *indices, gsize n, gpointer user_data)
{
  const FvEvaluation *self = user_data;
  g_auto (Columns) columns = { NULL, NULL, NULL };

  columns_fill (&columns, self, indices, n);
  return fv_worst_group_accuracy (columns.labels, columns.predictions, columns.groups, n,
                                  fv_dataset_get_n_groups (self->dataset));
}

FvEstimate
fv_evaluation_get_f1_macro (const FvEvaluation *self)
{
  if (!self->classes_agree)
    return undefined;
  return fv_estimate_statistic (self->results->len, f1_of, (gpointer) self, self->seed);
}

FvEstimate
fv_evaluation_get_worst_group (const FvEvaluation *self)
{
  if (!self->classes_agree || fv_dataset_get_n_groups (self->dataset) == 0)
    return undefined;
  return fv_estimate_statistic (self->results->len, worst_group_of, (gpointer) self, self->seed);
}

typedef struct {
  const FvEvaluation *before, *after;
} Pair;

static double
worst_group_gain_of (const gsize *indices, gsize n, gpointer user_data)
{
  const Pair *pair = user_data;

  return worst_group_of (indices, n, (gpointer) pair->after)
         - worst_group_of (indices, n, (gpointer) pair->before);
}

FvEstimate
fv_evaluation_compare_worst_group (const FvEvaluation *before, const FvEvaluation *after)
{
  Pair pair = { before, after };
  gsize n = before->results->len;

  g_return_val_if_fail (n == after->results->len, undefined);

  if (!before->classes_agree || !after->classes_agree
      || fv_dataset_get_n_groups (before->dataset) == 0)
    return undefined;
  return fv_estimate_statistic (n, worst_group_gain_of, &pair, before->seed);
}

FvEstimate
fv_evaluation_get_group_accuracy (const FvEvaluation *self, int group_id)
{
  g_autofree double *values = g_new (double, MAX (self->results->len, 1));
  gsize n = 0;

  if (!self->classes_agree)
    return undefined;
  for (gsize i = 0; i < self->results->len; i++) {
    const FvImageResult *result = fv_evaluation_get_result (self, i);

    if (fv_dataset_get_sample (self->dataset, result->sample)->group_id == group_id)
      values[n++] = read_right (result);
  }
  return fv_estimate_mean (values, n, self->seed);
}

/* The group that most training pictures of each class are in: [n_classes], −1 for a class without
 * any. (transfer full) */
static int *
find_usual_groups (const FvDataset *dataset)
{
  int n_classes = fv_dataset_get_n_classes (dataset), n_groups = fv_dataset_get_n_groups (dataset);
  g_autofree gsize *counts = g_new0 (gsize, n_groups);
  g_autofree int *labels = g_new0 (int, n_groups); /* a group is of one class */
  int *usual = g_new (int, n_classes);

  for (gsize i = 0; i < fv_dataset_get_n_samples (dataset); i++) {
    const FvSample *sample = fv_dataset_get_sample (dataset, i);

    counts[sample->group_id] += sample->split == FV_SPLIT_TRAIN;
    labels[sample->group_id] = sample->label;
  }
  for (int c = 0; c < n_classes; c++)
    usual[c] = -1;
  for (int g = 0; g < n_groups; g++) {
    int *best = &usual[labels[g]];

    if (counts[g] > 0 && (*best < 0 || counts[g] > counts[*best]))
      *best = g;
  }
  return usual;
}

static FvEstimate
estimate_by_place (const FvEvaluation *self, gboolean usual)
{
  g_autofree double *values = g_new (double, MAX (self->results->len, 1));
  g_autofree int *groups = NULL;
  gsize n = 0;

  if (!self->classes_agree || fv_dataset_get_n_groups (self->dataset) == 0)
    return undefined;
  groups = find_usual_groups (self->dataset);
  for (gsize i = 0; i < self->results->len; i++) {
    const FvImageResult *result = fv_evaluation_get_result (self, i);
    int group = fv_dataset_get_sample (self->dataset, result->sample)->group_id;

    if (groups[result->label] >= 0 && (groups[result->label] == group) == usual)
      values[n++] = read_right (result);
  }
  return fv_estimate_mean (values, n, self->seed);
}

FvEstimate
fv_evaluation_get_aligned_accuracy (const FvEvaluation *self)
{
  return estimate_by_place (self, TRUE);
}

FvEstimate
fv_evaluation_get_conflicting_accuracy (const FvEvaluation *self)
{
  return estimate_by_place (self, FALSE);
}
