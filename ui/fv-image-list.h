/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The left side of the window: search, order, filters and the pictures.
 * Properties: "reading" (string: the key of the number that is shown and sorted by) and
 * "worst-first" (gboolean).
 * Signal "selected" (guint64 sample): the user, or fv_image_list_step (), chose another picture.
 * Threads: the main thread. */

#pragma once

#include <gtk/gtk.h>

#include "fv-image-list-model.h"

G_BEGIN_DECLS

#define FV_TYPE_IMAGE_LIST (fv_image_list_get_type ())
G_DECLARE_FINAL_TYPE (FvImageList, fv_image_list, FV, IMAGE_LIST, GtkWidget)

GtkWidget *fv_image_list_new (void);

/* The rows. (transfer none) */
FvImageListModel *fv_image_list_get_model (FvImageList *self);
/* Shows the pictures of @dataset and chooses the first one. NULL empties the list. */
void fv_image_list_set_dataset (FvImageList *self, FvDataset *dataset);
/* Whether a prediction can be right or wrong: the model's classes are the dataset's. */
void fv_image_list_set_can_be_wrong (FvImageList *self, gboolean can_be_wrong);
/* The number under each picture, which “worst first” sorts by. */
void fv_image_list_set_reading (FvImageList *self, FvReading reading);
void fv_image_list_set_worst_first (FvImageList *self, gboolean worst_first);
/* Shows only pictures of @split whose @reading is in @low … @high, until the person switches that
 * off. */
void fv_image_list_set_range (FvImageList *self, FvSplit split, FvReading reading, float low,
                              float high);
/* Sorts by what is known now; the chosen picture stays chosen. */
void fv_image_list_resort (FvImageList *self);

/* Chooses the picture @n rows further down (negative: up), stopping at the ends. */
void fv_image_list_step (FvImageList *self, int n);
/* Chooses @sample where it is, without scrolling to it; not when a filter hides it. */
void fv_image_list_select (FvImageList *self, gsize sample);
/* Chooses @sample and scrolls to it; a range that hides it is switched off, and other filters leave
 * its row hidden. */
void fv_image_list_show (FvImageList *self, gsize sample);
/* −1: none. */
gssize fv_image_list_get_selected (FvImageList *self);
void fv_image_list_focus_search (FvImageList *self);

G_END_DECLS
