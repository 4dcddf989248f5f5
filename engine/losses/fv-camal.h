/* SPDX-License-Identifier: GPL-3.0-or-later */

/* CAMAL's two-term alignment loss, our most literal reading of "encourage attention inside the
 * mask, suppress it elsewhere" (arXiv 2605.08325 gives no formula). Per picture, with the raw map M
 * of the true class on h x w cells, S the share of a cell inside the mask and V the share of a cell
 * that has an opinion at all:
 *   A = ReLU (M) / max over cells with V > 0 of M
 *   R = sum V (1−S) A / sum V (1−S)   +   1 − sum V S A / sum V S
 * Range 0 (all inside, none outside) to 2. It is free of the map's scale; the gradient runs
 * through the maximum. "No opinion" cells never count.
 * Dead map (no M > 0 where there is an opinion): A is 0 and has no gradient, so the guard
 * sum V S softplus (−M) / sum V S is added, which lifts the map inside the mask.
 * Empty mask (sum V S = 0): the picture has no say and is left out; so is one of weight 0.
 * Full mask: the outside term is 0. Threads: the engine thread. */

#pragma once

#include "fv-scope.h"

G_BEGIN_DECLS

/* Returns the mean of R over the pictures that have a mask, a scalar borrowed from @scope; 0, still
 * connected to @maps, when none has.
 * @maps, @inside (S), @opinion (V): [N,h,w] of one floating type; @weight: [N], 0 or 1 (has a
 * mask).
 */
FvTensor *fv_camal_two_term (FvScope *scope, FvTensor *maps, FvTensor *inside, FvTensor *opinion,
                             FvTensor *weight);

G_END_DECLS
