/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Weights as torch.save packs them. */

#include "zip-seed.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GError *error = NULL;
  g_autoptr (FvStateDict) dict = fv_pth_load (fuzz_file (data, size), &error);

  fuzz_check (dict != NULL, error);
  return 0;
}

GPtrArray *
fuzz_make_seeds (void)
{
  GPtrArray *seeds = g_ptr_array_new ();

  zip_seed_add (seeds, BYTES (DICT_OF (ROW)), ZIP_CM_STORE);
  zip_seed_add (seeds, BYTES (DICT_OF (TENSOR ("K\1", "K\2K\2\x86", "K\2K\1\x86"))),
                ZIP_CM_DEFLATE);
  return seeds;
}
