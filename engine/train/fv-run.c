/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Training with a folder to show for it. */

#include "fv-run.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>

#include "fv-run-config.h"
#include "fv-run-log.h"

#define CHECKPOINT "checkpoint.safetensors"
#define CONFIG "config.json"
#define LOG "log.jsonl"
#define WEIGHTS "model.safetensors"

static gboolean
has_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
remove_file (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_unlink (path);
}

FvRunState
fv_run_get_state (const char *folder)
{
  if (!has_file (folder, CONFIG))
    return FV_RUN_NONE;
  return has_file (folder, WEIGHTS) && !has_file (folder, CHECKPOINT) ? FV_RUN_FINISHED
                                                                      : FV_RUN_BEGUN;
}

FvModel *
fv_run_open_model (const char *folder, GError **error)
{
  return has_file (folder, CHECKPOINT) ? fv_model_open_form (folder, error) : NULL;
}

/* -- what is written ------------------------------------------------------------------------ */

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
  add_if_number (line, "attention_gradient_ratio", progress->attention_gradient_ratio);
  add_if_number (line, "validation_loss", progress->validation_loss);
  add_if_number (line, "validation_accuracy", progress->validation_accuracy);
  add_if_number (line, "waited", progress->waited);
  add_if_number (line, "seconds", progress->seconds);
  json_node_take_object (root, line);
  return root;
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

/* -- what it learned from ------------------------------------------------------------------- */

static FvRunConfig *
load_config (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, CONFIG, NULL);

  return fv_run_config_load (path, error);
}

char *
fv_run_get_data (const char *folder, GError **error)
{
  g_autoptr (FvRunConfig) config = load_config (folder, error);

  if (config != NULL && config->data == NULL)
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "“%s/config.json” does not say what the run was trained on: name it with --data",
                 folder);
  return config != NULL ? g_steal_pointer (&config->data) : NULL;
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
  g_autoptr (FvRunConfig) config = load_config (folder, NULL);

  if (config == NULL || config->data == NULL || !fv_dataset_has_drawn_splits (dataset)
      || !is_same_path (config->data, fv_dataset_get_path (dataset)))
    return FALSE;
  *own_seed = config->settings->seed;
  return *own_seed != seed;
}

/* -- beginning and going on ------------------------------------------------------------------ */

typedef struct {
  FvModel *model;
  const FvDataset *dataset;
  const FvTrainConfig *config;
  const char *folder;
  gboolean evaluate;
  FvTrainCallback callback;
  gpointer user_data;
  GCancellable *cancellable;
  char *checkpoint_path;
  FvCheckpoint *from; /* NULL: from the beginning */
  gboolean stepped;   /* one step at least was taken since */
  FvRunLog *log;
  GError *log_error; /* the first line that could not be written */
} Run;

static void
run_clear (Run *run)
{
  g_free (run->checkpoint_path);
  g_clear_pointer (&run->from, fv_checkpoint_free);
  g_clear_pointer (&run->log, fv_run_log_close);
  g_clear_error (&run->log_error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

/* What a run makes before it has anything to show. */
static const char *const own_files[]
    = { CONFIG, "card.json", "model.pt", CHECKPOINT, LOG, WEIGHTS };

/* A folder that told of two runs would lie about both, and one without a config.json may hold
 * weights that are no run's. */
static gboolean
check_unused (const char *folder, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (own_files); i++) {
    if (!has_file (folder, own_files[i]))
      continue;
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "“%s” holds a %s already: name another folder, or remove it first%s", folder,
                 fv_run_get_state (folder) == FV_RUN_NONE ? "model" : "run",
                 fv_run_get_state (folder) == FV_RUN_BEGUN ? ", or go on with --resume" : "");
    return FALSE;
  }
  return TRUE;
}

/* Everything that can be known before the first step, so that whatever happens the run can go on
 * from what the folder holds. */
static gboolean
write_beginning (const Run *run, GError **error)
{
  g_autofree char *path = g_build_filename (run->folder, CONFIG, NULL);
  g_autoptr (FvRunConfig) config = NULL;

  fv_model_set_multi_label (run->model, fv_dataset_mixes_classes (run->dataset));
  config = fv_run_config_new (run->config, run->dataset, run->model, error);
  return config != NULL && fv_run_config_save (config, path, error)
         && fv_model_save_form (run->model, run->folder, error);
}

/* Whether the run is about to be what it was. */
static gboolean
check_same (const Run *run, GError **error)
{
  g_autoptr (FvRunConfig) config = load_config (run->folder, error);
  const char *difference = NULL;

  if (config == NULL)
    return FALSE;
  if (config->data != NULL && !is_same_path (config->data, fv_dataset_get_path (run->dataset)))
    difference = "PROJECT";
  else
    difference = fv_train_config_find_difference (config->settings, run->config);
  if (difference == NULL)
    return TRUE;
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
               "the run in “%s” began with another %s: leave it out to go on, or name another "
               "folder",
               run->folder, difference);
  return FALSE;
}

/* Whether @name is that of a file being written: GLib adds a dot and six letters to the real one.
 */
static gboolean
is_unfinished (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (own_files); i++) {
    gsize length = strlen (own_files[i]);

    if (g_str_has_prefix (name, own_files[i]) && name[length] == '.'
        && strlen (name + length) == strlen (".XXXXXX"))
      return TRUE;
  }
  return FALSE;
}

/* What a program that was killed while it wrote has left. */
static void
remove_unfinished (const char *folder)
{
  g_autoptr (GDir) files = g_dir_open (folder, 0, NULL);
  const char *name;

  while (files != NULL && (name = g_dir_read_name (files)) != NULL)
    if (is_unfinished (name))
      remove_file (folder, name);
}

static gboolean
open_folder (Run *run, gboolean resume, GError **error)
{
  g_autofree char *log_path = g_build_filename (run->folder, LOG, NULL);

  run->checkpoint_path = g_build_filename (run->folder, CHECKPOINT, NULL);
  if (g_mkdir_with_parents (run->folder, 0755) != 0) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE, "“%s” cannot be written: %s",
                 run->folder, g_strerror (errno));
    return FALSE;
  }
  if (resume && fv_run_get_state (run->folder) != FV_RUN_NONE && !check_same (run, error))
    return FALSE;
  if (resume)
    remove_unfinished (run->folder);
  if (resume && has_file (run->folder, CHECKPOINT)) {
    run->from = fv_checkpoint_load (run->checkpoint_path, error);
    if (run->from == NULL)
      return FALSE;
  } else if (!write_beginning (run, error)) {
    return FALSE;
  }
  run->log = fv_run_log_open (log_path, run->from != NULL ? run->from->step : 0, error);
  return run->log != NULL;
}

static gboolean
on_step (const FvTrainProgress *progress, gpointer user_data)
{
  Run *run = user_data;

  /* At step 0 it has not begun: there is nothing to log. */
  run->stepped |= progress->step > 0;
  if (progress->step > 0 && !fv_run_log_write (run->log, progress, &run->log_error))
    return FALSE;
  return run->callback == NULL || run->callback (progress, run->user_data);
}

/* The weights that the folder opens with from now on. */
static gboolean
save_model (const Run *run, GError **error)
{
  if (!fv_model_save (run->model, run->folder, error))
    return FALSE;
  fv_model_set_source (run->model, &(FvModelSource){ run->folder, NULL, NULL, NULL });
  return TRUE;
}

/* Whether the checkpoint tells of a step. */
static gboolean
has_progress (const Run *run)
{
  g_autoptr (FvCheckpoint) checkpoint = fv_checkpoint_load (run->checkpoint_path, NULL);

  return checkpoint != NULL && checkpoint->step > 0;
}

/* There is nothing to keep: the folder would only be in the way of the next attempt. */
static void
discard_folder (const char *folder)
{
  for (gsize i = 0; i < G_N_ELEMENTS (own_files); i++)
    remove_file (folder, own_files[i]);
  g_rmdir (folder);
}

/* After a training that @reason ended. Before its first step the network need not have its values
 * yet: what the folder holds is better. */
static gboolean
leave (Run *run, const GError *reason, GError **error)
{
  gboolean stopped = g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  if (run->from == NULL && !has_progress (run)) {
    g_clear_pointer (&run->log, fv_run_log_close);
    discard_folder (run->folder);
  } else if (stopped && run->stepped && run->log_error == NULL && !save_model (run, error)) {
    return FALSE;
  }
  g_propagate_error (error, g_error_copy (run->log_error != NULL ? run->log_error : reason));
  return FALSE;
}

static gboolean
run_training (Run *run, gboolean resume, GError **error)
{
  gboolean begins = !resume || fv_run_get_state (run->folder) == FV_RUN_NONE;
  g_autoptr (GError) reason = NULL;

  if (begins && !check_unused (run->folder, error))
    return FALSE;
  if (!open_folder (run, resume, error)) {
    if (begins)
      discard_folder (run->folder);
    return FALSE;
  }
  if (!fv_train_with_checkpoint (run->model, run->dataset, run->config, run->checkpoint_path,
                                 run->from, on_step, run, run->cancellable, &reason))
    return leave (run, reason, error);
  if (!save_model (run, error)
      || (run->evaluate
          && !write_metrics (run->model, run->dataset, run->config, run->folder, run->cancellable,
                             error)))
    return FALSE;
  remove_file (run->folder, CHECKPOINT);
  return TRUE;
}

static gboolean
train_in_folder (gboolean resume, FvModel *model, const FvDataset *dataset,
                 const FvTrainConfig *config, const char *folder, gboolean evaluate,
                 FvTrainCallback callback, gpointer user_data, GCancellable *cancellable,
                 GError **error)
{
  g_auto (Run) run = { .model = model,
                       .dataset = dataset,
                       .config = config,
                       .folder = folder,
                       .evaluate = evaluate,
                       .callback = callback,
                       .user_data = user_data,
                       .cancellable = cancellable };

  return run_training (&run, resume, error);
}

gboolean
fv_run_train (FvModel *model, const FvDataset *dataset, const FvTrainConfig *config,
              const char *folder, gboolean evaluate, FvTrainCallback callback, gpointer user_data,
              GCancellable *cancellable, GError **error)
{
  return train_in_folder (FALSE, model, dataset, config, folder, evaluate, callback, user_data,
                          cancellable, error);
}

gboolean
fv_run_resume (FvModel *model, const FvDataset *dataset, const FvTrainConfig *config,
               const char *folder, gboolean evaluate, FvTrainCallback callback, gpointer user_data,
               GCancellable *cancellable, GError **error)
{
  return fv_run_get_state (folder) == FV_RUN_FINISHED
         || train_in_folder (TRUE, model, dataset, config, folder, evaluate, callback, user_data,
                             cancellable, error);
}
