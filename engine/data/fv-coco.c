/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Objects lie sorted by photo, so that those of one photo are a run. */

#include "fv-coco-private.h"

#include "fv-data-error.h"

/* Steps that drawing one mask may take: some seconds. A photo with a hundred careful outlines takes
 * a thousandth of it. */
#define MAX_COST 2e9

static void
clear_object (gpointer data)
{
  FvCocoObject *object = data;

  fv_coco_outline_clear (&object->outline);
}

FvCoco *
fv_coco_new (const char *path)
{
  FvCoco *self = g_new0 (FvCoco, 1);

  self->path = g_strdup (path);
  self->strings = g_string_chunk_new (1 << 14);
  self->images = g_array_new (FALSE, TRUE, sizeof (FvCocoImage));
  self->classes = g_ptr_array_new ();
  self->objects = g_array_new (FALSE, TRUE, sizeof (FvCocoObject));
  g_array_set_clear_func (self->objects, clear_object);
  self->first = g_array_new (FALSE, TRUE, sizeof (guint));
  return self;
}

void
fv_coco_free (FvCoco *self)
{
  if (self == NULL)
    return;
  g_free (self->path);
  g_string_chunk_free (self->strings);
  g_array_unref (self->images);
  g_ptr_array_unref (self->classes);
  g_array_unref (self->objects);
  g_array_unref (self->first);
  g_free (self);
}

static int
compare_objects (gconstpointer a, gconstpointer b)
{
  const FvCocoObject *first = a;
  const FvCocoObject *second = b;

  return first->image < second->image ? -1 : first->image > second->image;
}

void
fv_coco_index_objects (FvCoco *self)
{
  guint next = 0;

  g_array_sort (self->objects, compare_objects);
  for (guint image = 0; image <= self->images->len; image++) {
    while (next < self->objects->len
           && g_array_index (self->objects, FvCocoObject, next).image < (int) image)
      next++;
    g_array_append_val (self->first, next);
  }
}

/* The objects of @image; @n gets their number. */
static const FvCocoObject *
get_objects (const FvCoco *self, int image, guint *n)
{
  guint first = g_array_index (self->first, guint, image);

  *n = g_array_index (self->first, guint, image + 1) - first;
  return (const FvCocoObject *) (gconstpointer) self->objects->data + first;
}

int
fv_coco_get_n_images (const FvCoco *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return (int) self->images->len;
}

const FvCocoImage *
fv_coco_get_image (const FvCoco *self, int image)
{
  g_return_val_if_fail (self != NULL && image >= 0 && image < (int) self->images->len, NULL);
  return &g_array_index (self->images, FvCocoImage, image);
}

int
fv_coco_get_n_classes (const FvCoco *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return (int) self->classes->len;
}

const char *
fv_coco_get_class_name (const FvCoco *self, int label)
{
  g_return_val_if_fail (self != NULL && label >= 0 && label < (int) self->classes->len, NULL);
  return g_ptr_array_index (self->classes, label);
}

void
fv_coco_get_areas (const FvCoco *self, int image, double *areas, int *n_objects)
{
  const FvCocoObject *objects;
  guint n;

  g_return_if_fail (fv_coco_get_image (self, image) != NULL && areas != NULL && n_objects != NULL);

  for (guint i = 0; i < self->classes->len; i++) {
    areas[i] = 0;
    n_objects[i] = 0;
  }
  objects = get_objects (self, image, &n);
  for (guint i = 0; i < n; i++) {
    if (objects[i].is_crowd)
      continue;
    areas[objects[i].label] += fv_coco_outline_get_area (&objects[i].outline);
    n_objects[objects[i].label]++;
  }
}

FvMask *
fv_coco_draw_mask (const FvCoco *self, int image, int label, GError **error)
{
  const FvCocoImage *photo = fv_coco_get_image (self, image);
  const FvCocoObject *objects;
  FvMask *mask;
  double cost = 0;
  guint n;

  g_return_val_if_fail (photo != NULL, NULL);

  objects = get_objects (self, image, &n);
  for (guint i = 0; i < n; i++)
    if (objects[i].label == label)
      cost += fv_coco_outline_get_cost (&objects[i].outline, photo->height);
  if (cost > MAX_COST) {
    fv_data_error_set (error, FV_DATA_ERROR_SIZE, self->path,
                       "has outlines for “%s” that are too intricate to draw", photo->file_name);
    return NULL;
  }
  mask = fv_mask_new (photo->width, photo->height);
  for (guint i = 0; i < n; i++)
    if (objects[i].label == label)
      fv_coco_outline_draw (&objects[i].outline,
                            objects[i].is_crowd ? FV_MASK_NO_OPINION : FV_MASK_INSIDE, mask);
  return mask;
}
