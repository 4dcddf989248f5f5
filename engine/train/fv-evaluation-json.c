/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An evaluation as the JSON that others read: every value with its interval, undefined ones null.
 */

#include <math.h>

#include "fv-evaluation.h"

static void
add_number (JsonBuilder *builder, double value)
{
  if (isfinite (value))
    json_builder_add_double_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

/* "name": {"value": v, "ci95": [low, high]}, or null when nothing was defined. */
static void
add_estimate (JsonBuilder *builder, const char *name, FvEstimate estimate)
{
  json_builder_set_member_name (builder, name);
  if (!isfinite (estimate.value)) {
    json_builder_add_null_value (builder);
    return;
  }
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "value");
  add_number (builder, estimate.value);
  json_builder_set_member_name (builder, "ci95");
  json_builder_begin_array (builder);
  add_number (builder, estimate.low);
  add_number (builder, estimate.high);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
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

static void
add_alignment (JsonBuilder *builder, const FvEvaluation *self)
{
  FvEstimate energy = fv_evaluation_get_energy (self);

  json_builder_set_member_name (builder, "alignment");
  json_builder_begin_object (builder);
  add_estimate (builder, "energy", energy);
  add_estimate (builder, "iou", fv_evaluation_get_iou (self));
  add_estimate (builder, "pointing_game", fv_evaluation_get_pointing (self));
  add_estimate (builder, "chance", fv_evaluation_get_chance (self));
  json_builder_set_member_name (builder, "undefined");
  json_builder_add_int_value (builder, (gint64) (fv_evaluation_get_n_results (self) - energy.n));
  json_builder_end_object (builder);
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
  json_builder_add_string_value (builder, "gradcam");
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
  add_groups (builder, self);
  add_alignment (builder, self);
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

JsonNode *
fv_evaluation_result_to_json (const FvEvaluation *self, gsize index)
{
  const FvImageResult *result = fv_evaluation_get_result (self, index);
  FvDataset *dataset = fv_evaluation_get_dataset (self);
  const FvSample *sample = fv_dataset_get_sample (dataset, result->sample);
  JsonObject *line = json_object_new ();
  JsonNode *root = json_node_new (JSON_NODE_OBJECT);

  json_object_set_string_member (line, "image", sample->name);
  json_object_set_int_member (line, "label", result->label);
  json_object_set_int_member (line, "prediction", result->prediction);
  json_object_set_double_member (line, "probability", result->probability);
  if (sample->group != NULL)
    json_object_set_string_member (line, "group", sample->group);
  json_object_set_boolean_member (line, "mask", result->has_mask);
  json_object_set_boolean_member (line, "dead_map", result->dead);
  json_object_set_member (line, "energy",
                          number_or_null (result->alignment.values[FV_ALIGNMENT_ENERGY]));
  json_object_set_member (line, "iou", number_or_null (result->alignment.values[FV_ALIGNMENT_IOU]));
  json_object_set_member (line, "pointing_game",
                          number_or_null (result->alignment.values[FV_ALIGNMENT_POINTING]));
  json_object_set_member (line, "chance", number_or_null (result->alignment.area));
  json_node_take_object (root, line);
  return root;
}
