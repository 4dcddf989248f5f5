/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the readers of weights share: a file opened once and read by offset, never mapped (a file
 * that another program truncates while it is mapped kills the process), the way to refuse it in
 * one sentence that names it, and the arithmetic of shapes that come from outside.
 * Threads: the engine thread. */

#pragma once

#include "fv-tensor.h"

G_BEGIN_DECLS

/* Values are copied from files as they are, and both formats hold them little-endian. */
G_STATIC_ASSERT (G_BYTE_ORDER == G_LITTLE_ENDIAN);

typedef struct _FvWeightsFile FvWeightsFile;

/* Opens @path for reading. A folder, a pipe, a device or an empty file is refused
 * (FV_TENSOR_ERROR_FILE); what the system refuses is a G_FILE_ERROR. (transfer full) */
FvWeightsFile *fv_weights_file_open (const char *path, GError **error);
void fv_weights_file_close (FvWeightsFile *self);

/* The descriptor, which stays the file's own. */
int fv_weights_file_get_fd (const FvWeightsFile *self);
/* Bytes, as they were when the file was opened. */
guint64 fv_weights_file_get_size (const FvWeightsFile *self);

/* Fills @buffer with the @n_bytes at @offset, all of them or it is an error. */
gboolean fv_weights_file_read (const FvWeightsFile *self, guint64 offset, void *buffer,
                               gsize n_bytes, GError **error);

/* Sets FV_TENSOR_ERROR_FILE: the file's name and what @format says about it, which continues the
 * sentence ("is shorter than …"). Text from the file may be an argument: control characters are
 * replaced and a very long message is cut. Returns: FALSE, always. */
gboolean fv_weights_file_refuse (const FvWeightsFile *self, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* A tensor of values read from the file; booleans must be 0 or 1.
 * @name: the tensor's name, for messages.
 * @data, @n_bytes: as for fv_tensor_new (). (transfer full) */
FvTensor *fv_weights_file_make_tensor (const FvWeightsFile *self, const char *name, FvDtype dtype,
                                       const gint64 *shape, int n_dims, const void *data,
                                       gsize n_bytes, GError **error);

/* Bytes that a tensor takes. FALSE when a size is negative or when the product overflows; sizes of
 * 0 do not hide an overflow of the others, since strides are products too. */
gboolean fv_weights_count_bytes (FvDtype dtype, const gint64 *shape, int n_dims, gsize *n_bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvWeightsFile, fv_weights_file_close)

G_END_DECLS
