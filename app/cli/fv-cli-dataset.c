/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fovea-cli dataset …: what a project holds; the other subcommands have files of their own. */

#include "fv-cli.h"

static const char *const split_names[] = { "train", "validation", "test" };

static gsize
count_masks (const FvDataset *dataset)
{
  gsize n = 0;

  for (gsize i = 0; i < fv_dataset_get_n_samples (dataset); i++) {
    const FvSample *sample = fv_dataset_get_sample (dataset, i);

    if (sample->mask_path != NULL || sample->record >= 0
        || g_file_test (sample->edited_mask_path, G_FILE_TEST_EXISTS))
      n++;
  }
  return n;
}

static void
add_groups (JsonBuilder *builder, const FvDataset *dataset)
{
  int n_groups = fv_dataset_get_n_groups (dataset);
  g_autofree gint64 *counts = g_new0 (gint64, MAX (n_groups, 1));

  for (gsize i = 0; i < fv_dataset_get_n_samples (dataset); i++)
    if (fv_dataset_get_sample (dataset, i)->group_id >= 0)
      counts[fv_dataset_get_sample (dataset, i)->group_id]++;
  json_builder_set_member_name (builder, "groups");
  json_builder_begin_object (builder);
  for (int i = 0; i < n_groups; i++) {
    json_builder_set_member_name (builder, fv_dataset_get_group_name (dataset, i));
    json_builder_add_int_value (builder, counts[i]);
  }
  json_builder_end_object (builder);
}

/* In how many pictures each class is. */
static void
add_class_counts (JsonBuilder *builder, const FvDataset *dataset)
{
  json_builder_set_member_name (builder, "class_images");
  json_builder_begin_object (builder);
  for (int label = 0; label < fv_dataset_get_n_classes (dataset); label++) {
    gint64 n = 0;

    for (gsize i = 0; i < fv_dataset_get_n_samples (dataset); i++)
      n += fv_dataset_has_class (dataset, i, label);
    json_builder_set_member_name (builder, fv_dataset_get_class_name (dataset, label));
    json_builder_add_int_value (builder, n);
  }
  json_builder_end_object (builder);
}

static JsonNode *
info_to_json (const FvDataset *dataset)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "images");
  json_builder_add_int_value (builder, (gint64) fv_dataset_get_n_samples (dataset));
  json_builder_set_member_name (builder, "masks");
  json_builder_add_int_value (builder, (gint64) count_masks (dataset));
  json_builder_set_member_name (builder, "classes");
  json_builder_begin_array (builder);
  for (int i = 0; i < fv_dataset_get_n_classes (dataset); i++)
    json_builder_add_string_value (builder, fv_dataset_get_class_name (dataset, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "multi_label");
  json_builder_add_boolean_value (builder, fv_dataset_is_multi_label (dataset));
  json_builder_set_member_name (builder, "left_out");
  json_builder_add_int_value (builder, (gint64) fv_dataset_get_n_left_out (dataset));
  add_class_counts (builder, dataset);
  json_builder_set_member_name (builder, "splits");
  json_builder_begin_object (builder);
  for (guint i = 0; i < G_N_ELEMENTS (split_names); i++) {
    json_builder_set_member_name (builder, split_names[i]);
    json_builder_add_int_value (builder, (gint64) fv_dataset_get_n_in_split (dataset, (FvSplit) i));
  }
  json_builder_end_object (builder);
  add_groups (builder, dataset);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static void
print_info (const FvDataset *dataset)
{
  g_print ("%" G_GSIZE_FORMAT " pictures, %" G_GSIZE_FORMAT " with a mask\n",
           fv_dataset_get_n_samples (dataset), count_masks (dataset));
  g_print ("classes:");
  for (int i = 0; i < fv_dataset_get_n_classes (dataset); i++)
    g_print ("%s %s", i > 0 ? "," : "", fv_dataset_get_class_name (dataset, i));
  g_print ("\nsplits:");
  for (guint i = 0; i < G_N_ELEMENTS (split_names); i++)
    g_print ("%s %s %" G_GSIZE_FORMAT, i > 0 ? "," : "", split_names[i],
             fv_dataset_get_n_in_split (dataset, (FvSplit) i));
  g_print ("\n");
  if (fv_dataset_is_multi_label (dataset))
    g_print ("several classes may be in a picture; %" G_GSIZE_FORMAT
             " pictures without labelled objects are left out\n",
             fv_dataset_get_n_left_out (dataset));
}

static FvCliStatus
info (char **arguments)
{
  g_auto (FvCliOptions) options = { 0 };
  g_autoptr (FvDataset) dataset = NULL;
  g_autoptr (GError) error = NULL;
  FvCliStatus status
      = fv_cli_parse (arguments, "dataset info PROJECT", FV_CLI_TAKES_NOTHING, NULL, 1, &options);

  if (status != FV_CLI_DONE)
    return status;
  dataset = fv_cli_open_dataset (&options, options.rest[0], &error);
  if (dataset == NULL)
    return fv_cli_fail (error);
  if (options.json)
    fv_cli_print_json (info_to_json (dataset));
  else
    print_info (dataset);
  return FV_CLI_DONE;
}

FvCliStatus
fv_cli_dataset (char **arguments)
{
  if (arguments[0] != NULL && g_str_equal (arguments[0], "info"))
    return info (arguments + 1);
  if (arguments[0] != NULL && g_str_equal (arguments[0], "build"))
    return fv_cli_dataset_build (arguments + 1);
  if (arguments[0] != NULL && g_str_equal (arguments[0], "import"))
    return fv_cli_dataset_import (arguments + 1);
  return fv_cli_usage_error ("“dataset” is followed by info, build or import");
}
