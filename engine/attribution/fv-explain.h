/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From the name of a method to maps: the one place that knows which methods there are.
 * Threads: the engine thread. */

#pragma once

#include "fv-inspection.h"

G_BEGIN_DECLS

/* TRUE when there is a method of that name: "gradcam", "transformer" for networks that attend over
 * tokens, and the controls "random" and "sobel". */
gboolean fv_explain_has_method (const char *method);

/* Maps of all pictures of @inspection by @method, on the grid of its layer; "transformer" is of the
 * whole network and on the grid of its tokens. A method of no such name is an error that lists
 * them.
 * @input: [N,3,H,W], what was inspected; @targets: class of each picture, NULL or an entry of −1
 * means the predicted one; @seed: of random maps, picture i draws from @seed + i.
 * (transfer full): of FvMap, one a picture; NULL with @error */
GPtrArray *fv_explain (FvInspection *inspection, FvTensor *input, const char *method,
                       const int *targets, guint64 seed, GError **error);

G_END_DECLS
