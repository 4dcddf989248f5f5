/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The masks of one picture on the cells of a map, each of one class. Private to training.
 * Threads: any, one at a time for each list. */

#pragma once

#include "fv-mask.h"

G_BEGIN_DECLS

typedef struct {
  int label;
  float *inside; /* [h,w], both as of fv_mask_pool () */
  float *opinion;
} FvClassMask;

/* Appends @mask, pooled onto @width × @height cells, to the list at @masks (of FvClassMask), which
 * is begun where it is NULL; g_array_unref () frees it all. */
void fv_class_masks_add (GArray **masks, int label, const FvMask *mask, int width, int height);
/* 0 for NULL. */
guint fv_class_masks_count (const GArray *masks);
/* (transfer none) */
const FvClassMask *fv_class_masks_get (const GArray *masks, guint index);
/* Whether one of them is of the class @label. */
gboolean fv_class_masks_has (const GArray *masks, int label);

G_END_DECLS
