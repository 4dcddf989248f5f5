/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Training with a folder to show for it. */

#include "fv-run.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>

#include "fv-json-guard.h"

/* Of config.json, which is flat but for the losses. */
static const FvJsonLimits config_limits = { 8, 1000 };

typedef struct {
  FILE *log;
  char *log_path;
  GError *error; /* the first line that could not be written */
  int n_steps;
  FvTrainCallback callback;
  gpointer user_data;
} Logger;

static void
logger_clear (Logger *logger)
{
  if (logger->log != NULL)
    fclose (logger->log);
  g_free (logger->log_path);
  g_clear_error (&logger->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Logger, logger_clear)

static void
set_write_error (GError **error, const char *path)
{
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE, "“%s” cannot be written: %s", path,
               g_strerror (errno));
}

static gboolean
logger_open (Logger *logger, const char *folder, GError **error)
{
  logger->log_path = g_build_filename (folder, "log.jsonl", NULL);
  logger->log = g_fopen (logger->log_path, "w");
  if (logger->log == NULL)
    set_write_error (error, logger->log_path);
  return logger->log != NULL;
}

static void
add_if_number (JsonObject *line, const char *name, double value)
{
  if (isfinite (value))
    json_object_set_double_member (line, name, value);
}

JsonNode *
fv_train_progress_to_json (const FvTrainProgress *progress)
{
  JsonNode *root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *line = json_object_new ();

  json_object_set_int_member (line, "step", progress->step);
  json_object_set_int_member (line, "epoch", progress->epoch);
  add_if_number (line, "loss", progress->loss);
  for (int i = 0; i < FV_N_LOSSES; i++)
    add_if_number (line, fv_loss_get_name ((FvLossKind) i), progress->losses[i]);
  add_if_number (line, "accuracy", progress->accuracy);
  add_if_number (line, "lr", progress->learning_rate);
  add_if_number (line, "gradient_norm", progress->gradient_norm);
  add_if_number (line, "waited", progress->waited);
  add_if_number (line, "seconds", progress->seconds);
  json_node_take_object (root, line);
  return root;
}

static gboolean
on_step (const FvTrainProgress *progress, gpointer user_data)
{
  Logger *logger = user_data;
  g_autoptr (JsonNode) node = fv_train_progress_to_json (progress);
  g_autofree char *line = json_to_string (node, FALSE);

  if (progress->step == 0) /* not begun: there is nothing to log */
    return logger->callback == NULL || logger->callback (progress, logger->user_data);
  if (fprintf (logger->log, "%s\n", line) < 0 || fflush (logger->log) != 0) {
    set_write_error (&logger->error, logger->log_path);
    return FALSE;
  }
  logger->n_steps = progress->step;
  return logger->callback == NULL || logger->callback (progress, logger->user_data);
}

gboolean
fv_run_save_metrics (const FvEvaluation *evaluation, const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "metrics.json", NULL);
  g_autoptr (JsonNode) root = fv_evaluation_to_json (evaluation);
  g_autofree char *text = json_to_string (root, TRUE);

  return g_file_set_contents_full (
      path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0644, error);
}

static gboolean
write_metrics (FvModel *model, const FvDataset *dataset, const FvTrainConfig *config,
               const char *folder, GCancellable *cancellable, GError **error)
{
  g_auto (GStrv) layers = config->layer != NULL ? g_strsplit (config->layer, ",", 2) : NULL;
  const FvEvaluationOptions options = { .layer = layers != NULL ? layers[0] : NULL };
  g_autoptr (FvEvaluation) evaluation = NULL;

  if (fv_dataset_get_n_in_split (dataset, FV_SPLIT_TEST) == 0)
    return TRUE;
  evaluation
      = fv_evaluate (model, dataset, FV_SPLIT_TEST, &options, NULL, NULL, cancellable, error);
  return evaluation != NULL && fv_run_save_metrics (evaluation, folder, error);
}

/* The text @name of the run's config.json. (transfer full): NULL when it has none; NULL with @error
 * when there is no such file */
static char *
read_config (const char *folder, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "config.json", NULL);
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) root = NULL;
  gsize length, n_members;

  if (!g_file_get_contents (path, &text, &length, error))
    return NULL;
  if (fv_json_guard_check (text, length, &config_limits, &n_members) == NULL)
    root = json_from_string (text, NULL);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return NULL;
  return g_strdup (
      json_object_get_string_member_with_default (json_node_get_object (root), name, NULL));
}

char *
fv_run_get_data (const char *folder, GError **error)
{
  g_autoptr (GError) reason = NULL;
  char *data = read_config (folder, "data", &reason);

  if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  else if (data == NULL)
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "“%s/config.json” does not say what the run was trained on: name it with --data",
                 folder);
  return data;
}

/* A path that was relative when the run was made may lead elsewhere now: then it is another one. */
static gboolean
is_same_path (const char *a, const char *b)
{
  g_autofree char *first = g_canonicalize_filename (a, NULL);
  g_autofree char *second = g_canonicalize_filename (b, NULL);

  return g_str_equal (first, second);
}

gboolean
fv_run_learned_from_other_split (const char *folder, const FvDataset *dataset, guint64 seed,
                                 guint64 *own_seed)
{
  g_autofree char *data = read_config (folder, "data", NULL);
  g_autofree char *text = read_config (folder, "seed", NULL);

  return data != NULL && text != NULL && fv_dataset_has_drawn_splits (dataset)
         && is_same_path (data, fv_dataset_get_path (dataset))
         && g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, own_seed, NULL)
         && *own_seed != seed;
}

/* A folder that told of two runs would lie about both. */
static gboolean
check_unused (const char *folder, GError **error)
{
  static const char *const names[] = { "log.jsonl", "model.safetensors" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (folder, names[i], NULL);

    if (!g_file_test (path, G_FILE_TEST_EXISTS))
      continue;
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "“%s” holds a run already: name another folder, or remove it first", folder);
    return FALSE;
  }
  return TRUE;
}

static gboolean
start_folder (const FvTrainConfig *config, const char *data, const char *folder, Logger *logger,
              GError **error)
{
  g_autofree char *path = g_build_filename (folder, "config.json", NULL);

  if (!check_unused (folder, error))
    return FALSE;
  if (g_mkdir_with_parents (folder, 0755) != 0) {
    set_write_error (error, folder);
    return FALSE;
  }
  return fv_train_config_save (config, data, path, error) && logger_open (logger, folder, error);
}

/* There are no weights to keep: the folder would only be in the way of the next attempt. */
static void
discard_folder (const Logger *logger, const char *folder)
{
  g_autofree char *config = g_build_filename (folder, "config.json", NULL);

  g_unlink (config);
  g_unlink (logger->log_path);
  g_rmdir (folder);
}

gboolean
fv_run_train (FvModel *model, const FvDataset *dataset, const FvTrainConfig *config,
              const char *folder, gboolean evaluate, FvTrainCallback callback, gpointer user_data,
              GCancellable *cancellable, GError **error)
{
  g_auto (Logger) logger = { .callback = callback, .user_data = user_data };
  g_autoptr (GError) stopped = NULL;

  if (!start_folder (config, fv_dataset_get_path (dataset), folder, &logger, error))
    return FALSE;
  if (!fv_train (model, dataset, config, on_step, &logger, cancellable, &stopped)) {
    if (logger.n_steps == 0 || !g_error_matches (stopped, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      discard_folder (&logger, folder);
    else if (!fv_model_save (model, folder, error))
      return FALSE;
    g_propagate_error (error, logger.error != NULL ? g_steal_pointer (&logger.error)
                                                   : g_steal_pointer (&stopped));
    return FALSE;
  }
  return fv_model_save (model, folder, error)
         && (!evaluate || write_metrics (model, dataset, config, folder, cancellable, error));
}
