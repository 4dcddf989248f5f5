/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A whole file brought into memory, after a look at what it is: nothing here waits for a pipe, maps
 * a file that may shrink, or reads what could not be used anyway. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The bytes of the regular file @path and, beyond @n_bytes, a NUL. Refused, each with a sentence of
 * its own: what does not exist, is a folder or no regular file, cannot be opened, is empty, or has
 * more than @max_bytes. Returns: (transfer full): freed with g_free (); NULL with @error */
char *fv_input_file_read (const char *path, gsize max_bytes, gsize *n_bytes, GError **error);

G_END_DECLS
