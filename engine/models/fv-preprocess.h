/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From pixels to a network's input: resize, scale, normalise, as the card says.
 * Threads: the engine thread. */

#pragma once

#include "fv-card.h"
#include "fv-scope.h"

G_BEGIN_DECLS

/* The picture at the card's size: uint8 [1,3,H,W], RGB, borrowed from @scope. Small enough to keep
 * for every picture of a training set.
 * @rgb: 8-bit RGB, rows without padding.
 * @crop: FALSE stretches the whole picture to the input (maps and masks share that geometry);
 *        TRUE resizes the shorter side to input / crop_pct and cuts out the centre. */
FvTensor *fv_preprocess_resize (FvScope *scope, const FvCard *card, const guint8 *rgb, int width,
                                int height, gboolean crop);

/* The network's input for pictures of the card's size: uint8 [N,3,H,W] to float32 [N,3,H,W],
 * borrowed from @scope. */
FvTensor *fv_preprocess_normalise (FvScope *scope, const FvCard *card, FvTensor *pictures);

G_END_DECLS
