/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The name under which features are kept: who asks for the same finds them, and nobody else does.
 * Private to training. Threads: the engine thread. */

#pragma once

#include "fv-frozen-part.h"
#include "fv-training-set.h"

G_BEGIN_DECLS

/* Everything that decides what the frozen part makes of @n_views views of the pictures: the graph
 * and its frozen weights, the card, the files (path, size and time of change), their changes, the
 * versions of Fovea and libtorch, processor and threads; and the seed, where views hang on it. What
 * learns is not among it, nor what the masks say, unless objects get other grounds.
 * (transfer full): 64 hexadecimal digits */
char *fv_feature_key_new (const FvFrozenPart *frozen, const FvTrainingSet *set, guint n_views,
                          guint64 seed);

G_END_DECLS
