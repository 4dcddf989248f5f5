/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The split is read by the same loader as the training's pictures, anew after each epoch; what has
 * been decoded is kept. */

#include "fv-validation.h"

#include <math.h>

#include "fv-label-loss.h"
#include "fv-loader.h"
#include "fv-op.h"

#define MAX_CACHE_BYTES ((gsize) 512 << 20) /* of decoded pictures */

struct _FvValidation {
  FvModel *model;
  const FvTrainConfig *config;
  FvTrainingSet *set;
  int epoch;      /* the last that was measured */
  int best_epoch; /* 0 before the first */
  double best_loss;
  FvStateDict *best; /* NULL unless it is kept */
};

gboolean
fv_validation_is_wanted (const FvTrainConfig *config)
{
  return config->patience > 0 || config->keep == FV_KEEP_BEST;
}

FvValidation *
fv_validation_new (FvModel *model, const FvDataset *dataset, const FvTrainConfig *config,
                   GCancellable *cancellable, GError **error)
{
  g_autoptr (FvValidation) self = g_new0 (FvValidation, 1);

  self->model = model;
  self->config = config;
  if (fv_dataset_get_n_in_split (dataset, FV_SPLIT_VALIDATION) == 0) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "“%s” has no pictures in its validation split to stop or to choose by: leave "
                 "patience out and keep the last epoch",
                 fv_dataset_get_path (dataset));
    return NULL;
  }
  self->set = fv_training_set_load (dataset, FV_SPLIT_VALIDATION, fv_model_get_card (model), 0, 0,
                                    0, cancellable, error);
  if (self->set == NULL)
    return NULL;
  fv_training_set_set_cache_limit (self->set, MAX_CACHE_BYTES);
  return g_steal_pointer (&self);
}

void
fv_validation_free (FvValidation *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->set, fv_training_set_free);
  g_clear_pointer (&self->best, fv_state_dict_unref);
  g_free (self);
}

/* The sum over the batch's pictures of what is chosen by. */
static double
sum_loss (const FvValidation *self, const FvConsistencyTerm *consistency, FvScope *scope,
          const FvBatch *batch, FvTensor *logits)
{
  double n = (double) fv_tensor_get_size (batch->images, 0);

  if (consistency == NULL || self->config->choose_by == FV_CHOOSE_BY_LABELS)
    return fv_tensor_to_double (fv_label_loss (scope, logits, batch)) * n;
  return fv_tensor_to_double (fv_call (
      scope, "aten::sum", fv_of (fv_consistency_term_judge (consistency, scope, batch->images))));
}

/* Adds up the loss over the batch's pictures and how many were right. */
static gboolean
measure_batch (const FvValidation *self, const FvConsistencyTerm *consistency, FvLoader *loader,
               double *loss, double *n_right, GError **error)
{
  const FvNodeId output = fv_graph_get_output (fv_model_get_graph (self->model));
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvActivations) found = NULL;
  FvTensor *logits, *right;
  FvBatch batch;

  if (!fv_loader_next (loader, scope, &batch))
    return fv_scope_check (scope, error);
  found = fv_model_run_exactly (self->model, batch.images, &output, 1, NULL, error);
  if (found == NULL)
    return FALSE;
  logits = fv_activations_get (found, output);
  right = fv_label_right (scope, logits, &batch);
  *n_right += fv_tensor_to_double (fv_call (scope, "aten::sum", fv_of (right)));
  *loss += sum_loss (self, consistency, scope, &batch, logits);
  return fv_scope_check (scope, error);
}

static gboolean
note_epoch (FvValidation *self, int epoch, double loss, GError **error)
{
  self->epoch = epoch;
  loss = isnan (loss) ? INFINITY : loss; /* which is never better */
  if (self->best_epoch != 0 && loss >= self->best_loss)
    return TRUE;
  self->best_epoch = epoch;
  self->best_loss = loss;
  if (self->config->keep != FV_KEEP_BEST)
    return TRUE;
  g_clear_pointer (&self->best, fv_state_dict_unref);
  self->best = fv_model_get_state (self->model, error);
  return self->best != NULL;
}

gboolean
fv_validation_measure (FvValidation *self, const FvConsistencyTerm *consistency, int epoch,
                       double *loss, double *accuracy, GError **error)
{
  g_autoptr (FvLoader) loader = fv_loader_new (self->set, NULL, self->config->batch_size, 1, 0, 0);
  gsize n = fv_training_set_get_length (self->set);

  *loss = *accuracy = 0;
  for (int i = 0; i < fv_loader_get_n_batches (loader); i++)
    if (!measure_batch (self, consistency, loader, loss, accuracy, error))
      return FALSE;
  *loss /= (double) n;
  *accuracy /= (double) n;
  return note_epoch (self, epoch, *loss, error);
}

gboolean
fv_validation_is_over (const FvValidation *self)
{
  return self->config->patience > 0 && self->epoch - self->best_epoch >= self->config->patience;
}

gboolean
fv_validation_choose (const FvValidation *self, GError **error)
{
  return self->best == NULL
         || fv_model_set_state (self->model, self->best, "the best epoch", error);
}

void
fv_validation_store (const FvValidation *self, FvCheckpoint *checkpoint)
{
  checkpoint->best_epoch = self->best_epoch;
  checkpoint->best_loss = self->best_loss;
  checkpoint->best = self->best != NULL ? fv_state_dict_ref (self->best) : NULL;
}

void
fv_validation_restore (FvValidation *self, const FvCheckpoint *checkpoint, int epoch)
{
  self->epoch = epoch;
  self->best_epoch = checkpoint->best_epoch;
  self->best_loss = checkpoint->best_loss;
  g_clear_pointer (&self->best, fv_state_dict_unref);
  self->best = checkpoint->best != NULL ? fv_state_dict_ref (checkpoint->best) : NULL;
}
