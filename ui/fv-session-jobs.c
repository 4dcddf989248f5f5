/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-session-jobs.h"

#include "fv-metric-table.h"

FvSessionJob *
fv_session_job_new (FvEngineThread *engine, FvSessionWorker *worker, FvSessionOutbox *outbox)
{
  FvSessionJob *self = g_new0 (FvSessionJob, 1);

  self->engine = engine;
  self->worker = worker;
  self->outbox = outbox;
  return self;
}

void
fv_session_job_free (FvSessionJob *self)
{
  g_free (self->model);
  g_free (self->weights);
  g_free (self->card);
  g_free (self->logits);
  g_free (self->folder);
  g_clear_pointer (&self->question.image, fv_image_unref);
  g_free (self->layer);
  g_clear_pointer (&self->dataset, fv_dataset_unref);
  g_free (self->samples);
  g_clear_pointer (&self->config, fv_train_config_free);
  g_clear_object (&self->stop);
  g_free (self);
}

static void
return_pointer (GTask *task, gpointer value, GDestroyNotify destroy, GError *error)
{
  if (value == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, value, destroy);
}

void
fv_session_run_open_model (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const FvSessionJob *job = data;
  GError *error = NULL;
  const FvModelSource files = { job->model, job->weights, job->card, job->logits };
  FvModelInfo *info = fv_session_worker_open_model (job->worker, &files, &error);

  return_pointer (task, info, (GDestroyNotify) fv_model_info_unref, error);
}

void
fv_session_run_open_run (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const FvSessionJob *job = data;
  GError *error = NULL;
  FvModelInfo *info = fv_session_worker_open_run (job->worker, job->folder, &error);

  return_pointer (task, info, (GDestroyNotify) fv_model_info_unref, error);
}

void
fv_session_run_undo_teach (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const FvSessionJob *job = data;
  GError *error = NULL;
  FvModelInfo *info = fv_session_worker_undo (job->worker, &error);

  return_pointer (task, info, (GDestroyNotify) fv_model_info_unref, error);
}

void
fv_session_run_inspect (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const FvSessionJob *job = data;
  GError *error = NULL;
  FvInspectResult *result
      = fv_session_worker_inspect (job->worker, &job->question, cancellable, &error);

  return_pointer (task, result, (GDestroyNotify) fv_inspect_result_unref, error);
}

void
fv_session_run_agree (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const FvSessionJob *job = data;
  GError *error = NULL;
  FvAgreementSteps *steps
      = fv_session_worker_agree (job->worker, job->question.image, job->config, &error);

  return_pointer (task, steps, (GDestroyNotify) fv_agreement_steps_free, error);
}

void
fv_session_run_evaluate (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  FvSessionJob *job = data;

  for (gsize i = 0; i < job->n_samples; i++) {
    gint64 start = g_get_monotonic_time ();
    g_autoptr (GError) error = NULL;
    FvImageResult result;

    if (fv_session_worker_measure (job->worker, job->dataset, job->samples[i], job->method, &result,
                                   cancellable, &error)) {
      fv_session_outbox_put_result (job->outbox, job->dataset, job->method, &result);
      job->run_seconds
          = job->n_measured > 0 ? MIN (job->run_seconds, result.seconds) : result.seconds;
      job->n_measured++;
      job->seconds += (double) (g_get_monotonic_time () - start) / G_USEC_PER_SEC;
    } else if (!g_cancellable_is_cancelled (cancellable)) {
      fv_session_outbox_put_failure (job->outbox, job->dataset, job->samples[i], error->message);
    }
    fv_engine_thread_run_interactive (job->engine);
    if (g_task_return_error_if_cancelled (task))
      return;
  }
  g_task_return_boolean (task, TRUE);
}

static gboolean
on_measured (const FvImageResult *result, gsize done, gsize total, gpointer user_data)
{
  const FvSessionJob *job = user_data;

  fv_session_outbox_put_result (job->outbox, job->dataset, job->method, result);
  fv_session_outbox_put_progress (job->outbox, done, total);
  fv_engine_thread_run_interactive (job->engine);
  return TRUE;
}

void
fv_session_run_measure (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  FvSessionJob *job = data;
  GError *error = NULL;
  g_autoptr (FvEvaluation) evaluation
      = fv_session_worker_evaluate (job->worker, job->dataset, job->split, job->method,
                                    &job->metrics, on_measured, job, cancellable, &error);
  FvMetricTable *table = evaluation == NULL ? NULL : fv_metric_table_new (evaluation, job->split);

  return_pointer (task, table, (GDestroyNotify) fv_metric_table_unref, error);
}

static gint64
on_lesson_update (const FvLessonUpdate *update, gpointer user_data)
{
  const FvSessionJob *job = user_data;

  fv_session_outbox_put_update (job->outbox, update);
  return fv_engine_thread_run_interactive (job->engine);
}

void
fv_session_run_teach (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  FvSessionJob *job = data;
  GError *error = NULL;
  const FvLessonOrder order = { job->config, job->folder, job->stop, cancellable };
  FvLessonReport *report
      = fv_lesson_run (job->worker, job->dataset, &order, on_lesson_update, job, &error);

  return_pointer (task, report, (GDestroyNotify) fv_lesson_report_free, error);
}
