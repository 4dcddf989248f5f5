/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Batch → frozen part without gradients, or what is kept of it → learning part → losses. */

#include "fv-supervision.h"

#include <math.h>

#include "fv-augment.h"
#include "fv-autograd.h"
#include "fv-executor.h"
#include "fv-gradient-ratio.h"
#include "fv-label-loss.h"
#include "fv-loader.h"
#include "fv-objective.h"

/* The ratio of gradients costs about as much as two steps. */
#define RATIO_MIN_INTERVAL 40

struct _FvSupervision {
  FvModel *model;
  FvGraph *graph;
  const FvTrainConfig *config;
  FvObjective *objective;
  FvSampling *sampling;
  FvTrainingSet *set;
  FvFrozenPart *frozen;     /* NULL when all of the network learns, or is recorded */
  FvFeatureCache *features; /* NULL when the frozen part is run in every step */
  FvLoader *loader;         /* NULL until it begins */
  FvNodeId start;           /* first node that learns */
};

/* -- preparing ------------------------------------------------------------------------------ */

static gboolean
load_pictures (FvSupervision *self, const FvDataset *dataset, GCancellable *cancellable,
               GError **error)
{
  const FvTrainConfig *config = self->config;
  int width, height;

  self->sampling = fv_sampling_new (dataset, FV_SPLIT_TRAIN, config->balance,
                                    config->control == FV_CONTROL_REWEIGHT, error);
  if (self->sampling == NULL)
    return FALSE;
  fv_objective_get_grid (self->objective, &width, &height);
  if ((config->augment & FV_AUGMENT_BACKGROUND) != 0) { /* masks are needed, if on one cell */
    width = MAX (width, 1);
    height = MAX (height, 1);
  }
  self->set = fv_training_set_load (dataset, FV_SPLIT_TRAIN, fv_model_get_card (self->model), width,
                                    height, config->augment, cancellable, error);
  if (self->set == NULL)
    return FALSE;
  fv_training_set_set_views (self->set, (guint) config->views);
  fv_training_set_set_sampling (self->set, self->sampling);
  fv_training_set_set_all_classes (self->set,
                                   config->attention_classes == FV_ATTENTION_ALL_CLASSES);
  fv_training_set_keep_masks (self->set, config->mask_share, config->seed);
  return TRUE;
}

FvSupervision *
fv_supervision_new (FvModel *model, const FvDataset *dataset, const FvTrainConfig *config,
                    FvNodeId start, GCancellable *cancellable, GError **error)
{
  g_autoptr (FvSupervision) self = g_new0 (FvSupervision, 1);

  self->model = model;
  self->graph = fv_model_get_graph (model);
  self->config = config;
  self->start = start;
  self->objective
      = fv_objective_new (model, config, start, fv_dataset_mixes_classes (dataset), error);
  if (self->objective == NULL || !load_pictures (self, dataset, cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
fv_supervision_free (FvSupervision *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->loader, fv_loader_free);
  g_clear_pointer (&self->features, fv_feature_cache_free);
  g_clear_pointer (&self->frozen, fv_frozen_part_free);
  g_clear_pointer (&self->set, fv_training_set_free);
  g_clear_pointer (&self->sampling, fv_sampling_free);
  g_clear_pointer (&self->objective, fv_objective_free);
  g_free (self);
}

int
fv_supervision_get_n_batches (const FvSupervision *self)
{
  return fv_loader_count_batches (self->set, self->config->batch_size, 1);
}

/* Whether there is anything before the first node that learns. */
static gboolean
freezes (const FvSupervision *self)
{
  return self->start > fv_graph_get_input (self->graph) + 1;
}

gboolean
fv_supervision_prepare (FvSupervision *self, int n_epochs, FvFeaturesCallback callback,
                        gpointer user_data, GCancellable *cancellable, GError **error)
{
  const GArray *wanted = fv_objective_get_wanted (self->objective);
  g_autofree char *folder = NULL;
  FvFeatureCacheLimits limits = fv_feature_cache_limits_default (&folder);
  g_autoptr (GError) reason = NULL;

  if (!freezes (self) || fv_objective_needs_input_gradient (self->objective))
    return TRUE;
  self->frozen
      = fv_frozen_part_new (self->graph, fv_model_get_card (self->model), self->start,
                            (const FvNodeId *) wanted->data, wanted->len, cancellable, error);
  if (self->frozen == NULL)
    return FALSE;
  self->features = fv_features_prepare (self->frozen, self->set, n_epochs, self->config->seed,
                                        &limits, callback, user_data, cancellable, &reason);
  if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  return reason == NULL;
}

void
fv_supervision_begin (FvSupervision *self, int n_epochs, int first)
{
  self->loader = fv_loader_new (self->set, self->features, self->config->batch_size, n_epochs,
                                self->config->seed, first);
}

/* -- a batch -------------------------------------------------------------------------------- */

/* The frozen part, in evaluation, for losses on the gradient of what is in it. */
static FvActivations *
record_frozen_part (const FvSupervision *self, const FvActivations *given, GError **error)
{
  const GArray *wanted = fv_objective_get_wanted (self->objective);
  g_autoptr (GArray) nodes = fv_graph_frontier (self->graph, self->start - 1);

  for (guint i = 0; i < wanted->len; i++)
    if (g_array_index (wanted, FvNodeId, i) < self->start)
      g_array_append_vals (nodes, &g_array_index (wanted, FvNodeId, i), 1);
  return fv_graph_run (self->graph, given, (const FvNodeId *) nodes->data, nodes->len,
                       (FvRunMode){ 0 }, NULL, error);
}

/* What the learning part is given: the input, or what crosses from the frozen part. */
static FvActivations *
run_frozen_part (const FvSupervision *self, const FvBatch *batch, GError **error)
{
  g_autoptr (FvActivations) given = NULL;

  if (batch->features != NULL)
    return fv_frozen_part_unpack (self->frozen, batch->features, error);
  if (self->frozen != NULL)
    return fv_frozen_part_run (self->frozen, batch->images, NULL, error);
  given = fv_activations_new ();
  fv_activations_set (given, fv_graph_get_input (self->graph), batch->images);
  return freezes (self) ? record_frozen_part (self, given, error) : g_steal_pointer (&given);
}

static FvActivations *
run_batch (const FvSupervision *self, const FvBatch *batch, GError **error)
{
  g_autoptr (FvActivations) given = run_frozen_part (self, batch, error);
  const GArray *wanted = fv_objective_get_wanted (self->objective);
  FvRunMode mode
      = { .batch_norm_training = self->config->train_batch_norm, .dropout_training = TRUE };

  if (given == NULL)
    return NULL;
  /* Never cancelled half-way: batch norm would have learned from a step that was not taken. */
  return fv_graph_run (self->graph, given, (const FvNodeId *) wanted->data, wanted->len, mode, NULL,
                       error);
}

static double
share_right (FvScope *scope, FvTensor *logits, const FvBatch *batch)
{
  FvTensor *right = fv_label_right (scope, logits, batch);
  FvTensor *floats = fv_call (scope, "aten::to.dtype", fv_of (right), fv_int (FV_TORCH_FLOAT32));

  return fv_tensor_to_double (fv_call (scope, "aten::mean", fv_of (floats)));
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

/* Of the losses on attention to the task's. @total: the weighted sum of all. */
static double
measure_ratio (const FvSupervision *self, FvScope *scope, const FvBatch *batch,
               const FvActivations *found, int step, FvTensor *total, const GPtrArray *parameters)
{
  int n = fv_supervision_get_n_batches (self);
  double losses[FV_N_LOSSES];
  FvTensor *task;

  if (step % (n * ((RATIO_MIN_INTERVAL - 1) / n + 1)) != 0)
    return NAN;
  task = fv_objective_measure (self->objective, scope, batch, found, step, 0, losses);
  return fv_gradient_ratio (scope, task, total, (FvTensor *const *) parameters->pdata,
                            parameters->len);
}

FvTensor *
fv_supervision_measure (FvSupervision *self, FvScope *scope, int step, double share,
                        const GPtrArray *parameters, FvTrainProgress *progress)
{
  g_autoptr (FvActivations) found = NULL;
  GError *error = NULL;
  FvTensor *logits, *loss;
  FvBatch batch;

  if (!fv_loader_next (self->loader, scope, &batch))
    return NULL;
  progress->waited += batch.seconds;
  if (fv_objective_needs_input_gradient (self->objective))
    fv_tensor_set_requires_grad (batch.images, TRUE);
  found = run_batch (self, &batch, &error);
  if (found == NULL) {
    fv_scope_fail (scope, error);
    return NULL;
  }
  logits = fv_activations_get (found, fv_graph_get_output (self->graph));
  loss
      = fv_objective_measure (self->objective, scope, &batch, found, step, share, progress->losses);
  progress->accuracy = share_right (scope, logits, &batch);
  if (loss != NULL && isfinite (fv_tensor_to_double (loss)) && has_attention (progress->losses))
    progress->attention_gradient_ratio
        = measure_ratio (self, scope, &batch, found, step, loss, parameters);
  return loss;
}
