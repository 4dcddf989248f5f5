/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A header of big-endian words (two zeros, type, dimensions; then each dimension), then bytes. The
 * content is read through a stream, piece by piece, so that an archive that unpacks to more than
 * its header says is left where it is. */

#include "fv-idx.h"

#include <gio/gio.h>

#include "fv-data-error.h"
#include "fv-input-file.h"

#define MAX_FILE_BYTES FV_IDX_MAX_BYTES
#define TYPE_UNSIGNED_BYTE 0x08
#define PIECE (1 << 20)

void
fv_idx_free (FvIdx *self)
{
  if (self == NULL)
    return;
  g_free (self->data);
  g_free (self);
}

/* What is in the file, unpacked where it is gzipped. */
static GInputStream *
open_stream (const char *bytes, gsize n)
{
  g_autoptr (GInputStream) plain = g_memory_input_stream_new_from_data (bytes, (gssize) n, NULL);
  g_autoptr (GZlibDecompressor) unpacker = NULL;

  if (n < 2 || (guchar) bytes[0] != 0x1f || (guchar) bytes[1] != 0x8b)
    return g_steal_pointer (&plain);
  unpacker = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  return g_converter_input_stream_new (plain, G_CONVERTER (unpacker));
}

/* Reads exactly @n bytes. */
static gboolean
read_exactly (GInputStream *stream, const char *path, void *to, gsize n, GError **error)
{
  g_autoptr (GError) reason = NULL;
  gsize n_read;
  gboolean done = g_input_stream_read_all (stream, to, n, &n_read, NULL, &reason);

  if (done && n_read == n)
    return TRUE;
  if (done || g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT))
    fv_data_error_set (error, FV_DATA_ERROR_FORMAT, path,
                       "is truncated: it ends before its content does");
  else
    fv_data_error_set (error, FV_DATA_ERROR_FORMAT, path, "cannot be unpacked: %s",
                       reason->message);
  return FALSE;
}

static gboolean
read_header (FvIdx *self, GInputStream *stream, const char *path, gsize *n_bytes, GError **error)
{
  guint8 magic[4];
  guint64 n = 1;

  if (!read_exactly (stream, path, magic, sizeof magic, error))
    return FALSE;
  if (magic[0] != 0 || magic[1] != 0 || magic[2] != TYPE_UNSIGNED_BYTE || magic[3] == 0
      || magic[3] > FV_IDX_MAX_DIMS) {
    fv_data_error_set (error, FV_DATA_ERROR_FORMAT, path,
                       "is no IDX file of unsigned bytes with 1 to %d dimensions", FV_IDX_MAX_DIMS);
    return FALSE;
  }
  self->n_dims = magic[3];
  for (int i = 0; i < self->n_dims; i++) {
    guint32 side;

    if (!read_exactly (stream, path, &side, sizeof side, error))
      return FALSE;
    side = GUINT32_FROM_BE (side);
    n = MIN (n * side, (guint64) G_MAXUINT32); /* both factors fit 32 bits, so nothing wraps */
    self->shape[i] = (int) MIN (side, G_MAXINT);
  }
  if (n == 0 || n > FV_IDX_MAX_BYTES) {
    fv_data_error_set (error, FV_DATA_ERROR_SIZE, path,
                       "has no content by its header, or more than the %d bytes that can be read",
                       FV_IDX_MAX_BYTES);
    return FALSE;
  }
  *n_bytes = (gsize) n;
  return TRUE;
}

/* The content, in memory that grows with what is really there. */
static guint8 *
read_content (GInputStream *stream, const char *path, gsize n, GError **error)
{
  g_autoptr (GByteArray) content = g_byte_array_new ();

  for (gsize at = 0; at < n; at = content->len) {
    gsize piece = MIN (n - at, PIECE);

    g_byte_array_set_size (content, (guint) (at + piece));
    if (!read_exactly (stream, path, content->data + at, piece, error))
      return NULL;
  }
  return g_byte_array_free (g_steal_pointer (&content), FALSE);
}

static gboolean
check_end (GInputStream *stream, const char *path, GError **error)
{
  guint8 more;
  gsize n_read = 0;

  if (g_input_stream_read_all (stream, &more, 1, &n_read, NULL, NULL) && n_read == 0)
    return TRUE;
  fv_data_error_set (error, FV_DATA_ERROR_FORMAT, path, "is longer than its header says");
  return FALSE;
}

FvIdx *
fv_idx_load (const char *path, GError **error)
{
  g_autoptr (FvIdx) self = g_new0 (FvIdx, 1);
  g_autoptr (GInputStream) stream = NULL;
  g_autofree char *bytes = NULL;
  gsize n_file, n;

  g_return_val_if_fail (path != NULL, NULL);

  bytes = fv_input_file_read (path, MAX_FILE_BYTES, &n_file, error);
  if (bytes == NULL)
    return NULL;
  stream = open_stream (bytes, n_file);
  if (!read_header (self, stream, path, &n, error))
    return NULL;
  self->data = read_content (stream, path, n, error);
  if (self->data == NULL || !check_end (stream, path, error))
    return NULL;
  return g_steal_pointer (&self);
}
