/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-image-item.h"

struct _FvImageItem {
  GObject parent_instance;

  FvDataset *dataset;
  gsize sample;
  FvImageRecord record;
  FvReading reading;
};

enum { CHANGED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FvImageItem, fv_image_item, G_TYPE_OBJECT)

gsize
fv_image_item_get_sample (FvImageItem *self)
{
  return self->sample;
}

const FvSample *
fv_image_item_get_photo (FvImageItem *self)
{
  return fv_dataset_get_sample (self->dataset, self->sample);
}

const char *
fv_image_item_get_title (FvImageItem *self)
{
  const FvSample *photo = fv_image_item_get_photo (self);

  return photo->group != NULL ? photo->group
                              : fv_dataset_get_class_name (self->dataset, photo->label);
}

const FvImageRecord *
fv_image_item_get_record (FvImageItem *self)
{
  return &self->record;
}

void
fv_image_item_set_record (FvImageItem *self, const FvImageRecord *record)
{
  self->record = *record;
  g_signal_emit (self, signals[CHANGED], 0);
}

FvReading
fv_image_item_get_reading (FvImageItem *self)
{
  return self->reading;
}

void
fv_image_item_set_reading (FvImageItem *self, FvReading reading)
{
  self->reading = reading;
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
fv_image_item_finalize (GObject *object)
{
  FvImageItem *self = FV_IMAGE_ITEM (object);

  g_clear_pointer (&self->dataset, fv_dataset_unref);

  G_OBJECT_CLASS (fv_image_item_parent_class)->finalize (object);
}

static void
fv_image_item_class_init (FvImageItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fv_image_item_finalize;

  signals[CHANGED] = g_signal_new ("changed", FV_TYPE_IMAGE_ITEM, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
fv_image_item_init (FvImageItem *self)
{
}

FvImageItem *
fv_image_item_new (FvDataset *dataset, gsize sample, const FvImageRecord *record, FvReading reading)
{
  FvImageItem *self = g_object_new (FV_TYPE_IMAGE_ITEM, NULL);

  self->dataset = fv_dataset_ref (dataset);
  self->sample = sample;
  self->record = *record;
  self->reading = reading;
  return self;
}
