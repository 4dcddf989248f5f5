/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Evidence swap: what a network sees on the object must decide, whatever evidence the surroundings
 * of other pictures add. A loss of our own, not from a paper.
 *
 * Below a "global average pooling, then one linear layer" head the logits are a sum over cells, so
 * they split exactly into evidence inside the mask and evidence outside it. With the class maps
 * M = W A, the bias b and O = V (1−S), the share of a cell that the mask puts outside,
 *   z_in  (i) = b + mean over cells of (1 − O_i) M_i
 *   z_out (j) =     mean over cells of O_j M_j            z_in (i) + z_out (i) = z (i)
 *   R = mean over all pairs i, j of the batch of CE (z_in (i) + z_out (j), y_i)
 * No picture is run again: the mean over cells is taken before W, so it costs two weighted
 * poolings. Range 0 and up. R has no scale to normalise and no dead maps.
 *
 * "No opinion" cells stay with the picture's own evidence: they count on the inside, so that the
 * sum above holds exactly. A picture of weight 0, or whose mask has nothing inside, is left out on
 * both sides of the pairs. Pairs come from the batch: of one picture alone, R is CE (z, y).
 *
 * Threads: the engine thread. */

#pragma once

#include "fv-scope.h"

G_BEGIN_DECLS

/* Logits [N,C], split; borrowed from the scope they were made in. */
typedef struct {
  FvTensor *inside;  /* z_in, with the bias */
  FvTensor *outside; /* z_out */
} FvEvidence;

/* Splits the logits of a linear head.
 * @activation: [N,K,h,w], what the head pools; @weight: [C,K]; @bias: (nullable): [C];
 * @inside (S), @opinion (V): [N,h,w]. All of one floating type. NULL members when @scope failed. */
FvEvidence fv_evidence_split (FvScope *scope, FvTensor *activation, FvTensor *weight,
                              FvTensor *bias, FvTensor *inside, FvTensor *opinion);

/* Returns R, a scalar borrowed from @scope; 0, still connected to @evidence, when no picture takes
 * part. @labels: int64 [N]; @counts: [N], 1 for the pictures that take part, else 0
 * (fv_mask_cells_count ()). */
FvTensor *fv_evidence_swap (FvScope *scope, const FvEvidence *evidence, FvTensor *labels,
                            FvTensor *counts);

G_END_DECLS
