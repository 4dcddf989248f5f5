/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SmoothGrad (Smilkov et al. 2017, arXiv 1706.03825): the mean gradient of a class's logit over
 * noisy copies of the picture x,
 *   S = 1/n · sum over i of d logit_c / d x (x + σ ε_i),   ε normal,   σ = noise · (max x − min x)
 * x is the preprocessed picture. By channel it is S, signed, as Captum's NoiseTunnel of a signed
 * Saliency; a pixel has the sum of |S| over its channels. Without noise it is the gradient. Unit:
 * logit per unit of x. Equal seeds give equal bytes.
 * Cost: n forwards beyond the inspection, n backwards. Threads: the engine thread. */

#pragma once

#include "fv-inputs.h"

G_BEGIN_DECLS

#define FV_SMOOTHGRAD "smoothgrad"

/* @samples: n, 1 and up; @noise: a share, 0 and up; picture i draws from @seed + i.
 * (transfer full): of FvMap, one a picture; NULL with @error */
GPtrArray *fv_smoothgrad (const FvInputs *inputs, guint samples, double noise, guint64 seed,
                          GError **error);

G_END_DECLS
