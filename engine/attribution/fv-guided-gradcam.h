/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Guided Grad-CAM (Selvaraju et al. 2017, arXiv 1610.02391): guided backprop, channel by channel,
 * times the Grad-CAM of the layer (with its ReLU), brought to the picture's size. Signed by
 * channel; a pixel has the sum of the absolute values. Unit: logit² per unit of x. The paper
 * enlarges bilinearly (here as everywhere: align_corners = false), Captum by the nearest cell
 * unless told otherwise. Cost: Grad-CAM's and guided backprop's. Threads: the engine thread. */

#pragma once

#include "fv-inputs.h"

G_BEGIN_DECLS

#define FV_GUIDED_GRADCAM "guided_gradcam"

/* The inspection must have a layer. @nearest: as Captum.
 * (transfer full): of FvMap, one a picture; NULL with @error */
GPtrArray *fv_guided_gradcam (const FvInputs *inputs, gboolean nearest, GError **error);

G_END_DECLS
