/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-run-list.h"

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <math.h>

#include "fv-input-file.h"
#include "fv-json-guard.h"
#include "fv-recipe.h"
#include "fv-run-config.h"
#include "fv-run.h"

/* metrics.json names every group of a dataset. */
#define MAX_METRICS_BYTES ((gsize) 4 << 20)
static const FvJsonLimits metrics_limits = { 8, 200000 };

void
fv_run_summary_free (FvRunSummary *self)
{
  g_free (self->folder);
  g_free (self->losses);
  g_free (self);
}

static gboolean
has_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_IS_REGULAR);
}

/* -- one run -------------------------------------------------------------------------------- */

static JsonNode *
read_metrics (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "metrics.json", NULL);
  gsize length = 0, n_members;
  g_autofree char *text = fv_input_file_read (path, MAX_METRICS_BYTES, &length, NULL);

  if (text == NULL || fv_json_guard_check (text, length, &metrics_limits, &n_members) != NULL)
    return NULL;
  return json_from_string (text, NULL);
}

static JsonObject *
get_object (JsonObject *parent, const char *name)
{
  JsonNode *node = parent == NULL ? NULL : json_object_get_member (parent, name);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* The value of an estimate {"value", "ci95"}; NaN when there is none. */
static double
get_estimate (JsonObject *parent, const char *name)
{
  JsonObject *estimate = get_object (parent, name);
  JsonNode *node = estimate == NULL ? NULL : json_object_get_member (estimate, "value");
  double value;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || (json_node_get_value_type (node) != G_TYPE_DOUBLE
          && json_node_get_value_type (node) != G_TYPE_INT64))
    return NAN;
  value = json_node_get_double (node);
  return isfinite (value) ? value : NAN;
}

static void
read_numbers (FvRunSummary *self)
{
  g_autoptr (JsonNode) root = read_metrics (self->folder);
  JsonObject *object
      = root != NULL && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;

  self->accuracy = get_estimate (object, "accuracy");
  self->energy = get_estimate (get_object (object, "alignment"), "energy");
}

/* Who stops a lesson sees it measured; who ends the program does not wait for that. */
static FvRunOutcome
find_outcome (const char *folder)
{
  if (fv_run_get_state (folder) == FV_RUN_FINISHED)
    return FV_RUN_OUTCOME_FINISHED;
  return has_file (folder, "metrics.json") ? FV_RUN_OUTCOME_STOPPED : FV_RUN_OUTCOME_INTERRUPTED;
}

static FvRunConfig *
load_config (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "config.json", NULL);

  return fv_run_config_load (path, NULL);
}

/* The time of the file that is written first and never again. */
static gint64
find_time (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "config.json", NULL);
  GStatBuf status;

  return g_stat (path, &status) == 0 ? (gint64) status.st_mtime : 0;
}

FvRunSummary *
fv_run_summary_read (const char *folder)
{
  gboolean weights = has_file (folder, "model.safetensors");
  gboolean checkpoint = has_file (folder, "checkpoint.safetensors");
  g_autoptr (FvRunConfig) config = NULL;
  FvRunSummary *self;

  if ((!weights && !checkpoint) || !has_file (folder, "config.json"))
    return NULL;
  config = load_config (folder);
  self = g_new0 (FvRunSummary, 1);
  self->folder = g_strdup (folder);
  self->time = find_time (folder);
  self->losses = config != NULL ? fv_recipe_describe (config->settings)
                                : g_strdup ("config.json cannot be read");
  self->outcome = find_outcome (folder);
  self->has_weights = weights;
  self->has_checkpoint = checkpoint && config != NULL;
  read_numbers (self);
  return self;
}

/* -- all runs ------------------------------------------------------------------------------- */

char *
fv_run_list_get_place (const FvDataset *dataset, gboolean own)
{
  g_autofree char *name = g_path_get_basename (fv_dataset_get_path (dataset));

  return own ? g_build_filename (g_get_user_data_dir (), "fovea", "runs", name, NULL)
             : g_build_filename (fv_dataset_get_path (dataset), "runs", NULL);
}

/* Two datasets may share a name, and so a place in the user's folder. */
static gboolean
is_of (const char *folder, const FvDataset *dataset)
{
  g_autoptr (FvRunConfig) config = load_config (folder);
  g_autofree char *path = g_canonicalize_filename (fv_dataset_get_path (dataset), NULL);

  return config != NULL && g_strcmp0 (config->data, path) == 0;
}

static void
add_runs (GPtrArray *runs, const FvDataset *dataset, gboolean own)
{
  g_autofree char *place = fv_run_list_get_place (dataset, own);
  g_autoptr (GDir) dir = g_dir_open (place, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *folder = g_build_filename (place, name, NULL);
    FvRunSummary *summary = !own || is_of (folder, dataset) ? fv_run_summary_read (folder) : NULL;

    if (summary != NULL)
      g_ptr_array_add (runs, summary);
  }
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  const FvRunSummary *first = *(const FvRunSummary *const *) a;
  const FvRunSummary *second = *(const FvRunSummary *const *) b;

  if (first->time != second->time)
    return first->time > second->time ? -1 : 1;
  return -g_strcmp0 (first->folder, second->folder);
}

GPtrArray *
fv_run_list_read (const FvDataset *dataset)
{
  GPtrArray *runs = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_run_summary_free);

  add_runs (runs, dataset, FALSE);
  add_runs (runs, dataset, TRUE);
  g_ptr_array_sort (runs, compare_times);
  return runs;
}
