/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Looking at a file before reading it. */

#include "fv-input-file.h"

#include <errno.h>
#include <sys/stat.h>

#include "fv-data-error.h"

/* Sets @error and returns FALSE unless @path is a regular file of 1 … @max_bytes bytes. */
static gboolean
check_kind (const char *path, gsize max_bytes, GError **error)
{
  struct stat info;

  if (stat (path, &info) != 0) {
    int code = errno;

    if (code == ENOENT)
      fv_data_error_set (error, FV_DATA_ERROR_IO, path, "does not exist");
    else
      fv_data_error_set (error, FV_DATA_ERROR_IO, path, "cannot be opened: %s", g_strerror (code));
    return FALSE;
  }
  if (S_ISDIR (info.st_mode)) {
    fv_data_error_set (error, FV_DATA_ERROR_IO, path, "is a folder, not a file");
    return FALSE;
  }
  if (!S_ISREG (info.st_mode)) {
    fv_data_error_set (error, FV_DATA_ERROR_IO, path, "is a device or a pipe, not a file");
    return FALSE;
  }
  if (info.st_size == 0) {
    fv_data_error_set (error, FV_DATA_ERROR_FORMAT, path, "is empty (0 bytes)");
    return FALSE;
  }
  if ((guint64) info.st_size > max_bytes) {
    fv_data_error_set (error, FV_DATA_ERROR_SIZE, path,
                       "has %" G_GINT64_FORMAT " bytes; at most %" G_GSIZE_FORMAT " can be read",
                       (gint64) info.st_size, max_bytes);
    return FALSE;
  }
  return TRUE;
}

char *
fv_input_file_read (const char *path, gsize max_bytes, gsize *n_bytes, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  char *bytes;

  g_return_val_if_fail (path != NULL && n_bytes != NULL, NULL);

  if (!check_kind (path, max_bytes, error))
    return NULL;
  if (!g_file_get_contents (path, &bytes, n_bytes, &local_error)) {
    fv_data_error_set (error, FV_DATA_ERROR_IO, path, "cannot be read: %s", local_error->message);
    return NULL;
  }
  return bytes;
}
