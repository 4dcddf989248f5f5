/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Losses that match one map of a picture with its mask, as other authors have published them: a
 * distance between the normalised map A and the mask's share S, on the map of the label or of the
 * predicted class. Each author's own choice is a preset with a name.
 *
 * Per picture, with V the share of a cell that has an opinion and a bar for the mean over cells
 * weighed by what stands before it (V̄ x = sum V x / sum V):
 *   mse      V̄ (A − S)²
 *   l1       V̄ |A − S|
 *   bce      V̄ BCE (A, S)                                 of the logit M when not normalised
 *   inside   mean over V S of −log A                       of −log sigmoid (M) when not normalised
 *   energy   1 − sum V S ReLU (A) / sum V ReLU (A)
 *   outside  V̄ (1 − S) |A|
 *   fgbg     V̄ (2 ((1−S) A)² + 0.3 (S − S A)²)
 *   res      ReLU (V̄ |tanh (5 (A − a)) − (2 S − 1)| − 0.1) + V̄ |A − T (S)|
 *            a: of 0.05, 0.10 … 0.95 the one that makes the first mean over the batch smallest;
 *            T: S through a 3 × 3 Gaussian (1 2 1 by 1 2 1), its "no opinion" and borders left out
 * Normalisations: relu, A = ReLU (M) / max M; minmax, A = (M − min M) / (max M − min M); raw, A =
 * M. "No opinion" cells never count, in the extremes neither. log's argument is kept 1e-6 from 0
 * and 1.
 *
 * Ranges, of normalised maps: mse, l1, energy, outside 0 … 1; bce, inside 0 … 13.8; fgbg 0 … 2;
 * res 0 … 2.9. All but bce, inside and those on raw maps are free of the map's scale.
 * Dead map (no M > 0 where there is an opinion) under relu: A is 0 and has no gradient. energy and
 * inside, which then are undefined or stuck, have fv_maps_lift () added, as the two-term loss has;
 * so has energy on raw maps. The others stay as published: their map stays dead.
 * Empty mask (sum V S = 0): the picture is left out; so is one of weight 0. Full mask: outside and
 * energy are 0, the others still pull the whole map up.
 *
 * Cost: that of the map (fv-training-map.h). Threads: the engine thread. */

#pragma once

#include "fv-match-preset.h"
#include "fv-scope.h"

G_BEGIN_DECLS

/* Returns the mean over the pictures that have a mask, a scalar borrowed from @scope; 0, still
 * connected to @maps, when none has.
 * @maps (M, of the classes that match->target names), @inside (S), @opinion (V): [N,h,w] of one
 * floating type; @weight: [N], 0 or 1 (has a mask). */
FvTensor *fv_match (FvScope *scope, const FvMatch *match, FvTensor *maps, FvTensor *inside,
                    FvTensor *opinion, FvTensor *weight);

G_END_DECLS
