/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Integrated gradients (Sundararajan et al. 2017, arXiv 1703.01365), from a baseline b to the
 * picture x, for the logit f of a class:
 *   IG = (x − b) ∫ over α = 0 … 1 of d f / d x (b + α (x − b))
 * by Gauss-Legendre quadrature at @steps points, Captum's default too. By channel it is that; a
 * pixel has the sum over its channels, signed, so that the whole map sums to f (x) − f (b) up to
 * the quadrature's error: FvMap.gain and FvMap.residual say how well. Unit: the logit.
 * Cost: steps + 1 forwards beyond the inspection, steps backwards. Threads: the engine thread. */

#pragma once

#include "fv-baseline.h"
#include "fv-inputs.h"

G_BEGIN_DECLS

#define FV_INTEGRATED_GRADIENTS "integrated_gradients"

/* @inputs: of three channels; @steps: 1 and up; @seed: of a noisy baseline, picture i draws from
 * @seed + i. (transfer full): of FvMap, one a picture; NULL with @error */
GPtrArray *fv_integrated_gradients (const FvInputs *inputs, guint steps, FvBaseline baseline,
                                    guint64 seed, GError **error);

G_END_DECLS
