/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pictures of one split at a network's input size, augmented, with their masks pooled onto the
 * cells of a map. Private to training.
 * Threads: pictures are read on any thread, several at a time; the rest is for one. */

#pragma once

#include <gio/gio.h>

#include "fv-card.h"
#include "fv-dataset.h"
#include "fv-sampling.h"

G_BEGIN_DECLS

typedef struct _FvTrainingSet FvTrainingSet;

/* Looks at every picture of @split (fv_image_check ()) and decodes every mask, on all processors,
 * so that what is missing, no picture, cut off or without a fitting mask is known before training.
 * A picture that is damaged inside is only found when it is read for the first time.
 * @map_width, @map_height: cells of the map; 0 reads no masks, and grounds then stay as they are.
 * @augment: FvAugment flags. (transfer full) */
FvTrainingSet *fv_training_set_load (const FvDataset *dataset, FvSplit split, const FvCard *card,
                                     int map_width, int map_height, guint augment,
                                     GCancellable *cancellable, GError **error);
void fv_training_set_free (FvTrainingSet *self);

/* Decoded pictures are kept up to @n_bytes together (2 GiB unless said); beyond that they are
 * decoded again each time. What is read does not depend on it. */
void fv_training_set_set_cache_limit (FvTrainingSet *self, gsize n_bytes);

/* Which pictures come in which epoch; NULL, unless said: every picture once. It must outlive the
 * set. */
void fv_training_set_set_sampling (FvTrainingSet *self, const FvSampling *sampling);
/* (transfer none) */
const FvSampling *fv_training_set_get_sampling (const FvTrainingSet *self);
/* Forgets all masks but a share of them (fv_sampling_keep_share ()). */
void fv_training_set_keep_masks (FvTrainingSet *self, double share, guint64 seed);

/* Changes other than mirroring are drawn anew in each epoch (0, unless said), or are of @n_views
 * kinds for each picture, which take turns. Of mirroring alone there are two views anyway. */
void fv_training_set_set_views (FvTrainingSet *self, guint n_views);
/* How many different views of a picture there are: 1 without augmentation, 2 where pictures are
 * only mirrored, else as set; 0 when every epoch has its own. */
guint fv_training_set_get_n_views (const FvTrainingSet *self);
/* The view of picture @item in @epoch. */
guint fv_training_set_get_view (const FvTrainingSet *self, guint item, guint64 seed, int epoch);
/* Whether what is in a view hangs on the seed, not only when it comes. */
gboolean fv_training_set_views_are_drawn (const FvTrainingSet *self);
/* FvAugment flags. */
guint fv_training_set_get_augment (const FvTrainingSet *self);

gsize fv_training_set_get_length (const FvTrainingSet *self);
/* The file of picture @item. (transfer none) */
const char *fv_training_set_get_path (const FvTrainingSet *self, guint item);
/* Tells masks apart where they decide what the picture of @item becomes: with another ground. Else
 * NULL, as without a mask. (transfer none) */
const char *fv_training_set_get_mask_digest (const FvTrainingSet *self, guint item);
const FvCard *fv_training_set_get_card (const FvTrainingSet *self);
/* Cells of a map; 0 without maps. */
int fv_training_set_get_map_width (const FvTrainingSet *self);
int fv_training_set_get_map_height (const FvTrainingSet *self);
/* The class of picture @item: of several, the one with the largest area. */
int fv_training_set_get_label (const FvTrainingSet *self, guint item);

/* Where the data has pictures of several classes (fv_dataset_mixes_classes ()), the number of
 * classes; else 0. */
int fv_training_set_get_n_targets (const FvTrainingSet *self);
/* 1 for each class that is in picture @item, else 0: [n_targets]. */
void fv_training_set_write_targets (const FvTrainingSet *self, guint item, float *targets);

/* Losses on attention look at (picture, class) rows: one a picture, of a class with a mask that is
 * drawn by (seed, epoch, item), or, when @all, one for each class with a mask. A picture without
 * masks has one row, of its label. With one class a picture it is all the same. */
void fv_training_set_set_all_classes (FvTrainingSet *self, gboolean all);
/* How many rows picture @item has; the most that any picture has. */
guint fv_training_set_get_n_rows (const FvTrainingSet *self, guint item);
guint fv_training_set_get_max_rows (const FvTrainingSet *self);
/* Which of the masks of picture @item is that of its row @row in @epoch, and of which class it is.
 * Of a picture without masks: 0, and the label. */
guint fv_training_set_get_mask (const FvTrainingSet *self, guint item, guint row, guint64 seed,
                                int epoch);
int fv_training_set_get_mask_class (const FvTrainingSet *self, guint item, guint mask);

/* The order of the pictures in @epoch, as long as there are pictures: it depends on (seed, epoch)
 * alone, and is a permutation unless it is balanced. (transfer full) */
guint *fv_training_set_order (const FvTrainingSet *self, guint64 seed, int epoch);

/* Reads @view of picture @item as the network wants it; seed, view and item draw its changes:
 * @mask: as of fv_training_set_get_mask (); @pixels: [3,H,W], normalised; NULL reads the mask
 * alone, and no picture; @inside and @opinion: [h,w] as of fv_mask_pool (), untouched without one;
 * @weight: 1 with a mask, 0 without or when nothing of its object is left. */
gboolean fv_training_set_read (FvTrainingSet *self, guint item, guint64 seed, guint view,
                               guint mask, float *pixels, float *inside, float *opinion,
                               float *weight, GError **error);
/* Frees the decoded pictures that are kept: from now on mostly masks will be read. */
void fv_training_set_forget_pictures (FvTrainingSet *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvTrainingSet, fv_training_set_free)

G_END_DECLS
