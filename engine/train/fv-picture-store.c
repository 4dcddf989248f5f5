/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One lock for what is kept; decoding is outside it, so that threads do not wait for each other. */

#include "fv-picture-store.h"

#include "fv-augment.h"
#include "fv-background-swap.h"
#include "fv-data-error.h"

#define MAX_BYTES ((gsize) 2 << 30)
#define N_CHANNELS 3

/* What has been decoded, NULL until then and unchanged from then on. */
typedef struct {
  gsize sample;
  FvImage *image;
  FvMask *mask;        /* at the photo's own size */
  FvImage *background; /* at the input's size */
} Item;

struct _FvPictureStore {
  FvDataset *dataset;
  FvCard *card;
  gboolean whole;
  GArray *items; /* Item */
  GMutex lock;
  gsize n_bytes, limit;
};

static void
clear_item (gpointer data)
{
  Item *item = data;

  g_clear_pointer (&item->image, fv_image_unref);
  g_clear_pointer (&item->mask, fv_mask_unref);
  g_clear_pointer (&item->background, fv_image_unref);
}

FvPictureStore *
fv_picture_store_new (const FvDataset *dataset, const FvCard *card, const gsize *samples, gsize n,
                      gboolean whole)
{
  FvPictureStore *self = g_new0 (FvPictureStore, 1);

  self->dataset = fv_dataset_ref ((FvDataset *) dataset);
  self->card = fv_card_copy (card);
  self->whole = whole;
  self->limit = MAX_BYTES;
  g_mutex_init (&self->lock);
  self->items = g_array_new (FALSE, TRUE, sizeof (Item));
  g_array_set_clear_func (self->items, clear_item);
  for (gsize i = 0; i < n; i++) {
    Item item = { .sample = samples[i] };

    g_array_append_val (self->items, item);
  }
  return self;
}

void
fv_picture_store_free (FvPictureStore *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->items);
  fv_dataset_unref (self->dataset);
  fv_card_free (self->card);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
fv_picture_store_set_limit (FvPictureStore *self, gsize n_bytes)
{
  self->limit = n_bytes;
}

static Item *
get_item (const FvPictureStore *self, guint item)
{
  return &g_array_index (self->items, Item, item);
}

const char *
fv_picture_store_get_path (const FvPictureStore *self, guint item)
{
  return fv_dataset_get_sample (self->dataset, get_item (self, item)->sample)->path;
}

static int
get_label (const FvPictureStore *self, const Item *item)
{
  return fv_dataset_get_sample (self->dataset, item->sample)->label;
}

/* -- sizes ---------------------------------------------------------------------------------- */

static const FvAugmentation unchanged
    = { .width = 1, .height = 1, .brightness = 1, .contrast = 1, .saturation = 1 };

FvImage *
fv_picture_store_fit (const FvPictureStore *self, const FvImage *image)
{
  return fv_augmentation_apply (&unchanged, image,
                                self->card->bicubic ? FV_RESIZE_BICUBIC : FV_RESIZE_BILINEAR,
                                self->card->width, self->card->height);
}

FvMask *
fv_picture_store_fit_mask (const FvPictureStore *self, const FvMask *mask)
{
  return fv_augmentation_apply_to_mask (&unchanged, mask, self->card->width, self->card->height);
}

/* -- keeping -------------------------------------------------------------------------------- */

static gsize
count_bytes (const FvImage *image)
{
  return (gsize) fv_image_get_width (image) * (gsize) fv_image_get_height (image) * N_CHANNELS;
}

/* Whether @n_bytes more may be kept; then they are counted. Under the lock. */
static gboolean
reserve (FvPictureStore *self, gsize n_bytes)
{
  if (self->n_bytes + n_bytes > self->limit)
    return FALSE;
  self->n_bytes += n_bytes;
  return TRUE;
}

/* Keeps the image at @place when there is room and no other thread was faster. */
static void
keep_image (FvPictureStore *self, FvImage **place, FvImage *image)
{
  g_mutex_lock (&self->lock);
  if (*place == NULL && reserve (self, count_bytes (image)))
    *place = fv_image_ref (image);
  g_mutex_unlock (&self->lock);
}

static void
keep_mask (FvPictureStore *self, Item *item, FvMask *mask)
{
  gsize n_bytes = (gsize) fv_mask_get_width (mask) * (gsize) fv_mask_get_height (mask);

  g_mutex_lock (&self->lock);
  if (item->mask == NULL && reserve (self, n_bytes))
    item->mask = fv_mask_ref (mask);
  g_mutex_unlock (&self->lock);
}

/* What is kept at @place. (transfer full): NULL when nothing is */
static FvImage *
find_image (FvPictureStore *self, FvImage *const *place)
{
  FvImage *image;

  g_mutex_lock (&self->lock);
  image = *place != NULL ? fv_image_ref (*place) : NULL;
  g_mutex_unlock (&self->lock);
  return image;
}

static FvMask *
find_mask (FvPictureStore *self, const Item *item)
{
  FvMask *mask;

  g_mutex_lock (&self->lock);
  mask = item->mask != NULL ? fv_mask_ref (item->mask) : NULL;
  g_mutex_unlock (&self->lock);
  return mask;
}

static void
forget (FvPictureStore *self, FvImage **place)
{
  if (*place != NULL)
    self->n_bytes -= count_bytes (*place);
  g_clear_pointer (place, fv_image_unref);
}

void
fv_picture_store_forget_pictures (FvPictureStore *self)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->items->len; i++) {
    forget (self, &get_item (self, i)->image);
    forget (self, &get_item (self, i)->background);
  }
  g_mutex_unlock (&self->lock);
}

/* -- masks ---------------------------------------------------------------------------------- */

FvMask *
fv_picture_store_find_mask (const FvPictureStore *self, guint item, int label, int width,
                            int height, GError **error)
{
  gsize sample = get_item (self, item)->sample;
  g_autoptr (GError) reason = NULL;
  FvMask *mask = fv_dataset_load_class_mask (self->dataset, sample, label, width, height, &reason);

  if (g_error_matches (reason, FV_DATA_ERROR, FV_DATA_ERROR_SIZE))
    mask = fv_dataset_load_class_mask (self->dataset, sample, label, height, width, NULL);
  if (mask == NULL && reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  return mask;
}

/* A mask that was there when training began must be there still. */
static FvMask *
require_mask (const FvPictureStore *self, const Item *item, FvMask *mask, GError *reason,
              GError **error)
{
  if (reason != NULL)
    g_propagate_error (error, reason);
  else if (mask == NULL)
    fv_data_error_set (error, FV_DATA_ERROR_IO,
                       fv_dataset_get_sample (self->dataset, item->sample)->edited_mask_path,
                       "was removed while the network learned from it");
  return mask;
}

/* The mask of @item for its photo @image, whose real size is known by now. */
static FvMask *
read_mask_for (const FvPictureStore *self, const Item *item, const FvImage *image, GError **error)
{
  GError *reason = NULL;
  FvMask *mask = fv_dataset_load_mask (self->dataset, item->sample, fv_image_get_width (image),
                                       fv_image_get_height (image), &reason);

  return require_mask (self, item, mask, reason, error);
}

FvMask *
fv_picture_store_load_mask (FvPictureStore *self, guint index, int label, GError **error)
{
  Item *item = get_item (self, index);
  gboolean is_own = label == get_label (self, item);
  FvMask *mask = is_own ? find_mask (self, item) : NULL;
  GError *reason = NULL;
  int width, height;

  if (mask != NULL
      || !fv_image_check (fv_picture_store_get_path (self, index), &width, &height, error))
    return mask;
  mask = fv_picture_store_find_mask (self, index, label, width, height, &reason);
  mask = require_mask (self, item, mask, reason, error);
  if (mask != NULL && is_own)
    keep_mask (self, item, mask);
  return mask;
}

/* -- photos --------------------------------------------------------------------------------- */

/* Decodes the photo, and, to see that it fits, its mask, which is kept where it is needed whole. */
static FvImage *
decode (FvPictureStore *self, guint index, gboolean has_mask, GError **error)
{
  Item *item = get_item (self, index);
  g_autoptr (FvImage) image = fv_image_load (fv_picture_store_get_path (self, index), error);
  g_autoptr (FvMask) mask = NULL;

  if (image == NULL)
    return NULL;
  if (has_mask) {
    mask = read_mask_for (self, item, image, error);
    if (mask == NULL)
      return NULL;
  }
  if (!self->whole)
    return fv_picture_store_fit (self, image);
  if (mask != NULL)
    keep_mask (self, item, mask);
  return g_steal_pointer (&image);
}

FvImage *
fv_picture_store_load (FvPictureStore *self, guint index, gboolean has_mask, FvMask **mask,
                       GError **error)
{
  Item *item = get_item (self, index);
  g_autoptr (FvImage) image = find_image (self, &item->image);

  if (image == NULL) {
    image = decode (self, index, has_mask, error);
    if (image == NULL)
      return NULL;
    keep_image (self, &item->image, image);
  }
  if (mask == NULL)
    return g_steal_pointer (&image);
  *mask = has_mask ? fv_picture_store_load_mask (self, index, get_label (self, item), error) : NULL;
  return has_mask && *mask == NULL ? NULL : g_steal_pointer (&image);
}

FvImage *
fv_picture_store_load_background (FvPictureStore *self, guint index, GError **error)
{
  Item *item = get_item (self, index);
  FvImage *background = find_image (self, &item->background);
  g_autoptr (FvImage) image = NULL;
  g_autoptr (FvImage) fitted = NULL;
  g_autoptr (FvMask) mask = NULL;
  g_autoptr (FvMask) fitted_mask = NULL;

  if (background != NULL)
    return background;
  image = fv_picture_store_load (self, index, TRUE, &mask, error);
  if (image == NULL)
    return NULL;
  fitted = fv_picture_store_fit (self, image);
  fitted_mask = fv_picture_store_fit_mask (self, mask);
  background = fv_background_without_object (fitted, fitted_mask);
  keep_image (self, &item->background, background);
  return background;
}
