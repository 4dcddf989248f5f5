/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures come from a loader in the order of the rows, a few at a time. */

#include "fv-features.h"

#include "fv-feature-key.h"
#include "fv-loader.h"

/* Pictures between two calls of the callback. */
#define CHUNK 8

static guint
count_views (const FvTrainingSet *set, int n_epochs)
{
  guint n_views = fv_training_set_get_n_views (set);

  return fv_training_set_views_are_drawn (set) ? MIN (n_views, (guint) n_epochs) : n_views;
}

static gboolean
compute_chunk (FvFrozenPart *frozen, FvLoader *loader, FvFeatureCache *cache, float *rows,
               GCancellable *cancellable, GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvBatch batch;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (!fv_loader_next (loader, scope, &batch))
    return fv_scope_check (scope, error);
  return fv_frozen_part_write (frozen, batch.images, rows, cancellable, error)
         && fv_feature_cache_append (cache, rows, (guint64) fv_tensor_get_size (batch.images, 0),
                                     error);
}

static gboolean
compute (FvFrozenPart *frozen, FvTrainingSet *set, guint n_views, guint64 seed,
         FvFeatureCache *cache, FvFeaturesCallback callback, gpointer user_data,
         GCancellable *cancellable, GError **error)
{
  g_autoptr (FvLoader) loader = fv_loader_new_of_views (set, CHUNK, n_views, seed);
  g_autofree float *rows = g_new (float, CHUNK *fv_frozen_part_get_row_floats (frozen));
  int n = fv_loader_get_n_batches (loader);

  for (int i = 0; i < n; i++) {
    if (!compute_chunk (frozen, loader, cache, rows, cancellable, error))
      return FALSE;
    if (callback == NULL || callback ((double) (i + 1) / n, user_data))
      continue;
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "training was stopped");
    return FALSE;
  }
  return TRUE;
}

/* The values are the same either way: it only takes longer. */
static void
say_without (const GError *reason)
{
  g_message ("%s; they are computed anew in every step", reason->message);
}

FvFeatureCache *
fv_features_prepare (FvFrozenPart *frozen, FvTrainingSet *set, int n_epochs, guint64 seed,
                     const FvFeatureCacheLimits *limits, FvFeaturesCallback callback,
                     gpointer user_data, GCancellable *cancellable, GError **error)
{
  guint n_views = count_views (set, n_epochs);
  guint64 n_rows = (guint64) n_views * fv_training_set_get_length (set);
  gsize row_floats = fv_frozen_part_get_row_floats (frozen);
  g_autofree char *key = NULL;
  g_autoptr (FvFeatureCache) cache = NULL;
  g_autoptr (GError) reason = NULL;

  if (n_views == 0 || row_floats == 0)
    return NULL;
  key = fv_feature_key_new (frozen, set, n_views, seed);
  cache = fv_feature_cache_open (limits, key, n_rows, row_floats);
  if (cache != NULL)
    return g_steal_pointer (&cache);
  cache = fv_feature_cache_new (limits, key, n_rows, row_floats, &reason);
  if (cache == NULL) {
    say_without (reason);
    return NULL;
  }
  if (!compute (frozen, set, n_views, seed, cache, callback, user_data, cancellable, error))
    return NULL;
  fv_training_set_forget_pictures (set);
  if (!fv_feature_cache_keep (cache, &reason))
    g_message ("%s; the next training computes them again", reason->message);
  return g_steal_pointer (&cache);
}
