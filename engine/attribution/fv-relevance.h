/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Transformer attribution (Chefer, Gur, Wolf 2021, arXiv 2103.15679, the rule for self-attention):
 * with A_b, the attention matrices of block b after the softmax, and G_b = d logit_c / d A_b,
 *   Ā_b = mean over heads of ReLU (G_b ⊙ A_b),   R_0 = I,   R_b = R_(b−1) + Ā_b R_(b−1)
 * and the map is the class token's row of R at the cells; where no class token is read, the mean
 * over the rows that are, less the identity, which would add the same to every cell.
 * Range: 0 and up. A map that is 0 everywhere has no gradient.
 * Threads: the engine thread. */

#pragma once

#include "fv-attention.h"

G_BEGIN_DECLS

/* What a recorded run left of a batch of N pictures. */
typedef struct {
  const FvAttention *attention;
  FvTensor *const *matrices; /* A_b, one for each of the attention's nodes */
  FvTensor *logits;          /* [N,C], computed from them */
} FvRelevanceSource;

/* [N,h,w], borrowed from @scope; NULL when it failed. Only the rows that are read are followed,
 * from the last block to the first: T² a block instead of T³.
 * @targets: int64 [N]; @create_graph: TRUE when the map will be differentiated. */
FvTensor *fv_relevance (FvScope *scope, const FvRelevanceSource *source, FvTensor *targets,
                        gboolean create_graph);

G_END_DECLS
