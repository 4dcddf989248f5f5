/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writing a file whole or not at all, with our own sentence when it fails. Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  FV_OUTPUT_ATOMIC,  /* after a crash of the program: the old file or the new one */
  FV_OUTPUT_DURABLE, /* after a crash of the machine too: waits for the disk */
} FvOutputSafety;

/* Replaces the file at @path by the @n bytes at @data: written beside it, then renamed. On any
 * failure, a full disk among them, the old file stays as it was and nothing is left beside it. */
gboolean fv_output_file_write (const char *path, const void *data, gsize n, FvOutputSafety safety,
                               GError **error);

G_END_DECLS
