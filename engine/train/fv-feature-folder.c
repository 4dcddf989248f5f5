/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which files of the folder have to go. */

#include "fv-feature-folder.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

void
fv_feature_folder_sweep (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    int file
        = g_str_has_suffix (name, FV_FEATURE_FOLDER_PART) ? open (path, O_RDWR | O_CLOEXEC) : -1;

    if (file < 0)
      continue;
    if (flock (file, LOCK_EX | LOCK_NB) == 0)
      g_unlink (path);
    close (file);
  }
}

typedef struct {
  char *path;
  guint64 n_bytes;
  gint64 used; /* nanoseconds */
} Kept;

static void
clear_kept (gpointer data)
{
  g_free (((Kept *) data)->path);
}

static gint
compare_kept (gconstpointer a, gconstpointer b)
{
  const Kept *x = a;
  const Kept *y = b;

  return (x->used > y->used) - (x->used < y->used);
}

static GArray *
list_kept (const char *folder)
{
  GArray *all = g_array_new (FALSE, FALSE, sizeof (Kept));
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  g_array_set_clear_func (all, clear_kept);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    struct stat status;
    Kept kept;

    if (!g_str_has_suffix (name, FV_FEATURE_FOLDER_KEPT) || stat (path, &status) != 0)
      continue;
    kept.path = g_steal_pointer (&path);
    kept.n_bytes = (guint64) status.st_size;
    kept.used = (gint64) status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
    g_array_append_val (all, kept);
  }
  g_array_sort (all, compare_kept);
  return all;
}

void
fv_feature_folder_evict (const char *folder, guint64 limit, const char *spared)
{
  g_autoptr (GArray) all = list_kept (folder);
  guint64 n_bytes = 0;

  for (guint i = 0; i < all->len; i++)
    n_bytes += g_array_index (all, Kept, i).n_bytes;
  for (guint i = 0; i < all->len && n_bytes > limit; i++) {
    const Kept *kept = &g_array_index (all, Kept, i);

    if (g_str_equal (kept->path, spared))
      continue;
    g_unlink (kept->path);
    n_bytes -= kept->n_bytes;
  }
}
