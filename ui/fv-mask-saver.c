/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A thread pool of one thread keeps the order; a table on the main thread holds the newest mask of
 * every path until it is written. */

#include "fv-mask-saver.h"

#include "fv-mask-file.h"
#include "fv-task.h"

typedef struct {
  FvMask *mask; /* never painted on: the editor's mask was copied */
  guint serial; /* of the newest request for this path */
  gboolean failed;
} Pending;

struct _FvMaskSaver {
  GObject parent_instance;

  GThreadPool *pool;   /* of GTask: one a write */
  GHashTable *pending; /* path → Pending */
  guint next_serial;
  guint n_writing;
  GPtrArray *flushes; /* of GTask that wait until n_writing is 0 */
  char *last_message;
};

enum { SAVED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FvMaskSaver, fv_mask_saver, G_TYPE_OBJECT)

typedef struct {
  char *path;
  FvMask *mask;
  guint serial;
} Write;

static void
write_free (Write *write)
{
  g_free (write->path);
  fv_mask_unref (write->mask);
  g_free (write);
}

static void
pending_free (Pending *pending)
{
  fv_mask_unref (pending->mask);
  g_free (pending);
}

/* On the pool's thread. */
static void
run_write (gpointer data, gpointer user_data)
{
  GTask *task = data;
  const Write *write = g_task_get_task_data (task);
  GError *error = NULL;

  if (fv_mask_file_save (write->mask, write->path, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
  fv_task_release (task);
}

static void
finish_flushes (FvMaskSaver *self)
{
  g_autoptr (GPtrArray) flushes = NULL;

  if (self->n_writing > 0)
    return;
  flushes = g_steal_pointer (&self->flushes);
  self->flushes = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < flushes->len; i++) {
    GTask *flush = g_ptr_array_index (flushes, i);

    if (g_hash_table_size (self->pending) == 0)
      g_task_return_boolean (flush, TRUE);
    else
      g_task_return_new_error (flush, G_IO_ERROR, G_IO_ERROR_FAILED, "%s", self->last_message);
  }
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  FvMaskSaver *self = FV_MASK_SAVER (source);
  const Write *write = g_task_get_task_data (G_TASK (result));
  Pending *pending = g_hash_table_lookup (self->pending, write->path);
  g_autoptr (GError) error = NULL;
  gboolean written = g_task_propagate_boolean (G_TASK (result), &error);

  self->n_writing--;
  if (pending != NULL && pending->serial == write->serial) {
    pending->failed = !written;
    if (written)
      g_hash_table_remove (self->pending, write->path);
  }
  if (!written) {
    g_free (self->last_message);
    self->last_message = g_strdup (error->message);
  }
  g_signal_emit (self, signals[SAVED], 0, write->path, written ? NULL : error->message);
  finish_flushes (self);
}

static void
push_write (FvMaskSaver *self, const char *path, Pending *pending)
{
  GTask *task = g_task_new (self, NULL, on_written, NULL);
  Write *write = g_new (Write, 1);

  pending->serial = self->next_serial++;
  pending->failed = FALSE;
  *write = (Write){ g_strdup (path), fv_mask_ref (pending->mask), pending->serial };
  g_task_set_task_data (task, write, (GDestroyNotify) write_free);
  self->n_writing++;
  g_thread_pool_push (self->pool, task, NULL);
}

static void
retry_failed (FvMaskSaver *self)
{
  GHashTableIter iter;
  gpointer path, pending;

  g_hash_table_iter_init (&iter, self->pending);
  while (g_hash_table_iter_next (&iter, &path, &pending))
    if (((Pending *) pending)->failed)
      push_write (self, path, pending);
}

void
fv_mask_saver_save (FvMaskSaver *self, const char *path, const FvMask *mask)
{
  Pending *pending = g_new0 (Pending, 1);

  g_return_if_fail (FV_IS_MASK_SAVER (self));

  pending->mask = fv_mask_copy (mask);
  g_hash_table_replace (self->pending, g_strdup (path), pending);
  push_write (self, path, pending);
  retry_failed (self);
}

FvMask *
fv_mask_saver_dup_pending (FvMaskSaver *self, const char *path)
{
  const Pending *pending = g_hash_table_lookup (self->pending, path);

  return pending == NULL ? NULL : fv_mask_copy (pending->mask);
}

gboolean
fv_mask_saver_has_failed (FvMaskSaver *self, const char *path)
{
  const Pending *pending = g_hash_table_lookup (self->pending, path);

  return pending != NULL && pending->failed;
}

void
fv_mask_saver_flush_async (FvMaskSaver *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  g_ptr_array_add (self->flushes, task);
  retry_failed (self);
  finish_flushes (self);
}

gboolean
fv_mask_saver_flush_finish (FvMaskSaver *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
fv_mask_saver_finalize (GObject *object)
{
  FvMaskSaver *self = FV_MASK_SAVER (object);

  g_thread_pool_free (self->pool, FALSE, TRUE);
  g_hash_table_unref (self->pending);
  g_ptr_array_unref (self->flushes);
  g_free (self->last_message);

  G_OBJECT_CLASS (fv_mask_saver_parent_class)->finalize (object);
}

static void
fv_mask_saver_class_init (FvMaskSaverClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fv_mask_saver_finalize;

  signals[SAVED] = g_signal_new ("saved", FV_TYPE_MASK_SAVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
fv_mask_saver_init (FvMaskSaver *self)
{
  self->pool = g_thread_pool_new (run_write, self, 1, FALSE, NULL);
  self->pending
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) pending_free);
  self->flushes = g_ptr_array_new_with_free_func (g_object_unref);
}

FvMaskSaver *
fv_mask_saver_new (void)
{
  return g_object_new (FV_TYPE_MASK_SAVER, NULL);
}
