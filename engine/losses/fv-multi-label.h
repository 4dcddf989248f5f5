/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What takes the place of the cross-entropy where several classes may be in one picture: each class
 * is a question of its own, answered by the sigmoid of its logit. With the logits z and t_c = 1
 * where class c is there, else 0,
 *   BCE (z, t) = − sum over c of ( t_c log σ(z_c) + (1 − t_c) log (1 − σ(z_c)) )
 * The sum, not the mean over classes: it is the negative log-likelihood of all that is said of the
 * picture, as the cross-entropy is of its one label, and does not fade beside the losses on
 * attention when there are many classes. Range 0 and up; C log 2 where every z is 0.
 * Threads: the engine thread. */

#pragma once

#include "fv-scope.h"

G_BEGIN_DECLS

/* BCE of each row, borrowed from @scope: [N,…] without the last dimension. @logits, @targets:
 * [N,…,C], of one floating type; @targets 0 or 1. */
FvTensor *fv_multi_label_loss (FvScope *scope, FvTensor *logits, FvTensor *targets);

/* @targets [R,C] where the class @labels [R] of each row is @value (0 or 1) instead. */
FvTensor *fv_multi_label_with (FvScope *scope, FvTensor *targets, FvTensor *labels, int value);

G_END_DECLS
