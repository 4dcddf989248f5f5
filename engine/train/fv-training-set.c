/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Decoded pictures are kept as 8-bit values: at the input's size (150 kB at 224 px), or at their
 * own where each time another part of them is needed. */

#include "fv-training-set.h"

#include <string.h>

#include "fv-augment.h"
#include "fv-crew.h"
#include "fv-data-error.h"
#include "fv-image.h"
#include "fv-tensor.h"

#define MAX_CACHE_BYTES ((gsize) 2 << 30)
#define N_CHANNELS 3
#define N_LEVELS 256

typedef struct {
  gsize sample;
  int label;
  float *inside; /* [h,w]; NULL without a mask */
  float *opinion;
  /* What has been decoded, behind the set's lock until it is there and unchanged from then on. */
  FvImage *image;
  FvMask *mask;
} Item;

struct _FvTrainingSet {
  FvDataset *dataset;
  FvCard *card;
  int map_width, map_height;
  guint augment, n_views;             /* n_views: as set */
  float levels[N_CHANNELS][N_LEVELS]; /* the input's value, by its channel and an 8-bit value */
  GArray *items;                      /* Item */
  GMutex lock;
  gsize cache_bytes, cache_limit;
};

static void
clear_item (gpointer data)
{
  Item *item = data;

  g_free (item->inside);
  g_free (item->opinion);
  g_clear_pointer (&item->image, fv_image_unref);
  g_clear_pointer (&item->mask, fv_mask_unref);
}

void
fv_training_set_free (FvTrainingSet *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->items);
  fv_dataset_unref (self->dataset);
  fv_card_free (self->card);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static gsize
map_cells (const FvTrainingSet *self)
{
  return (gsize) self->map_width * (gsize) self->map_height;
}

static Item *
get_item (const FvTrainingSet *self, guint item)
{
  return &g_array_index (self->items, Item, item);
}

/* As fv_preprocess_normalise () computes it, step by step in float32. */
static void
fill_levels (FvTrainingSet *self)
{
  const FvCard *card = self->card;

  for (int c = 0; c < N_CHANNELS; c++)
    for (int level = 0; level < N_LEVELS; level++) {
      float value = (float) level * (float) (card->scale / 255);

      self->levels[c][level] = (value - (float) card->mean[c]) / (float) card->std[c];
    }
}

/* -- looking at everything ------------------------------------------------------------------ */

/* The mask for a photo whose header says @width × @height, and which may be turned. */
static FvMask *
load_mask_either_way (const FvTrainingSet *self, gsize sample, int width, int height,
                      GError **error)
{
  g_autoptr (GError) reason = NULL;
  FvMask *mask = fv_dataset_load_mask (self->dataset, sample, width, height, &reason);

  if (g_error_matches (reason, FV_DATA_ERROR, FV_DATA_ERROR_SIZE))
    mask = fv_dataset_load_mask (self->dataset, sample, height, width, NULL);
  if (mask == NULL && reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  return mask;
}

static gboolean
check_item (int index, gpointer user_data, GError **error)
{
  const FvTrainingSet *self = user_data;
  Item *item = get_item (self, (guint) index);
  const char *path = fv_dataset_get_sample (self->dataset, item->sample)->path;
  g_autoptr (FvMask) mask = NULL;
  g_autoptr (GError) reason = NULL;
  int width, height;

  if (!fv_image_check (path, &width, &height, error))
    return FALSE;
  if (map_cells (self) > 0)
    mask = load_mask_either_way (self, item->sample, width, height, &reason);
  if (mask != NULL) {
    item->inside = g_new (float, map_cells (self));
    item->opinion = g_new (float, map_cells (self));
    fv_mask_pool (mask, self->map_width, self->map_height, item->inside, item->opinion);
  }
  if (reason == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&reason));
  return FALSE;
}

FvTrainingSet *
fv_training_set_load (const FvDataset *dataset, FvSplit split, const FvCard *card, int map_width,
                      int map_height, guint augment, GCancellable *cancellable, GError **error)
{
  g_autoptr (FvTrainingSet) self = g_new0 (FvTrainingSet, 1);

  self->dataset = fv_dataset_ref ((FvDataset *) dataset);
  self->card = fv_card_copy (card);
  self->map_width = map_width;
  self->map_height = map_height;
  self->augment = augment;
  self->cache_limit = MAX_CACHE_BYTES;
  g_mutex_init (&self->lock);
  fill_levels (self);
  self->items = g_array_new (FALSE, TRUE, sizeof (Item));
  g_array_set_clear_func (self->items, clear_item);
  for (gsize i = 0; i < fv_dataset_get_n_samples (dataset); i++) {
    const FvSample *sample = fv_dataset_get_sample (dataset, i);
    Item item = { .sample = i, .label = sample->label };

    if (sample->split == split)
      g_array_append_val (self->items, item);
  }
  if (self->items->len == 0) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "“%s” has no pictures to train on", fv_dataset_get_path (dataset));
    return NULL;
  }
  if (!fv_crew_run ((int) self->items->len, check_item, self, cancellable, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
fv_training_set_set_cache_limit (FvTrainingSet *self, gsize n_bytes)
{
  self->cache_limit = n_bytes;
}

void
fv_training_set_set_views (FvTrainingSet *self, guint n_views)
{
  self->n_views = n_views;
}

guint
fv_training_set_get_augment (const FvTrainingSet *self)
{
  return self->augment;
}

const char *
fv_training_set_get_path (const FvTrainingSet *self, guint item)
{
  return fv_dataset_get_sample (self->dataset, get_item (self, item)->sample)->path;
}

gsize
fv_training_set_get_length (const FvTrainingSet *self)
{
  return self->items->len;
}

const FvCard *
fv_training_set_get_card (const FvTrainingSet *self)
{
  return self->card;
}

int
fv_training_set_get_map_width (const FvTrainingSet *self)
{
  return self->map_width;
}

int
fv_training_set_get_map_height (const FvTrainingSet *self)
{
  return self->map_height;
}

int
fv_training_set_get_label (const FvTrainingSet *self, guint item)
{
  return get_item (self, item)->label;
}

/* -- order ---------------------------------------------------------------------------------- */

/* Seeded by everything that may change the draw, and by nothing else. */
static GRand *
random_for (guint64 seed, guint32 epoch, guint32 purpose)
{
  const guint32 words[] = { (guint32) seed, (guint32) (seed >> 32), epoch, purpose };

  return g_rand_new_with_seed_array (words, G_N_ELEMENTS (words));
}

guint *
fv_training_set_order (const FvTrainingSet *self, guint64 seed, int epoch)
{
  g_autoptr (GRand) random = random_for (seed, (guint32) epoch, G_MAXUINT32);
  guint *order = g_new (guint, self->items->len);

  for (guint i = 0; i < self->items->len; i++)
    order[i] = i;
  for (guint i = self->items->len; i > 1; i--) {
    guint j = (guint) g_rand_int_range (random, 0, (gint32) i);
    guint moved = order[i - 1];

    order[i - 1] = order[j];
    order[j] = moved;
  }
  return order;
}

/* -- views ---------------------------------------------------------------------------------- */

gboolean
fv_training_set_views_are_drawn (const FvTrainingSet *self)
{
  return (self->augment & ~(guint) FV_AUGMENT_FLIP) != 0;
}

guint
fv_training_set_get_n_views (const FvTrainingSet *self)
{
  if (fv_training_set_views_are_drawn (self))
    return self->n_views;
  return self->augment == 0 ? 1 : 2;
}

/* Views are drawn as the first epochs are where every epoch has its own. */
static FvAugmentation
draw (const FvTrainingSet *self, guint item, guint64 seed, guint view)
{
  g_autoptr (GRand) random = random_for (seed, view + 1, item);

  return fv_augmentation_draw (self->augment, random);
}

guint
fv_training_set_get_view (const FvTrainingSet *self, guint item, guint64 seed, int epoch)
{
  guint round = (guint) epoch - 1;

  if (!fv_training_set_views_are_drawn (self))
    return draw (self, item, seed, round).mirrored ? 1 : 0;
  return self->n_views > 0 ? round % self->n_views : round;
}

static FvAugmentation
get_augmentation (const FvTrainingSet *self, guint item, guint64 seed, guint view)
{
  FvAugmentation augmentation = draw (self, item, seed, view);

  if (!fv_training_set_views_are_drawn (self))
    augmentation.mirrored = view == 1;
  return augmentation;
}

/* -- reading -------------------------------------------------------------------------------- */

/* A picture and its mask as they are kept: at the input's size and without the mask, unless they
 * are moved each time. */
typedef struct {
  FvImage *image;
  FvMask *mask; /* NULL without one, or when the pooled one is enough */
} Decoded;

static void
decoded_clear (Decoded *decoded)
{
  g_clear_pointer (&decoded->image, fv_image_unref);
  g_clear_pointer (&decoded->mask, fv_mask_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Decoded, decoded_clear)

static FvResizeFilter
get_filter (const FvTrainingSet *self)
{
  return self->card->bicubic ? FV_RESIZE_BICUBIC : FV_RESIZE_BILINEAR;
}

/* The whole picture at the input's size. */
static FvImage *
fit (const FvTrainingSet *self, const FvImage *image)
{
  const FvAugmentation whole
      = { .width = 1, .height = 1, .brightness = 1, .contrast = 1, .saturation = 1 };

  return fv_augmentation_apply (&whole, image, get_filter (self), self->card->width,
                                self->card->height);
}

/* A mask that was there when training began and is gone. */
static void
set_removed (const FvTrainingSet *self, const Item *item, GError **error)
{
  fv_data_error_set (error, FV_DATA_ERROR_IO,
                     fv_dataset_get_sample (self->dataset, item->sample)->edited_mask_path,
                     "was removed while the network learned from it");
}

/* The mask of @item for its photo @image. */
static FvMask *
load_mask_again (const FvTrainingSet *self, const Item *item, const FvImage *image, GError **error)
{
  g_autoptr (GError) reason = NULL;
  FvMask *mask = fv_dataset_load_mask (self->dataset, item->sample, fv_image_get_width (image),
                                       fv_image_get_height (image), &reason);

  if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  else if (mask == NULL)
    set_removed (self, item, error);
  return mask;
}

/* Decodes what belongs to @item. FALSE with @error */
static gboolean
decode (const FvTrainingSet *self, const Item *item, Decoded *decoded, GError **error)
{
  const char *path = fv_dataset_get_sample (self->dataset, item->sample)->path;
  g_autoptr (FvImage) image = fv_image_load (path, error);
  g_autoptr (FvMask) mask = NULL;

  if (image == NULL)
    return FALSE;
  if (item->inside != NULL) { /* now its real size is known: the mask must have it */
    mask = load_mask_again (self, item, image, error);
    if (mask == NULL)
      return FALSE;
  }
  if (fv_augment_is_geometric (self->augment)) {
    decoded->image = g_steal_pointer (&image);
    decoded->mask = g_steal_pointer (&mask);
  } else {
    decoded->image = fit (self, image);
  }
  return TRUE;
}

static gsize
count_pixels (const FvImage *image)
{
  return (gsize) fv_image_get_width (image) * (gsize) fv_image_get_height (image);
}

/* Whether @n_bytes more may be kept; then they are counted. */
static gboolean
reserve (FvTrainingSet *self, gsize n_bytes)
{
  if (self->cache_bytes + n_bytes > self->cache_limit)
    return FALSE;
  self->cache_bytes += n_bytes;
  return TRUE;
}

/* Keeps the mask when there is room and no other thread was faster. */
static void
keep_mask (FvTrainingSet *self, Item *item, FvMask *mask)
{
  gsize n_bytes = (gsize) fv_mask_get_width (mask) * (gsize) fv_mask_get_height (mask);

  g_mutex_lock (&self->lock);
  if (item->mask == NULL && reserve (self, n_bytes))
    item->mask = fv_mask_ref (mask);
  g_mutex_unlock (&self->lock);
}

static void
keep (FvTrainingSet *self, Item *item, const Decoded *decoded)
{
  g_mutex_lock (&self->lock);
  if (item->image == NULL && reserve (self, count_pixels (decoded->image) * N_CHANNELS))
    item->image = fv_image_ref (decoded->image);
  g_mutex_unlock (&self->lock);
  if (decoded->mask != NULL)
    keep_mask (self, item, decoded->mask);
}

void
fv_training_set_forget_pictures (FvTrainingSet *self)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < self->items->len; i++) {
    Item *item = get_item (self, i);

    if (item->image != NULL)
      self->cache_bytes -= count_pixels (item->image) * N_CHANNELS;
    g_clear_pointer (&item->image, fv_image_unref);
  }
  g_mutex_unlock (&self->lock);
}

/* Whether the mask is moved each time, so that its cells are not always the same. */
static gboolean
needs_whole_mask (const FvTrainingSet *self, const Item *item)
{
  return item->inside != NULL && fv_augment_is_geometric (self->augment);
}

/* What is kept of @item, else what is on disk. */
static gboolean
get_decoded (FvTrainingSet *self, Item *item, Decoded *decoded, GError **error)
{
  g_mutex_lock (&self->lock);
  if (item->image != NULL && (item->mask != NULL || !needs_whole_mask (self, item))) {
    decoded->image = fv_image_ref (item->image);
    decoded->mask = item->mask != NULL ? fv_mask_ref (item->mask) : NULL;
  }
  g_mutex_unlock (&self->lock);
  if (decoded->image != NULL)
    return TRUE;
  if (!decode (self, item, decoded, error))
    return FALSE;
  keep (self, item, decoded);
  return TRUE;
}

/* [H,W,3] bytes to the input [3,H,W]. */
static void
write_pixels (const FvTrainingSet *self, const FvImage *image, gboolean mirrored, float *to)
{
  int width = self->card->width;
  int height = self->card->height;

  for (int c = 0; c < N_CHANNELS; c++) {
    int channel = self->card->bgr ? N_CHANNELS - 1 - c : c;
    const float *levels = self->levels[c];
    const guint8 *row = fv_image_peek (image) + channel;

    for (int y = 0; y < height; y++, row += (gsize) width * N_CHANNELS, to += width)
      for (int x = 0; x < width; x++)
        to[x] = levels[row[(mirrored ? width - 1 - x : x) * N_CHANNELS]];
  }
}

static void
mirror (float *values, gsize n_rows, gsize width)
{
  for (gsize row = 0; row < n_rows; row++, values += width)
    for (gsize i = 0; i < width / 2; i++) {
      float moved = values[i];

      values[i] = values[width - 1 - i];
      values[width - 1 - i] = moved;
    }
}

/* The mask on the map's cells, moved as the picture is. @mask: NULL takes the pooled one. Returns:
 * whether any of the object is still there */
static gboolean
write_mask (const FvTrainingSet *self, const Item *item, const FvMask *mask,
            const FvAugmentation *augmentation, float *inside, float *opinion)
{
  g_autoptr (FvMask) moved = NULL;

  if (mask != NULL) {
    moved
        = fv_augmentation_apply_to_mask (augmentation, mask, self->card->width, self->card->height);
    fv_mask_pool (moved, self->map_width, self->map_height, inside, opinion);
  } else {
    memcpy (inside, item->inside, map_cells (self) * sizeof *inside);
    memcpy (opinion, item->opinion, map_cells (self) * sizeof *opinion);
  }
  if (augmentation->mirrored) {
    mirror (inside, (gsize) self->map_height, (gsize) self->map_width);
    mirror (opinion, (gsize) self->map_height, (gsize) self->map_width);
  }
  return moved == NULL || fv_mask_is_empty (mask) || !fv_mask_is_empty (moved);
}

/* The whole mask of @item, from disk unless it is kept. */
static FvMask *
get_mask (FvTrainingSet *self, Item *item, GError **error)
{
  const char *path = fv_dataset_get_sample (self->dataset, item->sample)->path;
  g_autoptr (GError) reason = NULL;
  FvMask *mask = NULL;
  int width, height;

  g_mutex_lock (&self->lock);
  if (item->mask != NULL)
    mask = fv_mask_ref (item->mask);
  g_mutex_unlock (&self->lock);
  if (mask != NULL || !fv_image_check (path, &width, &height, error))
    return mask;
  mask = load_mask_either_way (self, item->sample, width, height, &reason);
  if (mask != NULL)
    keep_mask (self, item, mask);
  else if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  else
    set_removed (self, item, error);
  return mask;
}

/* As write_mask () does it, without the picture. */
static gboolean
read_mask (FvTrainingSet *self, Item *item, const FvAugmentation *augmentation, float *inside,
           float *opinion, float *weight, GError **error)
{
  g_autoptr (FvMask) mask = NULL;
  g_autoptr (GError) reason = NULL;

  if (needs_whole_mask (self, item))
    mask = get_mask (self, item, &reason);
  if (reason != NULL) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return FALSE;
  }
  *weight = item->inside != NULL && write_mask (self, item, mask, augmentation, inside, opinion)
                ? 1
                : 0;
  return TRUE;
}

gboolean
fv_training_set_read (FvTrainingSet *self, guint index, guint64 seed, guint view, float *pixels,
                      float *inside, float *opinion, float *weight, GError **error)
{
  Item *item = get_item (self, index);
  FvAugmentation augmentation = get_augmentation (self, index, seed, view);
  g_auto (Decoded) decoded = { 0 };
  g_autoptr (FvImage) image = NULL;

  if (pixels == NULL)
    return read_mask (self, item, &augmentation, inside, opinion, weight, error);
  if (!get_decoded (self, item, &decoded, error))
    return FALSE;
  if (fv_training_set_views_are_drawn (self))
    image = fv_augmentation_apply (&augmentation, decoded.image, get_filter (self),
                                   self->card->width, self->card->height);
  else
    image = fv_image_ref (decoded.image);
  write_pixels (self, image, augmentation.mirrored, pixels);
  *weight = item->inside != NULL
                    && write_mask (self, item, decoded.mask, &augmentation, inside, opinion)
                ? 1
                : 0;
  return TRUE;
}
