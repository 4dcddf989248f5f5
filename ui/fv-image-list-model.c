/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-image-list-model.h"

#include <math.h>
#include <stdlib.h>

struct _FvImageListModel {
  GObject parent_instance;

  FvDataset *dataset;
  FvImageRecord *records; /* [n_samples] */
  guint32 *rows;          /* sample of each row */
  guint n_rows;
  GHashTable *alive; /* sample → FvImageItem that somebody still holds; weak */
  FvReading reading;
  gboolean worst_first;
  FvImageFilter filter;
  FvSplit range_split;
  FvReading range_reading;
  float range_low, range_high; /* NaN: no end on this side */
  char *search;                /* casefolded; NULL: none */
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (FvImageListModel, fv_image_list_model, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static gsize
count_samples (FvImageListModel *self)
{
  return self->dataset == NULL ? 0 : fv_dataset_get_n_samples (self->dataset);
}

/* -- items ---------------------------------------------------------------------------------- */

typedef struct {
  GWeakRef model;
  gsize sample;
} Watch;

static void
on_item_gone (gpointer user_data, GObject *where)
{
  Watch *watch = user_data;
  g_autoptr (FvImageListModel) self = g_weak_ref_get (&watch->model);

  if (self != NULL
      && g_hash_table_lookup (self->alive, GSIZE_TO_POINTER (watch->sample)) == (gpointer) where)
    g_hash_table_remove (self->alive, GSIZE_TO_POINTER (watch->sample));
  g_weak_ref_clear (&watch->model);
  g_free (watch);
}

static GType
get_item_type (GListModel *model)
{
  return FV_TYPE_IMAGE_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return FV_IMAGE_LIST_MODEL (model)->n_rows;
}

static gpointer
get_item (GListModel *model, guint position)
{
  FvImageListModel *self = FV_IMAGE_LIST_MODEL (model);
  FvImageItem *item;
  Watch *watch;
  gsize sample;

  if (position >= self->n_rows)
    return NULL;
  sample = self->rows[position];
  item = g_hash_table_lookup (self->alive, GSIZE_TO_POINTER (sample));
  if (item != NULL)
    return g_object_ref (item);

  item = fv_image_item_new (self->dataset, sample, &self->records[sample], self->reading);
  watch = g_new0 (Watch, 1);
  g_weak_ref_init (&watch->model, self);
  watch->sample = sample;
  g_object_weak_ref (G_OBJECT (item), on_item_gone, watch);
  g_hash_table_insert (self->alive, GSIZE_TO_POINTER (sample), item);
  return item;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* -- order ---------------------------------------------------------------------------------- */

static gboolean
contains (const char *text, const char *folded_needle)
{
  g_autofree char *folded = text == NULL ? NULL : g_utf8_casefold (text, -1);

  return folded != NULL && strstr (folded, folded_needle) != NULL;
}

/* A picture without the number is in no range. */
static gboolean
is_in_range (FvImageListModel *self, const FvSample *photo, const FvImageRecord *record)
{
  float value = record->values[self->range_reading];

  if (isnan (self->range_low) && isnan (self->range_high))
    return TRUE;
  return photo->split == self->range_split && !isnan (value) && !(value < self->range_low)
         && !(value > self->range_high);
}

static gboolean
is_shown (FvImageListModel *self, gsize sample)
{
  const FvSample *photo = fv_dataset_get_sample (self->dataset, sample);
  const FvImageRecord *record = &self->records[sample];

  if ((self->filter & FV_IMAGE_FILTER_WRONG) != 0
      && (!record->measured || fv_dataset_has_class (self->dataset, sample, record->prediction)))
    return FALSE;
  if ((self->filter & FV_IMAGE_FILTER_NO_MASK) != 0 && record->has_mask)
    return FALSE;
  if ((self->filter & FV_IMAGE_FILTER_TEST) != 0 && photo->split != FV_SPLIT_TEST)
    return FALSE;
  if (!is_in_range (self, photo, record))
    return FALSE;
  return self->search == NULL || contains (photo->name, self->search)
         || contains (photo->group, self->search)
         || contains (fv_dataset_get_class_name (self->dataset, photo->label), self->search);
}

/* What a row is sorted by, beside one another: records are too far apart for 100,000 of them. */
typedef struct {
  float badness; /* the larger, the worse */
  guint32 sample;
} Key;

/* Samples are sorted by name already, so equal numbers fall back to the sample's own. */
static gint
compare_worst (gconstpointer a, gconstpointer b)
{
  const Key *first = a;
  const Key *second = b;

  if (isnan (first->badness) != isnan (second->badness))
    return isnan (first->badness) ? 1 : -1;
  if (first->badness != second->badness && !isnan (first->badness))
    return first->badness > second->badness ? -1 : 1;
  return first->sample < second->sample ? -1 : first->sample > second->sample;
}

static void
sort_worst_first (FvImageListModel *self, guint32 *rows, guint n_rows)
{
  g_autofree Key *keys = g_new (Key, n_rows);
  float sign = fv_reading_get_info (self->reading)->higher_is_better ? -1.0f : 1.0f;

  if (n_rows == 0)
    return;
  for (guint i = 0; i < n_rows; i++)
    keys[i] = (Key){ sign * self->records[rows[i]].values[self->reading], rows[i] };
  qsort (keys, n_rows, sizeof (Key), compare_worst);
  for (guint i = 0; i < n_rows; i++)
    rows[i] = keys[i].sample;
}

static guint32 *
make_rows (FvImageListModel *self, guint *n_rows)
{
  gsize n = count_samples (self);
  guint32 *rows = g_new (guint32, n);

  *n_rows = 0;
  for (gsize i = 0; i < n; i++)
    if (is_shown (self, i))
      rows[(*n_rows)++] = (guint32) i;
  if (self->worst_first)
    sort_worst_first (self, rows, *n_rows);
  return rows;
}

/* Tells only about the rows between the first and the last that differ: the rest of the view, and
 * the selection in it, stays. */
void
fv_image_list_model_resort (FvImageListModel *self)
{
  g_autofree guint32 *old = g_steal_pointer (&self->rows);
  guint n_old = self->n_rows;
  guint start = 0;
  guint end = 0;

  self->rows = make_rows (self, &self->n_rows);
  while (start < MIN (n_old, self->n_rows) && old[start] == self->rows[start])
    start++;
  while (end < MIN (n_old, self->n_rows) - start
         && old[n_old - 1 - end] == self->rows[self->n_rows - 1 - end])
    end++;
  if (start + end < MAX (n_old, self->n_rows))
    g_list_model_items_changed (G_LIST_MODEL (self), start, n_old - start - end,
                                self->n_rows - start - end);
}

void
fv_image_list_model_set_worst_first (FvImageListModel *self, gboolean worst_first)
{
  self->worst_first = worst_first;
  fv_image_list_model_resort (self);
}

void
fv_image_list_model_set_reading (FvImageListModel *self, FvReading reading)
{
  GHashTableIter iter;
  gpointer item;

  g_return_if_fail (reading < FV_READING_N);

  self->reading = reading;
  g_hash_table_iter_init (&iter, self->alive);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    fv_image_item_set_reading (item, reading);
  fv_image_list_model_resort (self);
}

FvReading
fv_image_list_model_get_reading (FvImageListModel *self)
{
  return self->reading;
}

void
fv_image_list_model_set_range (FvImageListModel *self, FvSplit split, FvReading reading, float low,
                               float high)
{
  self->range_split = split;
  self->range_reading = reading;
  self->range_low = low;
  self->range_high = high;
  fv_image_list_model_resort (self);
}

void
fv_image_list_model_set_filter (FvImageListModel *self, FvImageFilter filter)
{
  self->filter = filter;
  fv_image_list_model_resort (self);
}

void
fv_image_list_model_set_search (FvImageListModel *self, const char *text)
{
  g_free (self->search);
  self->search = text == NULL || *text == '\0' ? NULL : g_utf8_casefold (text, -1);
  fv_image_list_model_resort (self);
}

/* -- records -------------------------------------------------------------------------------- */

void
fv_image_list_model_set_dataset (FvImageListModel *self, FvDataset *dataset)
{
  guint n_old = self->n_rows;

  self->n_rows = 0;
  g_clear_pointer (&self->rows, g_free);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_old, 0);
  g_hash_table_remove_all (self->alive);

  g_clear_pointer (&self->dataset, fv_dataset_unref);
  self->dataset = dataset == NULL ? NULL : fv_dataset_ref (dataset);
  g_free (self->records);
  self->records = g_new0 (FvImageRecord, count_samples (self));
  for (gsize i = 0; i < count_samples (self); i++)
    self->records[i]
        = fv_image_record_unknown (fv_dataset_get_sample (dataset, i)->mask_path != NULL);
  self->range_low = self->range_high = NAN;
  fv_image_list_model_resort (self);
}

FvDataset *
fv_image_list_model_get_dataset (FvImageListModel *self)
{
  return self->dataset;
}

const FvImageRecord *
fv_image_list_model_get_record (FvImageListModel *self, gsize sample)
{
  return &self->records[sample];
}

void
fv_image_list_model_set_record (FvImageListModel *self, gsize sample, const FvImageRecord *record)
{
  FvImageItem *item = g_hash_table_lookup (self->alive, GSIZE_TO_POINTER (sample));

  g_return_if_fail (sample < count_samples (self));

  self->records[sample] = *record;
  if (item != NULL)
    fv_image_item_set_record (item, record);
}

void
fv_image_list_model_forget (FvImageListModel *self)
{
  for (gsize i = 0; i < count_samples (self); i++) {
    FvImageRecord record = self->records[i];

    fv_image_record_forget (&record);
    fv_image_list_model_set_record (self, i, &record);
  }
}

GArray *
fv_image_list_model_dup_order (FvImageListModel *self)
{
  gsize n = count_samples (self);
  GArray *order = g_array_sized_new (FALSE, FALSE, sizeof (gsize), (guint) n);
  g_autofree gboolean *listed = g_new0 (gboolean, n);

  for (guint row = 0; row < self->n_rows; row++) {
    gsize sample = self->rows[row];

    listed[sample] = TRUE;
    g_array_append_val (order, sample);
  }
  for (gsize i = 0; i < n; i++)
    if (!listed[i])
      g_array_append_val (order, i);
  return order;
}

gssize
fv_image_list_model_find (FvImageListModel *self, gsize sample)
{
  for (guint row = 0; row < self->n_rows; row++)
    if (self->rows[row] == sample)
      return row;
  return -1;
}

static void
fv_image_list_model_finalize (GObject *object)
{
  FvImageListModel *self = FV_IMAGE_LIST_MODEL (object);

  g_clear_pointer (&self->dataset, fv_dataset_unref);
  g_hash_table_unref (self->alive);
  g_free (self->records);
  g_free (self->rows);
  g_free (self->search);

  G_OBJECT_CLASS (fv_image_list_model_parent_class)->finalize (object);
}

static void
fv_image_list_model_class_init (FvImageListModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fv_image_list_model_finalize;
}

static void
fv_image_list_model_init (FvImageListModel *self)
{
  self->alive = g_hash_table_new (NULL, NULL);
  self->worst_first = TRUE;
  self->range_low = self->range_high = NAN;
}

FvImageListModel *
fv_image_list_model_new (void)
{
  return g_object_new (FV_TYPE_IMAGE_LIST_MODEL, NULL);
}
