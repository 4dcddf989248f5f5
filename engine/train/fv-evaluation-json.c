/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An evaluation as the JSON that others read: every value with its interval, undefined ones null.
 */

#include <math.h>

#include "fv-evaluation-private.h"

static void
add_number (JsonBuilder *builder, double value)
{
  if (isfinite (value))
    json_builder_add_double_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

/* The members value, ci95 and n, the number of pictures where it is defined. */
static void
add_members (JsonBuilder *builder, FvEstimate estimate)
{
  json_builder_set_member_name (builder, "value");
  add_number (builder, estimate.value);
  json_builder_set_member_name (builder, "ci95");
  json_builder_begin_array (builder);
  add_number (builder, estimate.low);
  add_number (builder, estimate.high);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "n");
  json_builder_add_int_value (builder, (gint64) estimate.n);
}

/* "name": {"value": v, "ci95": [low, high], "n": n}, or null when nothing was defined; @chance is
 * told beside unless it is NaN. */
static void
add_estimate_and_chance (JsonBuilder *builder, const char *name, FvEstimate estimate, double chance)
{
  json_builder_set_member_name (builder, name);
  if (!isfinite (estimate.value)) {
    json_builder_add_null_value (builder);
    return;
  }
  json_builder_begin_object (builder);
  add_members (builder, estimate);
  if (!isnan (chance)) {
    json_builder_set_member_name (builder, "chance");
    add_number (builder, chance);
  }
  json_builder_end_object (builder);
}

static void
add_estimate (JsonBuilder *builder, const char *name, FvEstimate estimate)
{
  add_estimate_and_chance (builder, name, estimate, NAN);
}

static void
add_groups (JsonBuilder *builder, const FvEvaluation *self)
{
  FvDataset *dataset = fv_evaluation_get_dataset (self);

  json_builder_set_member_name (builder, "groups");
  json_builder_begin_object (builder);
  for (int i = 0; i < fv_dataset_get_n_groups (dataset); i++)
    add_estimate (builder, fv_dataset_get_group_name (dataset, i),
                  fv_evaluation_get_group_accuracy (self, i));
  json_builder_end_object (builder);
}

/* What one family's numbers depend on, before them. */
static void
add_settings (JsonBuilder *builder, const FvEvaluation *self, FvMetricFamily family)
{
  if (family != FV_FAMILY_FAITHFULNESS)
    return;
  json_builder_set_member_name (builder, "baseline");
  json_builder_add_string_value (builder, fv_baseline_get_name (self->faithfulness.baseline));
  json_builder_set_member_name (builder, "steps");
  json_builder_add_int_value (builder, self->faithfulness.steps);
}

static void
add_alignment_remarks (JsonBuilder *builder, const FvEvaluation *self)
{
  FvEstimate area = fv_evaluation_get_area (self);

  add_estimate (builder, "chance", area);
  json_builder_set_member_name (builder, "undefined");
  json_builder_add_int_value (builder, (gint64) (fv_evaluation_get_n_results (self) - area.n));
}

static void
add_consistency_remarks (JsonBuilder *builder, const FvEvaluation *self)
{
  const FvMetricSelection *metrics = &self->metrics;

  if (fv_metric_selection_has (metrics, FV_FAMILY_CONSISTENCY, FV_CONSISTENCY_R))
    for (FvConsistencyRemarkKind kind = 0; kind < FV_N_REMARKS; kind++) {
      FvConsistencyRemark remark = fv_evaluation_get_consistency_remark (self, kind);

      add_estimate_and_chance (builder, remark.key, remark.estimate, remark.chance);
    }
  if (fv_metric_selection_has (metrics, FV_FAMILY_CONSISTENCY, FV_CONSISTENCY_MASK_RANGE)) {
    json_builder_set_member_name (builder, "n_flat_masks");
    json_builder_add_int_value (builder, (gint64) fv_evaluation_get_n_flat_masks (self));
  }
  json_builder_set_member_name (builder, "layer");
  json_builder_add_string_value (builder, self->consistency_layer);
  json_builder_set_member_name (builder, "omega");
  json_builder_add_double_value (builder, self->agreement.omega);
  json_builder_set_member_name (builder, "normalise_pixels");
  json_builder_add_boolean_value (builder, self->agreement.normalised);
}

/* What else there is to say of a family than the means of its metrics. */
static void
add_remarks (JsonBuilder *builder, const FvEvaluation *self, FvMetricFamily family)
{
  if (family == FV_FAMILY_ALIGNMENT)
    add_alignment_remarks (builder, self);
  else if (family == FV_FAMILY_CONSISTENCY)
    add_consistency_remarks (builder, self);
}

/* Which families the network cannot have, and why. */
static void
add_left_out (JsonBuilder *builder, const FvEvaluation *self)
{
  gboolean begun = FALSE;

  for (FvMetricFamily family = 0; family < FV_N_FAMILIES; family++) {
    const char *reason = fv_evaluation_get_left_out (self, family);

    if (reason == NULL)
      continue;
    if (!begun) {
      json_builder_set_member_name (builder, "left_out");
      json_builder_begin_object (builder);
    }
    begun = TRUE;
    json_builder_set_member_name (builder, fv_metric_family_get_name (family));
    json_builder_add_string_value (builder, reason);
  }
  if (begun)
    json_builder_end_object (builder);
}

static void
add_family (JsonBuilder *builder, const FvEvaluation *self, FvMetricFamily family)
{
  add_settings (builder, self, family);
  json_builder_set_member_name (builder, fv_metric_family_get_name (family));
  json_builder_begin_object (builder);
  for (guint i = 0; i < fv_metric_family_get_n (family); i++)
    if (fv_metric_selection_has (&self->metrics, family, i))
      add_estimate_and_chance (builder, fv_metric_family_get_info (family, i)->key,
                               fv_evaluation_get_metric (self, family, i),
                               fv_evaluation_get_chance (self, family, i).value);
  add_remarks (builder, self, family);
  json_builder_end_object (builder);
}

/* A row for each label, a column for each prediction; null where there are none, or too many. */
static void
add_confusion (JsonBuilder *builder, const FvEvaluation *self)
{
  gsize n = (gsize) fv_dataset_get_n_classes (self->dataset);
  g_autofree gsize *counts = n <= FV_EVALUATION_MAX_CLASSES ? g_new (gsize, n * n) : NULL;

  json_builder_set_member_name (builder, "confusion");
  if (counts == NULL || !fv_evaluation_get_confusion (self, counts)) {
    json_builder_add_null_value (builder);
    return;
  }
  json_builder_begin_array (builder);
  for (gsize row = 0; row < n; row++) {
    json_builder_begin_array (builder);
    for (gsize column = 0; column < n; column++)
      json_builder_add_int_value (builder, (gint64) counts[row * n + column]);
    json_builder_end_array (builder);
  }
  json_builder_end_array (builder);
}

JsonNode *
fv_evaluation_to_json (const FvEvaluation *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "n");
  json_builder_add_int_value (builder, (gint64) fv_evaluation_get_n_results (self));
  json_builder_set_member_name (builder, "dead_maps");
  json_builder_add_int_value (builder, (gint64) fv_evaluation_get_n_dead_maps (self));
  json_builder_set_member_name (builder, "method");
  json_builder_add_string_value (builder, self->method);
  json_builder_set_member_name (builder, "layer");
  if (fv_evaluation_get_layer (self) != NULL)
    json_builder_add_string_value (builder, fv_evaluation_get_layer (self));
  else
    json_builder_add_null_value (builder);
  add_estimate (builder, "accuracy", fv_evaluation_get_accuracy (self));
  add_estimate (builder, "f1_macro", fv_evaluation_get_f1_macro (self));
  add_estimate (builder, "worst_group_accuracy", fv_evaluation_get_worst_group (self));
  add_estimate (builder, "aligned_accuracy", fv_evaluation_get_aligned_accuracy (self));
  add_estimate (builder, "conflicting_accuracy", fv_evaluation_get_conflicting_accuracy (self));
  add_estimate (builder, "shifted_accuracy", fv_evaluation_get_shifted_accuracy (self));
  add_groups (builder, self);
  add_estimate (builder, "mean_ap", fv_evaluation_get_mean_average_precision (self, FALSE));
  add_estimate (builder, "mean_ap_weighted", fv_evaluation_get_mean_average_precision (self, TRUE));
  add_estimate (builder, "calibration_error", fv_evaluation_get_calibration_error (self));
  add_confusion (builder, self);
  for (FvMetricFamily family = 0; family < FV_N_FAMILIES; family++)
    if (fv_metric_selection_get (&self->metrics, family) != 0)
      add_family (builder, self, family);
  add_left_out (builder, self);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static JsonNode *
number_or_null (double value)
{
  JsonNode *node = json_node_new (isfinite (value) ? JSON_NODE_VALUE : JSON_NODE_NULL);

  if (isfinite (value))
    json_node_set_double (node, value);
  return node;
}

static void
set_metrics (JsonObject *line, const FvEvaluation *self, const FvImageResult *result)
{
  for (FvMetricFamily family = 0; family < FV_N_FAMILIES; family++)
    for (guint i = 0; i < fv_metric_family_get_n (family); i++)
      if (fv_metric_selection_has (&self->metrics, family, i))
        json_object_set_member (line, fv_metric_family_get_info (family, i)->key,
                                number_or_null (fv_image_result_get_values (result, family)[i]));
}

/* Where the picture stands: its group, and whether that is usual for its class. */
static void
set_place (JsonObject *line, const FvEvaluation *self, gsize index, const FvSample *sample)
{
  g_autofree int *usual = NULL;
  int is_usual;

  if (sample->group == NULL)
    return;
  usual = fv_evaluation_find_usual_groups (self->dataset);
  is_usual = fv_evaluation_is_usual (self, index, usual);
  json_object_set_string_member (line, "group", sample->group);
  if (is_usual >= 0)
    json_object_set_boolean_member (line, "aligned", is_usual == 1);
}

JsonNode *
fv_evaluation_result_to_json (const FvEvaluation *self, gsize index)
{
  const FvImageResult *result = fv_evaluation_get_result (self, index);
  const FvSample *sample = fv_dataset_get_sample (self->dataset, result->sample);
  JsonObject *line = json_object_new ();
  JsonNode *root = json_node_new (JSON_NODE_OBJECT);

  json_object_set_string_member (line, "image", sample->name);
  json_object_set_int_member (line, "label", result->label);
  json_object_set_int_member (line, "prediction", result->prediction);
  if (self->classes_agree)
    json_object_set_boolean_member (line, "right", result->right);
  json_object_set_double_member (line, "probability", result->probability);
  set_place (line, self, index, sample);
  json_object_set_boolean_member (line, "mask", result->has_mask);
  json_object_set_boolean_member (line, "dead_map", result->dead);
  set_metrics (line, self, result);
  if (self->metrics.alignment != 0) {
    json_object_set_member (line, "iou_best_threshold",
                            number_or_null (result->alignment.best_threshold));
    json_object_set_member (line, "chance", number_or_null (result->alignment.area));
  }
  json_node_take_object (root, line);
  return root;
}
