/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A COCO instances file as a dataset: where its photos are, and what is in each. */

#include "fv-dataset-private.h"

#include <string.h>

#include "fv-data-error.h"

#define ANNOTATIONS "annotations"
#define STEM_PREFIX "instances_"

char *
fv_dataset_find_coco (const char *folder)
{
  static const char *const names[]
      = { "instances.json", "annotations.json", "_annotations.coco.json" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (folder, names[i], NULL);

    if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
      return g_steal_pointer (&path);
  }
  return NULL;
}

/* The folder that the photos' folders are in: the file's own, or the one around annotations/. */
static char *
find_folder (const char *json_path)
{
  g_autofree char *folder = g_path_get_dirname (json_path);
  g_autofree char *absolute = g_canonicalize_filename (folder, NULL);
  g_autofree char *base = g_path_get_basename (absolute);

  return strcmp (base, ANNOTATIONS) == 0 ? g_path_get_dirname (absolute)
                                         : g_steal_pointer (&folder);
}

/* Folders where photos may be, relative to the dataset's. */
static GStrv
list_roots (const char *json_path)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *base = g_path_get_basename (json_path);
  g_autofree char *name = NULL;
  g_autofree char *in_images = NULL;

  g_strv_builder_add_many (builder, "", "images", NULL);
  if (g_str_has_prefix (base, STEM_PREFIX) && g_str_has_suffix (base, ".json")) {
    name = g_strndup (base + strlen (STEM_PREFIX),
                      strlen (base) - strlen (STEM_PREFIX) - strlen (".json"));
    in_images = g_build_filename ("images", name, NULL);
    g_strv_builder_add_many (builder, name, in_images, NULL);
  }
  return g_strv_builder_end (builder);
}

static gboolean
is_there (const FvDataset *self, const char *root, const char *name)
{
  g_autofree char *path = g_build_filename (self->folder, root, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* The root that has the first photo. (transfer full): NULL when none has */
static char *
find_root (const FvDataset *self, const char *json_path)
{
  g_auto (GStrv) roots = list_roots (json_path);

  for (char **root = roots; *root != NULL; root++)
    if (is_there (self, *root, fv_coco_get_image (self->coco, 0)->file_name))
      return g_strdup (*root);
  return NULL;
}

/* The classes with an object in the photo, ascending, in a list of its own; NULL when there is
 * none. @label gets the one of the largest area. */
static int *
list_classes (const FvDataset *self, int image, double *areas, int *n_objects, int *n, int *label)
{
  int *classes;

  *n = 0;
  *label = -1;
  fv_coco_get_areas (self->coco, image, areas, n_objects);
  for (int i = 0; i < fv_coco_get_n_classes (self->coco); i++) {
    if (n_objects[i] == 0)
      continue;
    if (*label < 0 || areas[i] > areas[*label])
      *label = i;
    (*n)++;
  }
  if (*n == 0)
    return NULL;
  classes = g_new (int, *n);
  for (int i = 0, next = 0; next < *n; i++)
    if (n_objects[i] > 0)
      classes[next++] = i;
  return classes;
}

static gboolean
add_photos (FvDataset *self, const char *json_path, const char *root, GError **error)
{
  int n_classes = fv_coco_get_n_classes (self->coco);
  g_autofree double *areas = g_new (double, MAX (n_classes, 1));
  g_autofree int *n_objects = g_new (int, MAX (n_classes, 1));

  for (int i = 0; i < fv_coco_get_n_images (self->coco); i++) {
    const char *file = fv_coco_get_image (self->coco, i)->file_name;
    g_autofree char *name = g_build_filename (root != NULL ? root : "", file, NULL);
    FvSample *sample;
    int *classes;
    int n, label;

    if (root == NULL || !is_there (self, root, file)) {
      fv_data_error_set (error, FV_DATA_ERROR_IO, json_path,
                         "lists “%s”, which is not there: photos belong beside it or into images/",
                         file);
      return FALSE;
    }
    classes = list_classes (self, i, areas, n_objects, &n, &label);
    if (classes == NULL) {
      self->n_left_out++;
      continue;
    }
    sample = fv_dataset_add_sample (self, name, NULL, label);
    sample->classes = classes;
    sample->n_classes = n;
    sample->record = i;
  }
  return TRUE;
}

gboolean
fv_dataset_read_coco (FvDataset *self, const char *json_path, GError **error)
{
  g_autofree char *root = NULL;

  self->coco = fv_coco_load (json_path, error);
  if (self->coco == NULL)
    return FALSE;
  g_free (self->folder);
  self->folder = find_folder (json_path);
  for (int i = 0; i < fv_coco_get_n_classes (self->coco); i++)
    g_ptr_array_add (self->classes,
                     g_string_chunk_insert (self->strings, fv_coco_get_class_name (self->coco, i)));
  if (fv_coco_get_n_images (self->coco) > 0)
    root = find_root (self, json_path);
  return add_photos (self, json_path, root, error);
}
