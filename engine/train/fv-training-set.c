/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Decoded pictures are kept as 8-bit values at the input's size (150 kB at 224 px), up to a limit;
 * beyond it they are decoded again for each batch. */

#include "fv-training-set.h"

#include "fv-image.h"
#include "fv-op.h"
#include "fv-preprocess.h"

#define MAX_CACHE_BYTES ((gsize) 2 << 30)

typedef struct {
  gsize sample;
  gint64 label;
  guint8 *pixels; /* [3,H,W]; NULL when the cache was full */
  float *inside;  /* [h,w]; NULL without a mask */
  float *opinion;
} Item;

struct _FvTrainingSet {
  FvDataset *dataset;
  FvCard *card;
  int map_width, map_height;
  GArray *items; /* Item */
  gsize cache_bytes;
};

static void
clear_item (gpointer data)
{
  Item *item = data;

  g_free (item->pixels);
  g_free (item->inside);
  g_free (item->opinion);
}

void
fv_training_set_free (FvTrainingSet *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->items);
  fv_dataset_unref (self->dataset);
  fv_card_free (self->card);
  g_free (self);
}

static gsize
picture_bytes (const FvTrainingSet *self)
{
  return 3 * (gsize) self->card->width * (gsize) self->card->height;
}

static gsize
map_cells (const FvTrainingSet *self)
{
  return (gsize) self->map_width * (gsize) self->map_height;
}

/* [3,H,W] at the card's size. */
static guint8 *
resized_pixels (const FvTrainingSet *self, const FvImage *image, GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *picture
      = fv_preprocess_resize (scope, self->card, fv_image_peek (image), fv_image_get_width (image),
                              fv_image_get_height (image), FALSE);
  g_autofree guint8 *pixels = g_malloc (picture_bytes (self));

  if (!fv_scope_check (scope, error)
      || !fv_tensor_read (picture, FV_DTYPE_UINT8, pixels, picture_bytes (self), error))
    return NULL;
  return g_steal_pointer (&pixels);
}

static gboolean
load_mask (const FvTrainingSet *self, Item *item, const FvImage *image, GError **error)
{
  g_autoptr (GError) reason = NULL;
  g_autoptr (FvMask) mask
      = fv_dataset_load_mask (self->dataset, item->sample, fv_image_get_width (image),
                              fv_image_get_height (image), &reason);

  if (reason != NULL) {
    g_propagate_error (error, g_steal_pointer (&reason));
    return FALSE;
  }
  if (mask == NULL)
    return TRUE;
  item->inside = g_new (float, map_cells (self));
  item->opinion = g_new (float, map_cells (self));
  fv_mask_pool (mask, self->map_width, self->map_height, item->inside, item->opinion);
  return TRUE;
}

static gboolean
load_item (FvTrainingSet *self, gsize sample, GError **error)
{
  const FvSample *description = fv_dataset_get_sample (self->dataset, sample);
  Item item = { .sample = sample, .label = description->label };
  g_autoptr (FvImage) image = fv_image_load (description->path, error);
  gboolean loaded;

  if (image == NULL)
    return FALSE;
  loaded = map_cells (self) == 0 || load_mask (self, &item, image, error);
  if (loaded && self->cache_bytes + picture_bytes (self) <= MAX_CACHE_BYTES) {
    item.pixels = resized_pixels (self, image, error);
    loaded = item.pixels != NULL;
    self->cache_bytes += picture_bytes (self);
  }
  g_array_append_val (self->items, item);
  return loaded;
}

FvTrainingSet *
fv_training_set_load (const FvDataset *dataset, FvSplit split, const FvCard *card, int map_width,
                      int map_height, GCancellable *cancellable, GError **error)
{
  g_autoptr (FvTrainingSet) self = g_new0 (FvTrainingSet, 1);

  self->dataset = fv_dataset_ref ((FvDataset *) dataset);
  self->card = fv_card_copy (card);
  self->map_width = map_width;
  self->map_height = map_height;
  self->items = g_array_new (FALSE, TRUE, sizeof (Item));
  g_array_set_clear_func (self->items, clear_item);
  for (gsize i = 0; i < fv_dataset_get_n_samples (dataset); i++)
    if (fv_dataset_get_sample (dataset, i)->split == split
        && (g_cancellable_set_error_if_cancelled (cancellable, error)
            || !load_item (self, i, error)))
      return NULL;
  if (self->items->len == 0) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "“%s” has no pictures to train on", fv_dataset_get_path (dataset));
    return NULL;
  }
  return g_steal_pointer (&self);
}

gsize
fv_training_set_get_length (const FvTrainingSet *self)
{
  return self->items->len;
}

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

/* -- batches -------------------------------------------------------------------------------- */

static void
mirror_bytes (guint8 *pixels, gsize n_rows, gsize width)
{
  for (gsize row = 0; row < n_rows; row++, pixels += width)
    for (gsize i = 0; i < width / 2; i++) {
      guint8 moved = pixels[i];

      pixels[i] = pixels[width - 1 - i];
      pixels[width - 1 - i] = moved;
    }
}

static void
mirror_floats (float *values, gsize n_rows, gsize width)
{
  for (gsize row = 0; row < n_rows; row++, values += width)
    for (gsize i = 0; i < width / 2; i++) {
      float moved = values[i];

      values[i] = values[width - 1 - i];
      values[width - 1 - i] = moved;
    }
}

static gboolean
copy_pixels (const FvTrainingSet *self, const Item *item, guint8 *pixels, GError **error)
{
  g_autoptr (FvImage) image = NULL;
  g_autofree guint8 *decoded = NULL;

  if (item->pixels != NULL) {
    memcpy (pixels, item->pixels, picture_bytes (self));
    return TRUE;
  }
  image = fv_image_load (fv_dataset_get_sample (self->dataset, item->sample)->path, error);
  decoded = image != NULL ? resized_pixels (self, image, error) : NULL;
  if (decoded == NULL)
    return FALSE;
  memcpy (pixels, decoded, picture_bytes (self));
  return TRUE;
}

/* Plain arrays of a batch while it is gathered. */
typedef struct {
  guint8 *pixels;
  gint64 *labels;
  float *inside, *opinion, *weight;
} Arrays;

static void
arrays_clear (Arrays *arrays)
{
  g_free (arrays->pixels);
  g_free (arrays->labels);
  g_free (arrays->inside);
  g_free (arrays->opinion);
  g_free (arrays->weight);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Arrays, arrays_clear)

static gboolean
gather (const FvTrainingSet *self, const Item *item, gsize place, gboolean mirrored, Arrays *arrays,
        GError **error)
{
  gsize cells = map_cells (self);
  guint8 *pixels = arrays->pixels + place * picture_bytes (self);
  float *inside = arrays->inside + place * cells;
  float *opinion = arrays->opinion + place * cells;

  if (!copy_pixels (self, item, pixels, error))
    return FALSE;
  arrays->labels[place] = item->label;
  arrays->weight[place] = item->inside != NULL ? 1 : 0;
  if (item->inside != NULL) {
    memcpy (inside, item->inside, cells * sizeof (float));
    memcpy (opinion, item->opinion, cells * sizeof (float));
  }
  if (mirrored) {
    mirror_bytes (pixels, 3 * (gsize) self->card->height, (gsize) self->card->width);
    mirror_floats (inside, (gsize) self->map_height, (gsize) self->map_width);
    mirror_floats (opinion, (gsize) self->map_height, (gsize) self->map_width);
  }
  return TRUE;
}

static gboolean
draw_flip (guint64 seed, int epoch, guint item)
{
  g_autoptr (GRand) random = random_for (seed, (guint32) epoch, item);

  return g_rand_boolean (random);
}

static FvTensor *
wrap (FvScope *scope, FvDtype dtype, const void *data, gint64 n, gint64 a, gint64 b, int n_dims)
{
  const gint64 shape[] = { n, a, b };
  gsize count = (gsize) n * (n_dims == 3 ? (gsize) (a * b) : 1);
  GError *error = NULL;
  FvTensor *tensor
      = fv_tensor_new (dtype, shape, n_dims, data, count * fv_dtype_get_size (dtype), &error);

  if (tensor == NULL)
    fv_scope_fail (scope, error);
  return fv_scope_take (scope, tensor);
}

static void
wrap_batch (const FvTrainingSet *self, FvScope *scope, const Arrays *arrays, gsize n,
            FvBatch *batch)
{
  const gint64 count = (gint64) n;
  const gint64 height = self->card->height;
  const gint64 width = self->card->width;
  FvTensor *pixels = wrap (scope, FV_DTYPE_UINT8, arrays->pixels, count * 3, height, width, 3);

  pixels = fv_call (scope, "aten::reshape", fv_of (pixels), fv_ints (count, 3, height, width));
  batch->images = fv_preprocess_normalise (scope, self->card, pixels);
  batch->labels = wrap (scope, FV_DTYPE_INT64, arrays->labels, count, 0, 0, 1);
  batch->inside
      = wrap (scope, FV_DTYPE_FLOAT32, arrays->inside, count, self->map_height, self->map_width, 3);
  batch->opinion = wrap (scope, FV_DTYPE_FLOAT32, arrays->opinion, count, self->map_height,
                         self->map_width, 3);
  batch->weight = wrap (scope, FV_DTYPE_FLOAT32, arrays->weight, count, 0, 0, 1);
}

gboolean
fv_training_set_get_batch (const FvTrainingSet *self, FvScope *scope, const guint *items, gsize n,
                           gboolean flip, guint64 seed, int epoch, FvBatch *batch)
{
  g_auto (Arrays) arrays = { .pixels = g_malloc (n * picture_bytes (self)),
                             .labels = g_new (gint64, n),
                             .inside = g_new0 (float, MAX (n * map_cells (self), 1)),
                             .opinion = g_new0 (float, MAX (n * map_cells (self), 1)),
                             .weight = g_new (float, n) };
  GError *error = NULL;

  batch->any_mask = FALSE;
  for (gsize i = 0; i < n; i++) {
    const Item *item = &g_array_index (self->items, Item, items[i]);
    gboolean mirrored = flip && draw_flip (seed, epoch, items[i]);

    if (!gather (self, item, i, mirrored, &arrays, &error)) {
      fv_scope_fail (scope, error);
      return FALSE;
    }
    batch->any_mask |= item->inside != NULL;
  }
  wrap_batch (self, scope, &arrays, n, batch);
  return !fv_scope_has_failed (scope);
}
