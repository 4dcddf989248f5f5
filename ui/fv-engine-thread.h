/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The one thread that may touch tensors, and the queue of jobs for it.
 *
 * A job is a GTask and the function that answers it. Interactive jobs come before background ones;
 * a long background job (training, evaluating a folder) calls fv_engine_thread_run_interactive ()
 * between its own steps, so that a map asked for meanwhile answers within one step.
 * Nothing is global: each thread object has its own queue. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
  FV_JOB_INTERACTIVE, /* somebody looks at the screen and waits */
  FV_JOB_BACKGROUND,
} FvJobKind;

typedef struct _FvEngineThread FvEngineThread;

/* Starts the thread; its first act is fv_runtime_start (@n_threads). (transfer full) */
FvEngineThread *fv_engine_thread_new (int n_threads);
/* Waits until the queue is empty and the thread has ended. Never call it on the thread itself. */
void fv_engine_thread_free (FvEngineThread *self);

/* Queues @job, which must return a value or an error on @task (transfer full). A task whose
 * cancellable is cancelled before its turn returns G_IO_ERROR_CANCELLED without running.
 * The last reference to the task is always dropped in the main context it came from.
 * Threads: any. */
void fv_engine_thread_push (FvEngineThread *self, FvJobKind kind, GTask *task, GTaskThreadFunc job);

/* Runs the interactive jobs that wait, oldest first, and while the thread is held those that come.
 * To be called by a job, on the engine thread.
 * Returns: for how long it was held in this call, µs. */
gint64 fv_engine_thread_run_interactive (FvEngineThread *self);

/* While held, a job that calls fv_engine_thread_run_interactive () stands still there; maps are
 * answered all the same. Threads: any. */
void fv_engine_thread_set_held (FvEngineThread *self, gboolean held);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvEngineThread, fv_engine_thread_free)

G_END_DECLS
