/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is learned from labels and masks: the training pictures in batches, the network run on them,
 * and the weighted sum of the losses. Private to training. Threads: the engine thread. */

#pragma once

#include "fv-features.h"
#include "fv-model.h"
#include "fv-trainer.h"

G_BEGIN_DECLS

typedef struct _FvSupervision FvSupervision;

/* Looks at the training split of @dataset. @start: the first node that learns. @model and @config
 * must outlive it. (transfer full) */
FvSupervision *fv_supervision_new (FvModel *model, const FvDataset *dataset,
                                   const FvTrainConfig *config, FvNodeId start,
                                   GCancellable *cancellable, GError **error);
void fv_supervision_free (FvSupervision *self);

/* Batches of a pass over the pictures. */
int fv_supervision_get_n_batches (const FvSupervision *self);
/* Where a part is frozen, runs it on every picture, so that no step has to. */
gboolean fv_supervision_prepare (FvSupervision *self, int n_epochs, FvFeaturesCallback callback,
                                 gpointer user_data, GCancellable *cancellable, GError **error);
/* Begins to read the batches of @n_epochs passes, from batch @first on. */
void fv_supervision_begin (FvSupervision *self, int n_epochs, int first);

/* The loss of the next batch, recorded; borrowed from @scope, NULL when the scope failed. @step and
 * @share: as of fv_objective_measure (); @parameters: all that learn; @progress: gets the
 * losses, the accuracy, the ratio of gradients when it is time, and what was waited for. */
FvTensor *fv_supervision_measure (FvSupervision *self, FvScope *scope, int step, double share,
                                  const GPtrArray *parameters, FvTrainProgress *progress);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvSupervision, fv_supervision_free)

G_END_DECLS
