/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-photo.h"

#include "fv-mask-file.h"

typedef struct {
  FvDataset *dataset;
  gsize sample;
  gboolean original;
} Request;

static void
request_free (Request *request)
{
  fv_dataset_unref (request->dataset);
  g_free (request);
}

void
fv_photo_free (FvPhoto *self)
{
  g_clear_pointer (&self->image, fv_image_unref);
  g_clear_pointer (&self->mask, fv_mask_unref);
  g_clear_error (&self->mask_error);
  g_free (self);
}

static FvMask *
load_mask (const Request *request, const FvImage *image, GError **error)
{
  const FvSample *sample = fv_dataset_get_sample (request->dataset, request->sample);
  int width = fv_image_get_width (image);
  int height = fv_image_get_height (image);

  if (!request->original)
    return fv_dataset_load_mask (request->dataset, request->sample, width, height, error);
  if (sample->mask_path == NULL)
    return NULL;
  return fv_mask_file_load_for (sample->mask_path, width, height, error);
}

static void
load_photo (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  const Request *request = task_data;
  const FvSample *sample = fv_dataset_get_sample (request->dataset, request->sample);
  g_autoptr (FvPhoto) photo = g_new0 (FvPhoto, 1);
  GError *error = NULL;

  photo->image = fv_image_load (sample->path, &error);
  if (photo->image == NULL) {
    g_task_return_error (task, error);
    return;
  }
  photo->mask = load_mask (request, photo->image, &photo->mask_error);
  g_task_return_pointer (task, g_steal_pointer (&photo), (GDestroyNotify) fv_photo_free);
}

void
fv_photo_load_async (FvDataset *dataset, gsize sample, gboolean original, GCancellable *cancellable,
                     GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Request *request = g_new (Request, 1);

  g_return_if_fail (sample < fv_dataset_get_n_samples (dataset));

  *request = (Request){ fv_dataset_ref (dataset), sample, original };
  g_task_set_task_data (task, request, (GDestroyNotify) request_free);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, load_photo);
}

FvPhoto *
fv_photo_load_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
