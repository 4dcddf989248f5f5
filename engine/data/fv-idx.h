/* SPDX-License-Identifier: GPL-3.0-or-later */

/* IDX, the format of MNIST and its relatives: arrays of bytes, plain or gzipped. Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The most dimensions, and bytes of content. */
#define FV_IDX_MAX_DIMS 3
#define FV_IDX_MAX_BYTES (1 << 30)

typedef struct {
  int n_dims;
  int shape[FV_IDX_MAX_DIMS];
  guint8 *data; /* [shape] */
} FvIdx;

/* The array in @path: unsigned bytes, 1 … 3 dimensions, each of at least 1. Whether it is gzipped
 * its first bytes say. No more is unpacked than its header announces, and no more memory taken than
 * the file really fills. @error: another type, a truncated file, or bytes behind the content.
 * Returns: (transfer full): NULL with @error */
FvIdx *fv_idx_load (const char *path, GError **error);
void fv_idx_free (FvIdx *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvIdx, fv_idx_free)

G_END_DECLS
