/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Learning without labels: the maps come to agree, no label is read, batch norm keeps its
 * statistics, and every mode takes its turns, repeats its bits and goes on after an interruption.
 */

#include <math.h>
#include <string.h>

#include "fv-pool.h"
#include "fv-run.h"
#include "fv-runtime.h"
#include "fv-turns.h"
#include "trainer-fixture.h"

#define MAX_STEPS 64

/* Unsupervised, on small_cnn. (transfer full) */
static FvTrainConfig *
new_consistency_config (FvTrainMode mode)
{
  FvTrainConfig *config = new_config (0);

  config->mode = mode;
  config->weights[FV_LOSS_CONSISTENCY] = 1;
  config->agreement.normalised = TRUE;
  config->agreement.omega = 8;
  return config;
}

/* What was told of each step. */
typedef struct {
  int n;
  double labels[MAX_STEPS], consistency[MAX_STEPS], validation[MAX_STEPS];
} Told;

static gboolean
note (const FvTrainProgress *progress, gpointer user_data)
{
  Told *told = user_data;

  g_assert_cmpint (told->n, <, MAX_STEPS);
  if (progress->step == 0)
    return TRUE;
  told->labels[told->n] = progress->losses[FV_LOSS_CROSS_ENTROPY];
  told->validation[told->n] = progress->validation_loss;
  told->consistency[told->n++] = progress->losses[FV_LOSS_CONSISTENCY];
  return TRUE;
}

/* (transfer full): the weights after training */
static FvStateDict *
train (const Fixture *fixture, const FvDataset *dataset, const FvTrainConfig *config, Told *told)
{
  g_autoptr (FvModel) model = new_network ("small_cnn", 7, FALSE);
  g_autoptr (GError) error = NULL;

  *told = (Told){ 0 };
  fv_train (model, dataset, config, note, told, NULL, &error);
  g_assert_no_error (error);
  return fv_model_get_state (model, NULL);
}

static gboolean
equal (const FvStateDict *a, const FvStateDict *b, const char *part)
{
  for (guint i = 0; i < fv_state_dict_get_length (a); i++)
    if (strstr (fv_state_dict_get_name (a, i), part) != NULL
        && !fv_tensor_equal (fv_state_dict_get_tensor (a, i), fv_state_dict_get_tensor (b, i)))
      return FALSE;
  return TRUE;
}

/* The mean of @n values from @from on. */
static double
average (const double *from, int n)
{
  double sum = 0;

  for (int i = 0; i < n; i++)
    sum += from[i] / n;
  return sum;
}

static void
test_learns (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_consistency_config (FV_MODE_UNSUPERVISED);
  g_autoptr (FvModel) model = new_network ("small_cnn", 7, FALSE);
  g_autoptr (FvStateDict) before = fv_model_get_state (model, NULL);
  g_autoptr (FvStateDict) after = NULL;
  Told told;

  config->epochs = 15;
  config->augment = 0;
  after = train (fixture, fixture->dataset, config, &told);
  g_test_message ("r: %.3f, at the end %.3f", -average (told.consistency, 3),
                  -average (told.consistency + told.n - 3, 3));
  g_assert_cmpfloat (average (told.consistency + told.n - 3, 3), <,
                     average (told.consistency, 3) - 0.05);
  for (int i = 0; i < told.n; i++)
    g_assert_true (isnan (told.labels[i]) && fabs (told.consistency[i]) <= 1);
  g_assert_true (equal (before, after, "running_"));
  g_assert_false (equal (before, after, "conv"));
}

/* The same pictures under other names of classes. (transfer full) */
static FvDataset *
relabel (const Fixture *fixture)
{
  g_autofree char *path = g_build_filename (fixture->folder, "metadata.csv", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GString) changed = NULL;
  g_auto (GStrv) lines = NULL;
  FvDataset *dataset;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  changed = g_string_new (lines[0]);
  for (char **line = lines + 1; *line != NULL; line++) {
    g_auto (GStrv) cells = g_strsplit (*line, ",", 4);

    if (g_strv_length (cells) < 4) /* the end */
      continue;
    g_string_append_printf (changed, "\n%s,%s,%d,%s", cells[0], cells[1], (atoi (cells[2]) + 1) % 4,
                            cells[3]);
  }
  g_assert_true (g_file_set_contents (path, changed->str, -1, NULL));
  dataset = fv_dataset_open (fixture->folder, 0, NULL);
  g_assert_nonnull (dataset);
  return dataset;
}

/* Neither by the steps, nor by what chooses the epoch to end with. */
static void
test_no_label_is_read (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_consistency_config (FV_MODE_UNSUPERVISED);
  g_autoptr (FvStateDict) right = NULL, wrong = NULL;
  g_autoptr (FvDataset) relabelled = NULL;
  Told told, told_wrong;

  config->keep = FV_KEEP_BEST;
  config->choose_by = FV_CHOOSE_BY_CONSISTENCY;
  right = train (fixture, fixture->dataset, config, &told);
  relabelled = relabel (fixture);
  g_assert_cmpint (fv_dataset_get_sample (relabelled, 0)->label, !=,
                   fv_dataset_get_sample (fixture->dataset, 0)->label);
  wrong = train (fixture, relabelled, config, &told_wrong);
  g_assert_true (equal (right, wrong, ""));
  g_assert_cmpfloat (told.validation[told.n - 1], ==, told_wrong.validation[told.n - 1]);
  g_assert_cmpfloat (fabs (told.validation[told.n - 1]), <=, 1);
  config->mode = FV_MODE_COMBINED; /* where they are */
  g_clear_pointer (&wrong, fv_state_dict_unref);
  wrong = train (fixture, relabelled, config, &told_wrong);
  g_assert_false (equal (right, wrong, ""));
}

static void
test_combined (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_consistency_config (FV_MODE_COMBINED);
  g_autoptr (FvStateDict) state = NULL;
  Told told;

  config->labelled = 1;
  state = train (fixture, fixture->dataset, config, &told);
  g_assert_cmpint (told.n, ==, 4); /* the pool's 12 pictures in two batches, twice */
  for (int i = 0; i < told.n; i++)
    g_assert_true (isfinite (told.labels[i]) && isfinite (told.consistency[i]));
}

static void
test_alternating (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_consistency_config (FV_MODE_ALTERNATING);
  g_autoptr (FvStateDict) state = NULL;
  int n_labelled = 0;
  Told told;

  config->epochs = 4;
  state = train (fixture, fixture->dataset, config, &told);
  g_assert_cmpint (told.n, ==, 24); /* two passes of three batches an epoch */
  for (int i = 0; i < told.n; i++) {
    g_assert_true (isnan (told.labels[i]) != isnan (told.consistency[i]));
    n_labelled += !isnan (told.labels[i]);
  }
  g_assert_cmpint (n_labelled, >, 5);
  g_assert_cmpint (n_labelled, <, 19);
}

/* -- going on ------------------------------------------------------------------------------- */

static gboolean
stop_at (const FvTrainProgress *progress, gpointer user_data)
{
  return progress->step < GPOINTER_TO_INT (user_data);
}

/* (transfer full): the weights in the run folder @name, stopped after @stop steps and resumed */
static FvStateDict *
run (const Fixture *fixture, const FvTrainConfig *config, const char *name, int stop)
{
  g_autofree char *folder = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (FvModel) model = new_network ("small_cnn", 7, FALSE);
  g_autoptr (FvModel) other = new_network ("small_cnn", 8, FALSE);
  g_autoptr (GError) error = NULL;

  if (stop == 0) {
    g_assert_true (
        fv_run_train (model, fixture->dataset, config, folder, FALSE, NULL, NULL, NULL, NULL));
    return fv_model_get_state (model, NULL);
  }
  g_assert_false (fv_run_train (model, fixture->dataset, config, folder, FALSE, stop_at,
                                GINT_TO_POINTER (stop), NULL, NULL));
  fv_run_resume (other, fixture->dataset, config, folder, FALSE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return fv_model_get_state (other, NULL);
}

static void
test_resume (Fixture *fixture, gconstpointer mode)
{
  g_autoptr (FvTrainConfig) config = new_consistency_config ((FvTrainMode) GPOINTER_TO_INT (mode));
  g_autoptr (FvStateDict) whole = NULL, stopped = NULL;

  config->labelled = 2;
  whole = run (fixture, config, "whole", 0);
  stopped = run (fixture, config, "stopped", 2);
  g_assert_true (equal (whole, stopped, ""));
}

/* -- refusals ------------------------------------------------------------------------------- */

static void
assert_refused (const Fixture *fixture, const FvTrainConfig *config, const char *phrase)
{
  g_autoptr (FvModel) model = new_network ("small_cnn", 7, FALSE);
  g_autoptr (GError) error = NULL;

  g_assert_false (fv_train (model, fixture->dataset, config, NULL, NULL, NULL, &error));
  g_assert_nonnull (error);
  g_assert_nonnull (strstr (error->message, phrase));
}

static void
test_refusals (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_consistency_config (FV_MODE_SUPERVISED);

  assert_refused (fixture, config, "take --mode");
  config->mode = FV_MODE_UNSUPERVISED;
  config->weights[FV_LOSS_CONSISTENCY] = 0;
  assert_refused (fixture, config, "only --loss consistency");
  config->weights[FV_LOSS_CONSISTENCY] = 1;
  config->unlabelled = g_strdup ("/no/such/folder");
  assert_refused (fixture, config, "/no/such/folder");
  config->mode = FV_MODE_SUPERVISED;
  config->weights[FV_LOSS_CONSISTENCY] = 0;
  config->choose_by = FV_CHOOSE_BY_CONSISTENCY;
  assert_refused (fixture, config, "--choose-by consistency needs");
}

/* -- pools and turns ------------------------------------------------------------------------ */

static void
assert_pool (const Fixture *fixture, const FvTrainConfig *config, gsize n_labelled, gsize n_pool)
{
  g_autoptr (FvDataset) labelled = NULL, pool = NULL;

  g_assert_true (fv_pool_choose (fixture->dataset, config, &labelled, &pool, NULL));
  g_assert_cmpuint (fv_dataset_get_n_in_split (labelled, FV_SPLIT_TRAIN), ==, n_labelled);
  g_assert_cmpuint (fv_dataset_get_n_in_split (labelled, FV_SPLIT_TEST), ==, 8);
  g_assert_cmpuint (fv_dataset_get_n_in_split (pool, FV_SPLIT_TRAIN), ==, n_pool);
}

static void
test_pools (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_consistency_config (FV_MODE_UNSUPERVISED);

  assert_pool (fixture, config, 16, 16);
  config->labelled = 1;
  assert_pool (fixture, config, 4, 12);
  config->unlabelled = g_strdup (FV_POOL_LABELLED);
  assert_pool (fixture, config, 4, 4);
  g_free (config->unlabelled);
  config->unlabelled = g_strdup (fixture->folder); /* it says itself how it is cut */
  assert_pool (fixture, config, 4, 16);
}

/* A project that is cut by chance gives all its pictures, but never those that it keeps for
 * validation and test itself, by whatever name it is called. */
static void
test_pool_of_drawn_splits (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *images = g_build_filename (fixture->folder, "images", NULL);
  g_autofree char *alias = g_build_filename (images, "..", "images", NULL);
  g_autoptr (FvTrainConfig) config = new_consistency_config (FV_MODE_UNSUPERVISED);
  g_autoptr (FvDataset) drawn = fv_dataset_open (images, 0, NULL);
  g_autoptr (FvDataset) labelled = NULL, pool = NULL, other_labelled = NULL, all = NULL;
  gsize n_train = fv_dataset_get_n_in_split (drawn, FV_SPLIT_TRAIN);

  config->unlabelled = g_strdup (alias);
  g_assert_true (fv_pool_choose (drawn, config, &labelled, &pool, NULL));
  g_assert_cmpuint (fv_dataset_get_n_in_split (pool, FV_SPLIT_TRAIN), ==, n_train);
  g_assert_cmpuint (n_train, <, fv_dataset_get_n_samples (drawn));
  g_assert_true (fv_pool_choose (fixture->dataset, config, &other_labelled, &all, NULL));
  g_assert_cmpuint (fv_dataset_get_n_in_split (all, FV_SPLIT_TRAIN), ==,
                    fv_dataset_get_n_samples (drawn));
}

static void
test_turns (void)
{
  FvTurns turns = { FV_MODE_ALTERNATING, 10, 30, 2, 5 };
  FvTurnCount all = fv_turns_count (&turns, 1000), sum = { 0, 0 };

  g_assert_cmpint (fv_turns_per_epoch (&turns), ==, 50);
  g_assert_cmpint (all.labelled + all.pool, ==, 1000);
  g_assert_cmpint (ABS (all.labelled - 400), <, 60); /* four deviations of a binomial draw */
  for (int step = 0; step < 1000; step++) {
    sum.labelled += fv_turns_take (&turns, step).labelled;
    sum.pool += fv_turns_take (&turns, step).pool;
  }
  g_assert_cmpint (sum.labelled, ==, all.labelled);
  turns.alternation = 1000;
  turns.n_labelled = G_MAXINT / 2;
  g_assert_cmpint (fv_turns_per_epoch (&turns), ==, G_MAXINT);
  turns.n_labelled = 10;
  turns.mode = FV_MODE_COMBINED;
  g_assert_cmpint (fv_turns_per_epoch (&turns), ==, 30);
  g_assert_cmpint (fv_turns_count (&turns, 7).labelled, ==, 7);
  turns.mode = FV_MODE_UNSUPERVISED;
  g_assert_cmpint (fv_turns_per_epoch (&turns), ==, 30);
  g_assert_cmpint (fv_turns_count (&turns, 7).labelled, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/consistency-training/learns", test_learns);
  ADD ("/consistency-training/no-label-is-read", test_no_label_is_read);
  ADD ("/consistency-training/combined", test_combined);
  ADD ("/consistency-training/alternating", test_alternating);
  ADD ("/consistency-training/refusals", test_refusals);
  ADD ("/consistency-training/pools", test_pools);
  ADD ("/consistency-training/pool-of-drawn-splits", test_pool_of_drawn_splits);
#undef ADD
  for (int mode = FV_MODE_UNSUPERVISED; mode < FV_N_TRAIN_MODES; mode++) {
    g_autofree char *path = g_strdup_printf ("/consistency-training/resume/%d", mode);

    g_test_add (path, Fixture, GINT_TO_POINTER (mode), set_up, test_resume, tear_down);
  }
  g_test_add_func ("/consistency-training/turns", test_turns);
  return g_test_run ();
}
