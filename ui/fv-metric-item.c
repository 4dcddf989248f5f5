/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-metric-item.h"

struct _FvMetricItem {
  GObject parent_instance;

  FvMetricTable *table;
  gsize row;
};

G_DEFINE_FINAL_TYPE (FvMetricItem, fv_metric_item, G_TYPE_OBJECT)

const FvMetricRow *
fv_metric_item_get_row (FvMetricItem *self)
{
  return fv_metric_table_get_row (self->table, self->row);
}

static void
fv_metric_item_finalize (GObject *object)
{
  fv_metric_table_unref (FV_METRIC_ITEM (object)->table);

  G_OBJECT_CLASS (fv_metric_item_parent_class)->finalize (object);
}

static void
fv_metric_item_class_init (FvMetricItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fv_metric_item_finalize;
}

static void
fv_metric_item_init (FvMetricItem *self)
{
}

FvMetricItem *
fv_metric_item_new (FvMetricTable *table, gsize row)
{
  FvMetricItem *self = g_object_new (FV_TYPE_METRIC_ITEM, NULL);

  self->table = fv_metric_table_ref (table);
  self->row = row;
  return self;
}
