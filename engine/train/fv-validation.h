/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the validation split says while a network learns: loss and accuracy after each epoch,
 * whether to stop early, and which epoch's weights to end with. The best epoch is the one of the
 * lowest loss, of equal ones the first: of cross-entropy, which still tells epochs apart when
 * accuracy no longer does, or of consistency (config->choose_by), which reads no label. The test
 * split is never looked at. Private to training. Threads: the engine thread. */

#pragma once

#include "fv-checkpoint.h"
#include "fv-consistency-term.h"
#include "fv-dataset.h"
#include "fv-model.h"
#include "fv-train-config.h"

G_BEGIN_DECLS

typedef struct _FvValidation FvValidation;

/* Whether the configuration stops or chooses by validation. */
gboolean fv_validation_is_wanted (const FvTrainConfig *config);

/* A split without pictures is an error. @model and @config must outlive it. (transfer full) */
FvValidation *fv_validation_new (FvModel *model, const FvDataset *dataset,
                                 const FvTrainConfig *config, GCancellable *cancellable,
                                 GError **error);
void fv_validation_free (FvValidation *self);

/* Measures the whole split, in evaluation and without augmentation, after @epoch, and remembers the
 * weights when they are to be kept and did best so far.
 * @consistency: (nullable): judges the pictures when the configuration chooses by consistency;
 * @loss: (out): mean over the pictures of what is chosen by; @accuracy: (out): share that was
 * right, which nothing is chosen by. */
gboolean fv_validation_measure (FvValidation *self, const FvConsistencyTerm *consistency, int epoch,
                                double *loss, double *accuracy, GError **error);
/* Whether the epochs of patience have passed without a better one. */
gboolean fv_validation_is_over (const FvValidation *self);
/* Gives the model the weights to end with. */
gboolean fv_validation_choose (const FvValidation *self, GError **error);

/* What to remember: into @checkpoint, which gets a reference to the weights, and back. @epoch: the
 * last that was measured. */
void fv_validation_store (const FvValidation *self, FvCheckpoint *checkpoint);
void fv_validation_restore (FvValidation *self, const FvCheckpoint *checkpoint, int epoch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvValidation, fv_validation_free)

G_END_DECLS
