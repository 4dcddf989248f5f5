/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is learned without labels: batches of a pool of pictures, the two maps of each
 * (fv-agreement.h), and how far they agree (fv-consistency.h). Batch norm keeps its statistics.
 * Private to training. Threads: the engine thread. */

#pragma once

#include "fv-dataset.h"
#include "fv-model.h"
#include "fv-train-config.h"

G_BEGIN_DECLS

typedef struct _FvConsistencyTerm FvConsistencyTerm;

/* The layer that @config's maps are of: the first of config->layer. (transfer none); NULL with
 * @error: it has no space, or, for guided pixels, there are other activations than rectifiers. */
const FvLayer *fv_consistency_term_find_layer (FvModel *model, const FvTrainConfig *config,
                                               GError **error);

/* @model and @config must outlive it. (transfer full); NULL with @error: no such layer. */
FvConsistencyTerm *fv_consistency_term_new (FvModel *model, const FvTrainConfig *config,
                                            GError **error);
void fv_consistency_term_free (FvConsistencyTerm *self);

/* Looks at the training split of @pool, for batches. */
gboolean fv_consistency_term_load (FvConsistencyTerm *self, const FvDataset *pool,
                                   GCancellable *cancellable, GError **error);
/* Batches of a pass over the pool. */
int fv_consistency_term_get_n_batches (const FvConsistencyTerm *self);
/* Begins to read the batches of @n_epochs passes, from batch @first on. */
void fv_consistency_term_begin (FvConsistencyTerm *self, int n_epochs, int first);

/* The mean R of the next batch, recorded; borrowed from @scope, NULL when the scope failed.
 * @waited: (inout): grows by the seconds that pictures were waited for. */
FvTensor *fv_consistency_term_measure (FvConsistencyTerm *self, FvScope *scope, double *waited);

/* R of each of @images [N,3,H,W], not recorded: [N]. */
FvTensor *fv_consistency_term_judge (const FvConsistencyTerm *self, FvScope *scope,
                                     FvTensor *images);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvConsistencyTerm, fv_consistency_term_free)

G_END_DECLS
