/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How many pictures a lesson learns from, with labels and without. A plain record. Threads: any. */

#pragma once

#include <gio/gio.h>

#include "fv-dataset.h"
#include "fv-train-config.h"

G_BEGIN_DECLS

typedef struct {
  gsize n_labelled; /* in an unsupervised lesson nobody reads their labels */
  gsize n_pool;     /* without labels; 0 in a supervised lesson */
} FvLessonPictures;

/* Counts as fv_pool_choose () does: it opens the folder that config->unlabelled names.
 * @error: that cannot be opened. */
gboolean fv_lesson_pictures_count (FvDataset *dataset, const FvTrainConfig *config,
                                   FvLessonPictures *pictures, GError **error);

/* The same on another thread; @config is copied. */
void fv_lesson_pictures_count_async (FvDataset *dataset, const FvTrainConfig *config,
                                     GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean fv_lesson_pictures_count_finish (GAsyncResult *result, FvLessonPictures *pictures,
                                          GError **error);

G_END_DECLS
