/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a training minimises: the sum of its losses, each times its weight. Private to training.
 * Threads: the engine thread. */

#pragma once

#include "fv-activations.h"
#include "fv-loader.h"
#include "fv-model.h"
#include "fv-train-config.h"

G_BEGIN_DECLS

typedef struct _FvObjective FvObjective;

/* What the configuration asks for, once the network is known.
 * @start: the first node that learns; @mixes_classes: some pictures show several classes. A layer
 * whose maps cannot be taught, or a map that the network has not the form for, or a loss that is
 * not defined for several classes, is an error that says so. @model and @config must outlive it.
 * (transfer full) */
FvObjective *fv_objective_new (FvModel *model, const FvTrainConfig *config, FvNodeId start,
                               gboolean mixes_classes, GError **error);
void fv_objective_free (FvObjective *self);

/* The cells that a batch's masks must be pooled onto, 0 × 0 without a loss on attention: those of
 * the layer; of several layers so many that all can be had by pooling them further; and with a loss
 * on pixels at most 64 a side more or less, each of the same number of pixels. */
void fv_objective_get_grid (const FvObjective *self, int *width, int *height);
/* The nodes whose values fv_objective_measure () needs, the graph's output first; some may lie
 * below the first node that learns. (element-type FvNodeId) */
const GArray *fv_objective_get_wanted (const FvObjective *self);
/* Whether a loss is on the gradient of the pixels, or on attention matrices, which nothing that
 * learns need come before: then the pictures must require gradients, and everything above them must
 * be recorded, what is frozen included. */
gboolean fv_objective_needs_input_gradient (const FvObjective *self);

/* What to minimise for a batch, a scalar borrowed from @scope; NULL when the scope failed.
 * @found: the values of the wanted nodes, recorded;
 * @step: counts from 0: which surroundings are swapped depends on it and on the seed;
 * @share: 0 … 1 of the full weights of losses on attention, which at 0 are not even computed;
 * @losses: what each is by itself, the mean over the layers where there are several, NaN for those
 * left out: of weight 0 (cross-entropy is always known), and those on attention when no picture of
 * the batch has a mask. */
FvTensor *fv_objective_measure (const FvObjective *self, FvScope *scope, const FvBatch *batch,
                                const FvActivations *found, int step, double share,
                                double losses[FV_N_LOSSES]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvObjective, fv_objective_free)

G_END_DECLS
