/* SPDX-License-Identifier: GPL-3.0-or-later */

/* GLib writes, syncs and renames; this file says what went wrong. */

#include "fv-output-file.h"

#include "fv-data-error.h"

gboolean
fv_output_file_write (const char *path, const void *data, gsize n, FvOutputSafety safety,
                      GError **error)
{
  GFileSetContentsFlags flags = G_FILE_SET_CONTENTS_CONSISTENT;
  g_autoptr (GError) reason = NULL;

  if (safety == FV_OUTPUT_DURABLE)
    flags |= G_FILE_SET_CONTENTS_DURABLE;
  if (g_file_set_contents_full (path, data, (gssize) n, flags, 0644, &reason))
    return TRUE;
  fv_data_error_set (error, FV_DATA_ERROR_IO, path, "cannot be written: %s", reason->message);
  return FALSE;
}
