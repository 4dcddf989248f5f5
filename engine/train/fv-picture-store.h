/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Photos, masks and backgrounds of the pictures that are trained on, decoded when they are first
 * needed and then kept as 8-bit values, up to a limit; beyond it they are decoded each time. What
 * is read does not depend on it. Private to training. Threads: any, several at a time. */

#pragma once

#include "fv-card.h"
#include "fv-dataset.h"
#include "fv-image.h"

G_BEGIN_DECLS

typedef struct _FvPictureStore FvPictureStore;

/* Of the @n samples @samples of @dataset, which are its items 0 … @n − 1.
 * @whole: photos are kept at their own size, because another part of them is needed each time;
 * else at the input's. (transfer full) */
FvPictureStore *fv_picture_store_new (const FvDataset *dataset, const FvCard *card,
                                      const gsize *samples, gsize n, gboolean whole);
void fv_picture_store_free (FvPictureStore *self);

/* The bytes that may be kept together (2 GiB unless said). */
void fv_picture_store_set_limit (FvPictureStore *self, gsize n_bytes);

/* The file of @item. (transfer none) */
const char *fv_picture_store_get_path (const FvPictureStore *self, guint item);

/* The photo of @item, as it is kept. @mask: where to put its mask when that is needed at the
 * photo's own size, or NULL; one that was there when @has_mask was found out, and is gone, is an
 * error. (transfer full): both */
FvImage *fv_picture_store_load (FvPictureStore *self, guint item, gboolean has_mask, FvMask **mask,
                                GError **error);
/* The mask of the class @label in @item, of which it is known that there is one; that of the
 * sample's own label is kept. (transfer full) */
FvMask *fv_picture_store_load_mask (FvPictureStore *self, guint item, int label, GError **error);
/* The same from its file, of a photo whose header says @width × @height and which may be turned;
 * NULL without @error when it has none. (transfer full) */
FvMask *fv_picture_store_find_mask (const FvPictureStore *self, guint item, int label, int width,
                                    int height, GError **error);
/* @item at the input's size without its object (fv-background-swap.h); it has a mask.
 * (transfer full) */
FvImage *fv_picture_store_load_background (FvPictureStore *self, guint item, GError **error);

/* @image whole, at the input's size. (transfer full) */
FvImage *fv_picture_store_fit (const FvPictureStore *self, const FvImage *image);
/* @mask likewise. (transfer full) */
FvMask *fv_picture_store_fit_mask (const FvPictureStore *self, const FvMask *mask);

/* Frees the decoded photos and backgrounds: from now on mostly masks will be read. */
void fv_picture_store_forget_pictures (FvPictureStore *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvPictureStore, fv_picture_store_free)

G_END_DECLS
