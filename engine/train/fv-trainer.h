/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Fine-tunes a model on a dataset's training split, in place. The caller keeps a copy of the
 * weights (fv_model_get_state ()) when it wants a way back.
 * Equal seed, threads, machine and library give equal bytes: the order of the data and every
 * augmentation are functions of (seed, step).
 * Threads: the engine thread. */

#pragma once

#include <gio/gio.h>

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
  double accuracy;      /* share of this batch that was right before the step */
  double learning_rate; /* of the body, at this step */
  double gradient_norm; /* before clipping */
  double waited;        /* seconds of this step in which the network waited for pictures */
  double seconds;       /* since training, or preparing, began */
  double seconds_left;  /* of it, an estimate; 0 at the last step */
} FvTrainProgress;

/* Called after every step, and before the first one while pictures are prepared (which those who
 * freeze a part wait for once, see fv-features.h), on the engine thread; between two calls other
 * jobs of that thread may run (see the session). FALSE stops training as cancelling does. */
typedef gboolean (*FvTrainCallback) (const FvTrainProgress *progress, gpointer user_data);

/* Whether the model has a layer for the swap loss, as for all losses on attention: one with space.
 */
gboolean fv_train_can_swap (FvModel *model);

/* Trains. The model's classes must be the dataset's (fv_model_with_classes ()).
 * Pictures and masks that are missing, of the wrong kind or cut off stop it before the first step,
 * those that are damaged inside when they are first needed, with their sentence.
 * On cancellation: FALSE with G_IO_ERROR_CANCELLED; the weights are those of the last full step. */
gboolean fv_train (FvModel *model, const FvDataset *dataset, const FvTrainConfig *config,
                   FvTrainCallback callback, gpointer user_data, GCancellable *cancellable,
                   GError **error);

G_END_DECLS
