/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A mask of pixels that a gradient reaches: GAIN's soft threshold (Li et al. 2018, arXiv
 * 1802.10171) as ATCON uses it (Mirzazadeh et al. 2023, arXiv 2210.09705). Of each picture's g,
 *   sigma = mean (g) + std (g) / 2          (std divides by n − 1)
 *   T = 1 / (1 + exp (−omega (g − sigma)))
 * g has the scale of the network's gradients: where omega · g is small, T is about ½ everywhere
 * and masks nothing. With @normalised, ours, g − sigma is divided by std (g) first, so that omega
 * means the same in every network. A constant g gives T = ½. Threads: the engine thread. */

#pragma once

#include "fv-scope.h"

G_BEGIN_DECLS

/* Below this range of T it leaves the picture as good as it was, only darker. Random ResNets at
 * omega 8 have 0.01. */
#define FV_SOFT_MASK_FLAT 0.1

/* Whether a mask from @low to @high is flat: it dims the whole picture alike, and how far the two
 * maps agree then says nothing about pixels. Threads: any. */
gboolean fv_soft_mask_is_flat (double low, double high);

/* T: [N,H,W], 0 … 1, rising with @gradients [N,H,W], differentiable through g and sigma. Borrowed
 * from @scope; NULL when the scope failed. */
FvTensor *fv_soft_mask (FvScope *scope, FvTensor *gradients, double omega, gboolean normalised);

G_END_DECLS
