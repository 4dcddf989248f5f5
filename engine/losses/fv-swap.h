/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Evidence swap: what a network sees on the object must decide, whatever evidence the surroundings
 * of other pictures add. A loss of our own, not from a paper.
 *
 * Linear heads. Below a "global average pooling, then one linear layer" head the logits are a sum
 * over cells, so they split exactly into evidence inside the mask and evidence outside it. With the
 * class maps M = W A, the bias b and O = V (1−S), the share of a cell that the mask puts outside,
 *   z_in  (i) = b + mean over cells of (1 − O_i) M_i
 *   z_out (j) =     mean over cells of O_j M_j            z_in (i) + z_out (i) = z (i)
 *   R = mean over all pairs i, j of the batch of CE (z_in (i) + z_out (j), y_i)
 * No picture is run again: the mean over cells is taken before W, so it costs two weighted
 * poolings.
 *
 * Elsewhere the pairs are made below the part F above the layer: its activations A are composed,
 * and F runs once more, for one donor π (i) a picture,
 *   A'_i = (1 − O_i) A_i + O_π(i) A_π(i)          R = mean over i of CE (F (A'_i), y_i)
 * π shifts the pictures that have a mask along by a draw of 0 … n−1 places. The mean over all
 * shifts is the mean over all pairs: on a linear head exactly the R above. It costs one forward and
 * one backward of F. What passes by the layer (a shortcut around it, a class token) stays the
 * picture's own; batch norm that trains in F sees the composed batch as well.
 *
 * Several classes a picture. The mask is of one class y_i of the classes Y_i that are in picture i;
 * so the inside of i holds y_i alone, and the surroundings of j what else is in j. CE gives way to
 * BCE (fv-multi-label.h) with the classes that are in the composed picture,
 *   Y (i, j) = { y_i } and Y_j without y_j
 *   R = mean of BCE (z_in (i) + z_out (j), Y (i, j))
 * and elsewhere likewise with j = π (i): surroundings must not tell of an object that is gone.
 * Where every picture has one class, Y (i, j) is y_i.
 *
 * Range 0 and up. R has no scale to normalise and no dead maps.
 * "No opinion" cells stay with the picture's own evidence: they count on the inside, so that the
 * sum above holds exactly. A picture of weight 0, or whose mask has nothing inside, is left out on
 * both sides of the pairs. Full mask: a picture gives nothing and takes the others' surroundings on
 * top. Pairs come from the batch: of one picture alone, R is CE (z, y).
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

/* The donor π (i) of each picture: int64 [N]. Those that @counts counts are shifted along by @draw
 * places, modulo how many they are; the others are their own donors. */
FvTensor *fv_evidence_donors (FvScope *scope, FvTensor *counts, guint32 draw);

/* A': like @activation [N,…]. @outside: O as a factor for it (fv_layer_from_cells ()); @donors:
 * int64 [N]. */
FvTensor *fv_evidence_compose (FvScope *scope, FvTensor *activation, FvTensor *outside,
                               FvTensor *donors);

/* The same with several classes a picture. @targets: [N,C], Y as 0 and 1, of the logits' type. */
FvTensor *fv_evidence_swap_several (FvScope *scope, const FvEvidence *evidence, FvTensor *labels,
                                    FvTensor *targets, FvTensor *counts);

/* Mean of CE (@logits, @labels) over the pictures that @counts counts: a scalar; 0 when it counts
 * none. @logits: [N,C]; @labels: int64 [N]. */
FvTensor *fv_evidence_decide (FvScope *scope, FvTensor *logits, FvTensor *labels, FvTensor *counts);

/* The same with several classes a picture: of BCE (@logits, Y (i, π (i))). @donors: π. */
FvTensor *fv_evidence_decide_several (FvScope *scope, FvTensor *logits, FvTensor *labels,
                                      FvTensor *targets, FvTensor *donors, FvTensor *counts);

G_END_DECLS
