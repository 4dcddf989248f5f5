/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a network is shown: a photo, preprocessed as its card says, or a .npy file of float32
 * [3,H,W] or [N,3,H,W] that is taken as already preprocessed (so that parity can be tested).
 * Threads: the engine thread. */

#pragma once

#include "fv-card.h"
#include "fv-image.h"
#include "fv-scope.h"

G_BEGIN_DECLS

/* float32 [1,3,H,W] of @image, borrowed from @scope. @crop: see fv_preprocess_resize (). */
FvTensor *fv_input_from_image (FvScope *scope, const FvCard *card, const FvImage *image,
                               gboolean crop);

/* float32 [N,3,H,W] of the file at @path, borrowed from @scope; a failure sticks to it. */
FvTensor *fv_input_load (FvScope *scope, const FvCard *card, const char *path, gboolean crop);

/* TRUE when @path names a .npy file. */
gboolean fv_input_is_array (const char *path);

G_END_DECLS
