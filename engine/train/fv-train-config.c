/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The record of a run's settings. */

#include "fv-train-config.h"

#include <math.h>

#include "fv-augment.h"

FvTrainConfig *
fv_train_config_new (void)
{
  FvTrainConfig *self = g_new0 (FvTrainConfig, 1);

  self->weights[FV_LOSS_CROSS_ENTROPY] = 1;
  self->weights[FV_LOSS_CAMAL] = 1;
  self->match = (FvMatch){ FV_MATCH_MSE, FV_MATCH_MIN_MAX, FV_MATCH_OF_LABEL };
  self->map = FV_TRAINING_MAP_GRADCAM;
  self->epochs = 6;
  self->batch_size = 32;
  self->learning_rate = 2e-4;
  self->head_learning_rate = 2e-3;
  self->weight_decay = 1e-4;
  self->optimizer = FV_OPTIMIZER_ADAMW;
  self->warm_up = 0.1;
  self->cosine = TRUE;
  self->max_gradient = 5;
  self->augment = FV_AUGMENT_FLIP;
  self->mask_share = 1;
  self->keep = FV_KEEP_LAST;
  self->mode = FV_MODE_SUPERVISED;
  self->alternation = 1;
  self->agreement = fv_agreement_options_default ();
  self->similarity = FV_SIMILARITY_PEARSON;
  self->choose_by = FV_CHOOSE_BY_LABELS;
  self->checkpoint_seconds = 60;
  return self;
}

FvTrainConfig *
fv_train_config_copy (const FvTrainConfig *self)
{
  FvTrainConfig *copy = g_memdup2 (self, sizeof *self);

  copy->layer = g_strdup (self->layer);
  copy->freeze_below = g_strdup (self->freeze_below);
  copy->unlabelled = g_strdup (self->unlabelled);
  return copy;
}

void
fv_train_config_free (FvTrainConfig *self)
{
  if (self == NULL)
    return;
  g_free (self->layer);
  g_free (self->freeze_below);
  g_free (self->unlabelled);
  g_free (self);
}

static gboolean
require (gboolean condition, const char *sentence, GError **error)
{
  if (!condition)
    g_set_error_literal (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT, sentence);
  return condition;
}

static gboolean
is_weight (double value)
{
  return isfinite (value) && value >= 0;
}

static gboolean
check_losses (const FvTrainConfig *self, GError **error)
{
  double sum = 0;

  for (int i = 0; i < FV_N_LOSSES; i++) {
    if (!require (is_weight (self->weights[i]), "a loss's weight must be 0 or more", error))
      return FALSE;
    sum += self->weights[i];
  }
  return require (sum > 0, "all losses have weight 0: there is nothing to learn", error);
}

/* Consistency and its modes go together. */
static gboolean
check_mode (const FvTrainConfig *self, GError **error)
{
  gboolean supervised = self->mode == FV_MODE_SUPERVISED;
  gboolean consistent = self->weights[FV_LOSS_CONSISTENCY] > 0;

  return require (supervised || consistent,
                  "without labels only --loss consistency can be learned from", error)
         && require (!supervised || !consistent,
                     "the loss consistency looks at pictures without labels: take --mode "
                     "unsupervised, alternating or combined",
                     error)
         && require (!supervised || self->choose_by == FV_CHOOSE_BY_LABELS,
                     "--choose-by consistency needs --loss consistency", error)
         && require (self->labelled >= 0, "the labelled pictures of a class must be 0 or more",
                     error)
         && require (isfinite (self->agreement.omega), "omega must be a number", error)
         && require (isfinite (self->alternation) && self->alternation > 0
                         && self->alternation <= 1000,
                     "the alternation must be above 0, at most 1000", error);
}

gboolean
fv_train_config_check (const FvTrainConfig *self, GError **error)
{
  return check_losses (self, error) && check_mode (self, error)
         && require (self->epochs >= 1 && self->epochs <= 100000, "the epochs must be 1 to 100000",
                     error)
         && require (self->batch_size >= 1 && self->batch_size <= 4096,
                     "the batch must hold 1 to 4096 pictures", error)
         && require (isfinite (self->learning_rate) && self->learning_rate > 0
                         && isfinite (self->head_learning_rate) && self->head_learning_rate > 0,
                     "the learning rate must be above 0", error)
         && require (is_weight (self->weight_decay) && is_weight (self->max_gradient),
                     "weight decay and the gradient's limit must be 0 or more", error)
         && require (self->views >= 0 && self->views <= 100000,
                     "a picture must have 0 to 100000 views", error)
         && require (self->warm_up >= 0 && self->warm_up <= 1,
                     "the warm-up is a share of the steps, 0 to 1", error)
         && require (self->mask_share >= 0 && self->mask_share <= 1,
                     "the share of the masks is 0 to 1", error)
         && require (self->patience >= 0, "the patience must be 0 epochs or more", error)
         && require (is_weight (self->checkpoint_seconds),
                     "the seconds between checkpoints must be 0 or more", error);
}
