/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the frozen part of a network makes of each picture, kept so that it is computed once: rows
 * of equally many floats, in memory or, where they are too many, in a file that vanishes with the
 * process. A whole cache can be kept on disk for the next run that asks for the same key.
 * Private to training. Threads: rows are read on any thread; the rest is for one. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _FvFeatureCache FvFeatureCache;

typedef struct {
  const char *folder;   /* of files; made when it is needed */
  guint64 memory_limit; /* bytes; a larger cache is a file */
  guint64 disk_limit;   /* bytes of all that is kept in the folder; the least recently used go */
} FvFeatureCacheLimits;

/* fovea/features in the user's cache folder; in memory a quarter of what is free and 1 GiB at most,
 * on disk 4 GiB. @folder: where the path is put, for the caller to free. */
FvFeatureCacheLimits fv_feature_cache_limits_default (char **folder);

/* What an earlier run kept under @key, whole and of this size; a file that is damaged is removed.
 * NULL when there is none. (transfer full) */
FvFeatureCache *fv_feature_cache_open (const FvFeatureCacheLimits *limits, const char *key,
                                       guint64 n_rows, guint64 row_floats);

/* An empty one with room for @n_rows, reserved at once: a disk that is too full is known before
 * anything is computed. @key: a name for the file. NULL with @error when there is no room.
 * (transfer full) */
FvFeatureCache *fv_feature_cache_new (const FvFeatureCacheLimits *limits, const char *key,
                                      guint64 n_rows, guint64 row_floats, GError **error);
/* The next @n rows. */
gboolean fv_feature_cache_append (FvFeatureCache *self, const float *rows, guint64 n,
                                  GError **error);
/* Once all rows are there: keeps them for later runs, unless they are more than the disk's limit.
 * FALSE when that fails; they can be read all the same. */
gboolean fv_feature_cache_keep (FvFeatureCache *self, GError **error);
/* Frees the memory, or the file unless it was kept. */
void fv_feature_cache_free (FvFeatureCache *self);

guint64 fv_feature_cache_get_row_floats (const FvFeatureCache *self);
/* Whether the rows are in memory. */
gboolean fv_feature_cache_is_in_memory (const FvFeatureCache *self);
/* Copies row @row, which must have been appended. */
gboolean fv_feature_cache_read (const FvFeatureCache *self, guint64 row, float *to, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvFeatureCache, fv_feature_cache_free)

G_END_DECLS
