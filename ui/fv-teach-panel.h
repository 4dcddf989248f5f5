/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The right side in Teach mode: the plan of a lesson, where it stands, and what it changed.
 * Starting, stopping and undoing are the window's actions win.teach-start, -stop and -undo.
 * Signal: "plan-changed". Threads: the main thread. */

#pragma once

#include <gtk/gtk.h>

#include "fv-agreement-watch.h"
#include "fv-consistency-group.h"
#include "fv-session.h"

G_BEGIN_DECLS

#define FV_TYPE_TEACH_PANEL (fv_teach_panel_get_type ())
G_DECLARE_FINAL_TYPE (FvTeachPanel, fv_teach_panel, FV, TEACH_PANEL, GtkWidget)

/* Connects the panel with the session it plans for, and with what sees ATCON's maps. Call it once.
 */
void fv_teach_panel_set_up (FvTeachPanel *self, FvSession *session, FvAgreementWatch *watch);

/* The plan as the engine wants it. (transfer full) */
FvTrainConfig *fv_teach_panel_dup_config (FvTeachPanel *self);
/* FALSE when the panel says why a lesson by that plan cannot be given. */
gboolean fv_teach_panel_can_start (FvTeachPanel *self);
/* (transfer none) */
FvConsistencyGroup *fv_teach_panel_get_consistency (FvTeachPanel *self);

/* How many pictures of the training split have a mask that is known of. */
void fv_teach_panel_set_masks (FvTeachPanel *self, gsize n_train, gsize n_masked);

/* @runs: of the open project, newest first (element-type FvRunSummary). */
void fv_teach_panel_set_runs (FvTeachPanel *self, const GPtrArray *runs);

/* A lesson begins, moves on, ends with a report, or ends without one (@why a sentence). */
void fv_teach_panel_begin (FvTeachPanel *self);
void fv_teach_panel_update (FvTeachPanel *self, const FvLessonUpdate *update);
void fv_teach_panel_end (FvTeachPanel *self, const FvLessonReport *report);
void fv_teach_panel_fail (FvTeachPanel *self, const char *why);

G_END_DECLS
