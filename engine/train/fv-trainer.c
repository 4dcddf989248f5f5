/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The training loop. A step is: batch → frozen part without gradients → learning part → losses →
 * backward → clip → update. After it come validation, the report and the checkpoint. */

#include "fv-trainer.h"

#include <math.h>

#include "fv-augment.h"
#include "fv-autograd.h"
#include "fv-executor.h"
#include "fv-features.h"
#include "fv-gradient-ratio.h"
#include "fv-keeper.h"
#include "fv-label-loss.h"
#include "fv-learner.h"
#include "fv-loader.h"
#include "fv-objective.h"
#include "fv-random.h"
#include "fv-runtime.h"
#include "fv-schedule.h"
#include "fv-validation.h"

/* The ratio of gradients costs about as much as two steps. */
#define RATIO_MIN_INTERVAL 40

typedef struct {
  FvModel *model;
  FvGraph *graph;
  const FvTrainConfig *config;
  FvSampling *sampling;
  FvTrainingSet *set;
  FvFrozenPart *frozen;     /* NULL when all of the network learns, or is recorded */
  FvFeatureCache *features; /* NULL when the frozen part is run in every step */
  FvLoader *loader;
  FvLearner *learner;
  FvObjective *objective;
  FvValidation *validation; /* NULL when nothing is decided by it */
  FvKeeper *keeper;
  FvNodeId start;         /* first node that learns */
  gboolean mixes_classes; /* some pictures show several */
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
  g_clear_pointer (&trainer->loader, fv_loader_free);
  g_clear_pointer (&trainer->features, fv_feature_cache_free);
  g_clear_pointer (&trainer->frozen, fv_frozen_part_free);
  g_clear_pointer (&trainer->set, fv_training_set_free);
  g_clear_pointer (&trainer->sampling, fv_sampling_free);
  g_clear_pointer (&trainer->objective, fv_objective_free);
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
find_nodes (Trainer *trainer, GError **error)
{
  const FvTrainConfig *config = trainer->config;

  trainer->start = 0;
  if (config->freeze_below != NULL) {
    trainer->start = fv_graph_find_layer_start (trainer->graph, config->freeze_below, error);
    if (trainer->start == FV_NODE_NONE)
      return FALSE;
  }
  trainer->objective
      = fv_objective_new (trainer->model, config, trainer->start, trainer->mixes_classes, error);
  return trainer->objective != NULL;
}

typedef struct {
  const Trainer *trainer;
  FvTrainProgress progress;
} Preparing;

/* Whether there is anything before the first node that learns. */
static gboolean
freezes (const Trainer *trainer)
{
  return trainer->start > fv_graph_get_input (trainer->graph) + 1;
}

static gboolean
on_prepared (double share, gpointer user_data)
{
  Preparing *preparing = user_data;

  preparing->progress.prepared = share;
  return report (preparing->trainer, &preparing->progress, NULL);
}

/* Where a part is frozen, runs it on every picture, so that no step has to. */
static gboolean
prepare_frozen_part (Trainer *trainer, GCancellable *cancellable, GError **error)
{
  const FvTrainConfig *config = trainer->config;
  const GArray *wanted = fv_objective_get_wanted (trainer->objective);
  g_autofree char *folder = NULL;
  FvFeatureCacheLimits limits = fv_feature_cache_limits_default (&folder);
  Preparing preparing = { .trainer = trainer };
  g_autoptr (GError) reason = NULL;

  if (!freezes (trainer) || fv_objective_needs_input_gradient (trainer->objective))
    return TRUE;
  preparing.progress.n_steps = trainer->n_steps;
  trainer->frozen
      = fv_frozen_part_new (trainer->graph, fv_model_get_card (trainer->model), trainer->start,
                            (const FvNodeId *) wanted->data, wanted->len, cancellable, error);
  if (trainer->frozen == NULL)
    return FALSE;
  trainer->features
      = fv_features_prepare (trainer->frozen, trainer->set, config->epochs, config->seed, &limits,
                             on_prepared, &preparing, cancellable, &reason);
  if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  return reason == NULL;
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

static gboolean
load_pictures (Trainer *trainer, const FvDataset *dataset, GCancellable *cancellable,
               GError **error)
{
  const FvTrainConfig *config = trainer->config;
  int width, height;

  trainer->sampling = fv_sampling_new (dataset, FV_SPLIT_TRAIN, config->balance,
                                       config->control == FV_CONTROL_REWEIGHT, error);
  if (trainer->sampling == NULL)
    return FALSE;
  fv_objective_get_grid (trainer->objective, &width, &height);
  if ((config->augment & FV_AUGMENT_BACKGROUND) != 0) { /* masks are needed, if on one cell */
    width = MAX (width, 1);
    height = MAX (height, 1);
  }
  trainer->set = fv_training_set_load (dataset, FV_SPLIT_TRAIN, fv_model_get_card (trainer->model),
                                       width, height, config->augment, cancellable, error);
  if (trainer->set == NULL)
    return FALSE;
  fv_training_set_set_views (trainer->set, (guint) config->views);
  fv_training_set_set_sampling (trainer->set, trainer->sampling);
  fv_training_set_set_all_classes (trainer->set,
                                   config->attention_classes == FV_ATTENTION_ALL_CLASSES);
  fv_training_set_keep_masks (trainer->set, config->mask_share, config->seed);
  trainer->per_epoch = fv_loader_count_batches (trainer->set, config->batch_size, 1);
  trainer->n_steps = fv_loader_count_batches (trainer->set, config->batch_size, config->epochs);
  if (fv_validation_is_wanted (config))
    trainer->validation = fv_validation_new (trainer->model, dataset, config, cancellable, error);
  return trainer->validation != NULL || !fv_validation_is_wanted (config);
}

static gboolean
prepare (Trainer *trainer, const FvDataset *dataset, const char *path, const FvCheckpoint *from,
         GCancellable *cancellable, GError **error)
{
  const FvTrainConfig *config = trainer->config;

  trainer->mixes_classes = fv_dataset_mixes_classes (dataset);
  if (!fv_train_config_check (config, error) || !check_model (trainer, dataset, error)
      || !find_nodes (trainer, error) || !load_pictures (trainer, dataset, cancellable, error))
    return FALSE;
  trainer->learner = fv_learner_new (trainer->graph, config, trainer->start, error);
  if (trainer->learner == NULL || (from != NULL && !restore (trainer, from, path, error))
      || !prepare_frozen_part (trainer, cancellable, error))
    return FALSE;
  trainer->loader = fv_loader_new (trainer->set, trainer->features, config->batch_size,
                                   config->epochs, config->seed, trainer->n_taken);
  return TRUE;
}

/* -- a step --------------------------------------------------------------------------------- */

/* The frozen part, in evaluation, for losses on the gradient of the pixels. */
static FvActivations *
record_frozen_part (const Trainer *trainer, const FvActivations *given, GError **error)
{
  const GArray *wanted = fv_objective_get_wanted (trainer->objective);
  g_autoptr (GArray) nodes = fv_graph_frontier (trainer->graph, trainer->start - 1);

  for (guint i = 0; i < wanted->len; i++)
    if (g_array_index (wanted, FvNodeId, i) < trainer->start)
      g_array_append_vals (nodes, &g_array_index (wanted, FvNodeId, i), 1);
  return fv_graph_run (trainer->graph, given, (const FvNodeId *) nodes->data, nodes->len,
                       (FvRunMode){ 0 }, NULL, error);
}

/* What the learning part is given: the input, or what crosses from the frozen part. */
static FvActivations *
run_frozen_part (const Trainer *trainer, const FvBatch *batch, GError **error)
{
  g_autoptr (FvActivations) given = NULL;

  if (batch->features != NULL)
    return fv_frozen_part_unpack (trainer->frozen, batch->features, error);
  if (trainer->frozen != NULL)
    return fv_frozen_part_run (trainer->frozen, batch->images, NULL, error);
  given = fv_activations_new ();
  fv_activations_set (given, fv_graph_get_input (trainer->graph), batch->images);
  return freezes (trainer) ? record_frozen_part (trainer, given, error) : g_steal_pointer (&given);
}

static FvActivations *
run_batch (const Trainer *trainer, const FvBatch *batch, GError **error)
{
  g_autoptr (FvActivations) given = run_frozen_part (trainer, batch, error);
  const GArray *wanted = fv_objective_get_wanted (trainer->objective);
  FvRunMode mode
      = { .batch_norm_training = trainer->config->train_batch_norm, .dropout_training = TRUE };

  if (given == NULL)
    return NULL;
  /* Never cancelled half-way: batch norm would have learned from a step that was not taken. */
  return fv_graph_run (trainer->graph, given, (const FvNodeId *) wanted->data, wanted->len, mode,
                       NULL, error);
}

static double
share_right (FvScope *scope, FvTensor *logits, const FvBatch *batch)
{
  FvTensor *right = fv_label_right (scope, logits, batch);
  FvTensor *floats = fv_call (scope, "aten::to.dtype", fv_of (right), fv_int (FV_TORCH_FLOAT32));

  return fv_tensor_to_double (fv_call (scope, "aten::mean", fv_of (floats)));
}

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

/* Whether any loss on attention is among @losses, which are NaN where they are left out. */
static gboolean
has_attention (const double losses[FV_N_LOSSES])
{
  for (int i = 0; i < FV_N_LOSSES; i++)
    if (fv_loss_is_on_attention ((FvLossKind) i) && !isnan (losses[i]))
      return TRUE;
  return FALSE;
}

/* Of the losses on attention to the task's, when it is time. @total: the weighted sum of all. */
static double
measure_ratio (const Trainer *trainer, FvScope *scope, const FvBatch *batch,
               const FvActivations *found, FvTensor *total)
{
  int interval = trainer->per_epoch * ((RATIO_MIN_INTERVAL - 1) / trainer->per_epoch + 1);
  const GPtrArray *parameters = fv_learner_get_parameters (trainer->learner);
  double losses[FV_N_LOSSES];
  FvTensor *task;

  if (trainer->n_taken % interval != 0)
    return NAN;
  task
      = fv_objective_measure (trainer->objective, scope, batch, found, trainer->n_taken, 0, losses);
  return fv_gradient_ratio (scope, task, total, (FvTensor *const *) parameters->pdata,
                            parameters->len);
}

static gboolean
train_step (const Trainer *trainer, FvTrainProgress *progress, GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvActivations) found = NULL;
  FvTensor *logits, *loss;
  FvBatch batch;

  if (!fv_loader_next (trainer->loader, scope, &batch))
    return fv_scope_check (scope, error);
  progress->epoch = batch.epoch;
  progress->waited = batch.seconds;
  seed_step (trainer, trainer->n_taken);
  if (fv_objective_needs_input_gradient (trainer->objective))
    fv_tensor_set_requires_grad (batch.images, TRUE);
  found = run_batch (trainer, &batch, error);
  if (found == NULL)
    return FALSE;
  logits = fv_activations_get (found, fv_graph_get_output (trainer->graph));
  loss = fv_objective_measure (
      trainer->objective, scope, &batch, found, trainer->n_taken,
      fv_schedule_warm_up (trainer->config, trainer->n_taken, trainer->n_steps), progress->losses);
  progress->accuracy = share_right (scope, logits, &batch);
  progress->loss = fv_tensor_to_double (loss);
  if (isfinite (progress->loss) && has_attention (progress->losses))
    progress->attention_gradient_ratio = measure_ratio (trainer, scope, &batch, found, loss);
  return fv_scope_check (scope, error) && update (trainer, loss, progress, error);
}

/* -- the loop ------------------------------------------------------------------------------- */

gboolean
fv_train_can_swap (FvModel *model)
{
  return fv_model_get_default_layer (model, NULL) != NULL;
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
  return fv_validation_measure (trainer->validation, progress->epoch, &progress->validation_loss,
                                &progress->validation_accuracy, error);
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
                                 .attention_gradient_ratio = NAN,
                                 .validation_loss = NAN,
                                 .validation_accuracy = NAN };

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
  if (!prepare (&trainer, dataset, path, from, cancellable, error))
    return FALSE;
  trainer.began = g_get_monotonic_time ();
  if (from != NULL)
    trainer.began -= (gint64) (from->seconds * G_USEC_PER_SEC);
  fv_model_set_multi_label (model, trainer.mixes_classes);
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
