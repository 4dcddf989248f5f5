/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One queue kept sorted by (kind, order of arrival) is the whole scheduler. */

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
  int n_threads;
  GMutex lock; /* guards what follows */
  GCond news;  /* a job has come, or nothing is held any more */
  GQueue jobs; /* of Job */
  guint64 next_serial;
  gboolean held;
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

static Job *
wait_for_job (FvEngineThread *self)
{
  Job *job;

  g_mutex_lock (&self->lock);
  while (g_queue_is_empty (&self->jobs))
    g_cond_wait (&self->news, &self->lock);
  job = g_queue_pop_head (&self->jobs);
  g_mutex_unlock (&self->lock);
  return job;
}

static gpointer
engine_thread_main (gpointer user_data)
{
  FvEngineThread *self = user_data;

  fv_runtime_start (self->n_threads);
  while (TRUE) {
    Job *job = wait_for_job (self);

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

  g_mutex_lock (&self->lock);
  *job = (Job){ .kind = kind, .serial = self->next_serial++, .task = task, .run = run };
  g_queue_insert_sorted (&self->jobs, job, compare_jobs, NULL);
  g_cond_signal (&self->news);
  g_mutex_unlock (&self->lock);
}

FvEngineThread *
fv_engine_thread_new (int n_threads)
{
  FvEngineThread *self = g_new0 (FvEngineThread, 1);

  self->n_threads = n_threads;
  g_mutex_init (&self->lock);
  g_cond_init (&self->news);
  g_queue_init (&self->jobs);
  self->thread = g_thread_new ("fovea-engine", engine_thread_main, self);
  return self;
}

void
fv_engine_thread_free (FvEngineThread *self)
{
  g_return_if_fail (g_thread_self () != self->thread);

  fv_engine_thread_set_held (self, FALSE);
  push_job (self, FV_JOB_BACKGROUND, NULL, NULL);
  g_thread_join (self->thread);
  g_cond_clear (&self->news);
  g_mutex_clear (&self->lock);
  g_free (self);
}

void
fv_engine_thread_push (FvEngineThread *self, FvJobKind kind, GTask *task, GTaskThreadFunc job)
{
  g_return_if_fail (G_IS_TASK (task) && job != NULL);

  push_job (self, kind, task, job);
}

void
fv_engine_thread_set_held (FvEngineThread *self, gboolean held)
{
  g_mutex_lock (&self->lock);
  self->held = held;
  g_cond_signal (&self->news);
  g_mutex_unlock (&self->lock);
}

static gboolean
has_interactive (const FvEngineThread *self)
{
  const Job *first = g_queue_peek_head ((GQueue *) &self->jobs);

  return first != NULL && first->kind == FV_JOB_INTERACTIVE;
}

/* NULL when none waits and nothing is held. @held: (out): whether something was. */
static Job *
next_interactive (FvEngineThread *self, gboolean *held)
{
  Job *job = NULL;

  g_mutex_lock (&self->lock);
  *held = self->held;
  while (self->held && !has_interactive (self))
    g_cond_wait (&self->news, &self->lock);
  if (has_interactive (self))
    job = g_queue_pop_head (&self->jobs);
  g_mutex_unlock (&self->lock);
  return job;
}

gint64
fv_engine_thread_run_interactive (FvEngineThread *self)
{
  gint64 held_time = 0;
  Job *job;

  g_return_val_if_fail (g_thread_self () == self->thread, 0);

  do {
    gint64 start = g_get_monotonic_time ();
    gboolean held;

    job = next_interactive (self, &held);
    if (job != NULL)
      run_job (job);
    if (held)
      held_time += g_get_monotonic_time () - start;
  } while (job != NULL);
  return held_time;
}
