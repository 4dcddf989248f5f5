/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Training on a handful of drawn pictures: what must repeat, what must stay, what must stop it. */

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "fv-autograd.h"
#include "fv-evaluation.h"
#include "fv-op.h"
#include "fv-run.h"
#include "fv-runtime.h"
#include "fv-trainer.h"
#include "fv-training-set.h"
#include "trainer-fixture.h"

static FvModel *
new_model (gboolean folded)
{
  return new_network ("small_cnn", 7, folded);
}

/* The weights after training a new model so. */
static FvStateDict *
train (const Fixture *fixture, const FvTrainConfig *config)
{
  g_autoptr (FvModel) model = new_model (FALSE);
  g_autoptr (GError) error = NULL;

  fv_train (model, fixture->dataset, config, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return fv_model_get_state (model, NULL);
}

static gboolean
equal (const FvStateDict *a, const FvStateDict *b)
{
  g_assert_cmpuint (fv_state_dict_get_length (a), ==, fv_state_dict_get_length (b));
  for (guint i = 0; i < fv_state_dict_get_length (a); i++)
    if (!fv_tensor_equal (fv_state_dict_get_tensor (a, i), fv_state_dict_get_tensor (b, i)))
      return FALSE;
  return TRUE;
}

static void
test_same_seed_same_bits (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (1);
  g_autoptr (FvStateDict) first = train (fixture, config);
  g_autoptr (FvStateDict) again = train (fixture, config);
  g_autoptr (FvStateDict) other = NULL;

  g_assert_true (equal (first, again));
  config->seed++;
  other = train (fixture, config);
  g_assert_false (equal (first, other));
}

static gboolean
draw (const FvTrainProgress *progress, gpointer user_data)
{
  g_autoptr (FvScope) scope = fv_scope_new ();

  g_assert_nonnull (fv_call (scope, "aten::rand", fv_int_list ((gint64[]){ progress->step }, 1)));
  return TRUE;
}

static FvStateDict *
train_with_dropout (const Fixture *fixture, FvTrainCallback callback)
{
  g_autoptr (FvTrainConfig) config = new_config (0);
  g_autoptr (FvModel) model = new_network ("mobilenet_v2", 7, FALSE);

  g_assert_true (fv_train (model, fixture->dataset, config, callback, NULL, NULL, NULL));
  return fv_model_get_state (model, NULL);
}

/* What others draw between the steps changes nothing. */
static void
test_draws_of_others (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvStateDict) alone = train_with_dropout (fixture, NULL);
  g_autoptr (FvStateDict) among_others = train_with_dropout (fixture, draw);

  g_assert_true (equal (alone, among_others));
}

/* λ = 0 is the plain run, wherever the map would have been drawn; λ > 0 is not. */
static void
test_no_weight_is_plain (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) plain = new_config (0);
  g_autoptr (FvTrainConfig) zero = new_config (0);
  g_autoptr (FvTrainConfig) aligned = new_config (1);
  g_autoptr (FvStateDict) a = train (fixture, plain);
  g_autoptr (FvStateDict) b = NULL;
  g_autoptr (FvStateDict) c = train (fixture, aligned);

  zero->layer = g_strdup ("block3");
  zero->map = FV_TRAINING_MAP_LAYERCAM;
  zero->match.distance = FV_MATCH_RES;
  b = train (fixture, zero);
  g_assert_true (equal (a, b));
  g_assert_false (equal (a, c));
}

static void
assert_moved (const FvStateDict *before, const FvStateDict *after, const char *name, gboolean moved)
{
  FvTensor *a = fv_state_dict_lookup (before, name);
  FvTensor *b = fv_state_dict_lookup (after, name);

  g_assert_nonnull (a);
  if (fv_tensor_equal (a, b) == moved)
    g_error ("%s has %s", name, moved ? "stayed" : "moved");
}

static void
test_freeze_below (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (1);
  g_autoptr (FvModel) model = new_model (FALSE);
  g_autoptr (FvStateDict) before = fv_model_get_state (model, NULL);
  g_autoptr (FvStateDict) after = NULL;

  config->freeze_below = g_strdup ("block3");
  after = train (fixture, config);
  assert_moved (before, after, "block2.conv.weight", FALSE);
  assert_moved (before, after, "block2.bn.bias", FALSE);
  assert_moved (before, after, "block2.bn.running_mean", FALSE);
  assert_moved (before, after, "block3.conv.weight", TRUE);
  assert_moved (before, after, "block4.bn.weight", TRUE);
  assert_moved (before, after, "fc.weight", TRUE);
}

/* In evaluation the statistics stay and the affine part learns. */
static void
test_batch_norm_modes (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (0);
  g_autoptr (FvModel) model = new_model (FALSE);
  g_autoptr (FvStateDict) before = fv_model_get_state (model, NULL);
  g_autoptr (FvStateDict) trained = train (fixture, config);
  g_autoptr (FvStateDict) kept = NULL;

  assert_moved (before, trained, "block1.bn.running_mean", TRUE);
  config->train_batch_norm = FALSE;
  kept = train (fixture, config);
  assert_moved (before, kept, "block1.bn.running_mean", FALSE);
  assert_moved (before, kept, "block1.bn.running_var", FALSE);
  assert_moved (before, kept, "block1.bn.weight", TRUE);
}

/* A last batch of one picture that has become one cell: there is nothing to learn a variance from.
 */
static void
test_batch_norm_of_one_value (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (0);
  g_autoptr (FvModel) model = new_network ("resnet18", 7, FALSE);
  g_autoptr (FvStateDict) before = fv_model_get_state (model, NULL);
  g_autoptr (FvStateDict) after = NULL;
  g_autoptr (GError) error = NULL;

  config->batch_size = 15; /* of 16 pictures */
  config->epochs = 1;
  fv_train (model, fixture->dataset, config, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  after = fv_model_get_state (model, NULL);
  assert_moved (before, after, "layer4.1.bn2.running_var", TRUE);
  for (guint i = 0; i < fv_state_dict_get_length (after); i++) {
    gsize n;
    g_autofree double *values
        = fv_tensor_to_doubles (fv_state_dict_get_tensor (after, i), &n, NULL);

    for (gsize j = 0; j < n; j++)
      g_assert_true (isfinite (values[j]));
  }
}

/* The last step is as bad as those that a later loss shows. */
static void
test_last_step_diverges (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (0);
  g_autoptr (FvModel) model = new_model (FALSE);
  g_autoptr (GError) error = NULL;

  config->batch_size = 16;
  config->epochs = 1;
  config->optimizer = FV_OPTIMIZER_SGD;
  config->learning_rate = config->head_learning_rate = 100;
  config->weight_decay = 3e38; /* nearly a float's largest */
  config->train_batch_norm = FALSE;
  g_assert_false (fv_train (model, fixture->dataset, config, NULL, NULL, NULL, &error));
  g_assert_nonnull (strstr (error->message, "diverged at step 1"));
}

/* A layer below the head's needs the second backward; it must work and differ. */
static void
test_general_layer (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) last = new_config (1);
  g_autoptr (FvTrainConfig) earlier = new_config (1);
  g_autoptr (FvStateDict) a = train (fixture, last);
  g_autoptr (FvStateDict) b = NULL;

  earlier->layer = g_strdup ("block3");
  b = train (fixture, earlier);
  g_assert_false (equal (a, b));
}

static double
energy_after (const Fixture *fixture, double camal)
{
  g_autoptr (FvTrainConfig) config = new_config (camal);
  g_autoptr (FvModel) model = new_model (FALSE);
  g_autoptr (FvEvaluation) evaluation = NULL;
  g_autoptr (GError) error = NULL;
  const FvEvaluationOptions options = { .target_label = TRUE };

  config->epochs = 12;
  config->learning_rate = config->head_learning_rate = 3e-3;
  fv_train (model, fixture->dataset, config, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  evaluation
      = fv_evaluate (model, fixture->dataset, FV_SPLIT_TRAIN, &options, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fv_evaluation_get_n_results (evaluation), ==, 16);
  return fv_evaluation_get_alignment (evaluation, FV_ALIGNMENT_ENERGY).value;
}

static void
test_alignment_is_learned (Fixture *fixture, gconstpointer unused)
{
  g_assert_cmpfloat (energy_after (fixture, 3), >, energy_after (fixture, 0) + 0.05);
}

/* Alone, beside the two-term loss, and through the cut where the head is not linear, where equal
 * seeds choose equal pairs. */
static void
test_swap (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) alone = new_config (0);
  g_autoptr (FvTrainConfig) both = new_config (0.5);
  g_autoptr (FvTrainConfig) plain = new_config (0.5);
  g_autoptr (FvStateDict) a = NULL;
  g_autoptr (FvStateDict) b = NULL;
  g_autoptr (FvStateDict) c = train (fixture, plain);
  g_autoptr (FvStateDict) d = NULL;
  g_autoptr (FvStateDict) again = NULL;
  g_autoptr (FvModel) model = new_model (FALSE);

  alone->weights[FV_LOSS_SWAP] = both->weights[FV_LOSS_SWAP] = 1;
  a = train (fixture, alone);
  b = train (fixture, both);
  g_assert_false (equal (a, b));
  g_assert_false (equal (b, c));
  g_assert_true (fv_train_can_swap (model));
  alone->layer = g_strdup ("block3");
  alone->freeze_below = g_strdup ("block2");
  d = train (fixture, alone);
  again = train (fixture, alone);
  g_assert_false (equal (a, d));
  g_assert_true (equal (d, again));
}

static gboolean
note_losses (const FvTrainProgress *progress, gpointer user_data)
{
  double *losses = user_data;

  memcpy (losses, progress->losses, sizeof progress->losses);
  return FALSE;
}

/* Cross-entropy is told always; other losses are NaN unless they have a weight. */
static void
test_losses_are_told (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (0);
  g_autoptr (FvModel) model = new_model (FALSE);
  double losses[FV_N_LOSSES];

  config->weights[FV_LOSS_CROSS_ENTROPY] = 0;
  config->weights[FV_LOSS_SWAP] = 2;
  g_assert_false (fv_train (model, fixture->dataset, config, note_losses, losses, NULL, NULL));
  g_assert_true (isfinite (losses[FV_LOSS_CROSS_ENTROPY]));
  g_assert_true (isfinite (losses[FV_LOSS_SWAP]));
  g_assert_true (isnan (losses[FV_LOSS_CAMAL]));
}

/* The values of the first step with one loss on attention. */
static void
first_losses (const Fixture *fixture, const FvTrainConfig *config, double losses[FV_N_LOSSES])
{
  g_autoptr (FvModel) model = new_model (FALSE);
  g_autoptr (GError) error = NULL;

  g_assert_false (fv_train (model, fixture->dataset, config, note_losses, losses, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Every loss on attention, on the last layer and on an earlier one, on every map: a number, and
 * another one for another map. RRR takes nothing from the maps. */
static void
test_every_loss_and_map (Fixture *fixture, gconstpointer unused)
{
  static const char *const layers[] = { NULL, "block3" };

  for (int kind = FV_LOSS_CAMAL; kind <= FV_LOSS_RRR; kind++)
    for (gsize layer = 0; layer < G_N_ELEMENTS (layers); layer++)
      for (int map = FV_TRAINING_MAP_GRADCAM; map <= FV_TRAINING_MAP_LAYERCAM; map++) {
        g_autoptr (FvTrainConfig) config = new_config (0);
        double losses[FV_N_LOSSES];

        config->weights[kind] = 1;
        config->map = (FvTrainingMapKind) map;
        config->layer = g_strdup (layers[layer]);
        first_losses (fixture, config, losses);
        g_assert_true (isfinite (losses[kind]));
        g_assert_cmpfloat (losses[kind], >, 0);
      }
}

/* At several layers a loss is the mean of what it is at each, whose masks are those of one finer
 * grid; the order makes no difference, nor does a layer that is named twice. */
static void
test_several_layers (Fixture *fixture, gconstpointer unused)
{
  static const char *const layers[]
      = { "block4", "block2", "block4,block2", "block2,block4", "block2,block4,block2,block4" };

  for (int kind = FV_LOSS_CAMAL; kind < FV_LOSS_RRR; kind++) {
    double found[G_N_ELEMENTS (layers)];

    for (gsize i = 0; i < G_N_ELEMENTS (layers); i++) {
      g_autoptr (FvTrainConfig) config = new_config (0);
      double losses[FV_N_LOSSES];

      config->weights[kind] = 1;
      config->layer = g_strdup (layers[i]);
      first_losses (fixture, config, losses);
      found[i] = losses[kind];
    }
    g_assert_cmpfloat (found[0], !=, found[1]);
    for (gsize i = 2; i < G_N_ELEMENTS (layers); i++)
      g_assert_cmpfloat_with_epsilon (found[i], (found[0] + found[1]) / 2, 2e-5);
  }
}

/* The gradient of the pixels runs through what is frozen, which stays as it is. */
static void
test_right_reasons_below_a_freeze (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (0);
  g_autoptr (FvModel) model = new_model (FALSE);
  g_autoptr (FvStateDict) before = fv_model_get_state (model, NULL);
  g_autoptr (FvStateDict) after = NULL;
  g_autoptr (FvStateDict) plain = NULL;

  config->freeze_below = g_strdup ("block3");
  plain = train (fixture, config);
  config->weights[FV_LOSS_RRR] = 0.1;
  after = train (fixture, config);
  assert_moved (before, after, "block2.conv.weight", FALSE);
  assert_moved (before, after, "block2.bn.running_mean", FALSE);
  assert_moved (plain, after, "block3.conv.weight", TRUE);
}

/* The match loss is on the predicted class where its authors chose that. */
static void
test_match_target (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (0);
  double of_label[FV_N_LOSSES], of_predicted[FV_N_LOSSES];

  config->weights[FV_LOSS_MATCH] = 1;
  config->match = fv_match_find_preset ("gain")->match;
  first_losses (fixture, config, of_label);
  config->match = fv_match_find_preset ("cyborg")->match;
  first_losses (fixture, config, of_predicted);
  g_assert_cmpfloat (of_label[FV_LOSS_MATCH], !=, of_predicted[FV_LOSS_MATCH]);
}

static gboolean
stop_at_second_step (const FvTrainProgress *progress, gpointer user_data)
{
  g_assert_cmpint (progress->step, <=, 2);
  g_assert_cmpint (progress->n_steps, ==, 6);
  g_assert_true (isfinite (progress->losses[FV_LOSS_CAMAL]));
  return progress->step < 2;
}

static void
test_stopping (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (1);
  g_autoptr (FvModel) model = new_model (FALSE);
  g_autoptr (FvStateDict) before = fv_model_get_state (model, NULL);
  g_autoptr (FvStateDict) after = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) stopped = NULL;
  g_autoptr (GError) cancelled = NULL;

  g_assert_false (
      fv_train (model, fixture->dataset, config, stop_at_second_step, NULL, NULL, &stopped));
  g_assert_error (stopped, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  after = fv_model_get_state (model, NULL);
  g_assert_false (equal (before, after));
  for (guint i = 0; i < fv_graph_get_n_parameters (fv_model_get_graph (model)); i++)
    g_assert_false (
        fv_tensor_requires_grad (fv_graph_get_parameter (fv_model_get_graph (model), i)));
  g_cancellable_cancel (cancellable);
  g_assert_false (fv_train (model, fixture->dataset, config, NULL, NULL, cancellable, &cancelled));
  g_assert_error (cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gboolean
never_called (const FvTrainProgress *progress, gpointer user_data)
{
  g_assert_not_reached ();
}

/* Sentences, before anything has changed. */
static void
test_refusals (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (1);
  g_autoptr (FvModel) folded = new_model (TRUE);
  g_autoptr (FvModel) model = new_model (FALSE);
  const char *broken = fv_dataset_get_sample (fixture->dataset, 3)->path;
  g_autoptr (GError) no_folding = NULL;
  g_autoptr (GError) no_cam = NULL;
  g_autoptr (GError) no_layer = NULL;
  g_autoptr (GError) half_a_layer = NULL;
  g_autoptr (GError) frozen = NULL;
  g_autoptr (GError) unreadable = NULL;

  g_assert_false (
      fv_train (folded, fixture->dataset, config, never_called, NULL, NULL, &no_folding));
  g_assert_nonnull (strstr (no_folding->message, "folded"));
  config->layer = g_strdup ("");
  g_assert_false (fv_train (model, fixture->dataset, config, never_called, NULL, NULL, &no_layer));
  g_assert_error (no_layer, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT);
  g_free (config->layer);
  config->layer = g_strdup ("block4,");
  g_assert_false (
      fv_train (model, fixture->dataset, config, never_called, NULL, NULL, &half_a_layer));
  g_assert_error (half_a_layer, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT);
  g_free (config->layer);
  config->layer = g_strdup ("block2");
  config->map = FV_TRAINING_MAP_CAM;
  g_assert_false (fv_train (model, fixture->dataset, config, never_called, NULL, NULL, &no_cam));
  g_assert_nonnull (strstr (no_cam->message, "block2"));
  config->map = FV_TRAINING_MAP_GRADCAM;
  config->freeze_below = g_strdup ("block4");
  g_assert_false (fv_train (model, fixture->dataset, config, never_called, NULL, NULL, &frozen));
  g_assert_nonnull (strstr (frozen->message, "block4"));
  g_clear_pointer (&config->layer, g_free);
  g_assert_true (g_file_set_contents (broken, "no picture", -1, NULL));
  g_assert_false (
      fv_train (model, fixture->dataset, config, never_called, NULL, NULL, &unreadable));
  g_assert_nonnull (strstr (unreadable->message, broken));
}

/* The run folder opens as a model that has learned the same, and says how it came about. */
static void
test_run_folder (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (1);
  g_autoptr (FvModel) model = new_model (FALSE);
  g_autofree char *run = g_build_filename (fixture->folder, "runs", "first", NULL);
  g_autoptr (FvStateDict) expected = train (fixture, config);
  g_autoptr (FvStateDict) found = NULL;
  g_autoptr (FvModel) opened = NULL;
  g_autoptr (GError) error = NULL;

  fv_run_train (model, fixture->dataset, config, run, TRUE, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  opened = fv_model_open (&(FvModelSource){ run, NULL, NULL, NULL }, 0, &error);
  g_assert_no_error (error);
  found = fv_model_get_state (opened, NULL);
  g_assert_true (equal (expected, found));
  for (const char *const *name
       = (const char *const[]){ "config.json", "log.jsonl", "metrics.json", NULL };
       *name != NULL; name++) {
    g_autofree char *path = g_build_filename (run, *name, NULL);
    g_autofree char *text = NULL;

    g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
    g_assert_cmpint (text[0], ==, '{');
  }
}

/* An existing run is not overwritten, and a training that never began leaves nothing. */
static void
test_run_folder_is_one_run (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (0);
  g_autoptr (FvModel) model = new_model (FALSE);
  g_autofree char *run = g_build_filename (fixture->folder, "run", NULL);
  g_autofree char *config_path = g_build_filename (run, "config.json", NULL);
  const char *photo = fv_dataset_get_sample (fixture->dataset, 3)->path;
  g_autofree char *good = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize length;
  g_autoptr (GError) unreadable = NULL;
  g_autoptr (GError) used = NULL;

  g_assert_true (g_file_get_contents (photo, &good, &length, NULL));
  g_assert_true (g_file_set_contents (photo, "no picture", -1, NULL));
  g_assert_false (
      fv_run_train (model, fixture->dataset, config, run, FALSE, NULL, NULL, NULL, &unreadable));
  g_assert_false (g_file_test (run, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_set_contents (photo, good, (gssize) length, NULL));
  g_assert_true (
      fv_run_train (model, fixture->dataset, config, run, FALSE, NULL, NULL, NULL, NULL));
  g_assert_true (g_file_get_contents (config_path, &before, NULL, NULL));
  config->epochs++;
  g_assert_false (
      fv_run_train (model, fixture->dataset, config, run, FALSE, NULL, NULL, NULL, &used));
  g_assert_nonnull (strstr (used->message, run));
  g_assert_true (g_file_get_contents (config_path, &after, NULL, NULL));
  g_assert_cmpstr (before, ==, after);
}

static gboolean
count_step (const FvTrainProgress *progress, gpointer user_data)
{
  *(int *) user_data = progress->step;
  return TRUE;
}

/* A picture that turns out to be damaged once it is decoded ends the training with its name, and no
 * half of a run is left that the next attempt would stumble over. */
static void
test_failed_run_leaves_nothing (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvTrainConfig) config = new_config (0);
  g_autoptr (FvModel) model = new_model (FALSE);
  g_autofree char *run = g_build_filename (fixture->folder, "failed", NULL);
  g_autofree char *bytes = NULL;
  g_autoptr (FvTrainingSet) set = NULL;
  g_autofree guint *order = NULL;
  g_autoptr (GError) error = NULL;
  const char *last = NULL;
  gsize length;
  int n_steps = 0, left;

  set = fv_training_set_load (fixture->dataset, FV_SPLIT_TRAIN, fv_model_get_card (model), 0, 0, 0,
                              NULL, &error);
  g_assert_no_error (error);
  order = fv_training_set_order (set, config->seed, 1);
  left = (int) order[fv_training_set_get_length (set) - 1]; /* the picture that comes last */
  for (gsize i = 0; left >= 0; i++)
    if (fv_dataset_get_sample (fixture->dataset, i)->split == FV_SPLIT_TRAIN && left-- == 0)
      last = fv_dataset_get_sample (fixture->dataset, i)->path;
  g_assert_true (g_file_get_contents (last, &bytes, &length, NULL));
  for (gsize i = length / 2; i < length / 2 + 40; i++)
    bytes[i] = (char) ~bytes[i];
  g_assert_true (g_file_set_contents (last, bytes, (gssize) length, NULL));
  g_assert_false (fv_run_train (model, fixture->dataset, config, run, FALSE, count_step, &n_steps,
                                NULL, &error));
  g_assert_nonnull (strstr (error->message, last));
  g_assert_cmpint (n_steps, ==, 2);
  g_assert_false (g_file_test (run, G_FILE_TEST_EXISTS));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/trainer/same-seed-same-bits", test_same_seed_same_bits);
  ADD ("/trainer/draws-of-others", test_draws_of_others);
  ADD ("/trainer/no-weight-is-plain", test_no_weight_is_plain);
  ADD ("/trainer/freeze-below", test_freeze_below);
  ADD ("/trainer/batch-norm-modes", test_batch_norm_modes);
  ADD ("/trainer/batch-norm-of-one-value", test_batch_norm_of_one_value);
  ADD ("/trainer/last-step-diverges", test_last_step_diverges);
  ADD ("/trainer/general-layer", test_general_layer);
  ADD ("/trainer/alignment-is-learned", test_alignment_is_learned);
  ADD ("/trainer/swap", test_swap);
  ADD ("/trainer/losses-are-told", test_losses_are_told);
  ADD ("/trainer/every-loss-and-map", test_every_loss_and_map);
  ADD ("/trainer/several-layers", test_several_layers);
  ADD ("/trainer/right-reasons-below-a-freeze", test_right_reasons_below_a_freeze);
  ADD ("/trainer/match-target", test_match_target);
  ADD ("/trainer/stopping", test_stopping);
  ADD ("/trainer/refusals", test_refusals);
  ADD ("/trainer/run-folder", test_run_folder);
  ADD ("/trainer/run-folder-is-one-run", test_run_folder_is_one_run);
  ADD ("/trainer/failed-run-leaves-nothing", test_failed_run_leaves_nothing);
#undef ADD
  return g_test_run ();
}
