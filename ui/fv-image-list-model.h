/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pictures of a dataset as a GListModel of FvImageItem that sorts and filters by itself: it
 * keeps a small record a picture and makes items only for the rows that are looked at, so 100,000
 * pictures open at once.
 *
 * New results do not move rows at once (a list that jumps under the pointer is useless):
 * fv_image_list_model_resort () does, when the caller thinks it is time.
 * Threads: the main thread. */

#pragma once

#include <gio/gio.h>

#include "fv-image-item.h"

G_BEGIN_DECLS

typedef enum {
  FV_IMAGE_FILTER_WRONG = 1 << 0, /* measured, and the prediction is not the label */
  FV_IMAGE_FILTER_NO_MASK = 1 << 1,
  FV_IMAGE_FILTER_TEST = 1 << 2, /* only the test split */
} FvImageFilter;

#define FV_TYPE_IMAGE_LIST_MODEL (fv_image_list_model_get_type ())
G_DECLARE_FINAL_TYPE (FvImageListModel, fv_image_list_model, FV, IMAGE_LIST_MODEL, GObject)

FvImageListModel *fv_image_list_model_new (void);

/* Starts anew with nothing known. @dataset: NULL empties the list. */
void fv_image_list_model_set_dataset (FvImageListModel *self, FvDataset *dataset);
/* The number that the list is about; FV_READING_ENERGY at first. */
void fv_image_list_model_set_reading (FvImageListModel *self, FvReading reading);
FvReading fv_image_list_model_get_reading (FvImageListModel *self);
/* TRUE: by that number, worst first, pictures without one last; FALSE: by name. */
void fv_image_list_model_set_worst_first (FvImageListModel *self, gboolean worst_first);
/* Only pictures of @split whose @reading is in @low … @high, both included; NaN as an end leaves
 * that end open, both NaN show all pictures again. */
void fv_image_list_model_set_range (FvImageListModel *self, FvSplit split, FvReading reading,
                                    float low, float high);
/* All flags must hold. */
void fv_image_list_model_set_filter (FvImageListModel *self, FvImageFilter filter);
/* Only pictures whose name, class or place holds @text, whatever its case. */
void fv_image_list_model_set_search (FvImageListModel *self, const char *text);

/* NULL without a dataset. (transfer none) */
FvDataset *fv_image_list_model_get_dataset (FvImageListModel *self);
/* (transfer none): valid until the next change */
const FvImageRecord *fv_image_list_model_get_record (FvImageListModel *self, gsize sample);
void fv_image_list_model_set_record (FvImageListModel *self, gsize sample,
                                     const FvImageRecord *record);
/* Forgets numbers and predictions: there is another model. */
void fv_image_list_model_forget (FvImageListModel *self);
/* Filters and sorts by what is known now. */
void fv_image_list_model_resort (FvImageListModel *self);

/* All samples in the order of the list, those it hides last: the order to evaluate in.
 * (transfer full): of gsize */
GArray *fv_image_list_model_dup_order (FvImageListModel *self);
/* Row of @sample; −1 when it is hidden. */
gssize fv_image_list_model_find (FvImageListModel *self, gsize sample);

G_END_DECLS
