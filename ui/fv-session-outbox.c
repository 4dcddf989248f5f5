/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-session-outbox.h"

struct _FvSessionOutbox {
  FvOutboxReader reader;
  gpointer user_data;
  GMutex lock; /* guards what follows */
  GArray *images;
  FvLessonUpdate update;
  FvOutboxProgress progress;
  gboolean has_update, has_progress;
  guint source; /* 0: nothing to read */
};

static void
clear_image (gpointer data)
{
  FvOutboxImage *image = data;

  fv_dataset_unref (image->dataset);
  g_free (image->why);
}

static GArray *
new_images (void)
{
  GArray *images = g_array_new (FALSE, FALSE, sizeof (FvOutboxImage));

  g_array_set_clear_func (images, clear_image);
  return images;
}

FvSessionOutbox *
fv_session_outbox_new (FvOutboxReader reader, gpointer user_data)
{
  FvSessionOutbox *self = g_new0 (FvSessionOutbox, 1);

  self->reader = reader;
  self->user_data = user_data;
  g_mutex_init (&self->lock);
  self->images = new_images ();
  return self;
}

void
fv_session_outbox_free (FvSessionOutbox *self)
{
  g_clear_handle_id (&self->source, g_source_remove);
  g_array_unref (self->images);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static gboolean
on_deliver (gpointer user_data)
{
  FvSessionOutbox *self = user_data;
  g_autoptr (GArray) images = NULL;
  FvLessonUpdate update;
  FvOutboxProgress progress;
  gboolean has_update, has_progress;

  g_mutex_lock (&self->lock);
  images = g_steal_pointer (&self->images);
  self->images = new_images ();
  update = self->update;
  progress = self->progress;
  has_update = self->has_update;
  has_progress = self->has_progress;
  self->has_update = self->has_progress = FALSE;
  self->source = 0;
  g_mutex_unlock (&self->lock);

  self->reader (images, has_update ? &update : NULL, has_progress ? &progress : NULL,
                self->user_data);
  return G_SOURCE_REMOVE;
}

/* The priority of a GTask's answer: an update that was put before a job ended is read before it. */
static void
schedule (FvSessionOutbox *self)
{
  if (self->source == 0)
    self->source = g_idle_add_full (G_PRIORITY_DEFAULT, on_deliver, self, NULL);
}

static void
put_image (FvSessionOutbox *self, FvOutboxImage image)
{
  g_mutex_lock (&self->lock);
  g_array_append_val (self->images, image);
  schedule (self);
  g_mutex_unlock (&self->lock);
}

void
fv_session_outbox_put_result (FvSessionOutbox *self, FvDataset *dataset, const char *method,
                              const FvImageResult *result)
{
  put_image (self, (FvOutboxImage){ fv_dataset_ref (dataset), method, *result, NULL });
}

void
fv_session_outbox_put_failure (FvSessionOutbox *self, FvDataset *dataset, gsize sample,
                               const char *why)
{
  put_image (self, (FvOutboxImage){
                       fv_dataset_ref (dataset), NULL, { .sample = sample }, g_strdup (why) });
}

void
fv_session_outbox_put_update (FvSessionOutbox *self, const FvLessonUpdate *update)
{
  g_mutex_lock (&self->lock);
  self->update = *update;
  self->has_update = TRUE;
  schedule (self);
  g_mutex_unlock (&self->lock);
}

void
fv_session_outbox_put_progress (FvSessionOutbox *self, gsize done, gsize total)
{
  g_mutex_lock (&self->lock);
  self->progress = (FvOutboxProgress){ done, total };
  self->has_progress = TRUE;
  schedule (self);
  g_mutex_unlock (&self->lock);
}
