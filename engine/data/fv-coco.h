/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A COCO instances file in memory: photos, categories, and the outlines of objects. Nothing in it
 * is trusted. After reading it does not change: any thread may ask it. */

#pragma once

#include "fv-mask.h"

G_BEGIN_DECLS

/* One photo. Strings belong to the FvCoco. */
typedef struct {
  char *file_name; /* as in the file: relative, without ".." */
  int width, height;
} FvCocoImage;

typedef struct _FvCoco FvCoco;

/* Reads @path: at most 256 MB, 16 million values, 12 levels. Wanted are
 *   images       id, file_name, width, height
 *   categories   id, name: classes 0 … n − 1 in the order of their ids, which may have gaps
 *   annotations  image_id, category_id, segmentation, iscrowd, bbox
 * with ids of 0 or more; everything else is passed over. A segmentation is a list of polygons
 * [x, y, x, y, …], or run lengths {"size": [h, w], "counts": …} as a list or compressed; without
 * one (or with an empty list) an object is known by its bbox alone.
 * @error: one sentence that says where the file is wrong. Returns: (transfer full): NULL with it */
FvCoco *fv_coco_load (const char *path, GError **error);
void fv_coco_free (FvCoco *self);

int fv_coco_get_n_images (const FvCoco *self);
const FvCocoImage *fv_coco_get_image (const FvCoco *self, int image);
int fv_coco_get_n_classes (const FvCoco *self);
const char *fv_coco_get_class_name (const FvCoco *self, int label);

/* Adds up the area of the objects of each class in @image, crowds left out, into @areas
 * [n_classes], in pixels: of polygons by their corners, of runs by counting, else of the bbox.
 * @n_objects [n_classes] counts them. */
void fv_coco_get_areas (const FvCoco *self, int image, double *areas, int *n_objects);

/* The mask of the class @label in @image.
 *
 * A pixel is in a polygon when its centre is (even-odd, so a polygon that goes around a hole leaves
 * it out), and in an object when it is in one of its polygons or its runs. INSIDE: in an object of
 * the class. NO_OPINION: not INSIDE, but in a crowd of the class, or in the bbox (without one: in
 * the picture) of an object of the class that has no outline. OUTSIDE: everything else, other
 * classes among it.
 * @error: outlines too intricate to draw. Returns: (transfer full): NULL with @error */
FvMask *fv_coco_draw_mask (const FvCoco *self, int image, int label, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvCoco, fv_coco_free)

G_END_DECLS
