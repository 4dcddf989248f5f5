/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The error of every reader and writer in this folder: one sentence that begins with the file. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FV_DATA_ERROR (fv_data_error_quark ())
GQuark fv_data_error_quark (void);

typedef enum {
  FV_DATA_ERROR_IO,     /* the file cannot be opened, read or written */
  FV_DATA_ERROR_FORMAT, /* its content is not what it should be, or is damaged */
  FV_DATA_ERROR_SIZE,   /* too small, too large, or not the size that was asked for */
  FV_DATA_ERROR_EMPTY,  /* a folder without images */
} FvDataError;

/* Sets @error to “@path” followed by a blank and the predicate made from @format: "is empty".
 * @path may be in any encoding. */
void fv_data_error_set (GError **error, FvDataError code, const char *path, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

G_END_DECLS
