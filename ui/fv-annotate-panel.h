/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The right side in Annotate mode: tools, brush size, whether the mask is safe on the disk, and the
 * alignment numbers, which move with the brush. Threads: the main thread. */

#pragma once

#include <gtk/gtk.h>

#include "fv-canvas.h"
#include "fv-subject.h"

G_BEGIN_DECLS

#define FV_TYPE_ANNOTATE_PANEL (fv_annotate_panel_get_type ())
G_DECLARE_FINAL_TYPE (FvAnnotatePanel, fv_annotate_panel, FV, ANNOTATE_PANEL, GtkWidget)

/* Connects the panel with what it steers. Call it once. */
void fv_annotate_panel_set_up (FvAnnotatePanel *self, FvSession *session, FvSubject *subject,
                               FvCanvas *canvas);

G_END_DECLS
