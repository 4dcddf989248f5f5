/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-session-lesson.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>

#include "fv-lesson-plan.h"
#include "fv-run.h"

/* Probes are measured rarely enough to take at most a tenth of the lesson's time. */
#define PROBE_SHARE 10
#define PROBE_MIN_INTERVAL (1 * G_USEC_PER_SEC)

/* As many pictures as are measured in about a second, so that each group has a few; but enough. */
#define PROBE_SECONDS 1.0
#define MIN_PROBES 24
#define MAX_PROBES 96

typedef struct {
  FvSessionWorker *worker;
  const FvDataset *dataset;
  const FvTrainConfig *config;
  const FvModelInfo *model;  /* as it was */
  GCancellable *stop;        /* ends the training */
  GCancellable *cancellable; /* ends everything */
  FvLessonCallback callback;
  gpointer user_data;
  FvLessonUpdate update;
  FvProbes *probes;
  gint64 next_probe;        /* monotonic time, µs */
  gint64 clock_start;       /* of what is being done; monotonic time, µs; pauses move it */
  double seconds_per_image; /* of measuring; NaN before the first */
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

/* -- time ----------------------------------------------------------------------------------- */

static void
start_stage (Lesson *lesson, FvLessonStage stage)
{
  lesson->update.stage = stage;
  lesson->clock_start = g_get_monotonic_time ();
}

/* Without pauses. */
static double
get_clock_seconds (const Lesson *lesson)
{
  return (double) (g_get_monotonic_time () - lesson->clock_start) / G_USEC_PER_SEC;
}

static double
get_training_left (const Lesson *lesson)
{
  const FvTrainProgress *progress = &lesson->update.progress;
  FvLessonCost cost;

  if (progress->step > 0)
    return get_clock_seconds (lesson) / progress->step * (progress->n_steps - progress->step);
  cost = fv_lesson_plan_estimate (lesson->config, lesson->model,
                                  fv_dataset_get_n_in_split (lesson->dataset, FV_SPLIT_TRAIN),
                                  lesson->seconds_per_image);
  return progress->n_steps > 0 ? progress->seconds_left + cost.steps : cost.preparing + cost.steps;
}

static double
get_seconds_left (const Lesson *lesson)
{
  gsize n_test = fv_dataset_get_n_in_split (lesson->dataset, FV_SPLIT_TEST);
  double test = n_test == 0 ? 0 : (double) n_test * lesson->seconds_per_image;
  double here = (double) (lesson->update.total - lesson->update.done) * lesson->seconds_per_image;

  switch (lesson->update.stage) {
  case FV_LESSON_BEFORE:
    return here + get_training_left (lesson) + test;
  case FV_LESSON_TRAIN:
    return get_training_left (lesson) + test;
  case FV_LESSON_AFTER:
    return here;
  default:
    g_assert_not_reached ();
  }
}

static void
tell (Lesson *lesson)
{
  lesson->update.seconds_left = get_seconds_left (lesson);
  lesson->clock_start += lesson->callback (&lesson->update, lesson->user_data);
}

/* -- training ------------------------------------------------------------------------------- */

/* Who waits for a map need not wait for all of the probes. */
static void
on_probe (gpointer user_data)
{
  tell (user_data);
}

static void
measure_probes (Lesson *lesson, int step)
{
  double start = get_clock_seconds (lesson);
  gint64 took;

  lesson->update.probes = fv_probes_measure (
      lesson->probes, fv_session_worker_get_model (lesson->worker), on_probe, lesson, lesson->stop);
  lesson->update.probe_step = step;
  took = (gint64) ((get_clock_seconds (lesson) - start) * G_USEC_PER_SEC);
  lesson->next_probe = g_get_monotonic_time () + MAX (PROBE_MIN_INTERVAL, took * PROBE_SHARE);
}

static gboolean
on_step (const FvTrainProgress *progress, gpointer user_data)
{
  Lesson *lesson = user_data;

  lesson->update.progress = *progress;
  if (progress->step > 0
      && (g_get_monotonic_time () >= lesson->next_probe || progress->step == progress->n_steps))
    measure_probes (lesson, progress->step);
  tell (lesson);
  if (progress->step == 0)
    lesson->clock_start = g_get_monotonic_time (); /* steps take another time than preparing */
  return TRUE;
}

/* -- measuring ------------------------------------------------------------------------------ */

static gboolean
on_measured (const FvImageResult *result, gsize done, gsize total, gpointer user_data)
{
  Lesson *lesson = user_data;

  lesson->update.done = done;
  lesson->update.total = total;
  lesson->seconds_per_image = get_clock_seconds (lesson) / (double) done;
  tell (lesson);
  return TRUE;
}

/* Alignment, and what is outside the mask below a linear head: it costs one run more. */
static FvEvaluation *
measure_test (Lesson *lesson, FvLessonStage stage, GCancellable *cancellable, GError **error)
{
  FvMetricSelection metrics = fv_metric_selection_default ();
  const FvEvaluationOptions options = { .seed = lesson->config->seed, .metrics = &metrics };

  if (lesson->model->can_show)
    metrics.faithfulness = FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_MARGIN_OUTSIDE);
  start_stage (lesson, stage);
  lesson->update.done = 0;
  lesson->update.total = fv_dataset_get_n_in_split (lesson->dataset, FV_SPLIT_TEST);
  tell (lesson);
  return fv_evaluate (fv_session_worker_get_model (lesson->worker), lesson->dataset, FV_SPLIT_TEST,
                      &options, on_measured, lesson, cancellable, error);
}

/* A number of each picture, by the index of its result. */
typedef double (*GetNumber) (const FvImageResult *result);

static double
get_energy (const FvImageResult *result)
{
  return result->alignment.values[FV_ALIGNMENT_ENERGY];
}

static double
get_right (const FvImageResult *result)
{
  return result->right;
}

static double
get_margin (const FvImageResult *result)
{
  return result->faithfulness.values[FV_FAITHFULNESS_MARGIN_OUTSIDE];
}

static FvDifference
compare_numbers (const FvEvaluation *before, const FvEvaluation *after, GetNumber get, guint64 seed)
{
  gsize n = fv_evaluation_get_n_results (before);
  g_autofree double *a = g_new (double, n);
  g_autofree double *b = g_new (double, n);

  for (gsize i = 0; i < n; i++) {
    a[i] = get (fv_evaluation_get_result (before, i));
    b[i] = get (fv_evaluation_get_result (after, i));
  }
  return fv_estimate_mean_difference (a, b, n, seed);
}

static void
compare (FvLessonReport *report, const FvEvaluation *before, const FvEvaluation *after,
         guint64 seed)
{
  const FvFaithfulnessMetric margin = FV_FAITHFULNESS_MARGIN_OUTSIDE;

  g_return_if_fail (fv_evaluation_get_n_results (before) == fv_evaluation_get_n_results (after));

  report->energy_before = fv_evaluation_get_alignment (before, FV_ALIGNMENT_ENERGY);
  report->energy_after = fv_evaluation_get_alignment (after, FV_ALIGNMENT_ENERGY);
  report->energy = compare_numbers (before, after, get_energy, seed);
  report->margin_before = fv_evaluation_get_faithfulness (before, margin);
  report->margin_after = fv_evaluation_get_faithfulness (after, margin);
  report->margin = compare_numbers (before, after, get_margin, seed);
  report->accuracy_before = fv_evaluation_get_accuracy (before);
  report->accuracy_after = fv_evaluation_get_accuracy (after);
  report->accuracy = compare_numbers (before, after, get_right, seed);
  report->worst_group_before = fv_evaluation_get_worst_group (before);
  report->worst_group_after = fv_evaluation_get_worst_group (after);
  report->worst_group = fv_evaluation_compare_worst_group (before, after);
}

/* TRUE when the learner has learnt something, be it less than planned. */
static gboolean
train (Lesson *lesson, FvLessonReport *report, GError **error)
{
  FvModel *learner = fv_session_worker_get_model (lesson->worker);
  g_autoptr (GError) failure = NULL;

  start_stage (lesson, FV_LESSON_TRAIN);
  measure_probes (lesson, 0); /* the curves begin where the network stands */
  lesson->clock_start = g_get_monotonic_time ();
  if (fv_run_train (learner, lesson->dataset, lesson->config, report->folder, FALSE, on_step,
                    lesson, lesson->stop, &failure)) {
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
measure_after (Lesson *lesson, const FvEvaluation *before, FvLessonReport *report, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (FvEvaluation) after
      = measure_test (lesson, FV_LESSON_AFTER, lesson->cancellable, &failure);

  if (after != NULL && fv_run_save_metrics (after, report->folder, &failure)) {
    compare (report, before, after, lesson->config->seed);
    report->measured = TRUE;
    return TRUE;
  }
  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gsize
choose_n_probes (const Lesson *lesson)
{
  double n = PROBE_SECONDS / lesson->seconds_per_image;

  return n >= MIN_PROBES ? (gsize) MIN (n, MAX_PROBES) : MIN_PROBES; /* it may be NaN */
}

FvLessonReport *
fv_lesson_run (FvSessionWorker *worker, const FvDataset *dataset, const FvTrainConfig *config,
               FvLessonCallback callback, gpointer user_data, GCancellable *stop,
               GCancellable *cancellable, GError **error)
{
  g_autoptr (FvLessonReport) report = g_new0 (FvLessonReport, 1);
  g_autoptr (FvModelInfo) model = fv_session_worker_describe (worker, error);
  Lesson lesson = { .worker = worker,
                    .dataset = dataset,
                    .config = config,
                    .model = model,
                    .stop = stop,
                    .cancellable = cancellable,
                    .callback = callback,
                    .user_data = user_data,
                    .update = { .n_epochs = config->epochs, .probe_step = -1 },
                    .seconds_per_image = NAN };
  g_autoptr (FvProbes) probes = NULL;
  g_autoptr (FvModel) learner = NULL;
  g_autoptr (FvEvaluation) before = NULL;

  if (model == NULL)
    return NULL;
  report->same_classes = fv_model_info_has_classes_of (model, dataset);
  learner = make_learner (worker, dataset, report->same_classes, config->seed, error);
  if (learner == NULL || (report->folder = fv_lesson_make_folder (dataset, error)) == NULL)
    return NULL;
  before = measure_test (&lesson, FV_LESSON_BEFORE, stop, error);
  if (before == NULL) {
    g_rmdir (report->folder);
    return NULL;
  }

  lesson.probes = probes = fv_probes_new (dataset, choose_n_probes (&lesson));
  fv_session_worker_begin_lesson (worker, learner);
  if (train (&lesson, report, error) && measure_after (&lesson, before, report, error))
    report->model = fv_session_worker_describe (worker, error);
  fv_session_worker_end_lesson (worker, report->model != NULL);
  return report->model == NULL ? NULL : g_steal_pointer (&report);
}
