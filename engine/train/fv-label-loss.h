/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the labels teach, without any mask: cross-entropy of the one class of a picture, or, where
 * the data has pictures of several, binary cross-entropy of all classes (fv-multi-label.h).
 * Private to training. Threads: the engine thread. */

#pragma once

#include "fv-loader.h"

G_BEGIN_DECLS

/* The mean over the pictures of @batch, each times its importance: a scalar borrowed from @scope.
 * @logits: [N,C]. */
FvTensor *fv_label_loss (FvScope *scope, FvTensor *logits, const FvBatch *batch);
/* Of each picture, 1 where the class of the largest logit is in it, else 0: [N], borrowed. */
FvTensor *fv_label_right (FvScope *scope, FvTensor *logits, const FvBatch *batch);

G_END_DECLS
