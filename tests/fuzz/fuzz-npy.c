/* SPDX-License-Identifier: GPL-3.0-or-later */

/* NumPy arrays. */

#include "fuzz-target.h"

#include "fv-npy.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  gint64 shape[FV_NPY_MAX_DIMS];
  GError *error = NULL;
  int n_dims;
  gsize n_elements;
  g_autofree float *values
      = fv_npy_load (fuzz_file (data, size), shape, &n_dims, &n_elements, &error);

  fuzz_check (values != NULL, error);
  return 0;
}

GPtrArray *
fuzz_make_seeds (void)
{
  static const char small[] = "\x93NUMPY\1\0\x40\0{'descr': '<f4', 'fortran_order': False, "
                              "'shape': (2,), }     \n\0\0\200?\0\0\0@";
  static const char matrix[] = "\x93NUMPY\2\0\x40\0\0\0{'descr': '<f4', 'fortran_order': False, "
                               "'shape': (1, 1)}     \n\0\0\200?";
  GPtrArray *seeds = g_ptr_array_new ();

  fuzz_add_bytes (seeds, small, sizeof small - 1);
  fuzz_add_bytes (seeds, matrix, sizeof matrix - 1);
  return seeds;
}
