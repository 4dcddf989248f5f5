/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One row of the image list, made when it scrolls into view and thrown away after. It borrows from
 * the list model's dataset and repeats what is known of the picture so far.
 * Signal "changed": the numbers are new. Threads: the main thread. */

#pragma once

#include <glib-object.h>

#include "fv-dataset.h"

G_BEGIN_DECLS

/* What an evaluation has found. A plain record of 16 bytes: there may be 100,000. */
typedef struct {
  float energy; /* in mask; NaN: not defined or not known yet */
  gint32 prediction;
  guint measured : 1;
  guint has_mask : 1; /* a mask file is known of */
  guint failed : 1;   /* the picture or its mask cannot be read */
  guint unsaved : 1;  /* its mask could not be written */
} FvImageRecord;

#define FV_TYPE_IMAGE_ITEM (fv_image_item_get_type ())
G_DECLARE_FINAL_TYPE (FvImageItem, fv_image_item, FV, IMAGE_ITEM, GObject)

FvImageItem *fv_image_item_new (FvDataset *dataset, gsize sample, FvImageRecord record);

gsize fv_image_item_get_sample (FvImageItem *self);
/* (transfer none): valid as long as the item */
const FvSample *fv_image_item_get_photo (FvImageItem *self);
/* "flamingo", or "flamingo·glacier" in a dataset with places. (transfer none) */
const char *fv_image_item_get_title (FvImageItem *self);

FvImageRecord fv_image_item_get_record (FvImageItem *self);
void fv_image_item_set_record (FvImageItem *self, FvImageRecord record);

G_END_DECLS
