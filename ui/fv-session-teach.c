/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The session's lessons: giving, pausing and undoing one, and the runs that earlier ones left. */

#include "fv-session-private.h"

#include "fv-run-list.h"

void
fv_session_set_paused (FvSession *self, gboolean paused)
{
  paused = paused && self->teaching;
  if (paused == self->paused)
    return;
  self->paused = paused;
  fv_engine_thread_set_held (self->engine, paused);
  g_object_notify (G_OBJECT (self), "paused");
}

gboolean
fv_session_get_paused (FvSession *self)
{
  return self->paused;
}

static void
on_stop (FvSession *self)
{
  fv_session_set_paused (self, FALSE);
}

static void
set_teaching (FvSession *self, gboolean teaching)
{
  fv_session_set_paused (self, FALSE);
  self->teaching = teaching;
  g_object_notify (G_OBJECT (self), "teaching");
}

/* Of @job the order is filled in. */
static void
push_lesson (FvSession *self, GTask *task, FvSessionJob *job, GCancellable *stop)
{
  g_return_if_fail (self->dataset != NULL && !self->teaching);

  job->dataset = fv_dataset_ref (self->dataset);
  if (stop != NULL) {
    job->stop = g_object_ref (stop);
    g_signal_connect_object (stop, "cancelled", G_CALLBACK (on_stop), self, G_CONNECT_SWAPPED);
  }
  g_task_set_check_cancellable (task, FALSE);
  set_teaching (self, TRUE);
  fv_session_push_job (self, FV_JOB_BACKGROUND, task, job, fv_session_run_teach);
}

void
fv_session_teach_async (FvSession *self, const FvTrainConfig *config, GCancellable *stop,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  FvSessionJob *job = fv_session_new_job (self);

  job->config = fv_train_config_copy (config);
  push_lesson (self, g_task_new (self, cancellable, callback, user_data), job, stop);
}

void
fv_session_resume_teach_async (FvSession *self, const char *folder, GCancellable *stop,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data)
{
  FvSessionJob *job = fv_session_new_job (self);

  job->folder = g_strdup (folder);
  push_lesson (self, g_task_new (self, cancellable, callback, user_data), job, stop);
}

FvLessonReport *
fv_session_teach_finish (FvSession *self, GAsyncResult *result, GError **error)
{
  FvLessonReport *report = g_task_propagate_pointer (G_TASK (result), error);

  if (report != NULL) {
    self->can_undo_teach = TRUE;
    fv_session_set_model (self, report->model);
  }
  set_teaching (self, FALSE);
  return report;
}

static void
list_runs (GTask *task, gpointer source, gpointer dataset, GCancellable *cancellable)
{
  g_task_return_pointer (task, fv_run_list_read (dataset), (GDestroyNotify) g_ptr_array_unref);
}

static void
on_runs_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) answer = user_data;

  g_task_return_pointer (answer, g_task_propagate_pointer (G_TASK (result), NULL),
                         (GDestroyNotify) g_ptr_array_unref);
}

/* Files are read on a thread of their own: a lesson may occupy the engine for hours. */
void
fv_session_list_runs_async (FvSession *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *answer = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_runs_listed, answer);

  g_return_if_fail (self->dataset != NULL);

  g_task_set_task_data (task, fv_dataset_ref (self->dataset), (GDestroyNotify) fv_dataset_unref);
  g_task_run_in_thread (task, list_runs);
}

GPtrArray *
fv_session_list_runs_finish (FvSession *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
fv_session_open_run_async (FvSession *self, const char *folder, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  FvSessionJob *job = fv_session_new_job (self);

  job->folder = g_strdup (folder);
  fv_session_push_job (self, FV_JOB_BACKGROUND, task, job, fv_session_run_open_run);
}

gboolean
fv_session_open_run_finish (FvSession *self, GAsyncResult *result, GError **error)
{
  g_autoptr (FvModelInfo) model = g_task_propagate_pointer (G_TASK (result), error);

  if (model == NULL)
    return FALSE;
  self->can_undo_teach = TRUE;
  fv_session_set_model (self, model);
  return TRUE;
}

void
fv_session_undo_teach_async (FvSession *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  fv_session_push_job (self, FV_JOB_BACKGROUND, task, fv_session_new_job (self),
                       fv_session_run_undo_teach);
}

gboolean
fv_session_undo_teach_finish (FvSession *self, GAsyncResult *result, GError **error)
{
  g_autoptr (FvModelInfo) model = g_task_propagate_pointer (G_TASK (result), error);

  if (model == NULL)
    return FALSE;
  self->can_undo_teach = FALSE;
  fv_session_set_model (self, model);
  return TRUE;
}

gboolean
fv_session_can_undo_teach (FvSession *self)
{
  return self->can_undo_teach;
}

gboolean
fv_session_get_teaching (FvSession *self)
{
  return self->teaching;
}
