/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From (picture, view) to what the network is given; fv-picture-store keeps what is decoded. */

#include "fv-training-set.h"

#include <string.h>

#include "fv-augment.h"
#include "fv-background-swap.h"
#include "fv-class-masks.h"
#include "fv-crew.h"
#include "fv-picture-store.h"
#include "fv-tensor.h"

#define N_CHANNELS 3
#define N_LEVELS 256
/* Beside the seed, the epoch and the picture: what tells the draw of a class from all others. */
#define CLASS_PURPOSE 1

typedef struct {
  int label;
  const int *classes; /* of the dataset: all that are in the picture; NULL: the label alone */
  int n_classes;
  GArray *masks;     /* FvClassMask, in the order of the classes; NULL without any */
  char *mask_digest; /* where the mask decides what the picture becomes */
} Item;

struct _FvTrainingSet {
  FvCard *card;
  int map_width, map_height;
  guint augment, n_views;             /* n_views: as set */
  float levels[N_CHANNELS][N_LEVELS]; /* the input's value, by its channel and an 8-bit value */
  GArray *items;                      /* Item */
  GArray *masked;                     /* guint: the items that have a mask */
  int n_targets;                      /* classes, where there are pictures of several; else 0 */
  gboolean all_classes;
  FvPictureStore *store;
  const FvSampling *sampling; /* NULL: every picture once */
};

static void
clear_item (gpointer data)
{
  Item *item = data;

  g_clear_pointer (&item->masks, g_array_unref);
  g_free (item->mask_digest);
}

void
fv_training_set_free (FvTrainingSet *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->items);
  g_array_unref (self->masked);
  g_clear_pointer (&self->store, fv_picture_store_free);
  fv_card_free (self->card);
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

/* (transfer full) */
static char *
digest (const FvMask *mask)
{
  gsize n = (gsize) fv_mask_get_width (mask) * (gsize) fv_mask_get_height (mask);

  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, fv_mask_peek (mask), n);
}

/* Keeps the mask of the class @label, if there is one, on the map's cells. Of several classes one
 * of which nothing is inside has no say, and is not drawn. */
static gboolean
add_mask (const FvTrainingSet *self, guint index, int label, int width, int height, GError **error)
{
  Item *item = get_item (self, index);
  g_autoptr (GError) reason = NULL;
  g_autoptr (FvMask) mask
      = fv_picture_store_find_mask (self->store, index, label, width, height, &reason);

  if (reason != NULL) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return FALSE;
  }
  if (mask == NULL || (self->n_targets > 0 && fv_mask_is_empty (mask)))
    return TRUE;
  fv_class_masks_add (&item->masks, label, mask, self->map_width, self->map_height);
  if ((self->augment & FV_AUGMENT_BACKGROUND) != 0 && label == item->label)
    item->mask_digest = digest (mask);
  return TRUE;
}

static gboolean
check_item (int index, gpointer user_data, GError **error)
{
  const FvTrainingSet *self = user_data;
  const Item *item = get_item (self, (guint) index);
  int width, height;

  if (!fv_image_check (fv_picture_store_get_path (self->store, (guint) index), &width, &height,
                       error))
    return FALSE;
  if (map_cells (self) == 0)
    return TRUE;
  if (item->classes == NULL)
    return add_mask (self, (guint) index, item->label, width, height, error);
  for (int i = 0; i < item->n_classes; i++)
    if (!add_mask (self, (guint) index, item->classes[i], width, height, error))
      return FALSE;
  return TRUE;
}

static void
add_items (FvTrainingSet *self, const FvDataset *dataset, FvSplit split)
{
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (gsize));

  for (gsize i = 0; i < fv_dataset_get_n_samples (dataset); i++) {
    const FvSample *sample = fv_dataset_get_sample (dataset, i);
    Item item = { .label = sample->label };

    if (self->n_targets > 0) {
      item.classes = sample->classes;
      item.n_classes = sample->n_classes;
    }
    if (sample->split != split)
      continue;
    g_array_append_val (self->items, item);
    g_array_append_val (samples, i);
  }
  self->store = fv_picture_store_new (dataset, self->card, (const gsize *) samples->data,
                                      samples->len, fv_augment_is_geometric (self->augment));
}

static void
list_masked (FvTrainingSet *self)
{
  g_array_set_size (self->masked, 0);
  for (guint i = 0; i < self->items->len; i++)
    if (get_item (self, i)->masks != NULL)
      g_array_append_val (self->masked, i);
}

FvTrainingSet *
fv_training_set_load (const FvDataset *dataset, FvSplit split, const FvCard *card, int map_width,
                      int map_height, guint augment, GCancellable *cancellable, GError **error)
{
  g_autoptr (FvTrainingSet) self = g_new0 (FvTrainingSet, 1);

  self->card = fv_card_copy (card);
  self->map_width = map_width;
  self->map_height = map_height;
  self->augment = augment;
  self->n_targets = fv_dataset_mixes_classes (dataset) ? fv_dataset_get_n_classes (dataset) : 0;
  fill_levels (self);
  self->items = g_array_new (FALSE, TRUE, sizeof (Item));
  self->masked = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_set_clear_func (self->items, clear_item);
  add_items (self, dataset, split);
  if (self->items->len == 0) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "“%s” has no pictures to train on", fv_dataset_get_path (dataset));
    return NULL;
  }
  if (!fv_crew_run ((int) self->items->len, check_item, self, cancellable, error))
    return NULL;
  list_masked (self);
  return g_steal_pointer (&self);
}

void
fv_training_set_set_cache_limit (FvTrainingSet *self, gsize n_bytes)
{
  fv_picture_store_set_limit (self->store, n_bytes);
}

void
fv_training_set_set_sampling (FvTrainingSet *self, const FvSampling *sampling)
{
  self->sampling = sampling;
}

const FvSampling *
fv_training_set_get_sampling (const FvTrainingSet *self)
{
  return self->sampling;
}

void
fv_training_set_keep_masks (FvTrainingSet *self, double share, guint64 seed)
{
  g_autofree gboolean *kept = g_new (gboolean, self->items->len);

  for (guint i = 0; i < self->items->len; i++)
    kept[i] = get_item (self, i)->masks != NULL;
  fv_sampling_keep_share (kept, self->items->len, share, seed);
  for (guint i = 0; i < self->items->len; i++)
    if (!kept[i]) {
      g_clear_pointer (&get_item (self, i)->masks, g_array_unref);
      g_clear_pointer (&get_item (self, i)->mask_digest, g_free);
    }
  list_masked (self);
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
  return fv_picture_store_get_path (self->store, item);
}

const char *
fv_training_set_get_mask_digest (const FvTrainingSet *self, guint item)
{
  return get_item (self, item)->mask_digest;
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

/* -- several classes ------------------------------------------------------------------------ */

int
fv_training_set_get_n_targets (const FvTrainingSet *self)
{
  return self->n_targets;
}

void
fv_training_set_write_targets (const FvTrainingSet *self, guint index, float *targets)
{
  const Item *item = get_item (self, index);

  for (int c = 0; c < self->n_targets; c++)
    targets[c] = item->classes == NULL && c == item->label ? 1 : 0;
  for (int i = 0; item->classes != NULL && i < item->n_classes; i++)
    targets[item->classes[i]] = 1;
}

void
fv_training_set_set_all_classes (FvTrainingSet *self, gboolean all)
{
  self->all_classes = all;
}

guint
fv_training_set_get_n_rows (const FvTrainingSet *self, guint item)
{
  return self->all_classes ? MAX (fv_class_masks_count (get_item (self, item)->masks), 1) : 1;
}

guint
fv_training_set_get_max_rows (const FvTrainingSet *self)
{
  guint max = 1;

  for (guint i = 0; i < self->items->len; i++)
    max = MAX (max, fv_training_set_get_n_rows (self, i));
  return max;
}

guint
fv_training_set_get_mask (const FvTrainingSet *self, guint item, guint row, guint64 seed, int epoch)
{
  const guint32 words[]
      = { (guint32) seed, (guint32) (seed >> 32), (guint32) epoch, item, CLASS_PURPOSE };
  guint n = fv_class_masks_count (get_item (self, item)->masks);
  g_autoptr (GRand) random = NULL;

  if (self->all_classes || n <= 1)
    return row;
  random = g_rand_new_with_seed_array (words, G_N_ELEMENTS (words));
  return (guint) g_rand_int_range (random, 0, (gint32) n);
}

int
fv_training_set_get_mask_class (const FvTrainingSet *self, guint index, guint mask)
{
  const Item *item = get_item (self, index);

  return mask < fv_class_masks_count (item->masks) ? fv_class_masks_get (item->masks, mask)->label
                                                   : item->label;
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

  return fv_sampling_order (self->sampling, random, self->items->len);
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

static FvResizeFilter
get_filter (const FvTrainingSet *self)
{
  return self->card->bicubic ? FV_RESIZE_BICUBIC : FV_RESIZE_BILINEAR;
}

void
fv_training_set_forget_pictures (FvTrainingSet *self)
{
  fv_picture_store_forget_pictures (self->store);
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

/* The mask on the map's cells, moved as the picture is. @mask: NULL takes @pooled. Returns:
 * whether any of the object is still there */
static gboolean
write_mask (const FvTrainingSet *self, const FvClassMask *pooled, const FvMask *mask,
            const FvAugmentation *augmentation, float *inside, float *opinion)
{
  g_autoptr (FvMask) moved = NULL;

  if (mask != NULL) {
    moved
        = fv_augmentation_apply_to_mask (augmentation, mask, self->card->width, self->card->height);
    fv_mask_pool (moved, self->map_width, self->map_height, inside, opinion);
  } else {
    memcpy (inside, pooled->inside, map_cells (self) * sizeof *inside);
    memcpy (opinion, pooled->opinion, map_cells (self) * sizeof *opinion);
  }
  if (augmentation->mirrored) {
    mirror (inside, (gsize) self->map_height, (gsize) self->map_width);
    mirror (opinion, (gsize) self->map_height, (gsize) self->map_width);
  }
  return moved == NULL || fv_mask_is_empty (mask) || !fv_mask_is_empty (moved);
}

/* As write_mask () does it, without the picture. @place: which of the picture's masks. */
static gboolean
read_mask (FvTrainingSet *self, guint index, guint place, const FvAugmentation *augmentation,
           float *inside, float *opinion, float *weight, GError **error)
{
  const Item *item = get_item (self, index);
  const FvClassMask *pooled;
  g_autoptr (FvMask) mask = NULL;

  *weight = 0;
  if (place >= fv_class_masks_count (item->masks))
    return TRUE;
  pooled = fv_class_masks_get (item->masks, place);
  if (fv_augment_is_geometric (self->augment)) { /* its cells are not always the same */
    mask = fv_picture_store_load_mask (self->store, index, pooled->label, error);
    if (mask == NULL)
      return FALSE;
  }
  *weight = write_mask (self, pooled, mask, augmentation, inside, opinion) ? 1 : 0;
  return TRUE;
}

/* @image, its object on the background of another picture that has a mask. (transfer full) */
static FvImage *
swap_background (FvTrainingSet *self, const FvImage *image, const FvMask *mask, double donor,
                 GError **error)
{
  guint index = (guint) (donor * self->masked->len);
  g_autoptr (FvImage) fitted = NULL;
  g_autoptr (FvMask) fitted_mask = NULL;
  g_autoptr (FvImage) background = fv_picture_store_load_background (
      self->store, g_array_index (self->masked, guint, index), error);

  if (background == NULL)
    return NULL;
  fitted = fv_picture_store_fit (self->store, image);
  fitted_mask = fv_picture_store_fit_mask (self->store, mask);
  return fv_background_swap (fitted, fitted_mask, background);
}

/* The picture changed by @augmentation, all but the mirroring. (transfer full) */
static FvImage *
read_picture (FvTrainingSet *self, guint index, const FvAugmentation *augmentation, GError **error)
{
  const Item *item = get_item (self, index);
  gboolean has_mask = fv_class_masks_has (item->masks, item->label);
  gboolean swaps = (self->augment & FV_AUGMENT_BACKGROUND) != 0 && has_mask;
  g_autoptr (FvMask) mask = NULL;
  g_autoptr (FvImage) image
      = fv_picture_store_load (self->store, index, has_mask, swaps ? &mask : NULL, error);
  g_autoptr (FvImage) swapped = NULL;

  if (image == NULL || !fv_training_set_views_are_drawn (self))
    return g_steal_pointer (&image);
  if (swaps) {
    swapped = swap_background (self, image, mask, augmentation->donor, error);
    if (swapped == NULL)
      return NULL;
  }
  return fv_augmentation_apply (augmentation, swaps ? swapped : image, get_filter (self),
                                self->card->width, self->card->height);
}

gboolean
fv_training_set_read (FvTrainingSet *self, guint index, guint64 seed, guint view, guint mask,
                      float *pixels, float *inside, float *opinion, float *weight, GError **error)
{
  FvAugmentation augmentation = get_augmentation (self, index, seed, view);
  g_autoptr (FvImage) image = NULL;

  if (pixels != NULL) {
    image = read_picture (self, index, &augmentation, error);
    if (image == NULL)
      return FALSE;
    write_pixels (self, image, augmentation.mirrored, pixels);
  }
  return read_mask (self, index, mask, &augmentation, inside, opinion, weight, error);
}
