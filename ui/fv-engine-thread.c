/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One GAsyncQueue kept sorted by (kind, order of arrival) is the whole scheduler. */

#include "fv-engine-thread.h"

#include "fv-runtime.h"
#include "fv-task.h"

typedef struct {
  FvJobKind kind;
  guint64 serial; /* order of arrival */
  GTask *task;    /* NULL: end the thread */
  GTaskThreadFunc run;
} Job;

struct _FvEngineThread {
  GThread *thread;
  GAsyncQueue *queue; /* of Job */
  int n_threads;
  guint64 next_serial; /* guarded by the queue's lock */
};

static gint
compare_jobs (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Job *first = a;
  const Job *second = b;

  if (first->kind != second->kind)
    return first->kind < second->kind ? -1 : 1;
  return first->serial < second->serial ? -1 : first->serial > second->serial;
}

static void
run_job (Job *job)
{
  GTask *task = job->task;

  if (!g_task_return_error_if_cancelled (task))
    job->run (task, g_task_get_source_object (task), g_task_get_task_data (task),
              g_task_get_cancellable (task));
  fv_task_release (task);
  g_free (job);
}

static gpointer
engine_thread_main (gpointer user_data)
{
  FvEngineThread *self = user_data;

  fv_runtime_start (self->n_threads);
  while (TRUE) {
    Job *job = g_async_queue_pop (self->queue);

    if (job->task == NULL) {
      g_free (job);
      return NULL;
    }
    run_job (job);
  }
}

static void
push_job (FvEngineThread *self, FvJobKind kind, GTask *task, GTaskThreadFunc run)
{
  Job *job = g_new (Job, 1);

  g_async_queue_lock (self->queue);
  *job = (Job){ .kind = kind, .serial = self->next_serial++, .task = task, .run = run };
  g_async_queue_push_sorted_unlocked (self->queue, job, compare_jobs, NULL);
  g_async_queue_unlock (self->queue);
}

FvEngineThread *
fv_engine_thread_new (int n_threads)
{
  FvEngineThread *self = g_new0 (FvEngineThread, 1);

  self->n_threads = n_threads;
  self->queue = g_async_queue_new ();
  self->thread = g_thread_new ("fovea-engine", engine_thread_main, self);
  return self;
}

void
fv_engine_thread_free (FvEngineThread *self)
{
  g_return_if_fail (g_thread_self () != self->thread);

  push_job (self, FV_JOB_BACKGROUND, NULL, NULL);
  g_thread_join (self->thread);
  g_async_queue_unref (self->queue);
  g_free (self);
}

void
fv_engine_thread_push (FvEngineThread *self, FvJobKind kind, GTask *task, GTaskThreadFunc job)
{
  g_return_if_fail (G_IS_TASK (task) && job != NULL);

  push_job (self, kind, task, job);
}

void
fv_engine_thread_run_interactive (FvEngineThread *self)
{
  g_return_if_fail (g_thread_self () == self->thread);

  while (TRUE) {
    Job *job = g_async_queue_try_pop (self->queue);

    if (job == NULL)
      return;
    if (job->kind != FV_JOB_INTERACTIVE) {
      g_async_queue_lock (self->queue);
      g_async_queue_push_sorted_unlocked (self->queue, job, compare_jobs, NULL);
      g_async_queue_unlock (self->queue);
      return;
    }
    run_job (job);
  }
}
