/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Inspections of pictures that have been seen, so that coming back to one, or asking for another
 * class, method or mask, never repeats the backbone. Pictures are told apart by their preprocessed
 * values, networks by their model and its weights, and the ones used longest ago go when the bytes
 * they hold exceed the limit. They keep their models: those of the two used last, no more.
 * Threads: the engine thread; freeing from any thread. */

#pragma once

#include "fv-inspection.h"

G_BEGIN_DECLS

typedef struct _FvInspectionCache FvInspectionCache;

/* @max_bytes: of activations kept; the inspection in use stays, however large. */
FvInspectionCache *fv_inspection_cache_new (gsize max_bytes);
void fv_inspection_cache_free (FvInspectionCache *self);
void fv_inspection_cache_clear (FvInspectionCache *self);

/* What fv_inspection_new () gives, or with @show FALSE fv_inspection_new_prediction (): from the
 * cache, or new and kept. (transfer none): until the next call */
FvInspection *fv_inspection_cache_get (FvInspectionCache *self, FvModel *model, FvTensor *input,
                                       gboolean show, const char *layer, GCancellable *cancellable,
                                       GError **error);

/* How many it holds, and their bytes. */
guint fv_inspection_cache_get_length (const FvInspectionCache *self);
gsize fv_inspection_cache_get_bytes (const FvInspectionCache *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvInspectionCache, fv_inspection_cache_free)

G_END_DECLS
