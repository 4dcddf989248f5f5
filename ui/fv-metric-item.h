/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One row of a metric table, as an object for lists. Threads: the main thread. */

#pragma once

#include <glib-object.h>

#include "fv-metric-table.h"

G_BEGIN_DECLS

#define FV_TYPE_METRIC_ITEM (fv_metric_item_get_type ())
G_DECLARE_FINAL_TYPE (FvMetricItem, fv_metric_item, FV, METRIC_ITEM, GObject)

FvMetricItem *fv_metric_item_new (FvMetricTable *table, gsize row);
/* (transfer none) */
const FvMetricRow *fv_metric_item_get_row (FvMetricItem *self);

G_END_DECLS
