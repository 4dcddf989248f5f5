/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Maps from one gradient at the input, g = d logit_c / d x. Each is kept by channel, which is what
 * Captum returns and what a .npy file holds, and reduced to one value a pixel for the rest:
 *
 * - saliency: |g|, the maximum a pixel; logit per unit of x. Simonyan 2014, 1312.6034
 * - input_x_gradient: x g, the signed sum a pixel; logit. Shrikumar 2016, 1605.01713
 * - guided_backprop: g, the sum of |g| a pixel; logit per unit of x. Springenberg 2015, 1412.6806
 * - deconvnet: g, the sum of |g| a pixel; logit per unit of x. Zeiler 2014, 1311.2901
 *
 * x is the preprocessed picture. The first two take g by the derivative; the others by their rule
 * for rectifiers (fv-rule.h), ReLU6 among them, and are refused on networks with activations of
 * other kinds. Libraries differ in the reduction: the maximum is Simonyan's, the sum of |g| ATCON's
 * g. Captum's Saliency and InputXGradient, GuidedBackprop and Deconvolution are the same by
 * channel, where the network's rectifiers are modules, each used once.
 * Cost: one forward and one backward beyond the inspection. Threads: the engine thread. */

#pragma once

#include "fv-inputs.h"

G_BEGIN_DECLS

typedef enum {
  FV_GRADIENT_SALIENCY,
  FV_GRADIENT_INPUT_X_GRADIENT,
  FV_GRADIENT_GUIDED_BACKPROP,
  FV_GRADIENT_DECONVNET,
  FV_N_GRADIENTS
} FvGradientKind;

/* "guided_backprop": the key of the method. */
const char *fv_gradient_get_key (FvGradientKind kind);

/* (transfer full): of FvMap, one a picture; NULL with @error */
GPtrArray *fv_gradient_maps (const FvInputs *inputs, FvGradientKind kind, GError **error);

G_END_DECLS
