/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lessons: start, watch, pause, stop, undo. */

#include "fv-window-private.h"

/* The map on screen is asked for again at most this often during a lesson, µs. */
#define REFRESH_INTERVAL (G_USEC_PER_SEC)

static void
set_compare (FvWindow *self)
{
  gboolean teach_mode
      = g_strcmp0 (adw_view_stack_get_visible_child_name (self->panels), "teach") == 0;

  gtk_revealer_set_reveal_child (self->dock_revealer, teach_mode);
  fv_subject_set_compare (self->subject, teach_mode
                                             && (fv_session_get_teaching (self->session)
                                                 || fv_session_can_undo_teach (self->session)));
}

static void
on_lesson_update (FvWindow *self, const FvLessonUpdate *update)
{
  gint64 now = g_get_monotonic_time ();

  self->lesson_stage = update->stage;
  fv_teach_panel_update (self->teach_panel, update);
  fv_teach_dock_update (self->dock, update);
  if (update->stage == FV_LESSON_TRAIN && now - self->last_refresh > REFRESH_INTERVAL) {
    self->last_refresh = now;
    fv_subject_refresh (self->subject);
    fv_agreement_watch_refresh (self->agreement);
  }
}

static void
on_alignment_changed (FvWindow *self)
{
  FvAlignment alignment = fv_subject_get_alignment (self->subject);

  if (fv_session_get_teaching (self->session) && alignment.defined)
    fv_teach_dock_add_picture (self->dock, alignment.values[FV_ALIGNMENT_ENERGY]);
}

static void
on_taught (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FvWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FvLessonReport) report = fv_session_teach_finish (FV_SESSION (source), result, &error);

  g_clear_object (&self->stop);
  g_clear_object (&self->lesson);
  if (self->closing)
    return;
  if (report != NULL)
    fv_teach_panel_end (self->teach_panel, report);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    fv_teach_panel_fail (self->teach_panel, "Stopped before the first step: nothing has changed.");
  else {
    fv_teach_panel_fail (self->teach_panel, error->message);
    fv_window_toast (self, error->message);
  }
  if (report == NULL)
    fv_window_start_evaluation (self);
}

/* Makes room for a lesson. */
static void
begin_lesson (FvWindow *self)
{
  adw_view_stack_set_visible_child_name (self->panels, "teach");
  fv_window_stop_evaluation (self);
  fv_teach_panel_begin (self->teach_panel);
  fv_teach_dock_clear (self->dock);
  self->stop = g_cancellable_new ();
  self->lesson = g_cancellable_new ();
  self->lesson_stage = FV_LESSON_BEFORE;
  self->last_refresh = 0;
}

void
fv_window_resume_lesson (FvWindow *self, const char *folder)
{
  begin_lesson (self);
  fv_session_resume_teach_async (self->session, folder, self->stop, self->lesson, on_taught,
                                 g_object_ref (self));
}

void
fv_window_start_lesson (FvWindow *self)
{
  g_autoptr (FvTrainConfig) config = fv_teach_panel_dup_config (self->teach_panel);
  g_autoptr (GError) error = NULL;

  if (!fv_train_config_check (config, &error)) {
    fv_window_toast (self, error->message);
    return;
  }
  begin_lesson (self);
  fv_session_teach_async (self->session, config, self->stop, self->lesson, on_taught,
                          g_object_ref (self));
}

void
fv_window_pause_lesson (FvWindow *self)
{
  fv_session_set_paused (self->session, !fv_session_get_paused (self->session));
}

void
fv_window_stop_lesson (FvWindow *self)
{
  if (self->lesson == NULL)
    return;
  if (self->lesson_stage == FV_LESSON_AFTER || g_cancellable_is_cancelled (self->stop))
    g_cancellable_cancel (self->lesson);
  g_cancellable_cancel (self->stop);
}

void
fv_window_abandon_lesson (FvWindow *self)
{
  if (self->lesson == NULL)
    return;
  g_cancellable_cancel (self->stop);
  g_cancellable_cancel (self->lesson);
}

static void
on_undone (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FvWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (fv_session_undo_teach_finish (FV_SESSION (source), result, &error))
    fv_window_toast (self, "The weights are those from before the training.");
  else
    fv_window_toast (self, error->message);
}

void
fv_window_undo_lesson (FvWindow *self)
{
  fv_window_stop_evaluation (self);
  fv_session_undo_teach_async (self->session, on_undone, g_object_ref (self));
}

/* The model of a lesson is the one its curves are about; any other one has none yet. */
static void
on_model_changed (FvWindow *self)
{
  if (!fv_session_get_teaching (self->session))
    fv_teach_dock_clear (self->dock);
}

static void
on_photo_changed (FvWindow *self)
{
  fv_teach_dock_begin_picture (self->dock);
}

static void
on_teaching_changed (FvWindow *self)
{
  set_compare (self);
  fv_window_update_state (self); /* a new head has other classes, the model another name */
}

void
fv_window_connect_teaching (FvWindow *self)
{
  g_signal_connect_object (self->session, "lesson-update", G_CALLBACK (on_lesson_update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::teaching", G_CALLBACK (on_teaching_changed),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "model-changed", G_CALLBACK (on_teaching_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "model-changed", G_CALLBACK (on_model_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->subject, "photo-changed", G_CALLBACK (on_photo_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->subject, "alignment-changed", G_CALLBACK (on_alignment_changed),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->panels, "notify::visible-child-name", G_CALLBACK (set_compare),
                           self, G_CONNECT_SWAPPED);
}
