/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Transformer attribution (fv-relevance.h) of pictures: a map of the whole network, on the grid of
 * its tokens, in which the inspection's layer has no part. Cost: one recorded forward and one
 * backward beside the inspection's forward.
 * Threads: the engine thread. */

#pragma once

#include "fv-inspection.h"

G_BEGIN_DECLS

#define FV_TRANSFORMER "transformer"

/* Maps of all pictures of the inspection. A network without attention over all tokens is an error
 * that names it.
 * @input: [N,3,H,W], what was inspected; @targets: class of each picture; NULL or an entry of −1
 * means the predicted one.
 * (transfer full): of FvMap, one a picture; NULL with @error */
GPtrArray *fv_transformer (FvInspection *inspection, FvTensor *input, const int *targets,
                           GError **error);

G_END_DECLS
