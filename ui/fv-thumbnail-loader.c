/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-thumbnail-loader.h"

#include "fv-image.h"
#include "fv-task.h"

/* 110 kB each at most: 28 MB. */
#define N_KEPT 256
#define N_THREADS 2

struct _FvThumbnailLoader {
  GObject parent_instance;

  GThreadPool *pool; /* of GTask, newest first */
  GHashTable *kept;  /* path → GdkTexture */
  GQueue recent;     /* of path (the table's keys), newest first */
  guint64 next_serial;
};

G_DEFINE_FINAL_TYPE (FvThumbnailLoader, fv_thumbnail_loader, G_TYPE_OBJECT)

typedef struct {
  char *path;
  guint64 serial;
} Request;

static void
request_free (Request *request)
{
  g_free (request->path);
  g_free (request);
}

static gint
compare_newest (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Request *first = g_task_get_task_data (G_TASK (a));
  const Request *second = g_task_get_task_data (G_TASK (b));

  return first->serial > second->serial ? -1 : first->serial < second->serial;
}

/* An opaque RGB texture: the format that GTK's Cairo renderer paints fastest. */
static GdkTexture *
texture_from_image (FvImage *image)
{
  gsize width = (gsize) fv_image_get_width (image);
  gsize height = (gsize) fv_image_get_height (image);
  g_autoptr (GBytes) bytes
      = g_bytes_new_with_free_func (fv_image_peek (image), 3 * width * height,
                                    (GDestroyNotify) fv_image_unref, fv_image_ref (image));

  return gdk_memory_texture_new ((int) width, (int) height, GDK_MEMORY_R8G8B8, bytes, 3 * width);
}

/* On a thread of the pool. */
static void
run_request (gpointer data, gpointer user_data)
{
  GTask *task = data;
  const Request *request = g_task_get_task_data (task);
  GError *error = NULL;

  if (!g_task_return_error_if_cancelled (task)) {
    g_autoptr (FvImage) image = fv_image_load_at_size (request->path, FV_THUMBNAIL_SIZE, &error);

    if (image == NULL)
      g_task_return_error (task, error);
    else
      g_task_return_pointer (task, texture_from_image (image), g_object_unref);
  }
  fv_task_release (task);
}

static void
keep (FvThumbnailLoader *self, const char *path, GdkTexture *texture)
{
  char *key;

  if (g_hash_table_contains (self->kept, path))
    return;
  key = g_strdup (path);
  g_hash_table_insert (self->kept, key, g_object_ref (texture));
  g_queue_push_head (&self->recent, key);
  if (self->recent.length > N_KEPT)
    g_hash_table_remove (self->kept, g_queue_pop_tail (&self->recent));
}

GdkTexture *
fv_thumbnail_loader_lookup (FvThumbnailLoader *self, const char *path)
{
  GdkTexture *texture = g_hash_table_lookup (self->kept, path);

  return texture == NULL ? NULL : g_object_ref (texture);
}

void
fv_thumbnail_loader_load_async (FvThumbnailLoader *self, const char *path,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Request *request = g_new (Request, 1);

  *request = (Request){ g_strdup (path), self->next_serial++ };
  g_task_set_task_data (task, request, (GDestroyNotify) request_free);
  g_thread_pool_push (self->pool, task, NULL);
}

GdkTexture *
fv_thumbnail_loader_load_finish (FvThumbnailLoader *self, GAsyncResult *result, GError **error)
{
  const Request *request = g_task_get_task_data (G_TASK (result));
  GdkTexture *texture = g_task_propagate_pointer (G_TASK (result), error);

  if (texture != NULL)
    keep (self, request->path, texture);
  return texture;
}

static void
fv_thumbnail_loader_finalize (GObject *object)
{
  FvThumbnailLoader *self = FV_THUMBNAIL_LOADER (object);

  g_thread_pool_free (self->pool, FALSE, TRUE);
  g_queue_clear (&self->recent);
  g_hash_table_unref (self->kept);

  G_OBJECT_CLASS (fv_thumbnail_loader_parent_class)->finalize (object);
}

static void
fv_thumbnail_loader_class_init (FvThumbnailLoaderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fv_thumbnail_loader_finalize;
}

static void
fv_thumbnail_loader_init (FvThumbnailLoader *self)
{
  self->pool = g_thread_pool_new (run_request, self, N_THREADS, FALSE, NULL);
  g_thread_pool_set_sort_function (self->pool, compare_newest, NULL);
  self->kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  g_queue_init (&self->recent);
}

FvThumbnailLoader *
fv_thumbnail_loader_new (void)
{
  return g_object_new (FV_TYPE_THUMBNAIL_LOADER, NULL);
}
