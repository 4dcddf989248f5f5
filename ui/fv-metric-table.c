/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-metric-table.h"

#include <math.h>
#include <string.h>

#include "fv-method.h"
#include "fv-reading.h"

struct _FvMetricTable {
  gatomicrefcount references;
  GArray *rows; /* FvMetricRow */
  char *title, *json;
};

static void
row_clear (gpointer data)
{
  FvMetricRow *row = data;

  g_free (row->key);
  g_free (row->name);
}

FvMetricTable *
fv_metric_table_ref (FvMetricTable *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
fv_metric_table_unref (FvMetricTable *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_array_unref (self->rows);
  g_free (self->title);
  g_free (self->json);
  g_free (self);
}

/* -- rows ----------------------------------------------------------------------------------- */

/* A number about all pictures together. */
static void
add_summary (FvMetricTable *self, const char *key, const char *name, FvEstimate estimate,
             double chance, gboolean higher_is_better)
{
  FvMetricRow row = { .key = g_strdup (key),
                      .name = g_strdup (name),
                      .estimate = estimate,
                      .chance = chance,
                      .higher_is_better = higher_is_better,
                      .reading = -1 };

  g_array_append_val (self->rows, row);
}

/* Nobody is right who has no classes to be right about: such rows are left out. */
static void
add_accuracies (FvMetricTable *self, const FvEvaluation *evaluation)
{
  FvDataset *dataset = fv_evaluation_get_dataset (evaluation);
  FvEstimate accuracy = fv_evaluation_get_accuracy (evaluation);
  double chance = 1.0 / MAX (fv_dataset_get_n_classes (dataset), 1);

  if (accuracy.n == 0)
    return;
  add_summary (self, "accuracy", "Accuracy", accuracy, chance, TRUE);
  add_summary (self, "f1_macro", "Macro F1", fv_evaluation_get_f1_macro (evaluation), NAN, TRUE);
  add_summary (self, "calibration_error", "Calibration error",
               fv_evaluation_get_calibration_error (evaluation), NAN, FALSE);
  add_summary (self, "mean_ap", "Mean average precision",
               fv_evaluation_get_mean_average_precision (evaluation, FALSE), NAN, TRUE);
  if (fv_dataset_get_n_groups (dataset) == 0)
    return;
  add_summary (self, "aligned_accuracy", "Accuracy, usual places",
               fv_evaluation_get_aligned_accuracy (evaluation), chance, TRUE);
  add_summary (self, "conflicting_accuracy", "Accuracy, other places",
               fv_evaluation_get_conflicting_accuracy (evaluation), chance, TRUE);
  add_summary (self, "shifted_accuracy", "Accuracy, all places alike",
               fv_evaluation_get_shifted_accuracy (evaluation), chance, TRUE);
  add_summary (self, "worst_group_accuracy", "Accuracy, worst group",
               fv_evaluation_get_worst_group (evaluation), chance, TRUE);
}

static void
add_groups (FvMetricTable *self, const FvEvaluation *evaluation)
{
  FvDataset *dataset = fv_evaluation_get_dataset (evaluation);

  for (int i = 0; i < fv_dataset_get_n_groups (dataset); i++) {
    const char *group = fv_dataset_get_group_name (dataset, i);
    FvEstimate estimate = fv_evaluation_get_group_accuracy (evaluation, i);
    g_autofree char *key = g_strdup_printf ("groups.%s", group);
    g_autofree char *name = g_strdup_printf ("Accuracy, %s", group);

    if (estimate.n > 0)
      add_summary (self, key, name, estimate, NAN, TRUE);
  }
}

/* A mean over the pictures. */
static void
add_metric (FvMetricTable *self, const FvEvaluation *evaluation, FvMetricFamily family,
            guint metric)
{
  const FvMetricInfo *info = fv_metric_family_get_info (family, metric);
  FvEstimate estimate = fv_evaluation_get_metric (evaluation, family, metric);
  FvMetricRow row = { .key = g_strdup (info->key),
                      .name = g_strdup (info->name),
                      .estimate = estimate,
                      .chance = fv_evaluation_get_chance (evaluation, family, metric).value,
                      .higher_is_better = info->higher_is_better,
                      .n_undefined = fv_evaluation_get_n_results (evaluation) - estimate.n,
                      .reading = (int) fv_reading_of_metric (family, metric) };

  g_array_append_val (self->rows, row);
}

/* Whether r tells right pictures from wrong ones. */
static void
add_consistency_remarks (FvMetricTable *self, const FvEvaluation *evaluation)
{
  for (FvConsistencyRemarkKind kind = 0; kind < FV_N_REMARKS; kind++) {
    FvConsistencyRemark remark = fv_evaluation_get_consistency_remark (evaluation, kind);

    if (remark.estimate.n > 0)
      add_summary (self, remark.key, remark.name, remark.estimate, remark.chance, TRUE);
  }
}

static void
add_metrics (FvMetricTable *self, const FvEvaluation *evaluation)
{
  FvMetricSelection metrics = fv_evaluation_get_metrics (evaluation);

  for (FvMetricFamily family = 0; family < FV_N_FAMILIES; family++)
    for (guint i = 0; i < fv_metric_family_get_n (family); i++)
      if (fv_metric_selection_has (&metrics, family, i))
        add_metric (self, evaluation, family, i);
  add_consistency_remarks (self, evaluation);
}

/* -- words ---------------------------------------------------------------------------------- */

static char *
make_title (const FvEvaluation *evaluation, FvSplit split)
{
  static const char *const splits[] = {
    [FV_SPLIT_TRAIN] = "training", [FV_SPLIT_VALIDATION] = "validation", [FV_SPLIT_TEST] = "test"
  };
  const FvMethodInfo *method = fv_method_find (fv_evaluation_get_method (evaluation));
  const char *layer = fv_evaluation_get_layer (evaluation);
  gsize n = fv_evaluation_get_n_results (evaluation);
  gsize n_dead = fv_evaluation_get_n_dead_maps (evaluation);
  gsize n_flat = fv_evaluation_get_n_flat_masks (evaluation);
  GString *title = g_string_new (NULL);

  g_string_append_printf (title, "%s · %" G_GSIZE_FORMAT " pictures", splits[split], n);
  if (layer != NULL)
    g_string_append_printf (title, " · %s at %s", method->name, layer);
  else if (!method->needs_layer)
    g_string_append_printf (title, " · %s", method->name);
  if (n_dead > 0)
    g_string_append_printf (title, " · %" G_GSIZE_FORMAT " maps without evidence", n_dead);
  if (n_flat > 0)
    g_string_append_printf (title, " · %" G_GSIZE_FORMAT " flat soft masks", n_flat);
  return g_string_free (title, FALSE);
}

static char *
make_json (const FvEvaluation *evaluation)
{
  g_autoptr (JsonNode) node = fv_evaluation_to_json (evaluation);
  g_autofree char *text = json_to_string (node, TRUE);

  return g_strconcat (text, "\n", NULL);
}

FvMetricTable *
fv_metric_table_new (const FvEvaluation *evaluation, FvSplit split)
{
  FvMetricTable *self = g_new0 (FvMetricTable, 1);

  g_atomic_ref_count_init (&self->references);
  self->rows = g_array_new (FALSE, FALSE, sizeof (FvMetricRow));
  g_array_set_clear_func (self->rows, row_clear);
  add_accuracies (self, evaluation);
  add_metrics (self, evaluation);
  add_groups (self, evaluation);
  self->title = make_title (evaluation, split);
  self->json = make_json (evaluation);
  return self;
}

gsize
fv_metric_table_get_n_rows (const FvMetricTable *self)
{
  return self->rows->len;
}

const FvMetricRow *
fv_metric_table_get_row (const FvMetricTable *self, gsize row)
{
  g_return_val_if_fail (row < self->rows->len, NULL);

  return &g_array_index (self->rows, FvMetricRow, row);
}

const char *
fv_metric_table_get_title (const FvMetricTable *self)
{
  return self->title;
}

const char *
fv_metric_table_get_json (const FvMetricTable *self)
{
  return self->json;
}

/* A group may be called anything: quotes around, those within doubled. */
static void
append_text (GString *csv, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "\"", -1);
  g_autofree char *doubled = g_strjoinv ("\"\"", parts);

  g_string_append_printf (csv, "\"%s\"", doubled);
}

static void
append_number (GString *csv, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_c (csv, ',');
  if (isfinite (value))
    g_string_append (csv, g_ascii_formatd (text, sizeof (text), "%.6g", value));
}

char *
fv_metric_table_to_csv (const FvMetricTable *self)
{
  GString *csv = g_string_new ("key,name,value,low,high,chance,better,n,undefined\n");

  for (gsize i = 0; i < self->rows->len; i++) {
    const FvMetricRow *row = fv_metric_table_get_row (self, i);

    append_text (csv, row->key);
    g_string_append_c (csv, ',');
    append_text (csv, row->name);
    append_number (csv, row->estimate.value);
    append_number (csv, row->estimate.low);
    append_number (csv, row->estimate.high);
    append_number (csv, row->chance);
    g_string_append_printf (csv, ",%s,%" G_GSIZE_FORMAT ",%" G_GSIZE_FORMAT "\n",
                            row->higher_is_better ? "higher" : "lower", row->estimate.n,
                            row->n_undefined);
  }
  return g_string_free (csv, FALSE);
}
