/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What an evaluation says about all of its pictures. */

#include "fv-evaluation-private.h"

#include <math.h>

#include "fv-accuracy.h"

static const FvEstimate undefined = { NAN, NAN, NAN, 0 };

/* One number of each picture. */
typedef double (*Reading) (const FvImageResult *result);

static double
read_right (const FvImageResult *result)
{
  return result->right ? 1 : 0;
}

static FvEstimate
estimate_reading (const FvEvaluation *self, Reading read)
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
  return estimate_reading (self, read_right);
}

FvEstimate
fv_evaluation_get_metric (const FvEvaluation *self, FvMetricFamily family, guint metric)
{
  g_autofree double *values = g_new (double, MAX (self->results->len, 1));

  for (gsize i = 0; i < self->results->len; i++)
    values[i] = fv_image_result_get_values (fv_evaluation_get_result (self, i), family)[metric];
  return fv_estimate_mean (values, self->results->len, self->seed);
}

FvEstimate
fv_evaluation_get_alignment (const FvEvaluation *self, FvAlignmentMetric metric)
{
  return fv_evaluation_get_metric (self, FV_FAMILY_ALIGNMENT, metric);
}

FvEstimate
fv_evaluation_get_faithfulness (const FvEvaluation *self, FvFaithfulnessMetric metric)
{
  return fv_evaluation_get_metric (self, FV_FAMILY_FAITHFULNESS, metric);
}

FvEstimate
fv_evaluation_get_localisation (const FvEvaluation *self, FvLocalisationMetric metric)
{
  return fv_evaluation_get_metric (self, FV_FAMILY_LOCALISATION, metric);
}

FvEstimate
fv_evaluation_get_sanity (const FvEvaluation *self, FvSanityMetric metric)
{
  return fv_evaluation_get_metric (self, FV_FAMILY_SANITY, metric);
}

FvEstimate
fv_evaluation_get_chance (const FvEvaluation *self, FvMetricFamily family, guint metric)
{
  g_autofree double *values = g_new (double, MAX (self->results->len, 1));

  for (gsize i = 0; i < self->results->len; i++) {
    const double *chances
        = fv_image_result_get_chances (fv_evaluation_get_result (self, i), family);

    values[i] = chances != NULL ? chances[metric] : NAN;
  }
  return fv_estimate_mean (values, self->results->len, self->seed);
}

static double
read_area (const FvImageResult *result)
{
  return result->alignment.area;
}

FvEstimate
fv_evaluation_get_area (const FvEvaluation *self)
{
  return estimate_reading (self, read_area);
}

/* -- statistics that are not means ---------------------------------------------------------- */

/* Labels, predictions and groups of a resample, as the metrics want them. */
typedef struct {
  int *labels, *predictions, *groups;
  double *probabilities; /* of the predictions */
} Columns;

static void
columns_clear (Columns *columns)
{
  g_free (columns->labels);
  g_free (columns->predictions);
  g_free (columns->groups);
  g_free (columns->probabilities);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Columns, columns_clear)

static void
columns_fill (Columns *columns, const FvEvaluation *self, const gsize *indices, gsize n)
{
  columns->labels = g_new (int, MAX (n, 1));
  columns->predictions = g_new (int, MAX (n, 1));
  columns->groups = g_new (int, MAX (n, 1));
  columns->probabilities = g_new (double, MAX (n, 1));
  for (gsize i = 0; i < n; i++) {
    const FvImageResult *result = fv_evaluation_get_result (self, indices[i]);

    columns->labels[i] = result->label;
    columns->predictions[i] = result->prediction;
    columns->probabilities[i] = result->probability;
    columns->groups[i] = fv_dataset_get_sample (self->dataset, result->sample)->group_id;
  }
}

static double
f1_of (const gsize *indices, gsize n, gpointer user_data)
{
  const FvEvaluation *self = user_data;
  g_auto (Columns) columns = { NULL };

  columns_fill (&columns, self, indices, n);
  return fv_f1_macro (columns.labels, columns.predictions, n,
                      fv_dataset_get_n_classes (self->dataset));
}

static double
worst_group_of (const gsize *indices, gsize n, gpointer user_data)
{
  const FvEvaluation *self = user_data;
  g_auto (Columns) columns = { NULL };

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

int *
fv_evaluation_find_usual_groups (const FvDataset *dataset)
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

int
fv_evaluation_is_usual (const FvEvaluation *self, gsize index, const int *usual)
{
  const FvImageResult *result = fv_evaluation_get_result (self, index);
  int group = fv_dataset_get_sample (self->dataset, result->sample)->group_id;

  return usual[result->label] < 0 ? -1 : usual[result->label] == group;
}

static FvEstimate
estimate_by_place (const FvEvaluation *self, int usual)
{
  g_autofree double *values = g_new (double, MAX (self->results->len, 1));
  g_autofree int *groups = NULL;
  gsize n = 0;

  if (!self->classes_agree || fv_dataset_get_n_groups (self->dataset) == 0)
    return undefined;
  groups = fv_evaluation_find_usual_groups (self->dataset);
  for (gsize i = 0; i < self->results->len; i++)
    if (fv_evaluation_is_usual (self, i, groups) == usual)
      values[n++] = read_right (fv_evaluation_get_result (self, i));
  return fv_estimate_mean (values, n, self->seed);
}

FvEstimate
fv_evaluation_get_aligned_accuracy (const FvEvaluation *self)
{
  return estimate_by_place (self, 1);
}

FvEstimate
fv_evaluation_get_conflicting_accuracy (const FvEvaluation *self)
{
  return estimate_by_place (self, 0);
}

static double
shifted_accuracy_of (const gsize *indices, gsize n, gpointer user_data)
{
  const FvEvaluation *self = user_data;
  int n_groups = fv_dataset_get_n_groups (self->dataset);
  g_autofree double *accuracy = g_new (double, n_groups);
  g_auto (Columns) columns = { NULL };
  double sum = 0;
  int n_defined = 0;

  columns_fill (&columns, self, indices, n);
  fv_accuracy_by_group (columns.labels, columns.predictions, columns.groups, n, n_groups, accuracy,
                        NULL);
  for (int g = 0; g < n_groups; g++)
    if (!isnan (accuracy[g])) {
      sum += accuracy[g];
      n_defined++;
    }
  return n_defined > 0 ? sum / n_defined : NAN;
}

FvEstimate
fv_evaluation_get_shifted_accuracy (const FvEvaluation *self)
{
  if (!self->classes_agree || fv_dataset_get_n_groups (self->dataset) == 0)
    return undefined;
  return fv_estimate_statistic (self->results->len, shifted_accuracy_of, (gpointer) self,
                                self->seed);
}

/* -- probabilities -------------------------------------------------------------------------- */

/* Where each class has a probability of its own, that of a class that is in the photo should be
 * high whether it is the photo's label or not. */
static double
calibration_error_of (const gsize *indices, gsize n, gpointer user_data)
{
  const FvEvaluation *self = user_data;
  g_auto (Columns) columns = { NULL };

  columns_fill (&columns, self, indices, n);
  for (gsize i = 0; self->multi_label && i < n; i++)
    if (fv_evaluation_get_result (self, indices[i])->right)
      columns.labels[i] = columns.predictions[i];
  return fv_calibration_error (columns.labels, columns.predictions, columns.probabilities, n);
}

FvEstimate
fv_evaluation_get_calibration_error (const FvEvaluation *self)
{
  if (!self->classes_agree)
    return undefined;
  return fv_estimate_statistic (self->results->len, calibration_error_of, (gpointer) self,
                                self->seed);
}

gboolean
fv_evaluation_get_confusion (const FvEvaluation *self, gsize *counts)
{
  g_autofree gsize *indices = g_new (gsize, MAX (self->results->len, 1));
  g_auto (Columns) columns = { NULL };

  if (!self->classes_agree)
    return FALSE;
  for (gsize i = 0; i < self->results->len; i++)
    indices[i] = i;
  columns_fill (&columns, self, indices, self->results->len);
  fv_confusion (columns.labels, columns.predictions, self->results->len,
                fv_dataset_get_n_classes (self->dataset), counts);
  return TRUE;
}
