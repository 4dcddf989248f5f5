/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The training loop. A step is: batch → frozen part without gradients → learning part → losses →
 * backward → clip → update. */

#include "fv-trainer.h"

#include <math.h>

#include "fv-architecture.h"
#include "fv-autograd.h"
#include "fv-camal.h"
#include "fv-executor.h"
#include "fv-gradcam.h"
#include "fv-linear-head.h"
#include "fv-loader.h"
#include "fv-mask-cells.h"
#include "fv-runtime.h"
#include "fv-swap.h"

typedef struct {
  FvModel *model;
  FvGraph *graph;
  const FvTrainConfig *config;
  FvTrainingSet *set;
  FvLoader *loader;
  FvOptimizer *optimizer;
  FvNodeId start;       /* first node that learns */
  const FvLayer *layer; /* of the maps; NULL without a loss on attention */
  FvLinearHead head;    /* above the layer, where has_linear_head */
  gboolean has_linear_head;
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
  g_clear_pointer (&trainer->set, fv_training_set_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Trainer, trainer_clear)

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
check_layer (const Trainer *trainer, GError **error)
{
  const FvTrainConfig *config = trainer->config;

  if (trainer->layer->node < trainer->start && !trainer->has_linear_head) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "the maps' layer lies below “%s”, where everything is frozen",
                 config->freeze_below);
    return FALSE;
  }
  if (config->weights[FV_LOSS_SWAP] > 0 && !trainer->has_linear_head) {
    g_set_error (
        error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
        "the swap loss needs a layer that only global average pooling and one linear layer "
        "follow, and “%s” has more above it: leave swap out",
        trainer->layer->name);
    return FALSE;
  }
  return TRUE;
}

static gboolean
needs_maps (const FvTrainConfig *config)
{
  for (int i = 0; i < FV_N_LOSSES; i++)
    if (config->weights[i] > 0 && fv_loss_is_on_attention ((FvLossKind) i))
      return TRUE;
  return FALSE;
}

static gboolean
find_layer (Trainer *trainer, GError **error)
{
  const char *name = trainer->config->layer;

  trainer->layer = name != NULL ? fv_model_find_layer (trainer->model, name, error)
                                : fv_model_get_default_layer (trainer->model, error);
  if (trainer->layer == NULL)
    return FALSE;
  trainer->has_linear_head
      = fv_graph_find_linear_head (trainer->graph, trainer->layer->node, &trainer->head);
  return check_layer (trainer, error);
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
  return !needs_maps (config) || find_layer (trainer, error);
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

static gboolean
prepare (Trainer *trainer, const FvDataset *dataset, GCancellable *cancellable, GError **error)
{
  const FvTrainConfig *config = trainer->config;

  if (!fv_train_config_check (config, error) || !check_model (trainer, dataset, error)
      || !find_nodes (trainer, error))
    return FALSE;
  trainer->set = fv_training_set_load (dataset, FV_SPLIT_TRAIN, fv_model_get_card (trainer->model),
                                       trainer->layer != NULL ? trainer->layer->width : 0,
                                       trainer->layer != NULL ? trainer->layer->height : 0,
                                       config->augment, cancellable, error);
  if (trainer->set == NULL)
    return FALSE;
  fv_runtime_seed (config->seed);
  if (!make_optimizer (trainer, error))
    return FALSE;
  trainer->loader = fv_loader_new (trainer->set, config->batch_size, config->epochs, config->seed);
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

/* What the learning part is given: the input, or what crosses from the frozen part. */
static FvActivations *
run_frozen_part (const Trainer *trainer, FvTensor *images, GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (FvNoGrad) no_grad = fv_no_grad_enter ();
  g_autoptr (FvActivations) given = fv_activations_new ();
  g_autoptr (GArray) frontier = NULL;

  fv_activations_set (given, fv_graph_get_input (trainer->graph), images);
  if (trainer->start <= fv_graph_get_input (trainer->graph) + 1)
    return g_steal_pointer (&given);
  frontier = fv_graph_frontier (trainer->graph, trainer->start - 1);
  if (trainer->layer != NULL && trainer->layer->node < trainer->start)
    g_array_append_val (frontier, trainer->layer->node);
  return fv_graph_run (trainer->graph, given, (const FvNodeId *) frontier->data, frontier->len,
                       (FvRunMode){ FALSE, FALSE }, cancellable, error);
}

static FvActivations *
run_batch (const Trainer *trainer, const FvBatch *batch, GCancellable *cancellable, GError **error)
{
  g_autoptr (FvActivations) given = run_frozen_part (trainer, batch->images, cancellable, error);
  const FvNodeId wanted[] = { fv_graph_get_output (trainer->graph),
                              trainer->layer != NULL ? trainer->layer->node : FV_NODE_NONE };
  FvRunMode mode
      = { .batch_norm_training = trainer->config->train_batch_norm, .dropout_training = TRUE };

  if (given == NULL)
    return NULL;
  return fv_graph_run (trainer->graph, given, wanted, trainer->layer != NULL ? 2 : 1, mode,
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

static FvTensor *
add_weighted (FvScope *scope, FvTensor *sum, FvTensor *term, double weight)
{
  FvTensor *weighted = fv_call (scope, "aten::mul.Scalar", fv_of (term), fv_real (weight));

  return sum == NULL ? weighted
                     : fv_call (scope, "aten::add.Tensor", fv_of (sum), fv_of (weighted));
}

/* What a batch was and what the network made of it. */
typedef struct {
  const FvBatch *batch;
  FvTensor *logits;     /* [N,C] */
  FvTensor *activation; /* of the maps' layer [N,K,h,w]; NULL without a loss on attention */
} Outcome;

static FvTensor *
cross_entropy (const Trainer *trainer, FvScope *scope, const Outcome *outcome)
{
  return fv_call (scope, "aten::cross_entropy_loss", fv_of (outcome->logits),
                  fv_of (outcome->batch->labels));
}

static FvTensor *
two_term (const Trainer *trainer, FvScope *scope, const Outcome *outcome)
{
  const FvBatch *batch = outcome->batch;
  FvTensor *maps = fv_gradcam_for_training (scope, trainer->graph, trainer->layer,
                                            outcome->activation, outcome->logits, batch->labels);

  return fv_camal_two_term (scope, maps, batch->inside, batch->opinion, batch->weight);
}

static FvTensor *
swap (const Trainer *trainer, FvScope *scope, const Outcome *outcome)
{
  const FvBatch *batch = outcome->batch;
  const FvLinearHead *head = &trainer->head;
  FvTensor *weight = fv_graph_get_parameter (trainer->graph, head->weight);
  FvTensor *bias
      = head->bias != FV_NODE_NONE ? fv_graph_get_parameter (trainer->graph, head->bias) : NULL;
  FvTensor *inside_area = fv_mask_cells_inside (scope, batch->inside, batch->opinion);
  FvEvidence evidence
      = fv_evidence_split (scope, outcome->activation, weight, bias, batch->inside, batch->opinion);

  return fv_evidence_swap (scope, &evidence, batch->labels,
                           fv_mask_cells_count (scope, inside_area, batch->weight));
}

/* Each loss by itself: a scalar. */
typedef FvTensor *(*LossTerm) (const Trainer *trainer, FvScope *scope, const Outcome *outcome);

static const LossTerm terms[FV_N_LOSSES] = { cross_entropy, two_term, swap }; /* by FvLossKind */

/* The weighted sum; what each loss was goes into @progress. Losses on attention are left out of
 * batches without a mask, and their weights rise with the warm-up. */
static FvTensor *
total_loss (const Trainer *trainer, FvScope *scope, const Outcome *outcome, int step,
            FvTrainProgress *progress)
{
  FvTensor *total = NULL;

  for (int i = 0; i < FV_N_LOSSES; i++) {
    gboolean on_attention = fv_loss_is_on_attention ((FvLossKind) i);
    double weight = trainer->config->weights[i];
    FvTensor *term;

    progress->losses[i] = NAN;
    if (on_attention && (weight <= 0 || !outcome->batch->any_mask))
      continue;
    term = terms[i](trainer, scope, outcome);
    progress->losses[i] = fv_tensor_to_double (term);
    weight *= on_attention ? warm_up_share (trainer, step) : 1;
    total = add_weighted (scope, total, term, weight);
  }
  progress->accuracy = share_right (scope, outcome->logits, outcome->batch->labels);
  progress->loss = fv_tensor_to_double (total);
  return total;
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

static gboolean
train_step (const Trainer *trainer, int step, GCancellable *cancellable, FvTrainProgress *progress,
            GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvActivations) found = NULL;
  Outcome outcome;
  FvTensor *loss;
  FvBatch batch;

  if (!fv_loader_next (trainer->loader, scope, &batch))
    return fv_scope_check (scope, error);
  progress->epoch = batch.epoch;
  progress->waited = batch.seconds;
  found = run_batch (trainer, &batch, cancellable, error);
  if (found == NULL)
    return FALSE;
  outcome
      = (Outcome){ &batch, fv_activations_get (found, fv_graph_get_output (trainer->graph)), NULL };
  if (trainer->layer != NULL)
    outcome.activation = fv_activations_get (found, trainer->layer->node);
  loss = total_loss (trainer, scope, &outcome, step, progress);
  return fv_scope_check (scope, error) && update (trainer, step, loss, progress, error);
}

/* -- the loop ------------------------------------------------------------------------------- */

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
      = progress->seconds / progress->step * (progress->n_steps - progress->step);
  if (listener->callback == NULL || listener->callback (progress, listener->user_data))
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "training was stopped");
  return FALSE;
}

gboolean
fv_train_can_swap (FvModel *model)
{
  const FvLayer *layer = fv_model_get_default_layer (model, NULL);
  FvLinearHead head;

  return layer != NULL
         && fv_graph_find_linear_head (fv_model_get_graph (model), layer->node, &head);
}

static gboolean
take_steps (const Trainer *trainer, const Listener *listener, GCancellable *cancellable,
            GError **error)
{
  for (int step = 0; step < trainer->n_steps; step++) {
    FvTrainProgress progress = { .step = step + 1, .n_steps = trainer->n_steps };

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

  if (!prepare (&trainer, dataset, cancellable, error))
    return FALSE;
  listener.began = g_get_monotonic_time ();
  fv_model_set_learning (model, TRUE);
  done = take_steps (&trainer, &listener, cancellable, error);
  fv_model_set_learning (model, FALSE);
  return done;
}
