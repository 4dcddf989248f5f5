/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Benchmarks composed of real photos, where they are: Tux Paint's stamps and the shared animals. */

#include "fv-composer.h"
#include "temporary-folder.h"

/* Tux Paint's real ones, where they are installed. */
static void
test_real_stamps (void)
{
  const char *const stamps = "/usr/share/tuxpaint/stamps";
  g_autoptr (FvComposerParts) parts = fv_composer_parts_new ();

  if (!g_file_test (stamps, G_FILE_TEST_IS_DIR)) {
    g_test_skip ("tuxpaint-stamps-default is not installed");
    return;
  }
  g_assert_true (fv_composer_parts_add_stamps (parts, stamps, NULL));
  g_assert_cmpint (fv_composer_parts_get_n_kinds (parts, FV_PART_OBJECT), ==, 3);
}

/* The reporting benchmark, where the photos are. */
static void
test_shared_animals (void)
{
  const char *shared = g_getenv ("FOVEA_SHARED_DATA");
  g_autofree char *animals = g_build_filename (shared != NULL ? shared : "", "animals", NULL);
  g_autofree char *scenes = g_build_filename (shared != NULL ? shared : "", "scenes", NULL);
  g_autofree char *root = NULL;
  g_autofree char *folder = NULL;
  FvComposerOptions options = fv_composer_options_default ();
  g_autoptr (FvComposerParts) parts = fv_composer_parts_new ();
  g_autoptr (FvDataset) dataset = NULL;
  int n_test = 0;

  if (shared == NULL || !g_file_test (scenes, G_FILE_TEST_IS_DIR)) {
    g_test_skip ("no shared data");
    return;
  }
  root = temporary_folder_new ();
  folder = g_build_filename (root, "real", NULL);
  g_assert_true (fv_composer_parts_add_folder (parts, FV_PART_OBJECT, animals, NULL));
  g_assert_true (fv_composer_parts_add_folder (parts, FV_PART_BACKGROUND, scenes, NULL));
  g_assert_true (fv_composer_parts_split (parts, 0, NULL));
  for (int i = 0; i < 4; i++)
    n_test += fv_composer_parts_count (parts, FV_PART_OBJECT, i, FV_SPLIT_TEST);
  options.n_train = 16;
  options.n_validation = 4;
  g_assert_true (fv_composer_build (folder, parts, &options, NULL, NULL));
  dataset = fv_dataset_open (folder, 0, NULL);
  g_assert_cmpint (n_test, ==, 85);
  g_assert_cmpuint (fv_dataset_get_n_in_split (dataset, FV_SPLIT_TEST), ==, 4 * 85);
  g_assert_cmpint (fv_dataset_get_n_groups (dataset), ==, 16);
  for (gsize i = 0; i < fv_dataset_get_n_samples (dataset); i += 10) {
    g_autoptr (FvMask) mask = fv_dataset_load_mask (dataset, i, 224, 224, NULL);
    double share = (double) fv_mask_count (mask, FV_MASK_INSIDE) / (224 * 224);

    g_assert_cmpfloat (share, >, 0.02);
    g_assert_cmpfloat (share, <, 0.37);
  }
  temporary_folder_remove (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/composer-photos/stamps", test_real_stamps);
  g_test_add_func ("/composer-photos/animals", test_shared_animals);
  return g_test_run ();
}
