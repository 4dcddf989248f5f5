/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One row of the image list, made when it scrolls into view and thrown away after. It borrows from
 * the list model's dataset and repeats what is known of the picture so far.
 * Signal "changed": the numbers are new. Threads: the main thread. */

#pragma once

#include <glib-object.h>

#include "fv-dataset.h"
#include "fv-image-record.h"

G_BEGIN_DECLS

#define FV_TYPE_IMAGE_ITEM (fv_image_item_get_type ())
G_DECLARE_FINAL_TYPE (FvImageItem, fv_image_item, FV, IMAGE_ITEM, GObject)

FvImageItem *fv_image_item_new (FvDataset *dataset, gsize sample, const FvImageRecord *record,
                                FvReading reading);

gsize fv_image_item_get_sample (FvImageItem *self);
/* (transfer none): valid as long as the item */
const FvSample *fv_image_item_get_photo (FvImageItem *self);
/* "flamingo", or "flamingo·glacier" in a dataset with places. (transfer none) */
const char *fv_image_item_get_title (FvImageItem *self);

/* (transfer none): valid until the next change */
const FvImageRecord *fv_image_item_get_record (FvImageItem *self);
void fv_image_item_set_record (FvImageItem *self, const FvImageRecord *record);
/* Which of the record's numbers the list is about. */
FvReading fv_image_item_get_reading (FvImageItem *self);
void fv_image_item_set_reading (FvImageItem *self, FvReading reading);

G_END_DECLS
