/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The live curves under the canvas while a lesson runs, and after it: losses, attention, accuracy;
 * where a lesson has consistency, agreement in the place of faithfulness.
 * Threads: the main thread. */

#pragma once

#include <gtk/gtk.h>

#include "fv-session-lesson.h"

G_BEGIN_DECLS

#define FV_TYPE_TEACH_DOCK (fv_teach_dock_get_type ())
G_DECLARE_FINAL_TYPE (FvTeachDock, fv_teach_dock, FV, TEACH_DOCK, GtkWidget)

void fv_teach_dock_clear (FvTeachDock *self);
/* Draws what is new in @update. */
void fv_teach_dock_update (FvTeachDock *self, const FvLessonUpdate *update);
/* Another picture is on screen: its curve starts anew. */
void fv_teach_dock_begin_picture (FvTeachDock *self);
/* The energy in mask of the picture on screen, at the step of the last update. */
void fv_teach_dock_add_picture (FvTeachDock *self, double energy);
/* How far its two maps agree then. */
void fv_teach_dock_add_picture_agreement (FvTeachDock *self, double r);

G_END_DECLS
