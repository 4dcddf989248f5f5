/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The panel of the Measure mode: which pictures, which metrics, what it costs, how far it is.
 * Property: "split" (guint, read-only, notified): the FvSplit that is chosen.
 * Threads: the main thread. */

#pragma once

#include <adwaita.h>

#include "fv-subject.h"

G_BEGIN_DECLS

#define FV_TYPE_MEASURE_PANEL (fv_measure_panel_get_type ())
G_DECLARE_FINAL_TYPE (FvMeasurePanel, fv_measure_panel, FV, MEASURE_PANEL, GtkWidget)

/* Follows both from now on. Call it once. */
void fv_measure_panel_set_up (FvMeasurePanel *self, FvSession *session, FvSubject *subject);

FvSplit fv_measure_panel_get_split (FvMeasurePanel *self);
FvMetricSelection fv_measure_panel_get_metrics (FvMeasurePanel *self);
/* Shows the progress, from the beginning, or takes it away. */
void fv_measure_panel_set_measuring (FvMeasurePanel *self, gboolean measuring);
void fv_measure_panel_focus (FvMeasurePanel *self);

G_END_DECLS
