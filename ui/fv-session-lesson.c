/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-session-lesson.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>

#include "fv-probes.h"
#include "fv-run.h"

/* Probes are measured rarely enough to take at most a tenth of the lesson's time. */
#define PROBE_SHARE 10
#define PROBE_MIN_INTERVAL (1 * G_USEC_PER_SEC)

typedef struct {
  FvSessionWorker *worker;
  const FvDataset *dataset;
  GCancellable *stop;        /* ends the training */
  GCancellable *cancellable; /* ends everything */
  FvLessonCallback callback;
  gpointer user_data;
  FvLessonUpdate update;
  FvProbes *probes;
  gint64 next_probe; /* monotonic time, µs */
} Lesson;

void
fv_lesson_report_free (FvLessonReport *self)
{
  g_free (self->folder);
  g_clear_pointer (&self->model, fv_model_info_unref);
  g_free (self);
}

char *
fv_lesson_make_folder (const FvDataset *dataset, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *stamp = g_date_time_format (now, "%Y-%m-%d-%H%M%S");
  g_autofree char *project = g_path_get_basename (fv_dataset_get_path (dataset));
  g_autofree char *beside = g_build_filename (fv_dataset_get_path (dataset), "runs", stamp, NULL);
  g_autofree char *own
      = g_build_filename (g_get_user_data_dir (), "fovea", "runs", project, stamp, NULL);

  if (g_mkdir_with_parents (beside, 0755) == 0)
    return g_steal_pointer (&beside);
  if (g_mkdir_with_parents (own, 0755) == 0)
    return g_steal_pointer (&own);
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
               "“%s” cannot be made for the run: %s.", own, g_strerror (errno));
  return NULL;
}

/* The model to train: the same weights, or the same body with a head for the dataset's classes. */
static FvModel *
make_learner (FvSessionWorker *worker, const FvDataset *dataset, gboolean same_classes,
              guint64 seed, GError **error)
{
  FvModel *model = fv_session_worker_get_model (worker);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const char *const *classes;

  for (int i = 0; i < fv_dataset_get_n_classes (dataset); i++)
    g_ptr_array_add (names, (char *) fv_dataset_get_class_name (dataset, i));
  g_ptr_array_add (names, NULL);
  classes = (const char *const *) names->pdata;
  return same_classes ? fv_model_with_names (model, classes, error)
                      : fv_model_with_classes (model, classes, seed, error);
}

static void
tell (Lesson *lesson)
{
  lesson->callback (&lesson->update, lesson->user_data);
}

/* Who waits for a map need not wait for all of the probes. */
static void
on_probe (gpointer user_data)
{
  tell (user_data);
}

static void
measure_probes (Lesson *lesson, int step)
{
  FvLessonUpdate *update = &lesson->update;
  gint64 start = g_get_monotonic_time ();
  double energy, accuracy;

  fv_probes_measure (lesson->probes, lesson->worker, on_probe, lesson, lesson->stop, &energy,
                     &accuracy);
  update->probe_step = step;
  update->probe_energy = energy;
  update->probe_accuracy = accuracy;
  lesson->next_probe = g_get_monotonic_time ()
                       + MAX (PROBE_MIN_INTERVAL, (g_get_monotonic_time () - start) * PROBE_SHARE);
}

static gboolean
on_step (const FvTrainProgress *progress, gpointer user_data)
{
  Lesson *lesson = user_data;

  lesson->update.progress = *progress;
  if (g_get_monotonic_time () >= lesson->next_probe || progress->step == progress->n_steps)
    measure_probes (lesson, progress->step);
  tell (lesson);
  return TRUE;
}

static gboolean
on_measured (const FvImageResult *result, gsize done, gsize total, gpointer user_data)
{
  Lesson *lesson = user_data;

  lesson->update.done = done;
  lesson->update.total = total;
  tell (lesson);
  return TRUE;
}

static FvEvaluation *
measure_test (Lesson *lesson, FvLessonStage stage, guint64 seed, GCancellable *cancellable,
              GError **error)
{
  const FvEvaluationOptions options = { .seed = seed };

  lesson->update.stage = stage;
  lesson->update.done = 0;
  lesson->update.total = fv_dataset_get_n_in_split (lesson->dataset, FV_SPLIT_TEST);
  tell (lesson);
  return fv_evaluate (fv_session_worker_get_model (lesson->worker), lesson->dataset, FV_SPLIT_TEST,
                      &options, on_measured, lesson, cancellable, error);
}

static void
compare (FvLessonReport *report, const FvEvaluation *before, const FvEvaluation *after,
         guint64 seed)
{
  gsize n = fv_evaluation_get_n_results (before);
  g_autofree double *values = g_new (double, 4 * n);
  double *energy[2] = { values, values + n };
  double *right[2] = { values + 2 * n, values + 3 * n };
  const FvEvaluation *evaluations[2] = { before, after };

  g_return_if_fail (n == fv_evaluation_get_n_results (after));

  for (gsize side = 0; side < 2; side++)
    for (gsize i = 0; i < n; i++) {
      const FvImageResult *result = fv_evaluation_get_result (evaluations[side], i);

      energy[side][i] = result->alignment.values[FV_ALIGNMENT_ENERGY];
      right[side][i] = result->right;
    }
  report->energy_before = fv_evaluation_get_alignment (before, FV_ALIGNMENT_ENERGY);
  report->energy_after = fv_evaluation_get_alignment (after, FV_ALIGNMENT_ENERGY);
  report->accuracy_before = fv_evaluation_get_accuracy (before);
  report->accuracy_after = fv_evaluation_get_accuracy (after);
  report->worst_group_before = fv_evaluation_get_worst_group (before);
  report->worst_group_after = fv_evaluation_get_worst_group (after);
  report->worst_group = fv_evaluation_compare_worst_group (before, after);
  report->energy = fv_estimate_mean_difference (energy[0], energy[1], n, seed);
  report->accuracy = fv_estimate_mean_difference (right[0], right[1], n, seed);
}

/* TRUE when the learner has learnt something, be it less than planned. */
static gboolean
train (Lesson *lesson, const FvTrainConfig *config, FvLessonReport *report, GError **error)
{
  FvModel *learner = fv_session_worker_get_model (lesson->worker);
  g_autoptr (GError) failure = NULL;

  lesson->update.stage = FV_LESSON_TRAIN;
  measure_probes (lesson, 0); /* the curves begin where the network stands */
  if (fv_run_train (learner, lesson->dataset, config, report->folder, FALSE, on_step, lesson,
                    lesson->stop, &failure)) {
    report->n_steps = lesson->update.progress.step;
    return TRUE;
  }
  report->n_steps = lesson->update.progress.step;
  report->stopped
      = report->n_steps > 0 && g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (!report->stopped)
    g_propagate_error (error, g_steal_pointer (&failure));
  return report->stopped;
}

/* TRUE when the learner is worth keeping. */
static gboolean
measure_after (Lesson *lesson, const FvEvaluation *before, guint64 seed, FvLessonReport *report,
               GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (FvEvaluation) after
      = measure_test (lesson, FV_LESSON_AFTER, seed, lesson->cancellable, &failure);

  if (after != NULL && fv_run_save_metrics (after, report->folder, &failure)) {
    compare (report, before, after, seed);
    report->measured = TRUE;
    return TRUE;
  }
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

FvLessonReport *
fv_lesson_run (FvSessionWorker *worker, const FvDataset *dataset, const FvTrainConfig *config,
               FvLessonCallback callback, gpointer user_data, GCancellable *stop,
               GCancellable *cancellable, GError **error)
{
  Lesson lesson = { .worker = worker,
                    .dataset = dataset,
                    .stop = stop,
                    .cancellable = cancellable,
                    .callback = callback,
                    .user_data = user_data,
                    .update = { .probe_step = -1, .probe_energy = NAN, .probe_accuracy = NAN } };
  g_autoptr (FvLessonReport) report = g_new0 (FvLessonReport, 1);
  g_autoptr (FvModelInfo) model = fv_session_worker_describe (worker, error);
  g_autoptr (FvProbes) probes = NULL;
  g_autoptr (FvModel) learner = NULL;
  g_autoptr (FvEvaluation) before = NULL;

  if (model == NULL)
    return NULL;
  report->same_classes = fv_model_info_has_classes_of (model, dataset);
  probes = fv_probes_new (dataset);
  lesson.probes = probes;
  learner = make_learner (worker, dataset, report->same_classes, config->seed, error);
  if (learner == NULL || (report->folder = fv_lesson_make_folder (dataset, error)) == NULL)
    return NULL;
  before = measure_test (&lesson, FV_LESSON_BEFORE, config->seed, stop, error);
  if (before == NULL) {
    g_rmdir (report->folder);
    return NULL;
  }

  fv_session_worker_begin_lesson (worker, learner);
  if (train (&lesson, config, report, error)
      && measure_after (&lesson, before, config->seed, report, error))
    report->model = fv_session_worker_describe (worker, error);
  fv_session_worker_end_lesson (worker, report->model != NULL);
  return report->model == NULL ? NULL : g_steal_pointer (&report);
}
