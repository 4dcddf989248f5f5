/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Attention consistency (ATCON; Mirzazadeh et al. 2023, arXiv 2210.09705): how far two maps of the
 * same picture and class agree, as a loss that needs no label. Per picture, over the n cells of a
 * map M, z = (M − mean) / std (std divides by n − 1), and u = 1 / (1 + exp (−z)), v likewise:
 *   pearson  R = −r,  r = sum (u − ū)(v − v̄) / sqrt (sum (u − ū)² · sum (v − v̄)²)
 *   ssim     R = 1 − mean SSIM of the two z (window 11, sigma 1.5, zeros beyond the border,
 *            C1 = 0.01², C2 = 0.03²; Wang et al. 2004)
 *   cross    R = −|mean of u v|, the cross-correlation without shift; theirs is n times that
 * Range: −1 … 1 (−1 agrees, 1 is opposite), 0 … 2, −1 … 0. No map is rectified, and only its shape
 * counts: a M + b with a > 0 is M. A constant map agrees with nothing: R is 0 for pearson. Maps of
 * two resolutions are not compared: see fv-agreement.h. Threads: the engine thread. */

#pragma once

#include "fv-scope.h"

G_BEGIN_DECLS

typedef enum {
  FV_SIMILARITY_PEARSON,
  FV_SIMILARITY_SSIM,
  FV_SIMILARITY_CROSS,
} FvSimilarity;

/* u: the sigmoids of each map's standardised values, 0 … 1; ½ everywhere for a constant map.
 * [N,h,w], borrowed from @scope. */
FvTensor *fv_consistency_squash (FvScope *scope, FvTensor *maps);

/* R of each picture: [N]. @first, @second: maps [N,h,w]. Borrowed from @scope; NULL when the scope
 * failed. */
FvTensor *fv_consistency (FvScope *scope, FvSimilarity similarity, FvTensor *first,
                          FvTensor *second);

G_END_DECLS
