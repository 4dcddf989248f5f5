/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Photos in folders named after their class, which may be in folders named after their split.
 * Nothing is opened but the folders; what cannot be listed, or links to itself, is passed over. */

#include "fv-dataset-private.h"

#include <string.h>

#include "fv-data-error.h"

#define IMAGES_NAME "images"
#define MASKS_NAME "masks"
#define TRAIN_NAME "train"

/* What folders of splits are called. */
static const struct {
  const char *name;
  FvSplit split;
} splits[] = {
  { TRAIN_NAME, FV_SPLIT_TRAIN },   { "val", FV_SPLIT_VALIDATION },
  { "valid", FV_SPLIT_VALIDATION }, { "validation", FV_SPLIT_VALIDATION },
  { "test", FV_SPLIT_TEST },
};

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

/* The mask that goes with the photo @file, in masks/@subfolder, if there is one. */
static char *
find_mask (const FvDataset *self, const char *subfolder, const char *file)
{
  gsize n_stem = (gsize) (strrchr (file, '.') - file);
  g_autofree char *mask_file = g_strdup_printf ("%.*s.png", (int) n_stem, file);
  g_autofree char *name = g_build_filename (MASKS_NAME, subfolder, mask_file, NULL);
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&name) : NULL;
}

/* Adds the photos that stand directly in @subfolder of @root, which is a folder of the dataset, or
 * "": the dataset itself. */
static void
add_photos (FvDataset *self, const char *root, const char *subfolder, int label, FvSplit split)
{
  g_autofree char *folder = g_build_filename (root, subfolder, NULL);
  g_autofree char *path = g_build_filename (self->folder, folder, NULL);
  g_autoptr (GDir) listing = g_dir_open (path, 0, NULL);
  const char *file;

  while (listing != NULL && (file = g_dir_read_name (listing)) != NULL) {
    g_autofree char *name = g_build_filename (folder, file, NULL);
    g_autofree char *mask_name = NULL;

    if (!is_image_name (file) || is_folder (self, name))
      continue;
    mask_name = find_mask (self, subfolder, file);
    fv_dataset_add_sample (self, name, mask_name, label)->split = split;
  }
}

static void
add_class (FvDataset *self, const char *name)
{
  g_ptr_array_add (self->classes, g_string_chunk_insert (self->strings, name));
}

/* The folders in @root, sorted, but for masks. Empty when it cannot be listed. */
static GPtrArray *
list_folders (const FvDataset *self, const char *root)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *path = g_build_filename (self->folder, root, NULL);
  g_autoptr (GDir) listing = g_dir_open (path, 0, NULL);
  const char *name;

  while (listing != NULL && (name = g_dir_read_name (listing)) != NULL) {
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

  add_photos (self, root, "", 0, FV_SPLIT_TRAIN);
  add_class (self, name);
}

static void
add_classes (FvDataset *self, const char *root, const GPtrArray *names)
{
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    guint n_before = self->samples->len;

    add_photos (self, root, name, (int) self->classes->len, FV_SPLIT_TRAIN);
    if (self->samples->len > n_before)
      add_class (self, name);
  }
}

/* -- folders of splits ---------------------------------------------------------------------- */

static gboolean
is_split_name (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (splits); i++)
    if (strcmp (splits[i].name, name) == 0)
      return TRUE;
  return FALSE;
}

/* Whether @names, the folders in @root, are splits that hold classes. Classes may be called so too:
 * then they hold photos and no folders. */
static gboolean
are_splits (const FvDataset *self, const char *root, const GPtrArray *names)
{
  g_autofree char *train = g_build_filename (root, TRAIN_NAME, NULL);
  g_autoptr (GPtrArray) classes = NULL;

  for (guint i = 0; i < names->len; i++)
    if (!is_split_name (g_ptr_array_index (names, i)))
      return FALSE;
  classes = list_folders (self, train);
  return classes->len > 0;
}

/* Every name that a class has in some split, once, sorted. */
static GPtrArray *
list_split_classes (const FvDataset *self, const char *root)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func (g_free);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < G_N_ELEMENTS (splits); i++) {
    g_autofree char *folder = g_build_filename (root, splits[i].name, NULL);

    g_ptr_array_extend_and_steal (all, list_folders (self, folder));
  }
  g_ptr_array_sort (all, fv_dataset_compare_strings);
  for (guint i = 0; i < all->len; i++)
    if (i == 0 || strcmp (g_ptr_array_index (all, i - 1), g_ptr_array_index (all, i)) != 0)
      g_ptr_array_add (names, g_strdup (g_ptr_array_index (all, i)));
  return names;
}

static void
add_splits (FvDataset *self, const char *root)
{
  g_autoptr (GPtrArray) names = list_split_classes (self, root);

  for (guint i = 0; i < names->len; i++) {
    guint n_before = self->samples->len;

    for (gsize j = 0; j < G_N_ELEMENTS (splits); j++) {
      g_autofree char *folder
          = g_build_filename (splits[j].name, g_ptr_array_index (names, i), NULL);

      add_photos (self, root, folder, (int) self->classes->len, splits[j].split);
    }
    if (self->samples->len > n_before)
      add_class (self, g_ptr_array_index (names, i));
  }
}

gboolean
fv_dataset_scan_folders (FvDataset *self, gboolean *has_splits, GError **error)
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
  names = list_folders (self, root);
  *has_splits = are_splits (self, root, names);
  if (*has_splits)
    add_splits (self, root);
  else
    add_classes (self, root, names);
  if (self->samples->len == 0)
    add_single_class (self, root);
  return TRUE;
}
