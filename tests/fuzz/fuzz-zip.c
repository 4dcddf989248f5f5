/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The directory of a zip archive, and reading every entry of what passes. */

#include "fv-zip-archive.h"
#include "fv-zip-directory.h"
#include "zip-seed.h"

static void
read_entries (const FvWeightsFile *file)
{
  GError *error = NULL;
  g_autoptr (FvZipArchive) archive = fv_zip_archive_open_strictly (file, &error);
  const GPtrArray *names = archive != NULL ? fv_zip_archive_get_names (archive) : NULL;

  fuzz_check (archive != NULL, error);
  for (guint i = 0; names != NULL && i < names->len; i++) {
    GError *reason = NULL;
    g_autoptr (GBytes) bytes = fv_zip_archive_read (archive, g_ptr_array_index (names, i), &reason);

    fuzz_check (bytes != NULL, reason);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  GError *error = NULL;
  g_autoptr (FvWeightsFile) file = fv_weights_file_open (fuzz_file (data, size), &error);
  gboolean sound;

  fuzz_check (file != NULL, g_steal_pointer (&error));
  if (file == NULL)
    return 0;
  sound = fv_zip_directory_check (file, &error);
  fuzz_check (sound, error);
  read_entries (file);
  return 0;
}

GPtrArray *
fuzz_make_seeds (void)
{
  GPtrArray *seeds = g_ptr_array_new ();

  zip_seed_add (seeds, BYTES ("pickle"), ZIP_CM_STORE);
  zip_seed_add (seeds, BYTES ("pickle"), ZIP_CM_DEFLATE);
  return seeds;
}
