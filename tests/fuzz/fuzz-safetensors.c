/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Weights in safetensors. */

#include "fuzz-target.h"

#include <string.h>

#include "fv-weights.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GError *error = NULL;
  g_autoptr (FvStateDict) dict = fv_safetensors_load (fuzz_file (data, size), &error);

  fuzz_check (dict != NULL, error);
  return 0;
}

static void
add (GPtrArray *seeds, const char *header, gsize n_values)
{
  guint64 n_header = GUINT64_TO_LE (strlen (header));
  g_autoptr (GByteArray) file = g_byte_array_new ();
  const guint8 zeros[64] = { 0 };

  g_byte_array_append (file, (const guint8 *) &n_header, sizeof n_header);
  g_byte_array_append (file, (const guint8 *) header, (guint) strlen (header));
  g_byte_array_append (file, zeros, (guint) n_values);
  fuzz_add_bytes (seeds, file->data, file->len);
}

GPtrArray *
fuzz_make_seeds (void)
{
  GPtrArray *seeds = g_ptr_array_new ();

  add (seeds, "{\"w\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}", 24);
  add (seeds,
       "{\"__metadata__\":{\"a\":\"b\"},\"b\":{\"dtype\":\"I64\",\"shape\":[],"
       "\"data_offsets\":[0,8]},\"c\":{\"dtype\":\"BOOL\",\"shape\":[1,2],"
       "\"data_offsets\":[8,10]}}",
       10);
  return seeds;
}
