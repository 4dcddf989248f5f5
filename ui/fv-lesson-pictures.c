/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-lesson-pictures.h"

#include "fv-pool.h"

typedef struct {
  FvDataset *dataset;
  FvTrainConfig *config;
  FvLessonPictures pictures; /* the answer */
} Count;

static void
count_free (Count *count)
{
  fv_dataset_unref (count->dataset);
  fv_train_config_free (count->config);
  g_free (count);
}

gboolean
fv_lesson_pictures_count (FvDataset *dataset, const FvTrainConfig *config,
                          FvLessonPictures *pictures, GError **error)
{
  g_autoptr (FvDataset) labelled = NULL;
  g_autoptr (FvDataset) pool = NULL;

  if (!fv_pool_choose (dataset, config, &labelled, &pool, error))
    return FALSE;
  pictures->n_labelled = fv_dataset_get_n_in_split (labelled, FV_SPLIT_TRAIN);
  pictures->n_pool = pool == NULL ? 0 : fv_dataset_get_n_in_split (pool, FV_SPLIT_TRAIN);
  return TRUE;
}

static void
run (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Count *count = task_data;
  GError *error = NULL;

  if (fv_lesson_pictures_count (count->dataset, count->config, &count->pictures, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
fv_lesson_pictures_count_async (FvDataset *dataset, const FvTrainConfig *config,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Count *count = g_new0 (Count, 1);

  count->dataset = fv_dataset_ref (dataset);
  count->config = fv_train_config_copy (config);
  g_task_set_task_data (task, count, (GDestroyNotify) count_free);
  g_task_run_in_thread (task, run);
}

gboolean
fv_lesson_pictures_count_finish (GAsyncResult *result, FvLessonPictures *pictures, GError **error)
{
  const Count *count = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  *pictures = count->pictures;
  return TRUE;
}
