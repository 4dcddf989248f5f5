/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Grad-CAM (Selvaraju et al. 2017, arXiv 1610.02391):
 *   M_c = ReLU (sum over k of alpha_k A_k),   alpha_k = mean over cells of d logit_c / d A_k
 * A is the layer's activation [K,h,w]. Range: 0 and up, in units of the logit; without the ReLU,
 * signed. Cost: one forward (the inspection's); below a "pooling, linear" head nothing more, since
 * alpha_k = W[c,k] / (h w) there; elsewhere one backward of the part above the layer.
 * Threads: the engine thread. */

#pragma once

#include "fv-inspection.h"

G_BEGIN_DECLS

/* Maps of all pictures of the inspection.
 * @targets: class of each picture; NULL or an entry of −1 means the predicted one.
 * @relu: FALSE keeps the sign.
 * Returns: (transfer full): of FvMap, one a picture; NULL with @error */
GPtrArray *fv_gradcam (FvInspection *inspection, const int *targets, gboolean relu, GError **error);

G_END_DECLS
