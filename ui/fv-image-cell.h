/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One tile of the image list: thumbnail, class, the list's number and its grade as a coloured bar.
 * Tiles are recycled: they are bound to an item when it scrolls into view. Threads: the main
 * thread. */

#pragma once

#include <gtk/gtk.h>

#include "fv-image-item.h"
#include "fv-thumbnail-loader.h"

G_BEGIN_DECLS

#define FV_TYPE_IMAGE_CELL (fv_image_cell_get_type ())
G_DECLARE_FINAL_TYPE (FvImageCell, fv_image_cell, FV, IMAGE_CELL, GtkWidget)

GtkWidget *fv_image_cell_new (FvThumbnailLoader *loader);

void fv_image_cell_bind (FvImageCell *self, FvImageItem *item);
/* Also stops loading the thumbnail. */
void fv_image_cell_unbind (FvImageCell *self);

G_END_DECLS
