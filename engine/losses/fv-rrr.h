/* SPDX-License-Identifier: GPL-3.0-or-later */

/* "Right for the right reasons" (Ross, Hughes, Doshi-Velez 2017, arXiv 1703.03717): the input's
 * gradient must be small outside the mask. Per picture, with p the softmax of the logits, over all
 * classes k, pixels and channels:
 *   R = sum of O · (d / dx  sum over k of log p_k)²        O = V (1 − S)
 * S and V are shares of cells, which may be finer than a map's; each pixel takes those of the cell
 * it lies in (nearest), so a cell that the mask's border cuts counts by the share of it that is
 * outside. Hard masks give the paper's ((1 − S) g)² exactly. Range 0 and up. It has the scale of
 * squared gradients summed over pixels: its weight must be chosen so that both terms are of similar
 * size. No normalisation, no dead maps. "No opinion" pixels are free. Empty mask (sum V S = 0): the
 * picture is left out; so is one of weight 0. Full mask: 0.
 *
 * Cost: a recorded backward through the whole network to the pixels, which the loss's own backward
 * runs through once more: three to four times a plain step, and the part below a freeze must be
 * recorded as well. Threads: the engine thread. */

#pragma once

#include "fv-scope.h"

G_BEGIN_DECLS

/* Returns the mean of R over the pictures that have a mask, a scalar borrowed from @scope; 0 when
 * none has.
 * @images: [N,3,H,W], which requires gradients; @logits: [N,C], computed from it by operators that
 * can be differentiated twice; @inside (S), @opinion (V): [N,h,w]; @weight: [N], 0 or 1 (has a
 * mask). All of one floating type. */
FvTensor *fv_rrr (FvScope *scope, FvTensor *images, FvTensor *logits, FvTensor *inside,
                  FvTensor *opinion, FvTensor *weight);

G_END_DECLS
