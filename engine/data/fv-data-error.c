/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One place that puts a file's name at the head of a sentence. */

#include "fv-data-error.h"

G_DEFINE_QUARK (fv - data - error - quark, fv_data_error)

void
fv_data_error_set (GError **error, FvDataError code, const char *path, const char *format, ...)
{
  g_autofree char *name = g_filename_display_name (path);
  g_autofree char *predicate = NULL;
  va_list arguments;

  va_start (arguments, format);
  predicate = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, FV_DATA_ERROR, code, "“%s” %s", name, predicate);
}
