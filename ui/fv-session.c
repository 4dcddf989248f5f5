/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The main thread's half: each call becomes a GTask for the engine thread, and its _finish ()
 * brings the answer into the session. Lessons and runs are in fv-session-teach.c, the jobs
 * themselves in fv-session-jobs.c. */

#include "fv-session-private.h"

enum { PROP_0, PROP_TEACHING, PROP_PAUSED, PROP_EVALUATING, PROP_METHOD, N_PROPS };
enum {
  DATASET_CLOSING,
  DATASET_CHANGED,
  MODEL_CHANGED,
  IMAGE_RESULT,
  IMAGE_FAILED,
  MEASURE_PROGRESS,
  LESSON_UPDATE,
  MASK_SAVED,
  MASK_FAILED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FvSession, fv_session, G_TYPE_OBJECT)

void
fv_session_push_job (FvSession *self, FvJobKind kind, GTask *task, FvSessionJob *job,
                     GTaskThreadFunc run)
{
  g_task_set_task_data (task, job, (GDestroyNotify) fv_session_job_free);
  fv_engine_thread_push (self->engine, kind, task, run);
}

FvSessionJob *
fv_session_new_job (FvSession *self)
{
  return fv_session_job_new (self->engine, self->worker, self->outbox);
}

void
fv_session_set_model (FvSession *self, FvModelInfo *model)
{
  g_clear_pointer (&self->model, fv_model_info_unref);
  self->model = fv_model_info_ref (model);
  if (fv_session_get_method (self)->needs_attention && !model->has_attention)
    fv_session_set_method (self, 0);
  g_signal_emit (self, signals[MODEL_CHANGED], 0);
}

/* -- dataset -------------------------------------------------------------------------------- */

/* Opening reads names only, but from a disk that may be slow: not on the main thread. */
static void
open_dataset (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  FvDataset *dataset = fv_dataset_open (task_data, 0, &error);

  if (dataset == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, dataset, (GDestroyNotify) fv_dataset_unref);
}

static void
on_dataset_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) answer = user_data;
  GError *error = NULL;
  FvDataset *dataset = g_task_propagate_pointer (G_TASK (result), &error);

  if (dataset == NULL)
    g_task_return_error (answer, error);
  else
    g_task_return_pointer (answer, dataset, (GDestroyNotify) fv_dataset_unref);
}

/* The task that reads is another one, because GTask drops its last reference on the thread that
 * reads: the session must not end there. */
void
fv_session_open_dataset_async (FvSession *self, const char *folder, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *answer = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, on_dataset_read, answer);

  g_return_if_fail (FV_IS_SESSION (self) && folder != NULL);

  g_task_set_task_data (task, g_strdup (folder), g_free);
  g_task_set_return_on_cancel (task, TRUE);
  g_task_run_in_thread (task, open_dataset);
}

gboolean
fv_session_open_dataset_finish (FvSession *self, GAsyncResult *result, GError **error)
{
  FvDataset *dataset = g_task_propagate_pointer (G_TASK (result), error);

  if (dataset == NULL)
    return FALSE;
  if (self->dataset != NULL)
    g_signal_emit (self, signals[DATASET_CLOSING], 0);
  g_clear_pointer (&self->dataset, fv_dataset_unref);
  self->dataset = dataset;
  g_hash_table_remove_all (self->saving);
  g_signal_emit (self, signals[DATASET_CHANGED], 0);
  return TRUE;
}

FvDataset *
fv_session_get_dataset (FvSession *self)
{
  return self->dataset;
}

/* -- model ---------------------------------------------------------------------------------- */

void
fv_session_open_model_async (FvSession *self, const FvModelSource *source,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  FvSessionJob *job = fv_session_new_job (self);

  job->model = g_strdup (source->model);
  job->weights = g_strdup (source->weights);
  job->card = g_strdup (source->card);
  job->logits = g_strdup (source->logits);
  fv_session_push_job (self, FV_JOB_BACKGROUND, task, job, fv_session_run_open_model);
}

gboolean
fv_session_open_model_finish (FvSession *self, GAsyncResult *result, GError **error)
{
  g_autoptr (FvModelInfo) model = g_task_propagate_pointer (G_TASK (result), error);

  if (model == NULL)
    return FALSE;
  self->can_undo_teach = FALSE;
  fv_session_set_model (self, model);
  return TRUE;
}

FvModelInfo *
fv_session_get_model (FvSession *self)
{
  return self->model;
}

/* -- inspecting and evaluating -------------------------------------------------------------- */

const FvMethodInfo *
fv_session_get_method (FvSession *self)
{
  return fv_method_get (self->method);
}

void
fv_session_set_method (FvSession *self, guint method)
{
  g_return_if_fail (method < fv_method_get_n ());

  if (self->method == method)
    return;
  self->method = method;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_METHOD]);
}

void
fv_session_inspect_async (FvSession *self, const FvInspectQuestion *question,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  FvSessionJob *job = fv_session_new_job (self);

  job->question = *question;
  job->question.image = fv_image_ref (question->image);
  job->question.layer = job->layer = g_strdup (question->layer);
  fv_session_push_job (self, FV_JOB_INTERACTIVE, task, job, fv_session_run_inspect);
}

FvInspectResult *
fv_session_inspect_finish (FvSession *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
set_n_evaluations (FvSession *self, guint n)
{
  gboolean changed = (n > 0) != (self->n_evaluations > 0);

  self->n_evaluations = n;
  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_EVALUATING]);
}

void
fv_session_evaluate_async (FvSession *self, const gsize *samples, gsize n,
                           GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  FvSessionJob *job = fv_session_new_job (self);

  g_return_if_fail (self->dataset != NULL);

  job->dataset = fv_dataset_ref (self->dataset);
  job->samples = g_memdup2 (samples, n * sizeof (gsize));
  job->n_samples = n;
  job->method = fv_session_get_method (self)->key;
  set_n_evaluations (self, self->n_evaluations + 1);
  fv_session_push_job (self, FV_JOB_BACKGROUND, task, job, fv_session_run_evaluate);
}

gboolean
fv_session_evaluate_finish (FvSession *self, GAsyncResult *result, GError **error)
{
  const FvSessionJob *job = g_task_get_task_data (G_TASK (result));

  if (job->n_measured > 0) {
    guint n_runs = fv_method_find (job->method)->n_runs;

    self->seconds_per_run = job->run_seconds / n_runs;
    self->seconds_per_image
        = job->seconds / (double) job->n_measured - self->seconds_per_run * (n_runs - 1);
  }
  set_n_evaluations (self, self->n_evaluations - 1);
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
fv_session_measure_async (FvSession *self, FvSplit split, const FvMetricSelection *metrics,
                          GCancellable *cancellable, GAsyncReadyCallback callback,
                          gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  FvSessionJob *job = fv_session_new_job (self);

  g_return_if_fail (self->dataset != NULL);

  job->dataset = fv_dataset_ref (self->dataset);
  job->split = split;
  job->metrics = *metrics;
  job->method = fv_session_get_method (self)->key;
  set_n_evaluations (self, self->n_evaluations + 1);
  fv_session_push_job (self, FV_JOB_BACKGROUND, task, job, fv_session_run_measure);
}

FvMetricTable *
fv_session_measure_finish (FvSession *self, GAsyncResult *result, GError **error)
{
  set_n_evaluations (self, self->n_evaluations - 1);
  return g_task_propagate_pointer (G_TASK (result), error);
}

double
fv_session_get_seconds_per_image (FvSession *self)
{
  return self->seconds_per_image;
}

double
fv_session_get_seconds_per_run (FvSession *self)
{
  return self->seconds_per_run;
}

gboolean
fv_session_get_evaluating (FvSession *self)
{
  return self->n_evaluations > 0;
}

/* -- rest ----------------------------------------------------------------------------------- */

static void
run_rest (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_task_return_boolean (task, TRUE);
}

void
fv_session_rest_async (FvSession *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  fv_engine_thread_push (self->engine, FV_JOB_BACKGROUND, task, run_rest);
}

/* -- masks ---------------------------------------------------------------------------------- */

static const char *
get_mask_path (FvSession *self, gsize sample)
{
  return fv_dataset_get_sample (self->dataset, sample)->edited_mask_path;
}

void
fv_session_save_mask (FvSession *self, gsize sample, const FvMask *mask)
{
  const char *path = get_mask_path (self, sample);

  g_hash_table_replace (self->saving, g_strdup (path), GSIZE_TO_POINTER (sample));
  fv_mask_saver_save (self->saver, path, mask);
}

FvMask *
fv_session_dup_unsaved_mask (FvSession *self, gsize sample)
{
  return fv_mask_saver_dup_pending (self->saver, get_mask_path (self, sample));
}

gboolean
fv_session_has_failed_mask (FvSession *self, gsize sample)
{
  return fv_mask_saver_has_failed (self->saver, get_mask_path (self, sample));
}

static void
on_flushed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (fv_mask_saver_flush_finish (FV_MASK_SAVER (source), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
fv_session_flush_masks_async (FvSession *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  fv_mask_saver_flush_async (self->saver, on_flushed, task);
}

gboolean
fv_session_flush_masks_finish (FvSession *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_mask_saved (FvSession *self, const char *path, const char *why)
{
  gpointer sample;

  if (g_hash_table_lookup_extended (self->saving, path, NULL, &sample))
    g_signal_emit (self, signals[MASK_SAVED], 0, (guint64) GPOINTER_TO_SIZE (sample), why);
  if (why != NULL)
    g_signal_emit (self, signals[MASK_FAILED], 0, why);
}

/* -- what the engine tells ------------------------------------------------------------------ */

static void
read_outbox (GArray *images, const FvLessonUpdate *update, const FvOutboxProgress *progress,
             gpointer user_data)
{
  g_autoptr (FvSession) self = g_object_ref (user_data);

  for (guint i = 0; i < images->len; i++) {
    const FvOutboxImage *image = &g_array_index (images, FvOutboxImage, i);

    /* Measured before another folder was opened: its numbers mean other pictures now. */
    if (image->dataset != self->dataset)
      continue;
    if (image->why == NULL && g_str_equal (image->method, fv_session_get_method (self)->key))
      g_signal_emit (self, signals[IMAGE_RESULT], 0, &image->result);
    else if (image->why != NULL)
      g_signal_emit (self, signals[IMAGE_FAILED], 0, (guint64) image->result.sample, image->why);
  }
  if (progress != NULL)
    g_signal_emit (self, signals[MEASURE_PROGRESS], 0, (guint64) progress->done,
                   (guint64) progress->total);
  if (update != NULL)
    g_signal_emit (self, signals[LESSON_UPDATE], 0, update);
}

/* -- object --------------------------------------------------------------------------------- */

static void
fv_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FvSession *self = FV_SESSION (object);

  if (id == PROP_TEACHING)
    g_value_set_boolean (value, self->teaching);
  else if (id == PROP_PAUSED)
    g_value_set_boolean (value, self->paused);
  else if (id == PROP_EVALUATING)
    g_value_set_boolean (value, self->n_evaluations > 0);
  else if (id == PROP_METHOD)
    g_value_set_uint (value, self->method);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
fv_session_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_METHOD)
    fv_session_set_method (FV_SESSION (object), g_value_get_uint (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

/* Jobs hold a reference to the session, so the engine thread is idle by now. */
static void
fv_session_finalize (GObject *object)
{
  FvSession *self = FV_SESSION (object);

  fv_engine_thread_free (self->engine);
  fv_session_worker_free (self->worker);
  fv_session_outbox_free (self->outbox);
  g_clear_pointer (&self->dataset, fv_dataset_unref);
  g_clear_pointer (&self->model, fv_model_info_unref);
  g_hash_table_unref (self->saving);
  g_object_unref (self->saver);

  G_OBJECT_CLASS (fv_session_parent_class)->finalize (object);
}

static guint
add_signal (const char *name, guint n_params, GType first, GType second)
{
  return g_signal_new (name, FV_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                       n_params, first, second);
}

static void
fv_session_class_init (FvSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = fv_session_get_property;
  object_class->set_property = fv_session_set_property;
  object_class->finalize = fv_session_finalize;

  properties[PROP_TEACHING] = g_param_spec_boolean ("teaching", NULL, NULL, FALSE, flags);
  properties[PROP_PAUSED] = g_param_spec_boolean ("paused", NULL, NULL, FALSE, flags);
  properties[PROP_EVALUATING] = g_param_spec_boolean ("evaluating", NULL, NULL, FALSE, flags);
  properties[PROP_METHOD]
      = g_param_spec_uint ("method", NULL, NULL, 0, fv_method_get_n () - 1, 0,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[DATASET_CLOSING] = add_signal ("dataset-closing", 0, G_TYPE_NONE, G_TYPE_NONE);
  signals[DATASET_CHANGED] = add_signal ("dataset-changed", 0, G_TYPE_NONE, G_TYPE_NONE);
  signals[MODEL_CHANGED] = add_signal ("model-changed", 0, G_TYPE_NONE, G_TYPE_NONE);
  signals[IMAGE_RESULT] = add_signal ("image-result", 1, G_TYPE_POINTER, G_TYPE_NONE);
  signals[IMAGE_FAILED] = add_signal ("image-failed", 2, G_TYPE_UINT64, G_TYPE_STRING);
  signals[MEASURE_PROGRESS] = add_signal ("measure-progress", 2, G_TYPE_UINT64, G_TYPE_UINT64);
  signals[LESSON_UPDATE] = add_signal ("lesson-update", 1, G_TYPE_POINTER, G_TYPE_NONE);
  signals[MASK_SAVED] = add_signal ("mask-saved", 2, G_TYPE_UINT64, G_TYPE_STRING);
  signals[MASK_FAILED] = add_signal ("mask-failed", 1, G_TYPE_STRING, G_TYPE_NONE);
}

static void
fv_session_init (FvSession *self)
{
  self->worker = fv_session_worker_new ();
  self->outbox = fv_session_outbox_new (read_outbox, self);
  self->engine = fv_engine_thread_new (0);
  self->saver = fv_mask_saver_new ();
  self->saving = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_signal_connect_object (self->saver, "saved", G_CALLBACK (on_mask_saved), self,
                           G_CONNECT_SWAPPED);
}

FvSession *
fv_session_new (void)
{
  return g_object_new (FV_TYPE_SESSION, NULL);
}
