/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The dataset once its layout has been read: order, splits, and what can be asked of it. */

#include "fv-dataset-private.h"

#include <string.h>

#include "fv-data-error.h"
#include "fv-mask-file.h"

#define METADATA_NAME "metadata.csv"
#define EDITED_SUFFIX ".mask.png"

FvSample *
fv_dataset_add_sample (FvDataset *self, const char *name, const char *mask_name, int label)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autofree char *mask_path = NULL;
  g_autofree char *edited_path = NULL;
  const char *base = strrchr (path, G_DIR_SEPARATOR) + 1;
  const char *suffix = strrchr (base, '.');
  gsize n_stem = suffix != NULL ? (gsize) (suffix - path) : strlen (path);
  FvSample sample
      = { .label = label, .group_id = -1, .split = FV_SPLIT_TRAIN, .n_classes = 1, .record = -1 };

  edited_path = g_strdup_printf ("%.*s" EDITED_SUFFIX, (int) n_stem, path);
  sample.path = g_string_chunk_insert (self->strings, path);
  sample.name = sample.path + strlen (path) - strlen (name);
  sample.edited_mask_path = g_string_chunk_insert (self->strings, edited_path);
  if (mask_name != NULL) {
    mask_path = g_build_filename (self->folder, mask_name, NULL);
    sample.mask_path = g_string_chunk_insert (self->strings, mask_path);
  }
  g_array_append_val (self->samples, sample);
  return &g_array_index (self->samples, FvSample, self->samples->len - 1);
}

int
fv_dataset_compare_strings (gconstpointer a, gconstpointer b)
{
  const char *const *first = a;
  const char *const *second = b;

  return strcmp (*first, *second);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  const FvSample *first = a;
  const FvSample *second = b;

  return strcmp (first->name, second->name);
}

/* A sample's place in the shuffled order of its class. */
typedef struct {
  int label;
  guint64 hash;
  guint index;
} Ticket;

static int
compare_tickets (gconstpointer a, gconstpointer b)
{
  const Ticket *first = a;
  const Ticket *second = b;

  if (first->label != second->label)
    return first->label < second->label ? -1 : 1;
  if (first->hash != second->hash)
    return first->hash < second->hash ? -1 : 1;
  return first->index < second->index ? -1 : 1;
}

/* The first 8 bytes of SHA-256 ("seed\nname"): the same on every machine. */
static guint64
hash_name (guint64 seed, const char *name)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *prefix = g_strdup_printf ("%" G_GUINT64_FORMAT "\n", seed);
  guint8 digest[32];
  gsize n_digest = sizeof digest;
  guint64 hash;

  g_checksum_update (checksum, (const guchar *) prefix, -1);
  g_checksum_update (checksum, (const guchar *) name, -1);
  g_checksum_get_digest (checksum, digest, &n_digest);
  memcpy (&hash, digest, sizeof hash);
  return GUINT64_FROM_BE (hash);
}

static FvSplit
split_of_rank (gsize rank, gsize n)
{
  if (rank < (6 * n + 5) / 10) /* round (0.6 n) */
    return FV_SPLIT_TRAIN;
  return rank < (3 * n + 2) / 4 ? FV_SPLIT_VALIDATION : FV_SPLIT_TEST; /* round (0.75 n) */
}

/* Cuts each class 60/15/25 along the order of its hashes. Needs the samples in their final order.
 */
static void
assign_splits (FvDataset *self, guint64 seed)
{
  guint n = self->samples->len;
  g_autoptr (GArray) tickets = g_array_sized_new (FALSE, FALSE, sizeof (Ticket), n);

  for (guint i = 0; i < n; i++) {
    const FvSample *sample = &g_array_index (self->samples, FvSample, i);
    Ticket ticket = { sample->label, hash_name (seed, sample->name), i };

    g_array_append_val (tickets, ticket);
  }
  g_array_sort (tickets, compare_tickets);
  for (guint start = 0, end; start < n; start = end) {
    int label = g_array_index (tickets, Ticket, start).label;

    for (end = start; end < n && g_array_index (tickets, Ticket, end).label == label;)
      end++;
    for (guint i = start; i < end; i++) {
      guint index = g_array_index (tickets, Ticket, i).index;

      g_array_index (self->samples, FvSample, index).split = split_of_rank (i - start, end - start);
    }
  }
}

static FvDataset *
dataset_new (const char *path)
{
  FvDataset *self = g_new0 (FvDataset, 1);

  g_atomic_ref_count_init (&self->references);
  self->path = g_strdup (path);
  self->folder = g_strdup (path);
  self->strings = g_string_chunk_new (1 << 16);
  self->samples = g_array_new (FALSE, FALSE, sizeof (FvSample));
  self->classes = g_ptr_array_new ();
  self->groups = g_ptr_array_new ();
  return self;
}

/* Reads whichever layout is there. */
static gboolean
read_layout (FvDataset *self, gboolean *has_splits, GError **error)
{
  g_autofree char *csv_path = g_build_filename (self->path, METADATA_NAME, NULL);
  g_autofree char *json_path = NULL;

  if (!g_file_test (self->path, G_FILE_TEST_IS_DIR))
    return fv_dataset_read_coco (self, self->path, error);
  if (g_file_test (csv_path, G_FILE_TEST_EXISTS))
    return fv_dataset_read_metadata (self, csv_path, has_splits, error);
  json_path = fv_dataset_find_coco (self->path);
  return json_path != NULL ? fv_dataset_read_coco (self, json_path, error)
                           : fv_dataset_scan_folders (self, has_splits, error);
}

static gboolean
check_path (const char *path, GError **error)
{
  if (g_file_test (path, G_FILE_TEST_IS_DIR)
      || (g_file_test (path, G_FILE_TEST_IS_REGULAR) && g_str_has_suffix (path, ".json")))
    return TRUE;
  fv_data_error_set (error, FV_DATA_ERROR_IO, path,
                     g_file_test (path, G_FILE_TEST_EXISTS)
                         ? "is not a folder, nor a COCO file (.json)"
                         : "does not exist");
  return FALSE;
}

FvDataset *
fv_dataset_open (const char *folder, guint64 seed, GError **error)
{
  g_autoptr (FvDataset) self = NULL;
  gboolean has_splits = FALSE;

  g_return_val_if_fail (folder != NULL, NULL);

  if (!check_path (folder, error))
    return NULL;
  self = dataset_new (folder);
  if (!read_layout (self, &has_splits, error))
    return NULL;
  if (self->samples->len == 0) {
    fv_data_error_set (error, FV_DATA_ERROR_EMPTY, folder,
                       self->coco != NULL ? "has no images with labelled objects"
                                          : "has no images; they belong into images/CLASS/, "
                                            "CLASS/ or train/CLASS/");
    return NULL;
  }
  g_array_sort (self->samples, compare_names);
  self->has_drawn_splits = !has_splits;
  if (self->has_drawn_splits)
    assign_splits (self, seed);
  for (guint i = 0; i < self->samples->len; i++)
    self->n_in_split[g_array_index (self->samples, FvSample, i).split]++;
  return g_steal_pointer (&self);
}

FvDataset *
fv_dataset_ref (FvDataset *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
fv_dataset_unref (FvDataset *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_ptr_array_unref (self->groups);
  g_ptr_array_unref (self->classes);
  if (self->whole != NULL) {
    g_array_unref (self->samples);
    fv_dataset_unref (self->whole);
    g_free (self);
    return;
  }
  for (guint i = 0; self->coco != NULL && i < self->samples->len; i++)
    g_free ((int *) g_array_index (self->samples, FvSample, i).classes);
  g_array_unref (self->samples);
  fv_coco_free (self->coco);
  g_string_chunk_free (self->strings);
  g_free (self->folder);
  g_free (self->path);
  g_free (self);
}

const char *
fv_dataset_get_path (const FvDataset *self)
{
  g_return_val_if_fail (self != NULL, NULL);
  return self->path;
}

gsize
fv_dataset_get_n_samples (const FvDataset *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->samples->len;
}

const FvSample *
fv_dataset_get_sample (const FvDataset *self, gsize index)
{
  g_return_val_if_fail (self != NULL && index < self->samples->len, NULL);
  return &g_array_index (self->samples, FvSample, index);
}

gsize
fv_dataset_get_n_in_split (const FvDataset *self, FvSplit split)
{
  g_return_val_if_fail (self != NULL && split <= FV_SPLIT_TEST, 0);
  return self->n_in_split[split];
}

gboolean
fv_dataset_has_drawn_splits (const FvDataset *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return self->has_drawn_splits;
}

int
fv_dataset_get_n_classes (const FvDataset *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return (int) self->classes->len;
}

const char *
fv_dataset_get_class_name (const FvDataset *self, int label)
{
  g_return_val_if_fail (self != NULL && label >= 0 && (guint) label < self->classes->len, NULL);
  return g_ptr_array_index (self->classes, label);
}

int
fv_dataset_get_n_groups (const FvDataset *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return (int) self->groups->len;
}

const char *
fv_dataset_get_group_name (const FvDataset *self, int group_id)
{
  g_return_val_if_fail (self != NULL && group_id >= 0 && (guint) group_id < self->groups->len,
                        NULL);
  return g_ptr_array_index (self->groups, group_id);
}

gboolean
fv_dataset_is_multi_label (const FvDataset *self)
{
  g_return_val_if_fail (self != NULL, FALSE);
  return self->coco != NULL;
}

gboolean
fv_dataset_mixes_classes (const FvDataset *self)
{
  gboolean mixes = FALSE;

  for (gsize i = 0; i < fv_dataset_get_n_samples (self) && !mixes; i++)
    mixes = fv_dataset_get_sample (self, i)->n_classes > 1;
  return mixes;
}

gboolean
fv_dataset_has_class (const FvDataset *self, gsize index, int label)
{
  const FvSample *sample = fv_dataset_get_sample (self, index);

  g_return_val_if_fail (sample != NULL, FALSE);

  if (sample->classes == NULL)
    return sample->label == label;
  for (int i = 0; i < sample->n_classes; i++)
    if (sample->classes[i] == label)
      return TRUE;
  return FALSE;
}

gsize
fv_dataset_get_n_left_out (const FvDataset *self)
{
  g_return_val_if_fail (self != NULL, 0);
  return self->n_left_out;
}

/* The mask that the COCO file draws, for a photo of that size. */
static FvMask *
draw_coco_mask (const FvDataset *self, const FvSample *sample, int label, int width, int height,
                GError **error)
{
  const FvCocoImage *image = fv_coco_get_image (self->coco, sample->record);

  if (image->width == width && image->height == height)
    return fv_coco_draw_mask (self->coco, sample->record, label, error);
  fv_data_error_set (error, FV_DATA_ERROR_SIZE, sample->path,
                     "has %d × %d pixels, but its COCO file says %d × %d", width, height,
                     image->width, image->height);
  return NULL;
}

FvMask *
fv_dataset_load_mask (const FvDataset *self, gsize index, int width, int height, GError **error)
{
  const FvSample *sample = fv_dataset_get_sample (self, index);

  g_return_val_if_fail (sample != NULL, NULL);

  if (g_file_test (sample->edited_mask_path, G_FILE_TEST_EXISTS))
    return fv_mask_file_load_for (sample->edited_mask_path, width, height, error);
  if (sample->mask_path != NULL)
    return fv_mask_file_load_for (sample->mask_path, width, height, error);
  if (sample->record >= 0)
    return draw_coco_mask (self, sample, sample->label, width, height, error);
  return NULL;
}

FvMask *
fv_dataset_load_class_mask (const FvDataset *self, gsize index, int label, int width, int height,
                            GError **error)
{
  const FvSample *sample = fv_dataset_get_sample (self, index);

  g_return_val_if_fail (sample != NULL && label >= 0 && label < fv_dataset_get_n_classes (self),
                        NULL);

  if (label == sample->label)
    return fv_dataset_load_mask (self, index, width, height, error);
  return sample->record >= 0 ? draw_coco_mask (self, sample, label, width, height, error) : NULL;
}
