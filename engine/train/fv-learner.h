/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The parameters that learn and the optimiser that changes them: in two groups, the body and the
 * head, each with its own learning rate. Private to training.
 * Threads: the engine thread. */

#pragma once

#include "fv-graph.h"
#include "fv-state-dict.h"
#include "fv-train-config.h"

G_BEGIN_DECLS

typedef struct _FvLearner FvLearner;

/* All weights of @graph that nodes from @start on use; from now until it is freed they record
 * gradients. None is an error. @config must outlive it. (transfer full) */
FvLearner *fv_learner_new (FvGraph *graph, const FvTrainConfig *config, FvNodeId start,
                           GError **error);
void fv_learner_free (FvLearner *self);

/* In the optimiser's order. (element-type FvTensor) */
const GPtrArray *fv_learner_get_parameters (const FvLearner *self);
/* The gradient of @loss, clipped as the configuration says. @norm: (out): before that. */
gboolean fv_learner_find_gradient (FvLearner *self, FvTensor *loss, double *norm, GError **error);
/* One update along that gradient. @share: 0 … 1 of the full learning rates. */
gboolean fv_learner_step (FvLearner *self, double share, GError **error);

/* See fv_optimizer_get_state () and fv_optimizer_set_state (). */
FvStateDict *fv_learner_get_state (const FvLearner *self, GError **error);
gboolean fv_learner_set_state (FvLearner *self, const FvStateDict *state, const char *source,
                               GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvLearner, fv_learner_free)

G_END_DECLS
