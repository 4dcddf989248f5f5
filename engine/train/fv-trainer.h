/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Fine-tunes a model on a dataset's training split, in place. The caller keeps a copy of the
 * weights (fv_model_get_state ()) when it wants a way back.
 * Equal seed, threads, machine and library give equal bytes: the order of the data, every
 * augmentation and every other draw are functions of (seed, step), and so a training that goes on
 * from a checkpoint ends with the bits of one that was never interrupted.
 * Threads: the engine thread. */

#pragma once

#include <gio/gio.h>

#include "fv-checkpoint.h"
#include "fv-dataset.h"
#include "fv-model.h"
#include "fv-train-config.h"

G_BEGIN_DECLS

typedef struct {
  /* Counts from 1. At 0 the frozen part is being run on every picture, before the first step: then
   * nothing else is known but prepared and the seconds. */
  int step, n_steps;
  double prepared; /* share of that which is done, 0 … 1 */
  int epoch;       /* counts from 1 */
  double loss;     /* weighted sum */
  /* Each loss by itself. NaN when its weight is 0 (cross-entropy is always known), or when it is on
   * attention and no picture of the batch has a mask. */
  double losses[FV_N_LOSSES];
  double accuracy;      /* share of this batch that was right before the step; NaN without labels */
  double learning_rate; /* of the body, at this step */
  double gradient_norm; /* before clipping */
  /* |∇ losses on attention| / |∇ cross-entropy|, as weighted at this step, over all parameters that
   * learn (fv-gradient-ratio.h). It takes two backward passes more, so it is measured at the first
   * step of an epoch, and at one in 40 steps at most; NaN else, and without both kinds of loss. */
  double attention_gradient_ratio;
  /* On the validation split (fv-validation.h), after the last step of each epoch when training
   * stops or chooses by them; NaN else. */
  double validation_loss, validation_accuracy;
  double waited;       /* seconds of this step in which the network waited for pictures */
  double seconds;      /* since training, or preparing, began; those before an interruption too */
  double seconds_left; /* of it, an estimate; 0 at the last step */
  /* Why the last checkpoint could not be written; NULL when it could. Training goes on, and the
   * older one stays. Valid until the callback returns. */
  const char *checkpoint_problem;
} FvTrainProgress;

/* Called after every step, and before the first one while pictures are prepared (which those who
 * freeze a part wait for once, see fv-features.h), on the engine thread; between two calls other
 * jobs of that thread may run (see the session). FALSE stops training as cancelling does. */
typedef gboolean (*FvTrainCallback) (const FvTrainProgress *progress, gpointer user_data);

/* Whether the model has a layer for the swap loss, as for all losses on attention: one with space.
 */
gboolean fv_train_can_swap (FvModel *model);
/* Whether consistency can be taught it with guided backprop: it is a network of rectifiers. */
gboolean fv_train_can_guide (FvModel *model);

/* Trains. The model's classes must be the dataset's (fv_model_with_classes ()).
 * Pictures and masks that are missing, of the wrong kind or cut off stop it before the first step,
 * those that are damaged inside when they are first needed, with their sentence.
 * Training ends early, and with the weights of the best epoch, when @config says so.
 * On cancellation: FALSE with G_IO_ERROR_CANCELLED; a step that has begun, and the validation after
 * it, are finished first. */
gboolean fv_train (FvModel *model, const FvDataset *dataset, const FvTrainConfig *config,
                   FvTrainCallback callback, gpointer user_data, GCancellable *cancellable,
                   GError **error);

/* The same with a checkpoint at @path: before the first step, after each epoch and every
 * config->checkpoint_seconds, and when it is stopped. An epoch's is left out where writing it would
 * take more than a twentieth of the time. Without the first one training does not begin; when a
 * later one cannot be written, the older one stays and training goes on.
 * @from: where to go on, read from the same path; NULL: from the beginning. It must be of an equal
 * model, dataset and configuration. */
gboolean fv_train_with_checkpoint (FvModel *model, const FvDataset *dataset,
                                   const FvTrainConfig *config, const char *path,
                                   const FvCheckpoint *from, FvTrainCallback callback,
                                   gpointer user_data, GCancellable *cancellable, GError **error);

G_END_DECLS
