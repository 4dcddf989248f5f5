/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Masks as PNG. */

#include "fuzz-target.h"

#include <glib/gstdio.h>
#include <string.h>

#include "fv-image.h"
#include "fv-mask-file.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GError *error = NULL;
  g_autoptr (FvMask) mask = fv_mask_file_load (fuzz_file (data, size), &error);

  fuzz_check (mask != NULL, error);
  return 0;
}

static void
add_file (GPtrArray *seeds, const char *path)
{
  g_autofree char *bytes = NULL;
  gsize n;

  g_assert_true (g_file_get_contents (path, &bytes, &n, NULL));
  fuzz_add_bytes (seeds, bytes, n);
  g_unlink (path);
}

GPtrArray *
fuzz_make_seeds (void)
{
  GPtrArray *seeds = g_ptr_array_new ();
  g_autofree char *folder = g_dir_make_tmp ("fovea-fuzz-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "mask.png", NULL);
  g_autoptr (FvMask) mask = fv_mask_new (9, 7);
  g_autoptr (FvImage) image = fv_image_new (8, 8);

  memset (fv_mask_get_data (mask) + 20, FV_MASK_INSIDE, 9);
  fv_mask_get_data (mask)[3] = FV_MASK_NO_OPINION;
  g_assert_true (fv_mask_file_write (mask, path, FV_OUTPUT_ATOMIC, NULL));
  add_file (seeds, path);
  g_assert_true (fv_image_save_png (image, path, NULL));
  add_file (seeds, path);
  g_rmdir (folder);
  return seeds;
}
