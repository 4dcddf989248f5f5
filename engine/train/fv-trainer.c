/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The training loop. A step is: what labels say, what consistency says, or both → backward → clip →
 * update. After it come validation, the report and the checkpoint. */

#include "fv-trainer.h"

#include <math.h>

#include "fv-arithmetic.h"
#include "fv-consistency-term.h"
#include "fv-keeper.h"
#include "fv-learner.h"
#include "fv-pool.h"
#include "fv-random.h"
#include "fv-rectifier.h"
#include "fv-runtime.h"
#include "fv-schedule.h"
#include "fv-supervision.h"
#include "fv-turns.h"
#include "fv-validation.h"

typedef struct {
  FvModel *model;
  FvGraph *graph;
  const FvTrainConfig *config;
  FvDataset *labelled;            /* what labels are read of */
  FvDataset *pool;                /* what none are; NULL in supervised mode */
  FvSupervision *supervision;     /* NULL in unsupervised mode */
  FvConsistencyTerm *consistency; /* NULL in supervised mode */
  FvLearner *learner;
  FvValidation *validation; /* NULL when nothing is decided by it */
  FvKeeper *keeper;
  FvNodeId start; /* first node that learns */
  FvTurns turns;
  int n_steps, per_epoch;
  int n_taken; /* steps */
  FvTrainCallback callback;
  gpointer user_data;
  gint64 began; /* monotonic time, µs: of this part, as if it had never been interrupted */
} Trainer;

static void
trainer_clear (Trainer *trainer)
{
  g_clear_pointer (&trainer->learner, fv_learner_free);
  g_clear_pointer (&trainer->validation, fv_validation_free);
  g_clear_pointer (&trainer->keeper, fv_keeper_free);
  g_clear_pointer (&trainer->consistency, fv_consistency_term_free);
  g_clear_pointer (&trainer->supervision, fv_supervision_free);
  g_clear_pointer (&trainer->pool, fv_dataset_unref);
  g_clear_pointer (&trainer->labelled, fv_dataset_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Trainer, trainer_clear)

/* -- telling -------------------------------------------------------------------------------- */

static gboolean
report (const Trainer *trainer, FvTrainProgress *progress, GError **error)
{
  progress->seconds = (double) (g_get_monotonic_time () - trainer->began) / G_USEC_PER_SEC;
  progress->seconds_left
      = progress->step > 0
            ? progress->seconds / progress->step * (progress->n_steps - progress->step)
            : progress->seconds / progress->prepared * (1 - progress->prepared);
  progress->checkpoint_problem = fv_keeper_get_problem (trainer->keeper);
  if (trainer->callback == NULL || trainer->callback (progress, trainer->user_data))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "training was stopped");
  return FALSE;
}

/* -- preparing ------------------------------------------------------------------------------ */

static gboolean
check_model (const Trainer *trainer, const FvDataset *dataset, GError **error)
{
  const FvCard *card = fv_model_get_card (trainer->model);

  if (fv_model_get_n_classes (trainer->model) != fv_dataset_get_n_classes (dataset)) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "the model has %d classes and “%s” has %d",
                 fv_model_get_n_classes (trainer->model), fv_dataset_get_path (dataset),
                 fv_dataset_get_n_classes (dataset));
    return FALSE;
  }
  if (trainer->config->train_batch_norm && card->batch_norm_folded) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "this model's batch norms are folded into its convolutions, so they cannot be "
                 "trained: keep batch norm in evaluation");
    return FALSE;
  }
  return TRUE;
}

static gboolean
find_start (Trainer *trainer, GError **error)
{
  const FvTrainConfig *config = trainer->config;

  trainer->start = 0;
  if (config->freeze_below != NULL)
    trainer->start = fv_graph_find_layer_start (trainer->graph, config->freeze_below, error);
  return trainer->start != FV_NODE_NONE;
}

static gboolean
prepare_consistency (Trainer *trainer, GCancellable *cancellable, GError **error)
{
  trainer->consistency = fv_consistency_term_new (trainer->model, trainer->config, error);
  return trainer->consistency != NULL
         && fv_consistency_term_load (trainer->consistency, trainer->pool, cancellable, error);
}

static void
count_steps (Trainer *trainer)
{
  const FvTrainConfig *config = trainer->config;

  trainer->turns
      = (FvTurns){ .mode = config->mode, .alternation = config->alternation, .seed = config->seed };
  if (trainer->supervision != NULL)
    trainer->turns.n_labelled = fv_supervision_get_n_batches (trainer->supervision);
  if (trainer->consistency != NULL)
    trainer->turns.n_pool = fv_consistency_term_get_n_batches (trainer->consistency);
  trainer->per_epoch = fv_turns_per_epoch (&trainer->turns);
  trainer->n_steps = (int) MIN ((gint64) trainer->per_epoch * config->epochs, G_MAXINT);
}

/* Looks at all pictures that will be needed. */
static gboolean
load_pictures (Trainer *trainer, FvDataset *dataset, GCancellable *cancellable, GError **error)
{
  const FvTrainConfig *config = trainer->config;

  if (!fv_pool_choose (dataset, config, &trainer->labelled, &trainer->pool, error))
    return FALSE;
  if (config->mode != FV_MODE_UNSUPERVISED) {
    trainer->supervision = fv_supervision_new (trainer->model, trainer->labelled, config,
                                               trainer->start, cancellable, error);
    if (trainer->supervision == NULL)
      return FALSE;
  }
  if (trainer->pool != NULL && !prepare_consistency (trainer, cancellable, error))
    return FALSE;
  count_steps (trainer);
  if (!fv_validation_is_wanted (config))
    return TRUE;
  trainer->validation
      = fv_validation_new (trainer->model, trainer->labelled, config, cancellable, error);
  return trainer->validation != NULL;
}

typedef struct {
  const Trainer *trainer;
  FvTrainProgress progress;
} Preparing;

static gboolean
on_prepared (double share, gpointer user_data)
{
  Preparing *preparing = user_data;

  preparing->progress.prepared = share;
  return report (preparing->trainer, &preparing->progress, NULL);
}

/* Puts everything where @from says it stood. */
static gboolean
restore (Trainer *trainer, const FvCheckpoint *from, const char *path, GError **error)
{
  if (from->step > trainer->n_steps) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "“%s” is of another run: it stands at step %d of %d", path, from->step,
                 trainer->n_steps);
    return FALSE;
  }
  if (!fv_model_set_state (trainer->model, from->model, path, error)
      || !fv_learner_set_state (trainer->learner, from->optimizer, path, error))
    return FALSE;
  if (trainer->validation != NULL)
    fv_validation_restore (trainer->validation, from, from->step / trainer->per_epoch);
  trainer->n_taken = from->step;
  return TRUE;
}

/* Passes over @per_pass batches that are enough for every step to take one. */
static int
count_passes (const Trainer *trainer, int per_pass)
{
  return (trainer->n_steps - 1) / per_pass + 1;
}

/* Where a part is frozen it is run on every labelled picture; then batches are begun to be read. */
static gboolean
begin (Trainer *trainer, GCancellable *cancellable, GError **error)
{
  FvTurnCount taken = fv_turns_count (&trainer->turns, trainer->n_taken);
  Preparing preparing = { trainer, { .n_steps = trainer->n_steps } };

  if (trainer->supervision != NULL) {
    int n = count_passes (trainer, trainer->turns.n_labelled);

    if (!fv_supervision_prepare (trainer->supervision, n, on_prepared, &preparing, cancellable,
                                 error))
      return FALSE;
    fv_supervision_begin (trainer->supervision, n, taken.labelled);
  }
  if (trainer->consistency != NULL)
    fv_consistency_term_begin (trainer->consistency, count_passes (trainer, trainer->turns.n_pool),
                               taken.pool);
  return TRUE;
}

static gboolean
prepare (Trainer *trainer, FvDataset *dataset, const char *path, const FvCheckpoint *from,
         GCancellable *cancellable, GError **error)
{
  const FvTrainConfig *config = trainer->config;

  if (!fv_train_config_check (config, error) || !check_model (trainer, dataset, error)
      || !find_start (trainer, error) || !load_pictures (trainer, dataset, cancellable, error))
    return FALSE;
  trainer->learner = fv_learner_new (trainer->graph, config, trainer->start, error);
  return trainer->learner != NULL && (from == NULL || restore (trainer, from, path, error))
         && begin (trainer, cancellable, error);
}

/* -- a step --------------------------------------------------------------------------------- */

static gboolean
check_finite (const FvTrainProgress *progress, GError **error)
{
  if (isfinite (progress->loss) && isfinite (progress->gradient_norm))
    return TRUE;
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_TORCH,
               "training diverged at step %d: the loss is no longer a number; try a lower learning "
               "rate",
               progress->step);
  return FALSE;
}

static gboolean
update (const Trainer *trainer, FvTensor *loss, FvTrainProgress *progress, GError **error)
{
  double share = fv_schedule_rate (trainer->config, trainer->n_taken, trainer->n_steps);

  if (!fv_learner_find_gradient (trainer->learner, loss, &progress->gradient_norm, error)
      || !check_finite (progress, error))
    return FALSE;
  progress->learning_rate = trainer->config->learning_rate * share;
  return fv_learner_step (trainer->learner, share, error);
}

/* What a step draws (dropout) hangs on the seed and the step alone: neither on the steps before it
 * nor on what other jobs of the thread drew meanwhile. */
static void
seed_step (const Trainer *trainer, int step)
{
  g_autoptr (GRand) random = fv_random_new (trainer->config->seed, (guint32) step);

  fv_runtime_seed (g_rand_int (random)); /* libtorch's generator uses 32 bits of a seed */
}

/* The loss of consistency, weighted, in @progress by itself. */
static FvTensor *
measure_consistency (const Trainer *trainer, FvScope *scope, FvTrainProgress *progress)
{
  FvTensor *loss = fv_consistency_term_measure (trainer->consistency, scope, &progress->waited);

  if (loss == NULL)
    return NULL;
  progress->losses[FV_LOSS_CONSISTENCY] = fv_tensor_to_double (loss);
  return fv_scale (scope, loss, trainer->config->weights[FV_LOSS_CONSISTENCY]);
}

/* The sum of what has its turn; NULL when the scope failed. */
static FvTensor *
measure (const Trainer *trainer, FvScope *scope, FvTrainProgress *progress)
{
  FvTurnCount turn = fv_turns_take (&trainer->turns, trainer->n_taken);
  double share = fv_schedule_warm_up (trainer->config, trainer->n_taken, trainer->n_steps);
  FvTensor *loss = NULL, *consistency;

  if (turn.labelled > 0)
    loss = fv_supervision_measure (trainer->supervision, scope, trainer->n_taken, share,
                                   fv_learner_get_parameters (trainer->learner), progress);
  if (turn.pool == 0 || fv_scope_has_failed (scope))
    return loss;
  consistency = measure_consistency (trainer, scope, progress);
  return loss == NULL ? consistency : fv_add (scope, loss, consistency);
}

static gboolean
train_step (const Trainer *trainer, FvTrainProgress *progress, GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *loss;

  seed_step (trainer, trainer->n_taken);
  loss = measure (trainer, scope, progress);
  if (!fv_scope_check (scope, error))
    return FALSE;
  progress->loss = fv_tensor_to_double (loss);
  return update (trainer, loss, progress, error);
}

/* -- the loop ------------------------------------------------------------------------------- */

gboolean
fv_train_can_swap (FvModel *model)
{
  return fv_model_get_default_layer (model, NULL) != NULL;
}

gboolean
fv_train_can_guide (FvModel *model)
{
  return fv_graph_check_rectifiers (fv_model_get_graph (model), NULL);
}

/* Writes the checkpoint of the steps taken so far. */
static gboolean
keep (const Trainer *trainer, GError **error)
{
  g_autoptr (FvCheckpoint) checkpoint = g_new0 (FvCheckpoint, 1);

  checkpoint->step = trainer->n_taken;
  checkpoint->seconds = (double) (g_get_monotonic_time () - trainer->began) / G_USEC_PER_SEC;
  checkpoint->model = fv_model_get_state (trainer->model, error);
  if (checkpoint->model == NULL)
    return FALSE;
  checkpoint->optimizer = fv_learner_get_state (trainer->learner, error);
  if (checkpoint->optimizer == NULL)
    return FALSE;
  if (trainer->validation != NULL)
    fv_validation_store (trainer->validation, checkpoint);
  return fv_keeper_write (trainer->keeper, checkpoint, error);
}

static gboolean
validate_if_due (const Trainer *trainer, FvTrainProgress *progress, GError **error)
{
  if (trainer->validation == NULL || trainer->n_taken % trainer->per_epoch != 0)
    return TRUE;
  return fv_validation_measure (trainer->validation, trainer->consistency, progress->epoch,
                                &progress->validation_loss, &progress->validation_accuracy, error);
}

static gboolean
is_over (const Trainer *trainer)
{
  return trainer->n_taken == trainer->n_steps
         || (trainer->validation != NULL && fv_validation_is_over (trainer->validation));
}

static gboolean
take_steps (Trainer *trainer, GCancellable *cancellable, GError **error)
{
  while (!is_over (trainer)) {
    FvTrainProgress progress = { .step = trainer->n_taken + 1,
                                 .n_steps = trainer->n_steps,
                                 .prepared = 1,
                                 .epoch = trainer->n_taken / trainer->per_epoch + 1,
                                 .accuracy = NAN,
                                 .attention_gradient_ratio = NAN,
                                 .validation_loss = NAN,
                                 .validation_accuracy = NAN };

    for (int i = 0; i < FV_N_LOSSES; i++)
      progress.losses[i] = NAN;

    if (g_cancellable_set_error_if_cancelled (cancellable, error)
        || !train_step (trainer, &progress, error))
      return FALSE;
    trainer->n_taken++;
    if (!validate_if_due (trainer, &progress, error) || !report (trainer, &progress, error))
      return FALSE;
    /* A disk that is full now may not be later: the next report tells. */
    if (fv_keeper_is_due (trainer->keeper, trainer->n_taken % trainer->per_epoch == 0))
      keep (trainer, NULL);
  }
  return trainer->validation == NULL || fv_validation_choose (trainer->validation, error);
}

/* The last update is followed by no loss that would show it. */
static gboolean
check_weights (const Trainer *trainer, GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvStateDict) state = fv_model_get_state (trainer->model, error);

  for (guint i = 0; state != NULL && i < fv_state_dict_get_length (state); i++) {
    FvTensor *finite
        = fv_call (scope, "aten::isfinite", fv_of (fv_state_dict_get_tensor (state, i)));

    if (fv_tensor_to_double (fv_call (scope, "aten::all", fv_of (finite))) != 0)
      continue;
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_TORCH,
                 "training diverged at step %d: “%s” is no longer made of numbers; try a lower "
                 "learning rate",
                 trainer->n_taken, fv_state_dict_get_name (state, i));
    return FALSE;
  }
  return state != NULL && fv_scope_check (scope, error);
}

/* The steps, and a last checkpoint when they are stopped. */
static gboolean
run (Trainer *trainer, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (fv_keeper_lacks (trainer->keeper, trainer->n_taken) && !keep (trainer, error))
    return FALSE;
  if (take_steps (trainer, cancellable, &reason))
    return check_weights (trainer, error);
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      && fv_keeper_lacks (trainer->keeper, trainer->n_taken) && !keep (trainer, error))
    return FALSE;
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

gboolean
fv_train_with_checkpoint (FvModel *model, const FvDataset *dataset, const FvTrainConfig *config,
                          const char *path, const FvCheckpoint *from, FvTrainCallback callback,
                          gpointer user_data, GCancellable *cancellable, GError **error)
{
  g_auto (Trainer) trainer = { .model = model,
                               .graph = fv_model_get_graph (model),
                               .config = config,
                               .callback = callback,
                               .user_data = user_data,
                               .keeper = fv_keeper_new (path, config->checkpoint_seconds, from) };
  gboolean done;

  trainer.began = g_get_monotonic_time ();
  if (!prepare (&trainer, (FvDataset *) dataset, path, from, cancellable, error))
    return FALSE;
  trainer.began = g_get_monotonic_time ();
  if (from != NULL)
    trainer.began -= (gint64) (from->seconds * G_USEC_PER_SEC);
  fv_model_set_multi_label (model, fv_dataset_mixes_classes (dataset));
  fv_model_set_learning (model, TRUE);
  done = run (&trainer, cancellable, error);
  fv_model_set_learning (model, FALSE);
  return done;
}

gboolean
fv_train (FvModel *model, const FvDataset *dataset, const FvTrainConfig *config,
          FvTrainCallback callback, gpointer user_data, GCancellable *cancellable, GError **error)
{
  return fv_train_with_checkpoint (model, dataset, config, NULL, NULL, callback, user_data,
                                   cancellable, error);
}
