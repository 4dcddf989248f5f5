/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Photos in folders named after their class. Nothing is opened but the folders; what cannot be
 * listed, or links to itself, is passed over. */

#include "fv-dataset-private.h"

#include <string.h>

#include "fv-data-error.h"

#define IMAGES_NAME "images"
#define MASKS_NAME "masks"

/* Whether a file of that name is listed as a photo. */
static gboolean
is_image_name (const char *name)
{
  static const char *const suffixes[]
      = { ".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp" };
  g_autofree char *lower = g_ascii_strdown (name, -1);

  if (name[0] == '.' || g_str_has_suffix (lower, ".mask.png"))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (lower, suffixes[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_folder (const FvDataset *self, const char *name)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_IS_DIR);
}

/* The mask that goes with the photo @file of the class @class_name ("" for none), if there is one.
 */
static char *
find_mask (const FvDataset *self, const char *class_name, const char *file)
{
  gsize n_stem = (gsize) (strrchr (file, '.') - file);
  g_autofree char *mask_file = g_strdup_printf ("%.*s.png", (int) n_stem, file);
  g_autofree char *name = g_build_filename (MASKS_NAME, class_name, mask_file, NULL);
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&name) : NULL;
}

/* Adds the photos that stand directly in @folder (relative to the dataset; "" is the dataset). */
static void
add_photos (FvDataset *self, const char *folder, const char *class_name, int label)
{
  g_autofree char *path = g_build_filename (self->folder, folder, NULL);
  g_autoptr (GDir) listing = g_dir_open (path, 0, NULL);
  const char *file;

  while (listing != NULL && (file = g_dir_read_name (listing)) != NULL) {
    g_autofree char *name = g_build_filename (folder, file, NULL);
    g_autofree char *mask_name = NULL;

    if (!is_image_name (file) || is_folder (self, name))
      continue;
    mask_name = find_mask (self, class_name, file);
    fv_dataset_add_sample (self, name, mask_name, label);
  }
}

static void
add_class (FvDataset *self, const char *name)
{
  g_ptr_array_add (self->classes, g_string_chunk_insert (self->strings, name));
}

/* The names in @listing that can be classes, sorted. */
static GPtrArray *
list_folders (const FvDataset *self, GDir *listing, const char *root)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while ((name = g_dir_read_name (listing)) != NULL) {
    g_autofree char *folder = g_build_filename (root, name, NULL);

    if (name[0] != '.' && !(root[0] == '\0' && strcmp (name, MASKS_NAME) == 0)
        && is_folder (self, folder))
      g_ptr_array_add (names, g_strdup (name));
  }
  g_ptr_array_sort (names, fv_dataset_compare_strings);
  return names;
}

/* Photos that have no class folder: one class, named after the dataset's folder. */
static void
add_single_class (FvDataset *self, const char *root)
{
  g_autofree char *absolute = g_canonicalize_filename (self->folder, NULL);
  g_autofree char *name = g_path_get_basename (absolute);

  add_photos (self, root, "", 0);
  add_class (self, name);
}

gboolean
fv_dataset_scan_folders (FvDataset *self, GError **error)
{
  const char *root = is_folder (self, IMAGES_NAME) ? IMAGES_NAME : "";
  g_autofree char *path = g_build_filename (self->folder, root, NULL);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GDir) listing = g_dir_open (path, 0, &local_error);
  g_autoptr (GPtrArray) names = NULL;

  if (listing == NULL) {
    fv_data_error_set (error, FV_DATA_ERROR_IO, path, "cannot be listed: %s", local_error->message);
    return FALSE;
  }
  names = list_folders (self, listing, root);
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    g_autofree char *folder = g_build_filename (root, name, NULL);
    guint n_before = self->samples->len;

    add_photos (self, folder, name, (int) self->classes->len);
    if (self->samples->len > n_before)
      add_class (self, name);
  }
  if (self->samples->len == 0)
    add_single_class (self, root);
  return TRUE;
}
