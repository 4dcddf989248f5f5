/* SPDX-License-Identifier: GPL-3.0-or-later */

/* PyTorch archives, built byte by byte: pickles as string literals, packed by libzip. */

#pragma once

#include "weights-fixture.h"

#include <zip.h>

/* -- pickles ---------------------------------------------------------------------------------- */

#define LONG1(eight_bytes) "\x8a\x08" eight_bytes
#define TEXT(length, text) "X" length "\0\0\0" text
#define GLOBAL(module, name) "c" module "\n" name "\n"
#define STORAGE(type, key, count)                                                                  \
  "(" TEXT ("\7", "storage") GLOBAL ("torch", type) TEXT ("\1", key) TEXT ("\3", "cpu") count "tQ"
#define HOOKS GLOBAL ("collections", "OrderedDict") ")R"
#define TENSOR_OF(storage, offset, shape, strides)                                                 \
  GLOBAL ("torch._utils", "_rebuild_tensor_v2")                                                    \
  "(" storage offset shape strides "\x89" HOOKS "tR"
/* A view of the six floats 0 … 5. */
#define TENSOR(offset, shape, strides)                                                             \
  TENSOR_OF (STORAGE ("FloatStorage", "0", "K\6"), offset, shape, strides)
#define ROW TENSOR ("K\0", "K\6\x85", "K\1\x85")
#define PROTO "\x80\2"
/* {"w": value} */
#define DICT_OF(value) PROTO "}" TEXT ("\1", "w") value "s."
#define TYPED(storage, count)                                                                      \
  DICT_OF (TENSOR_OF (STORAGE (storage, "0", count), "K\0", count "\x85", "K\1\x85"))
#define BYTES(literal) literal, sizeof literal - 1

static const float pth_floats[6] = { 0, 1, 2, 3, 4, 5 };

/* -- archives --------------------------------------------------------------------------------- */

/* A new archive; an older one is removed first, as replacing it would flush it to the disk. */
static inline zip_t *
pth_open_zip (const WeightsFixture *fixture)
{
  zip_t *zip;

  g_remove (fixture->path);
  zip = zip_open (fixture->path, ZIP_CREATE | ZIP_EXCL, NULL);
  g_assert_nonnull (zip);
  return zip;
}

static inline void
pth_add_entry (zip_t *zip, const char *name, gconstpointer bytes, gsize n_bytes, gint32 method)
{
  zip_source_t *source = zip_source_buffer (zip, bytes, n_bytes, 0);
  zip_int64_t index = zip_file_add (zip, name, source, 0);

  g_assert_cmpint (index, >=, 0);
  g_assert_cmpint (zip_set_file_compression (zip, (zip_uint64_t) index, method, 0), ==, 0);
}

/* The archive that torch.save would make: @pickle and one storage of six floats. */
static inline void
pth_write (const WeightsFixture *fixture, gconstpointer pickle, gsize n_bytes, gint32 method)
{
  zip_t *zip = pth_open_zip (fixture);

  pth_add_entry (zip, "top/data.pkl", pickle, n_bytes, method);
  pth_add_entry (zip, "top/data/0", pth_floats, sizeof pth_floats, method);
  pth_add_entry (zip, "top/version", "3\n", 2, method);
  g_assert_cmpint (zip_close (zip), ==, 0);
}
