/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The training loop. A step is: batch → frozen part without gradients → learning part → losses →
 * backward → clip → update. */

#include "fv-trainer.h"

#include <math.h>

#include "fv-architecture.h"
#include "fv-autograd.h"
#include "fv-executor.h"
#include "fv-features.h"
#include "fv-loader.h"
#include "fv-objective.h"
#include "fv-random.h"
#include "fv-runtime.h"

typedef struct {
  FvModel *model;
  FvGraph *graph;
  const FvTrainConfig *config;
  FvTrainingSet *set;
  FvFrozenPart *frozen;     /* NULL when all of the network learns, or is recorded */
  FvFeatureCache *features; /* NULL when the frozen part is run in every step */
  FvLoader *loader;
  FvOptimizer *optimizer;
  FvObjective *objective;
  FvNodeId start; /* first node that learns */
  int n_groups;
  double group_rates[2];
  int n_steps;
} Trainer;

static void
trainer_clear (Trainer *trainer)
{
  /* Outside training nothing records gradients of parameters. */
  for (guint i = 0; trainer->graph != NULL && i < fv_graph_get_n_parameters (trainer->graph); i++)
    fv_tensor_set_requires_grad (fv_graph_get_parameter (trainer->graph, i), FALSE);
  g_clear_pointer (&trainer->optimizer, fv_optimizer_free);
  g_clear_pointer (&trainer->loader, fv_loader_free);
  g_clear_pointer (&trainer->features, fv_feature_cache_free);
  g_clear_pointer (&trainer->frozen, fv_frozen_part_free);
  g_clear_pointer (&trainer->set, fv_training_set_free);
  g_clear_pointer (&trainer->objective, fv_objective_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Trainer, trainer_clear)

/* -- telling -------------------------------------------------------------------------------- */

typedef struct {
  FvTrainCallback callback;
  gpointer user_data;
  gint64 began; /* microseconds */
} Listener;

static gboolean
report (const Listener *listener, FvTrainProgress *progress, GError **error)
{
  progress->seconds = (double) (g_get_monotonic_time () - listener->began) / G_USEC_PER_SEC;
  progress->seconds_left
      = progress->step > 0
            ? progress->seconds / progress->step * (progress->n_steps - progress->step)
            : progress->seconds / progress->prepared * (1 - progress->prepared);
  if (listener->callback == NULL || listener->callback (progress, listener->user_data))
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
  trainer->objective = fv_objective_new (trainer->model, config, trainer->start, error);
  return trainer->objective != NULL;
}

static gboolean
learns (const Trainer *trainer, guint parameter)
{
  FvNodeId user = fv_graph_get_parameter_user (trainer->graph, parameter);

  return fv_graph_get_parameter_role (trainer->graph, parameter) == FV_PARAMETER_WEIGHT
         && user != FV_NODE_NONE && user >= trainer->start;
}

static void
add_group (GArray *groups, const GPtrArray *parameters, double rate, double decay)
{
  FvParameterGroup group = { .parameters = (FvTensor *const *) parameters->pdata,
                             .n_parameters = parameters->len,
                             .learning_rate = rate,
                             .weight_decay = decay };

  if (parameters->len > 0)
    g_array_append_val (groups, group);
}

/* Two groups: the body and the fresh head. */
static gboolean
make_optimizer (Trainer *trainer, GError **error)
{
  const FvTrainConfig *config = trainer->config;
  g_autoptr (GPtrArray) body = g_ptr_array_new ();
  g_autoptr (GPtrArray) head = g_ptr_array_new ();
  g_autoptr (GArray) groups = g_array_new (FALSE, FALSE, sizeof (FvParameterGroup));
  guint weight = FV_NODE_NONE;
  guint bias = FV_NODE_NONE;

  fv_architecture_find_head (trainer->graph, &weight, &bias);
  for (guint i = 0; i < fv_graph_get_n_parameters (trainer->graph); i++) {
    FvTensor *tensor = fv_graph_get_parameter (trainer->graph, i);

    if (!learns (trainer, i))
      continue;
    fv_tensor_set_requires_grad (tensor, TRUE);
    g_ptr_array_add (i == weight || i == bias ? head : body, tensor);
  }
  if (body->len + head->len == 0) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "the network has no parameters that could learn%s",
                 config->freeze_below != NULL ? " above the frozen part"
                                              : ": it was frozen before it was saved");
    return FALSE;
  }
  add_group (groups, body, config->learning_rate, config->weight_decay);
  add_group (groups, head, config->head_learning_rate, config->weight_decay);
  for (guint i = 0; i < groups->len; i++)
    trainer->group_rates[i] = g_array_index (groups, FvParameterGroup, i).learning_rate;
  trainer->n_groups = (int) groups->len;
  trainer->optimizer = fv_optimizer_new (config->optimizer, (FvParameterGroup *) groups->data,
                                         groups->len, 0.9, error);
  return trainer->optimizer != NULL;
}

typedef struct {
  const Listener *listener;
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
  return report (preparing->listener, &preparing->progress, NULL);
}

/* Where a part is frozen, runs it on every picture, so that no step has to. */
static gboolean
prepare_frozen_part (Trainer *trainer, const Listener *listener, GCancellable *cancellable,
                     GError **error)
{
  const FvTrainConfig *config = trainer->config;
  const GArray *wanted = fv_objective_get_wanted (trainer->objective);
  g_autofree char *folder = NULL;
  FvFeatureCacheLimits limits = fv_feature_cache_limits_default (&folder);
  Preparing preparing = { .listener = listener };
  g_autoptr (GError) reason = NULL;

  if (!freezes (trainer) || fv_objective_needs_input_gradient (trainer->objective))
    return TRUE;
  preparing.progress.n_steps
      = fv_loader_count_batches (trainer->set, config->batch_size, config->epochs);
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

static gboolean
prepare (Trainer *trainer, const FvDataset *dataset, const Listener *listener,
         GCancellable *cancellable, GError **error)
{
  const FvTrainConfig *config = trainer->config;
  int width, height;

  if (!fv_train_config_check (config, error) || !check_model (trainer, dataset, error)
      || !find_nodes (trainer, error))
    return FALSE;
  fv_objective_get_grid (trainer->objective, &width, &height);
  trainer->set = fv_training_set_load (dataset, FV_SPLIT_TRAIN, fv_model_get_card (trainer->model),
                                       width, height, config->augment, cancellable, error);
  if (trainer->set == NULL)
    return FALSE;
  fv_training_set_set_views (trainer->set, (guint) config->views);
  if (!prepare_frozen_part (trainer, listener, cancellable, error))
    return FALSE;
  if (!make_optimizer (trainer, error))
    return FALSE;
  trainer->loader = fv_loader_new (trainer->set, trainer->features, config->batch_size,
                                   config->epochs, config->seed);
  trainer->n_steps = fv_loader_get_n_batches (trainer->loader);
  return TRUE;
}

/* -- a step --------------------------------------------------------------------------------- */

/* Share of the full learning rate and of the weights of losses on attention at @step, which counts
 * from 0. */
static double
warm_up_share (const Trainer *trainer, int step)
{
  double warm_steps = trainer->config->warm_up * trainer->n_steps;

  return warm_steps > 0 ? MIN ((step + 1) / warm_steps, 1) : 1;
}

static double
rate_share (const Trainer *trainer, int step)
{
  double warm_steps = trainer->config->warm_up * trainer->n_steps;
  double progress = (step - warm_steps) / MAX (trainer->n_steps - warm_steps, 1);

  if (!trainer->config->cosine || progress <= 0)
    return warm_up_share (trainer, step);
  return 0.5 * (1 + cos (G_PI * MIN (progress, 1)));
}

/* The frozen part, in evaluation, for losses on the gradient of the pixels. */
static FvActivations *
record_frozen_part (const Trainer *trainer, const FvActivations *given, GCancellable *cancellable,
                    GError **error)
{
  const GArray *wanted = fv_objective_get_wanted (trainer->objective);
  g_autoptr (GArray) nodes = fv_graph_frontier (trainer->graph, trainer->start - 1);

  for (guint i = 0; i < wanted->len; i++)
    if (g_array_index (wanted, FvNodeId, i) < trainer->start)
      g_array_append_vals (nodes, &g_array_index (wanted, FvNodeId, i), 1);
  return fv_graph_run (trainer->graph, given, (const FvNodeId *) nodes->data, nodes->len,
                       (FvRunMode){ FALSE, FALSE }, cancellable, error);
}

/* What the learning part is given: the input, or what crosses from the frozen part. */
static FvActivations *
run_frozen_part (const Trainer *trainer, const FvBatch *batch, GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (FvActivations) given = NULL;

  if (batch->features != NULL)
    return fv_frozen_part_unpack (trainer->frozen, batch->features, error);
  if (trainer->frozen != NULL)
    return fv_frozen_part_run (trainer->frozen, batch->images, cancellable, error);
  given = fv_activations_new ();
  fv_activations_set (given, fv_graph_get_input (trainer->graph), batch->images);
  return freezes (trainer) ? record_frozen_part (trainer, given, cancellable, error)
                           : g_steal_pointer (&given);
}

static FvActivations *
run_batch (const Trainer *trainer, const FvBatch *batch, GCancellable *cancellable, GError **error)
{
  g_autoptr (FvActivations) given = run_frozen_part (trainer, batch, cancellable, error);
  const GArray *wanted = fv_objective_get_wanted (trainer->objective);
  FvRunMode mode
      = { .batch_norm_training = trainer->config->train_batch_norm, .dropout_training = TRUE };

  if (given == NULL)
    return NULL;
  return fv_graph_run (trainer->graph, given, (const FvNodeId *) wanted->data, wanted->len, mode,
                       cancellable, error);
}

static double
share_right (FvScope *scope, FvTensor *logits, FvTensor *labels)
{
  FvTensor *best = fv_call (scope, "aten::argmax", fv_of (logits), fv_int (1));
  FvTensor *right = fv_call (scope, "aten::eq.Tensor", fv_of (best), fv_of (labels));
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
update (const Trainer *trainer, int step, FvTensor *loss, FvTrainProgress *progress, GError **error)
{
  double share = rate_share (trainer, step);
  double limit = trainer->config->max_gradient > 0 ? trainer->config->max_gradient : G_MAXDOUBLE;

  fv_optimizer_zero_gradients (trainer->optimizer);
  if (!fv_backward (loss, error))
    return FALSE;
  progress->gradient_norm = fv_optimizer_clip_gradients (trainer->optimizer, limit);
  if (!check_finite (progress, error))
    return FALSE;
  for (int i = 0; i < trainer->n_groups; i++)
    fv_optimizer_set_learning_rate (trainer->optimizer, (gsize) i, trainer->group_rates[i] * share);
  progress->learning_rate = trainer->config->learning_rate * share;
  return fv_optimizer_step (trainer->optimizer, error);
}

/* What a step draws (dropout) hangs on the seed and the step alone: neither on the steps before it
 * nor on what other jobs of the thread drew meanwhile. */
static void
seed_step (const Trainer *trainer, int step)
{
  g_autoptr (GRand) random = fv_random_new (trainer->config->seed, (guint32) step);

  fv_runtime_seed (g_rand_int (random)); /* libtorch's generator uses 32 bits of a seed */
}

static gboolean
train_step (const Trainer *trainer, int step, GCancellable *cancellable, FvTrainProgress *progress,
            GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvActivations) found = NULL;
  FvTensor *logits, *loss;
  FvBatch batch;

  if (!fv_loader_next (trainer->loader, scope, &batch))
    return fv_scope_check (scope, error);
  progress->epoch = batch.epoch;
  progress->waited = batch.seconds;
  seed_step (trainer, step);
  if (fv_objective_needs_input_gradient (trainer->objective))
    fv_tensor_set_requires_grad (batch.images, TRUE);
  found = run_batch (trainer, &batch, cancellable, error);
  if (found == NULL)
    return FALSE;
  logits = fv_activations_get (found, fv_graph_get_output (trainer->graph));
  loss = fv_objective_measure (trainer->objective, scope, &batch, found, step,
                               warm_up_share (trainer, step), progress->losses);
  progress->accuracy = share_right (scope, logits, batch.labels);
  progress->loss = fv_tensor_to_double (loss);
  return fv_scope_check (scope, error) && update (trainer, step, loss, progress, error);
}

/* -- the loop ------------------------------------------------------------------------------- */

gboolean
fv_train_can_swap (FvModel *model)
{
  return fv_model_get_default_layer (model, NULL) != NULL;
}

static gboolean
take_steps (const Trainer *trainer, const Listener *listener, GCancellable *cancellable,
            GError **error)
{
  for (int step = 0; step < trainer->n_steps; step++) {
    FvTrainProgress progress = { .step = step + 1, .n_steps = trainer->n_steps, .prepared = 1 };

    if (g_cancellable_set_error_if_cancelled (cancellable, error)
        || !train_step (trainer, step, cancellable, &progress, error)
        || !report (listener, &progress, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
fv_train (FvModel *model, const FvDataset *dataset, const FvTrainConfig *config,
          FvTrainCallback callback, gpointer user_data, GCancellable *cancellable, GError **error)
{
  g_auto (Trainer) trainer
      = { .model = model, .graph = fv_model_get_graph (model), .config = config };
  Listener listener = { callback, user_data, 0 };
  gboolean done;

  listener.began = g_get_monotonic_time ();
  if (!prepare (&trainer, dataset, &listener, cancellable, error))
    return FALSE;
  listener.began = g_get_monotonic_time ();
  fv_model_set_learning (model, TRUE);
  done = take_steps (&trainer, &listener, cancellable, error);
  fv_model_set_learning (model, FALSE);
  return done;
}
