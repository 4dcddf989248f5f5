/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Runs the frozen part of a network once on every view of every picture, before training.
 * Private to training. Threads: the engine thread. */

#pragma once

#include "fv-feature-cache.h"
#include "fv-frozen-part.h"
#include "fv-training-set.h"

G_BEGIN_DECLS

/* Called after each few pictures with the share that is done, 0 … 1. FALSE stops it, as cancelling
 * does. */
typedef gboolean (*FvFeaturesCallback) (double share, gpointer user_data);

/* The cache for fv_loader_new (): from an earlier run that asked for the same (fv-feature-key.h),
 * or computed now and kept for later ones. NULL without @error where nothing can be kept: every
 * epoch has views of its own, the values are not those of single pictures, or there is no room,
 * which is said on stderr.
 * @n_epochs: views that come later are left out. (transfer full) */
FvFeatureCache *fv_features_prepare (FvFrozenPart *frozen, FvTrainingSet *set, int n_epochs,
                                     guint64 seed, const FvFeatureCacheLimits *limits,
                                     FvFeaturesCallback callback, gpointer user_data,
                                     GCancellable *cancellable, GError **error);

G_END_DECLS
