/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-session-lesson.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <math.h>

#include "fv-lesson-plan.h"
#include "fv-probe-agreement.h"
#include "fv-run-config.h"
#include "fv-run-list.h"
#include "fv-run.h"

/* Probes are measured rarely enough to take at most a tenth of the lesson's time. */
#define PROBE_SHARE 10
#define PROBE_MIN_INTERVAL (1 * G_USEC_PER_SEC)

/* As many pictures as are measured in about a second, but a few of each group. */
#define PROBE_SECONDS 1.0
#define MIN_PROBES 24
#define MIN_PROBES_OF_GROUP 3
#define MAX_PROBES 96

typedef struct {
  FvSessionWorker *worker;
  const FvDataset *dataset;
  const FvTrainConfig *config;
  const FvModelInfo *model; /* as it was */
  const FvLessonOrder *order;
  FvLessonCallback callback;
  gpointer user_data;
  FvLessonUpdate update;
  FvProbes *probes;
  FvProbes *held_out;        /* test pictures, for agreement; NULL without consistency */
  GArray *agreement_before;  /* r of those; NULL likewise */
  FvLessonPictures pictures; /* that it learns from */
  int first_step;     /* of this lesson: later than 1 for one that goes on; 0: not known yet */
  gint64 next_probe;  /* monotonic time, µs */
  gint64 clock_start; /* of what is being done; monotonic time, µs; pauses move it */
  double seconds_per_image; /* of measuring; NaN before the first */
} Lesson;

static void
lesson_clear (Lesson *lesson)
{
  g_clear_pointer (&lesson->probes, fv_probes_free);
  g_clear_pointer (&lesson->held_out, fv_probes_free);
  g_clear_pointer (&lesson->agreement_before, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Lesson, lesson_clear)

/* A folder in @place that no other lesson has, not even one that began in the same second. NULL,
 * and errno says why, when none can be made. (transfer full) */
static char *
make_folder_in (const char *place)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *stamp = g_date_time_format (now, "%Y-%m-%d-%H%M%S");
  g_autofree char *folder = g_build_filename (place, stamp, NULL);

  if (g_mkdir_with_parents (place, 0755) != 0)
    return NULL;
  for (int i = 2; g_mkdir (folder, 0755) != 0; i++) {
    if (errno != EEXIST)
      return NULL;
    g_free (folder);
    folder = g_strdup_printf ("%s/%s-%d", place, stamp, i);
  }
  return g_steal_pointer (&folder);
}

char *
fv_lesson_make_folder (const FvDataset *dataset, GError **error)
{
  g_autofree char *beside = fv_run_list_get_place (dataset, FALSE);
  g_autofree char *own = fv_run_list_get_place (dataset, TRUE);
  char *folder = make_folder_in (beside);

  if (folder == NULL)
    folder = make_folder_in (own);
  if (folder == NULL)
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                 "“%s” cannot hold the run: %s.", own, g_strerror (errno));
  return folder;
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
    return get_clock_seconds (lesson) / (progress->step - lesson->first_step + 1)
           * (progress->n_steps - progress->step);
  cost = fv_lesson_plan_estimate (lesson->config, lesson->model, lesson->pictures,
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

/* r of each of @probes; NULL without consistency, or, with @error, when there are no such maps.
 * (transfer full) */
static GArray *
measure_agreement (Lesson *lesson, const FvProbes *probes, GCancellable *cancellable,
                   GError **error)
{
  if (lesson->config->weights[FV_LOSS_CONSISTENCY] <= 0)
    return NULL;
  return fv_probe_agreement_measure (probes, fv_session_worker_get_model (lesson->worker),
                                     lesson->config, on_probe, lesson, cancellable, error);
}

static double
get_mean_agreement (Lesson *lesson)
{
  g_autoptr (GArray) values = measure_agreement (lesson, lesson->probes, lesson->order->stop, NULL);

  return values == NULL ? NAN : fv_probe_agreement_get_mean (values);
}

static void
measure_probes (Lesson *lesson, int step)
{
  double start = get_clock_seconds (lesson);
  gint64 took;

  lesson->update.probes
      = fv_probes_measure (lesson->probes, fv_session_worker_get_model (lesson->worker), on_probe,
                           lesson, lesson->order->stop);
  lesson->update.agreement = get_mean_agreement (lesson);
  lesson->update.probe_step = step;
  took = (gint64) ((get_clock_seconds (lesson) - start) * G_USEC_PER_SEC);
  lesson->next_probe = g_get_monotonic_time () + MAX (PROBE_MIN_INTERVAL, took * PROBE_SHARE);
}

/* What the run told of the weights that it was stopped with holds no longer. */
static void
take_back_metrics (const Lesson *lesson)
{
  g_autofree char *metrics = NULL;

  if (lesson->order->resume == NULL)
    return;
  metrics = g_build_filename (lesson->order->resume, "metrics.json", NULL);
  g_unlink (metrics);
}

static gboolean
on_step (const FvTrainProgress *progress, gpointer user_data)
{
  Lesson *lesson = user_data;

  lesson->update.progress = *progress;
  /* An update is read by another thread, later; there are few sentences. */
  lesson->update.progress.checkpoint_problem = g_intern_string (progress->checkpoint_problem);
  if (lesson->first_step == 0 && progress->step > 0)
    take_back_metrics (lesson);
  if (lesson->first_step == 0)
    lesson->first_step = progress->step;
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

/* The curves begin where the network stands: that of a run that goes on gets its values only when
 * its training does. */
static void
measure_beginning (Lesson *lesson)
{
  if (lesson->order->resume == NULL)
    measure_probes (lesson, 0);
  lesson->clock_start = g_get_monotonic_time ();
}

static gboolean
run_training (Lesson *lesson, const char *folder, GError **error)
{
  FvModel *learner = fv_session_worker_get_model (lesson->worker);

  return lesson->order->resume != NULL
             ? fv_run_resume (learner, lesson->dataset, lesson->config, folder, FALSE, on_step,
                              lesson, lesson->order->stop, error)
             : fv_run_train (learner, lesson->dataset, lesson->config, folder, FALSE, on_step,
                             lesson, lesson->order->stop, error);
}

/* TRUE when the learner has learnt something, be it less than planned. */
static gboolean
train (Lesson *lesson, FvLessonReport *report, GError **error)
{
  g_autoptr (GError) failure = NULL;
  gboolean done;

  start_stage (lesson, FV_LESSON_TRAIN);
  measure_beginning (lesson);
  done = run_training (lesson, report->folder, &failure);
  report->n_steps = lesson->update.progress.step;
  if (done)
    return TRUE;
  report->stopped
      = report->n_steps > 0 && g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (!report->stopped)
    g_propagate_error (error, g_steal_pointer (&failure));
  return report->stopped;
}

/* How far the maps agree in the test pictures now, beside what they did before. */
static void
compare_agreement (Lesson *lesson, FvLessonReport *report)
{
  GArray *after
      = lesson->agreement_before == NULL
            ? NULL
            : measure_agreement (lesson, lesson->held_out, lesson->order->cancellable, NULL);

  if (after != NULL)
    fv_lesson_report_compare_agreement (report, g_array_ref (lesson->agreement_before), after,
                                        lesson->config->seed);
}

/* TRUE when the learner is worth keeping. */
static gboolean
measure_after (Lesson *lesson, const FvEvaluation *before, FvLessonReport *report, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (FvEvaluation) after
      = measure_test (lesson, FV_LESSON_AFTER, lesson->order->cancellable, &failure);

  if (after != NULL && fv_run_save_metrics (after, report->folder, &failure)) {
    fv_lesson_report_compare (report, before, after, lesson->config->seed);
    compare_agreement (lesson, report);
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
  int few = MAX (MIN_PROBES, MIN_PROBES_OF_GROUP * fv_dataset_get_n_groups (lesson->dataset));
  double n = PROBE_SECONDS / lesson->seconds_per_image; /* it may be NaN */

  return (gsize) MIN (n > few ? n : few, MAX_PROBES);
}

/* -- beginning ------------------------------------------------------------------------------ */

/* The network of the run that goes on, without its values. */
static FvModel *
open_learner (const char *folder, GError **error)
{
  g_autoptr (GError) reason = NULL;
  FvModel *learner = fv_run_open_model (folder, &reason);

  if (learner != NULL)
    return learner;
  if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 "The run in “%s” has no checkpoint to go on from.", folder);
  return NULL;
}

/* Whatever is needed before the network in use is touched. */
static FvModel *
prepare (const Lesson *lesson, FvLessonReport *report, GError **error)
{
  g_autoptr (FvModel) learner = NULL;

  report->same_classes = fv_model_info_has_classes_of (lesson->model, lesson->dataset);
  if (lesson->order->resume != NULL) {
    report->folder = g_strdup (lesson->order->resume);
    return open_learner (report->folder, error);
  }
  learner = make_learner (lesson->worker, lesson->dataset, report->same_classes,
                          lesson->config->seed, error);
  if (learner != NULL)
    report->folder = fv_lesson_make_folder (lesson->dataset, error);
  return report->folder == NULL ? NULL : g_steal_pointer (&learner);
}

/* What the lesson will be compared with. (transfer full): NULL with @error */
static FvEvaluation *
measure_before (Lesson *lesson, GError **error)
{
  g_autoptr (FvEvaluation) before
      = measure_test (lesson, FV_LESSON_BEFORE, lesson->order->stop, error);
  GError *failure = NULL;

  if (before == NULL)
    return NULL;
  lesson->held_out = fv_probes_new (lesson->dataset, FV_SPLIT_TEST, choose_n_probes (lesson));
  lesson->agreement_before
      = measure_agreement (lesson, lesson->held_out, lesson->order->stop, &failure);
  if (failure == NULL)
    return g_steal_pointer (&before);
  g_propagate_error (error, failure);
  return NULL;
}

/* The lesson, once there is a learner. */
static gboolean
give (Lesson *lesson, FvModel *learner, FvLessonReport *report, GError **error)
{
  g_autoptr (FvEvaluation) before = measure_before (lesson, error);

  if (before == NULL) {
    g_rmdir (report->folder); /* only one that nothing was written into */
    return FALSE;
  }
  lesson->probes = fv_probes_new (lesson->dataset, FV_SPLIT_VALIDATION, choose_n_probes (lesson));
  fv_session_worker_begin_lesson (lesson->worker, learner);
  if (train (lesson, report, error) && measure_after (lesson, before, report, error))
    report->model = fv_session_worker_describe (lesson->worker, error);
  fv_session_worker_end_lesson (lesson->worker, report->model != NULL);
  return report->model != NULL;
}

/* The settings of the order, or of the run that it is to go on with. (transfer full) */
static FvTrainConfig *
dup_config (const FvLessonOrder *order, GError **error)
{
  g_autofree char *path = NULL;
  g_autoptr (FvRunConfig) config = NULL;

  if (order->resume == NULL)
    return fv_train_config_copy (order->config);
  path = g_build_filename (order->resume, "config.json", NULL);
  config = fv_run_config_load (path, error);
  return config == NULL ? NULL : g_steal_pointer (&config->settings);
}

FvLessonReport *
fv_lesson_run (FvSessionWorker *worker, FvDataset *dataset, const FvLessonOrder *order,
               FvLessonCallback callback, gpointer user_data, GError **error)
{
  g_autoptr (FvLessonReport) report = g_new0 (FvLessonReport, 1);
  g_autoptr (FvModelInfo) model = fv_session_worker_describe (worker, error);
  g_autoptr (FvTrainConfig) config = model == NULL ? NULL : dup_config (order, error);
  g_autoptr (FvModel) learner = NULL;
  g_auto (Lesson) lesson = { .worker = worker,
                             .dataset = dataset,
                             .config = config,
                             .order = order,
                             .model = model,
                             .callback = callback,
                             .user_data = user_data,
                             .update = { .probe_step = -1, .agreement = NAN },
                             .seconds_per_image = NAN };

  if (config == NULL)
    return NULL;
  lesson.update.n_epochs = config->epochs;
  if (!fv_lesson_pictures_count (dataset, config, &lesson.pictures, error))
    return NULL;
  learner = prepare (&lesson, report, error);
  if (learner == NULL || !give (&lesson, learner, report, error))
    return NULL;
  return g_steal_pointer (&report);
}
