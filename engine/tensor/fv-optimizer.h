/* SPDX-License-Identifier: GPL-3.0-or-later */

/* libtorch's own optimisers: SGD with momentum, Adam and AdamW. Parameters come in groups, each
 * with its own learning rate and weight decay (a pretrained body and a fresh head differ).
 * Threads: the engine thread. */

#pragma once

#include "fv-state-dict.h"

G_BEGIN_DECLS

typedef struct _FvOptimizer FvOptimizer;

typedef enum { FV_OPTIMIZER_SGD, FV_OPTIMIZER_ADAM, FV_OPTIMIZER_ADAMW } FvOptimizerKind;

typedef struct {
  FvTensor *const *parameters; /* leaves; the optimiser takes references */
  gsize n_parameters;
  double learning_rate;
  double weight_decay;
} FvParameterGroup;

/* @momentum: for SGD; Adam and AdamW use betas 0.9, 0.999. (transfer full) */
FvOptimizer *fv_optimizer_new (FvOptimizerKind kind, const FvParameterGroup *groups, gsize n_groups,
                               double momentum, GError **error);
void fv_optimizer_free (FvOptimizer *self);

void fv_optimizer_set_learning_rate (FvOptimizer *self, gsize group, double learning_rate);
void fv_optimizer_zero_gradients (FvOptimizer *self);
/* Scales all gradients so that their joint L2 norm is at most @max_norm; returns the norm before.
 */
double fv_optimizer_clip_gradients (FvOptimizer *self, double max_norm);
/* One update from the gradients that fv_backward () left. */
gboolean fv_optimizer_step (FvOptimizer *self, GError **error);

/* What the updates so far have left, by "N.NAME" with N counting the parameters of all groups from
 * 0: "momentum_buffer", or "exp_avg", "exp_avg_sq" and "step" (int64, a scalar), as PyTorch calls
 * them. A parameter that has had no gradient has nothing. The tensors are the optimiser's own: its
 * next step changes them. (transfer full) */
FvStateDict *fv_optimizer_get_state (const FvOptimizer *self, GError **error);
/* Goes on from such a state, of which it keeps copies: the next steps are those that the optimiser
 * it came from would have taken, to the bit. @source names where it came from in the sentence that
 * refuses one of other parameters or another kind. On refusal nothing has changed. */
gboolean fv_optimizer_set_state (FvOptimizer *self, const FvStateDict *state, const char *source,
                                 GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvOptimizer, fv_optimizer_free)

G_END_DECLS
