/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A training that is interrupted and goes on ends with the bits of one that was not. */

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "fv-run.h"
#include "fv-runtime.h"
#include "fv-validation.h"
#include "trainer-fixture.h"

#define N_STEPS 6 /* two epochs of three */

static char *
read_file (const char *folder, const char *name, gsize *length)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, length, NULL));
  return text;
}

static gboolean
has (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
assert_same_weights (const char *a, const char *b)
{
  gsize n_a, n_b;
  g_autofree char *first = read_file (a, "model.safetensors", &n_a);
  g_autofree char *second = read_file (b, "model.safetensors", &n_b);

  g_assert_cmpmem (first, n_a, second, n_b);
}

/* The log has the line of each step once. */
static void
assert_log (const char *folder, int n_steps)
{
  g_autofree char *text = read_file (folder, "log.jsonl", NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  g_assert_cmpuint (g_strv_length (lines), ==, (guint) n_steps + 1);
  for (int i = 0; i < n_steps; i++) {
    g_autofree char *start = g_strdup_printf ("{\"step\":%d,", i + 1);

    g_assert_true (g_str_has_prefix (lines[i], start));
  }
}

/* -- interruptions -------------------------------------------------------------------------- */

static gboolean
stop_at (const FvTrainProgress *progress, gpointer user_data)
{
  return progress->step < GPOINTER_TO_INT (user_data);
}

/* Trains in @name of the fixture's folder, stopping after @stop steps (0: never). (transfer full)
 * the run's folder */
static char *
run (const Fixture *fixture, const char *architecture, const FvTrainConfig *config,
     const char *name, int stop)
{
  g_autofree char *folder = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (FvModel) model = new_network (architecture, 7, FALSE);
  g_autoptr (GError) error = NULL;
  gboolean done = fv_run_train (model, fixture->dataset, config, folder, FALSE,
                                stop > 0 ? stop_at : NULL, GINT_TO_POINTER (stop), NULL, &error);

  g_assert_true (done == (stop == 0));
  if (stop > 0)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (fv_run_get_state (folder), ==, stop > 0 ? FV_RUN_BEGUN : FV_RUN_FINISHED);
  return g_steal_pointer (&folder);
}

/* Goes on with other weights, which the checkpoint must replace. */
static void
resume (const Fixture *fixture, const char *architecture, const FvTrainConfig *config,
        const char *folder)
{
  g_autoptr (FvModel) model = new_network (architecture, 8, FALSE);
  g_autoptr (GError) error = NULL;

  fv_run_resume (model, fixture->dataset, config, folder, FALSE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (fv_run_get_state (folder), ==, FV_RUN_FINISHED);
}

static void
assert_resumes (const Fixture *fixture, const char *architecture, const FvTrainConfig *config,
                int n_steps)
{
  g_autofree char *whole = run (fixture, architecture, config, "whole", 0);

  for (int stop = 1; stop <= n_steps; stop += 2) {
    g_autofree char *name = g_strdup_printf ("stopped-%d", stop);
    g_autofree char *folder = run (fixture, architecture, config, name, stop);

    assert_log (folder, stop);
    resume (fixture, architecture, config, folder);
    assert_same_weights (whole, folder);
    assert_log (folder, n_steps);
    g_assert_false (has (folder, "checkpoint.safetensors"));
  }
}

/* Batch norm learns, flips, warm-up, cosine, both losses. */
static void
test_optimizers (Fixture *fixture, gconstpointer kind)
{
  g_autoptr (FvTrainConfig) config = new_config (1);

  config->optimizer = (FvOptimizerKind) GPOINTER_TO_INT (kind);
  config->warm_up = 0.5;
  assert_resumes (fixture, "small_cnn", config, N_STEPS);
}

static void
test_dropout (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (0);

  assert_resumes (fixture, "mobilenet_v2", config, N_STEPS);
}

static void
test_best_epoch (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (1);

  config->keep = FV_KEEP_BEST;
  config->learning_rate = config->head_learning_rate = 0.1; /* so that the last is not the best */
  assert_resumes (fixture, "small_cnn", config, N_STEPS);
}

/* As a kill leaves it: the checkpoint is older than the log, whose last line is cut off, and
 * half a file lies about. */
static void
test_older_checkpoint (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (1);
  g_autofree char *whole = run (fixture, "small_cnn", config, "whole", 0);
  g_autofree char *early = run (fixture, "small_cnn", config, "early", 2);
  g_autofree char *late = run (fixture, "small_cnn", config, "late", 5);
  g_autofree char *path = g_build_filename (late, "checkpoint.safetensors", NULL);
  g_autofree char *log_path = g_build_filename (late, "log.jsonl", NULL);
  g_autofree char *half = g_build_filename (late, "checkpoint.safetensors.A1b2C3", NULL);
  gsize length;
  g_autofree char *checkpoint = read_file (early, "checkpoint.safetensors", &length);
  g_autofree char *log = read_file (late, "log.jsonl", NULL);
  g_autofree char *cut = g_strconcat (log, "{\"step\":6,\"epo", NULL);

  g_assert_true (g_file_set_contents (path, checkpoint, (gssize) length, NULL));
  g_assert_true (g_file_set_contents (log_path, cut, -1, NULL));
  g_assert_true (g_file_set_contents (half, "half", -1, NULL));
  resume (fixture, "small_cnn", config, late);
  assert_same_weights (whole, late);
  assert_log (late, N_STEPS);
  g_assert_false (g_file_test (half, G_FILE_TEST_EXISTS));
}

/* A folder that is not there, and one that was killed before its first checkpoint. */
static void
test_from_nothing (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (0);
  g_autofree char *absent = g_build_filename (fixture->folder, "absent", NULL);

  resume (fixture, "small_cnn", config, absent);
  assert_log (absent, N_STEPS);
  resume (fixture, "small_cnn", config, absent); /* is finished: nothing happens */
  assert_log (absent, N_STEPS);
}

/* A folder with a model that is no run's: it is refused, and nothing in it is touched. */
static void
test_folder_of_a_model (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (0);
  g_autofree char *whole = run (fixture, "small_cnn", config, "whole", 0);
  g_autofree char *path = g_build_filename (whole, "config.json", NULL);
  g_autoptr (FvModel) model = new_network ("small_cnn", 8, FALSE);
  g_autoptr (GError) error = NULL;
  gsize before, after;
  g_autofree char *weights = read_file (whole, "model.safetensors", &before);
  g_autofree char *same = NULL;

  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_false (fv_run_resume (model, fixture->dataset, config, whole, FALSE, stop_at,
                                 GINT_TO_POINTER (1), NULL, &error));
  g_assert_nonnull (strstr (error->message, whole));
  same = read_file (whole, "model.safetensors", &after);
  g_assert_cmpmem (weights, before, same, after);
  g_assert_false (has (whole, "config.json"));
}

/* Stopped again before the next step, the run is what it was: the network did not even have its
 * values. */
static void
test_stopped_before_a_step (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (0);
  g_autofree char *folder = run (fixture, "small_cnn", config, "stopped", 4);
  g_autoptr (FvModel) model = new_network ("small_cnn", 8, FALSE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gsize before, after;
  g_autofree char *weights = read_file (folder, "model.safetensors", &before);
  g_autofree char *same = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (fv_run_resume (model, fixture->dataset, config, folder, FALSE, NULL, NULL,
                                 cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  same = read_file (folder, "model.safetensors", &after);
  g_assert_cmpmem (weights, before, same, after);
  g_assert_cmpint (fv_run_get_state (folder), ==, FV_RUN_BEGUN);
}

typedef struct {
  const Fixture *fixture;
  const FvTrainConfig *config;
  const char *folder;
} Rival;

/* Another training wants to go on with the run while it is being written. */
static gboolean
intrude (const FvTrainProgress *progress, gpointer user_data)
{
  const Rival *rival = user_data;
  g_autoptr (FvModel) model = NULL;
  g_autoptr (GError) error = NULL;

  if (progress->step != 4)
    return TRUE;
  model = new_network ("small_cnn", 8, FALSE);
  g_assert_false (fv_run_resume (model, rival->fixture->dataset, rival->config, rival->folder,
                                 FALSE, NULL, NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, rival->folder));
  return TRUE;
}

static void
test_two_at_once (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (0);
  g_autofree char *whole = run (fixture, "small_cnn", config, "whole", 0);
  g_autofree char *folder = g_build_filename (fixture->folder, "shared", NULL);
  g_autoptr (FvModel) model = new_network ("small_cnn", 7, FALSE);
  Rival rival = { fixture, config, folder };
  g_autoptr (GError) error = NULL;

  fv_run_train (model, fixture->dataset, config, folder, FALSE, intrude, &rival, NULL, &error);
  g_assert_no_error (error);
  assert_log (folder, N_STEPS);
  assert_same_weights (whole, folder);
}

/* -- refusals ------------------------------------------------------------------------------- */

static void
assert_refused (const Fixture *fixture, const FvTrainConfig *config, const char *folder,
                const char *phrase)
{
  g_autoptr (FvModel) model = new_network ("small_cnn", 7, FALSE);
  g_autoptr (GError) error = NULL;
  gsize before, after;
  g_autofree char *log = read_file (folder, "log.jsonl", &before);
  g_autofree char *same_log = NULL;

  g_assert_false (
      fv_run_resume (model, fixture->dataset, config, folder, FALSE, NULL, NULL, NULL, &error));
  if (strstr (error->message, folder) == NULL || strstr (error->message, phrase) == NULL)
    g_error ("“%s” is missing: %s", phrase, error->message);
  same_log = read_file (folder, "log.jsonl", &after);
  g_assert_cmpmem (log, before, same_log, after);
}

static void
test_refusals (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (0);
  g_autoptr (FvTrainConfig) other = new_config (0);
  g_autofree char *folder = run (fixture, "small_cnn", config, "run", 2);
  g_autofree char *path = g_build_filename (folder, "checkpoint.safetensors", NULL);
  g_autofree char *weights = g_build_filename (folder, "model.safetensors", NULL);
  gsize length;
  g_autofree char *checkpoint = read_file (folder, "checkpoint.safetensors", &length);
  g_autofree char *plain = read_file (folder, "model.safetensors", NULL);

  other->batch_size = 5;
  assert_refused (fixture, other, folder, "another --batch");
  g_assert_true (g_file_set_contents (path, checkpoint, (gssize) length / 2, NULL));
  assert_refused (fixture, config, folder, "checkpoint.safetensors");
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  assert_refused (fixture, config, folder, "checkpoint.safetensors");
  g_assert_cmpint (g_rename (weights, path), ==, 0);
  assert_refused (fixture, config, folder, "not a checkpoint");
}

/* -- a full disk ----------------------------------------------------------------------------- */

typedef struct {
  char *folder;
  int n_problems;
} Disk;

static void
limit_files (rlim_t n_bytes)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &limit), ==, 0);
  limit.rlim_cur = n_bytes;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

/* Full after the second step, stopped at the fifth. */
static gboolean
fill_disk (const FvTrainProgress *progress, gpointer user_data)
{
  Disk *disk = user_data;

  if (progress->checkpoint_problem != NULL) {
    g_assert_nonnull (strstr (progress->checkpoint_problem, disk->folder));
    disk->n_problems++;
  }
  if (progress->step == 2)
    limit_files (8192); /* the log still fits */
  return progress->step < 5;
}

/* It is told, training goes on, and the checkpoint before it is sound. */
static void
test_full_disk (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (0);
  g_autofree char *whole = run (fixture, "small_cnn", config, "whole", 0);
  g_autofree char *folder = g_build_filename (fixture->folder, "full", NULL);
  g_autoptr (FvModel) model = new_network ("small_cnn", 7, FALSE);
  Disk disk = { folder, 0 };
  g_autoptr (GError) error = NULL;

  signal (SIGXFSZ, SIG_IGN);
  config->checkpoint_seconds = 0;
  g_assert_false (fv_run_train (model, fixture->dataset, config, folder, FALSE, fill_disk, &disk,
                                NULL, &error));
  limit_files (RLIM_INFINITY);
  g_assert_cmpint (disk.n_problems, ==, 3);
  g_assert_nonnull (strstr (error->message, "checkpoint.safetensors"));
  g_assert_cmpint (fv_run_get_state (folder), ==, FV_RUN_BEGUN);
  resume (fixture, "small_cnn", config, folder);
  assert_same_weights (whole, folder);
  assert_log (folder, N_STEPS);
}

/* -- validation ----------------------------------------------------------------------------- */

typedef struct {
  int n_measured, last_step;
  double best;
} Watch;

static gboolean
watch (const FvTrainProgress *progress, gpointer user_data)
{
  Watch *self = user_data;
  gboolean at_end = progress->step % 3 == 0;

  self->last_step = progress->step;
  g_assert_true (at_end == !isnan (progress->validation_loss));
  g_assert_true (at_end == !isnan (progress->validation_accuracy));
  if (!at_end)
    return TRUE;
  self->best = self->n_measured == 0 ? progress->validation_loss
                                     : MIN (self->best, progress->validation_loss);
  self->n_measured++;
  return TRUE;
}

/* Mean cross-entropy of the validation split, by the evaluation. */
static double
measure (const Fixture *fixture, FvModel *model)
{
  const FvEvaluationOptions options = { .target_label = TRUE };
  g_autoptr (FvEvaluation) evaluation = fv_evaluate (model, fixture->dataset, FV_SPLIT_VALIDATION,
                                                     &options, NULL, NULL, NULL, NULL);

  return fv_evaluation_get_accuracy (evaluation).value;
}

static double
validate (const Fixture *fixture, FvModel *model, double *accuracy)
{
  g_autoptr (FvTrainConfig) config = new_config (0);
  g_autoptr (FvValidation) validation = NULL;
  double loss;

  config->keep = FV_KEEP_BEST;
  validation = fv_validation_new (model, fixture->dataset, config, NULL, NULL);
  g_assert_true (fv_validation_measure (validation, NULL, 1, &loss, accuracy, NULL));
  return loss;
}

/* Without patience all epochs are measured, and the weights are those of the lowest loss. */
static void
test_keep_best (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (1);
  g_autoptr (FvModel) model = new_network ("small_cnn", 7, FALSE);
  Watch seen = { 0 };
  double accuracy;

  config->keep = FV_KEEP_BEST;
  config->epochs = 4;
  config->learning_rate = config->head_learning_rate = 0.1;
  g_assert_true (fv_train (model, fixture->dataset, config, watch, &seen, NULL, NULL));
  g_assert_cmpint (seen.n_measured, ==, 4);
  g_assert_cmpfloat (validate (fixture, model, &accuracy), ==, seen.best);
  g_assert_cmpfloat_with_epsilon (accuracy, measure (fixture, model), 1e-12);
}

/* Gives the head's bias a value that is no number. */
static void
break_head (FvModel *model)
{
  const float values[4] = { NAN, 0, 0, 0 };
  g_autoptr (FvTensor) bias
      = fv_tensor_new (FV_DTYPE_FLOAT32, (const gint64[]){ 4 }, 1, values, sizeof values, NULL);
  g_autoptr (FvStateDict) state = fv_model_get_state (model, NULL);
  g_autoptr (FvStateDict) broken = fv_state_dict_new ();

  for (guint i = 0; i < fv_state_dict_get_length (state); i++) {
    const char *name = fv_state_dict_get_name (state, i);

    fv_state_dict_add (broken, name,
                       g_str_equal (name, "fc.bias") ? bias : fv_state_dict_get_tensor (state, i));
  }
  g_assert_true (fv_model_set_state (model, broken, "broken", NULL));
}

/* A loss that is no number is never the best, not even where it came first, and the checkpoint that
 * tells of it can be read. */
static void
test_best_is_a_number (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (0);
  g_autoptr (FvModel) model = new_network ("small_cnn", 7, FALSE);
  g_autoptr (FvStateDict) sound = fv_model_get_state (model, NULL);
  g_autoptr (FvStateDict) optimizer = fv_state_dict_new ();
  FvCheckpoint checkpoint = { .model = sound, .optimizer = optimizer };
  g_autoptr (FvCheckpoint) loaded = NULL;
  g_autoptr (FvValidation) validation = NULL;
  g_autofree char *path = g_build_filename (fixture->folder, "broken.safetensors", NULL);
  double loss, accuracy;

  config->patience = 1;
  validation = fv_validation_new (model, fixture->dataset, config, NULL, NULL);
  break_head (model);
  g_assert_true (fv_validation_measure (validation, NULL, 1, &loss, &accuracy, NULL));
  g_assert_false (isfinite (loss));
  fv_validation_store (validation, &checkpoint);
  g_assert_true (fv_checkpoint_save (&checkpoint, path, NULL));
  loaded = fv_checkpoint_load (path, NULL);
  g_assert_nonnull (loaded);
  fv_validation_restore (validation, loaded, 1);
  g_assert_true (fv_model_set_state (model, sound, "sound", NULL));
  g_assert_true (fv_validation_measure (validation, NULL, 2, &loss, &accuracy, NULL));
  g_assert_true (isfinite (loss));
  g_assert_false (fv_validation_is_over (validation));
}

/* With a rate too small to change the loss, the first epoch stays the best. */
static void
test_patience (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (0);
  g_autoptr (FvModel) model = new_network ("small_cnn", 7, FALSE);
  Watch seen = { 0 };

  config->train_batch_norm = FALSE;
  config->learning_rate = config->head_learning_rate = 1e-30;
  config->epochs = 50;
  config->patience = 2;
  g_assert_true (fv_train (model, fixture->dataset, config, watch, &seen, NULL, NULL));
  g_assert_cmpint (seen.n_measured, ==, 3);
  g_assert_cmpint (seen.last_step, ==, 9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
#define ADD_WITH(path, data, function)                                                             \
  g_test_add (path, Fixture, GINT_TO_POINTER (data), set_up, function, tear_down)
#define ADD(path, function) ADD_WITH (path, 0, function)
  ADD_WITH ("/resume/sgd", FV_OPTIMIZER_SGD, test_optimizers);
  ADD_WITH ("/resume/adam", FV_OPTIMIZER_ADAM, test_optimizers);
  ADD_WITH ("/resume/adamw", FV_OPTIMIZER_ADAMW, test_optimizers);
  ADD ("/resume/dropout", test_dropout);
  ADD ("/resume/best-epoch", test_best_epoch);
  ADD ("/resume/older-checkpoint", test_older_checkpoint);
  ADD ("/resume/from-nothing", test_from_nothing);
  ADD ("/resume/folder-of-a-model", test_folder_of_a_model);
  ADD ("/resume/stopped-before-a-step", test_stopped_before_a_step);
  ADD ("/resume/two-at-once", test_two_at_once);
  ADD ("/resume/refusals", test_refusals);
  ADD ("/resume/full-disk", test_full_disk);
  ADD ("/resume/keep-best", test_keep_best);
  ADD ("/resume/patience", test_patience);
  ADD ("/resume/best-is-a-number", test_best_is_a_number);
#undef ADD
#undef ADD_WITH
  return g_test_run ();
}
