/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The rewritten networks (fv-inference.h) of one graph, made when first asked for and thrown away
 * when a weight has changed. Private to FvModel.
 * Threads: the engine thread. */

#pragma once

#include "fv-inference.h"

G_BEGIN_DECLS

typedef struct _FvInferenceCache FvInferenceCache;

FvInferenceCache *fv_inference_cache_new (void);
void fv_inference_cache_free (FvInferenceCache *self);
/* Frees what it holds: copies of the weights. */
void fv_inference_cache_clear (FvInferenceCache *self);

/* The values of @wanted for @input, by a rewritten network, or by @graph itself where that gains
 * nothing. @graph is the same one in every call. (transfer full) */
FvActivations *fv_inference_cache_run (FvInferenceCache *self, FvGraph *graph, FvTensor *input,
                                       const FvNodeId *wanted, gsize n_wanted,
                                       GCancellable *cancellable, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvInferenceCache, fv_inference_cache_free)

G_END_DECLS
