/* SPDX-License-Identifier: GPL-3.0-or-later */

/* IDX arrays, plain and gzipped. */

#include "fuzz-target.h"

#include <gio/gio.h>

#include "fv-idx.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GError *error = NULL;
  g_autoptr (FvIdx) idx = fv_idx_load (fuzz_file (data, size), &error);

  fuzz_check (idx != NULL, error);
  return 0;
}

GPtrArray *
fuzz_make_seeds (void)
{
  static const guint8 labels[] = { 0, 0, 8, 1, 0, 0, 0, 3, 7, 8, 9 };
  static const guint8 pictures[] = { 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4 };
  GPtrArray *seeds = g_ptr_array_new ();
  g_autoptr (GZlibCompressor) packer = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
  guint8 packed[256];
  gsize n_read, n_written;

  fuzz_add_bytes (seeds, labels, sizeof labels);
  fuzz_add_bytes (seeds, pictures, sizeof pictures);
  g_assert_cmpint (g_converter_convert (G_CONVERTER (packer), pictures, sizeof pictures, packed,
                                        sizeof packed, G_CONVERTER_INPUT_AT_END, &n_read,
                                        &n_written, NULL),
                   ==, G_CONVERTER_FINISHED);
  fuzz_add_bytes (seeds, packed, n_written);
  return seeds;
}
