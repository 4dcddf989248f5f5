/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where a lesson stands, how long it will take, and the buttons that start, pause, stop and undo it
 * (the window's actions win.teach-…). Threads: the main thread. */

#pragma once

#include <adwaita.h>

#include "fv-session-lesson.h"

G_BEGIN_DECLS

#define FV_TYPE_PROGRESS_GROUP (fv_progress_group_get_type ())
G_DECLARE_FINAL_TYPE (FvProgressGroup, fv_progress_group, FV, PROGRESS_GROUP, AdwPreferencesGroup)

/* Nothing runs: what a lesson would be, or why there can be none. */
void fv_progress_group_set_ready (FvProgressGroup *self, gboolean possible, const char *plan);
void fv_progress_group_begin (FvProgressGroup *self);
void fv_progress_group_update (FvProgressGroup *self, const FvLessonUpdate *update);
/* While paused the time left stands still. */
void fv_progress_group_set_paused (FvProgressGroup *self, gboolean paused);
/* It is over: @title "Done", and a sentence. @fraction: of the bar, 0 … 1. */
void fv_progress_group_end (FvProgressGroup *self, const char *title, const char *sentence,
                            double fraction);

G_END_DECLS
