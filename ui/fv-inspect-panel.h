/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The right side in Inspect mode: which layer and class to explain, how to draw it, and how well
 * the map agrees with the mask. Threads: the main thread. */

#pragma once

#include <gtk/gtk.h>

#include "fv-canvas.h"
#include "fv-subject.h"

G_BEGIN_DECLS

#define FV_TYPE_INSPECT_PANEL (fv_inspect_panel_get_type ())
G_DECLARE_FINAL_TYPE (FvInspectPanel, fv_inspect_panel, FV, INSPECT_PANEL, GtkWidget)

/* Connects the panel with what it steers. Call it once. */
void fv_inspect_panel_set_up (FvInspectPanel *self, FvSession *session, FvSubject *subject,
                              FvCanvas *canvas);

/* Explains class @target of the model; −1 is the predicted one. */
void fv_inspect_panel_choose_class (FvInspectPanel *self, int target);

G_END_DECLS
