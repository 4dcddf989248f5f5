/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A metric table on the screen: name, value, interval, chance, direction, pictures.
 * Signal "activated" (guint reading): a row that has numbers of single pictures was double-clicked,
 * or Return was pressed on it. Threads: the main thread. */

#pragma once

#include <gtk/gtk.h>

#include "fv-metric-table.h"

G_BEGIN_DECLS

#define FV_TYPE_METRIC_VIEW (fv_metric_view_get_type ())
G_DECLARE_FINAL_TYPE (FvMetricView, fv_metric_view, FV, METRIC_VIEW, GtkWidget)

/* NULL empties it. */
void fv_metric_view_set_table (FvMetricView *self, FvMetricTable *table);
/* (transfer none) (nullable) */
FvMetricTable *fv_metric_view_get_table (FvMetricView *self);

G_END_DECLS
