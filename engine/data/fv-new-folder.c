/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The temporary name is the final one with six random characters, so both are on one disk. */

#include "fv-new-folder.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "fv-data-error.h"

struct _FvNewFolder {
  char *path;
  char *temporary; /* NULL once it has its name */
};

/* Removes the file or folder @path and all that is in it; links are not followed. */
static void
remove_tree (const char *path)
{
  g_autoptr (GDir) listing = NULL;
  const char *name;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    listing = g_dir_open (path, 0, NULL);
  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    remove_tree (child);
  }
  g_remove (path);
}

void
fv_new_folder_free (FvNewFolder *self)
{
  if (self == NULL)
    return;
  if (self->temporary != NULL)
    remove_tree (self->temporary);
  g_free (self->temporary);
  g_free (self->path);
  g_free (self);
}

static gboolean
check_free (const char *path, GError **error)
{
  g_autoptr (GDir) listing = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  listing = g_dir_open (path, 0, NULL);
  if (listing == NULL)
    fv_data_error_set (error, FV_DATA_ERROR_IO, path, "exists and is no folder");
  else if (g_dir_read_name (listing) != NULL)
    fv_data_error_set (error, FV_DATA_ERROR_IO, path,
                       "is not empty: name another folder, or empty it first");
  else
    return TRUE;
  return FALSE;
}

FvNewFolder *
fv_new_folder_begin (const char *path, GError **error)
{
  g_autoptr (FvNewFolder) self = g_new0 (FvNewFolder, 1);
  g_autofree char *parent = NULL;
  g_autofree char *pattern = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  if (!check_free (path, error))
    return NULL;
  self->path = g_canonicalize_filename (path, NULL); /* without a slash at its end */
  parent = g_path_get_dirname (self->path);
  pattern = g_strconcat (self->path, ".XXXXXX", NULL);
  if (g_mkdir_with_parents (parent, 0777) != 0 || g_mkdtemp_full (pattern, 0777) == NULL) {
    fv_data_error_set (error, FV_DATA_ERROR_IO, path, "cannot be made: %s", g_strerror (errno));
    return NULL;
  }
  self->temporary = g_steal_pointer (&pattern);
  return g_steal_pointer (&self);
}

const char *
fv_new_folder_get_path (const FvNewFolder *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->temporary;
}

gboolean
fv_new_folder_add (const FvNewFolder *self, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (self->temporary, name, NULL);

  if (g_mkdir_with_parents (path, 0777) == 0)
    return TRUE;
  fv_data_error_set (error, FV_DATA_ERROR_IO, path, "cannot be made: %s", g_strerror (errno));
  return FALSE;
}

gboolean
fv_new_folder_finish (FvNewFolder *self, GError **error)
{
  g_return_val_if_fail (self != NULL && self->temporary != NULL, FALSE);

  if (g_rename (self->temporary, self->path) != 0) {
    fv_data_error_set (error, FV_DATA_ERROR_IO, self->path, "cannot be made: %s",
                       g_strerror (errno));
    return FALSE;
  }
  g_clear_pointer (&self->temporary, g_free);
  return TRUE;
}
