/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lessons of the session, without a window: teaching, pausing, stopping, undoing, and lessons that
 * fail. No display is needed. */

#include "fv-fixture.h"

#include <math.h>
#include <string.h>

#include "fv-session-lesson.h"

static FvTrainConfig *
small_config (void)
{
  FvTrainConfig *config = fv_train_config_new ();

  config->epochs = 2;
  config->batch_size = 4;
  return config;
}

static FvLessonReport *
teach (FvSession *session, const FvTrainConfig *config)
{
  g_autoptr (GAsyncResult) answer = NULL;
  GError *error = NULL;
  FvLessonReport *report;

  fv_session_teach_async (session, config, NULL, NULL, fv_store_result, &answer);
  report = fv_session_teach_finish (session, fv_wait_for_result (&answer), &error);
  g_assert_no_error (error);
  return report;
}

static void
assert_exists (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
}

static void
test_teach_and_undo (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  g_autoptr (FvTrainConfig) config = small_config ();
  FvSession *session = fv_session_new ();
  g_autoptr (FvImage) image = NULL;
  g_autoptr (FvInspectResult) first = NULL;
  g_autoptr (FvInspectResult) taught = NULL;
  g_autoptr (FvInspectResult) undone = NULL;
  g_autoptr (FvLessonReport) report = NULL;
  g_autoptr (GAsyncResult) undo = NULL;

  fv_fixture_open (fixture, session);
  image = fv_fixture_load_image (session, 0);
  first = fv_fixture_inspect (session, image, NULL, 0, TRUE);
  g_assert_null (first->before);

  report = teach (session, config);
  g_assert_false (report->stopped);
  g_assert_true (report->same_classes);
  g_assert_cmpint (report->n_steps, ==, 8);
  g_assert_cmpuint (report->accuracy.difference.n, ==, 8);
  g_assert_cmpfloat_with_epsilon (report->margin.value,
                                  report->margin_after - report->margin_before, 1e-12);
  g_assert_cmpfloat_with_epsilon (
      report->worst_group.value, report->worst_group_after.value - report->worst_group_before.value,
      1e-12);
  assert_exists (report->folder, "model.safetensors");
  assert_exists (report->folder, "card.json");
  assert_exists (report->folder, "config.json");
  assert_exists (report->folder, "log.jsonl");
  assert_exists (report->folder, "metrics.json");

  taught = fv_fixture_inspect (session, image, NULL, 0, TRUE);
  g_assert_false (fv_maps_are_equal (first->map, taught->map));
  g_assert_true (fv_maps_are_equal (first->map, taught->before));

  g_assert_true (fv_session_can_undo_teach (session));
  fv_session_undo_teach_async (session, fv_store_result, &undo);
  g_assert_true (fv_session_undo_teach_finish (session, fv_wait_for_result (&undo), NULL));
  undone = fv_fixture_inspect (session, image, NULL, 0, TRUE);
  g_assert_true (fv_maps_are_equal (first->map, undone->map));
  g_assert_false (fv_session_can_undo_teach (session));
  g_clear_object (&undo);
  fv_finish_session (session);
}

typedef struct {
  FvSession *session;
  FvImage *image;
  GCancellable *cancellable;
  GAsyncResult *inspected;
  int step_asked; /* step after which the map was asked for */
  int step_last;
} Watch;

/* Asks for a map at the first step and stops the lesson once the map is there. */
static void
on_update (FvSession *session, const FvLessonUpdate *update, Watch *watch)
{
  watch->step_last = update->progress.step;
  if (update->progress.step > 0 && watch->step_asked == 0) {
    watch->step_asked = update->progress.step;
    fv_session_inspect_async (
        session, &(FvInspectQuestion){ .image = watch->image, .target = -1, .before = TRUE }, NULL,
        fv_store_result, &watch->inspected);
  }
  if (watch->inspected != NULL)
    g_cancellable_cancel (watch->cancellable);
}

static void
test_inspect_while_teaching_then_stop (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  g_autoptr (FvTrainConfig) config = small_config ();
  FvSession *session = fv_session_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) answer = NULL;
  g_autoptr (FvLessonReport) report = NULL;
  g_autoptr (FvInspectResult) result = NULL;
  Watch watch = { .session = session, .cancellable = cancellable };
  GError *error = NULL;

  fv_fixture_open (fixture, session);
  watch.image = fv_fixture_load_image (session, 3);
  config->epochs = 100000;
  g_signal_connect (session, "lesson-update", G_CALLBACK (on_update), &watch);
  fv_session_teach_async (session, config, cancellable, NULL, fv_store_result, &answer);
  g_assert_true (fv_session_get_teaching (session));
  report = fv_session_teach_finish (session, fv_wait_for_result (&answer), &error);
  g_assert_no_error (error);
  g_assert_false (fv_session_get_teaching (session));
  g_assert_true (report->stopped);
  g_assert_true (report->measured);
  g_assert_cmpuint (report->energy.difference.n, >, 0);
  g_assert_cmpint (report->n_steps, <, 400000);
  assert_exists (report->folder, "model.safetensors");

  result = fv_session_inspect_finish (session, watch.inspected, &error);
  g_assert_no_error (error);
  g_assert_nonnull (result->before);
  g_assert_true (fv_session_can_undo_teach (session));
  g_object_unref (watch.inspected);
  fv_image_unref (watch.image);
  g_clear_object (&answer);
  fv_finish_session (session);
}

/* A lesson that cannot begin leaves everything as it was. */
static void
test_failed_lesson_changes_nothing (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  g_autoptr (FvTrainConfig) config = small_config ();
  FvSession *session = fv_session_new ();
  g_autoptr (GAsyncResult) answer = NULL;
  g_autoptr (FvImage) image = NULL;
  g_autoptr (FvInspectResult) first = NULL;
  g_autoptr (FvInspectResult) second = NULL;
  g_autoptr (GError) error = NULL;

  fv_fixture_open (fixture, session);
  image = fv_fixture_load_image (session, 0);
  first = fv_fixture_inspect (session, image, NULL, -1, FALSE);
  config->freeze_below = g_strdup ("no.such.layer");
  fv_session_teach_async (session, config, NULL, NULL, fv_store_result, &answer);
  g_assert_null (fv_session_teach_finish (session, fv_wait_for_result (&answer), &error));
  g_assert_nonnull (strstr (error->message, "no.such.layer"));
  g_assert_false (fv_session_can_undo_teach (session));
  second = fv_fixture_inspect (session, image, NULL, -1, FALSE);
  g_assert_true (fv_maps_are_equal (first->map, second->map));
  g_clear_object (&answer);
  fv_finish_session (session);
}

typedef struct {
  FvSession *session;
  int step; /* of the last update */
} Pause;

static void
on_pause_update (FvSession *session, const FvLessonUpdate *update, Pause *pause)
{
  pause->step = update->progress.step;
}

static gboolean
has_stepped (gpointer data)
{
  return ((Pause *) data)->step > 0;
}

/* Starts a lesson and pauses it after a step or two. */
static void
pause_lesson (Pause *pause, const FvTrainConfig *config, GCancellable *stop, GAsyncResult **answer)
{
  g_signal_connect (pause->session, "lesson-update", G_CALLBACK (on_pause_update), pause);
  fv_session_set_paused (pause->session, TRUE);
  g_assert_false (fv_session_get_paused (pause->session));
  fv_session_teach_async (pause->session, config, stop, NULL, fv_store_result, answer);
  fv_wait_for (has_stepped, pause);
  fv_session_set_paused (pause->session, TRUE);
  g_assert_true (fv_session_get_paused (pause->session));
}

static void
test_pause_and_continue (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  g_autoptr (FvTrainConfig) config = small_config ();
  Pause pause = { fv_session_new (), 0 };
  g_autoptr (GAsyncResult) answer = NULL;
  g_autoptr (FvLessonReport) report = NULL;
  g_autoptr (FvImage) image = NULL;
  GError *error = NULL;
  int step = 0;

  fv_fixture_open (fixture, pause.session);
  image = fv_fixture_load_image (pause.session, 0);
  config->epochs = 50;
  pause_lesson (&pause, config, NULL, &answer);
  for (int i = 0; i < 3; i++) {
    g_autoptr (FvInspectResult) result = fv_fixture_inspect (pause.session, image, NULL, -1, TRUE);

    g_assert_nonnull (result->before);
    if (i > 0)
      g_assert_cmpint (pause.step, ==, step);
    step = pause.step;
  }
  g_assert_cmpint (step, <, 200);

  fv_session_set_paused (pause.session, FALSE);
  report = fv_session_teach_finish (pause.session, fv_wait_for_result (&answer), &error);
  g_assert_no_error (error);
  g_assert_cmpint (report->n_steps, ==, 200);
  g_assert_false (report->stopped);
  g_clear_object (&answer);
  fv_finish_session (pause.session);
}

static void
test_stop_while_paused (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  g_autoptr (FvTrainConfig) config = small_config ();
  g_autoptr (GCancellable) stop = g_cancellable_new ();
  Pause pause = { fv_session_new (), 0 };
  g_autoptr (GAsyncResult) answer = NULL;
  g_autoptr (FvLessonReport) report = NULL;
  GError *error = NULL;

  fv_fixture_open (fixture, pause.session);
  config->epochs = 100000;
  pause_lesson (&pause, config, stop, &answer);
  g_cancellable_cancel (stop);
  g_assert_false (fv_session_get_paused (pause.session));
  report = fv_session_teach_finish (pause.session, fv_wait_for_result (&answer), &error);
  g_assert_no_error (error);
  g_assert_true (report->stopped);
  g_assert_true (report->measured);
  g_clear_object (&answer);
  fv_finish_session (pause.session);
}

/* Stopped again before its first step, a run is still what it was measured to be. */
static void
test_stopped_run_keeps_its_metrics (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  g_autoptr (FvTrainConfig) config = small_config ();
  g_autoptr (GCancellable) stop = g_cancellable_new ();
  Pause pause = { fv_session_new (), 0 };
  g_autoptr (GAsyncResult) answer = NULL;
  g_autoptr (GAsyncResult) again = NULL;
  g_autoptr (FvLessonReport) report = NULL;
  g_autoptr (GError) error = NULL;

  fv_fixture_open (fixture, pause.session);
  config->epochs = 100000;
  pause_lesson (&pause, config, stop, &answer);
  g_cancellable_cancel (stop);
  report = fv_session_teach_finish (pause.session, fv_wait_for_result (&answer), NULL);
  assert_exists (report->folder, "metrics.json");
  fv_session_resume_teach_async (pause.session, report->folder, stop, NULL, fv_store_result,
                                 &again);
  g_assert_null (fv_session_teach_finish (pause.session, fv_wait_for_result (&again), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  assert_exists (report->folder, "metrics.json");
  assert_exists (report->folder, "model.safetensors");
  g_clear_object (&answer);
  g_clear_object (&again);
  fv_finish_session (pause.session);
}

/* The lesson before the one that failed can still be undone. */
static void
test_failed_lesson_keeps_the_one_before (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  g_autoptr (FvTrainConfig) config = small_config ();
  FvSession *session = fv_session_new ();
  g_autoptr (FvImage) image = NULL;
  g_autoptr (FvInspectResult) first = NULL;
  g_autoptr (FvInspectResult) undone = NULL;
  g_autoptr (FvLessonReport) report = NULL;
  g_autoptr (GAsyncResult) failed = NULL;
  g_autoptr (GAsyncResult) undo = NULL;

  fv_fixture_open (fixture, session);
  image = fv_fixture_load_image (session, 0);
  first = fv_fixture_inspect (session, image, NULL, 0, FALSE);
  config->epochs = 1;
  report = teach (session, config);
  config->freeze_below = g_strdup ("no.such.layer");
  fv_session_teach_async (session, config, NULL, NULL, fv_store_result, &failed);
  g_assert_null (fv_session_teach_finish (session, fv_wait_for_result (&failed), NULL));
  g_assert_true (fv_session_can_undo_teach (session));
  fv_session_undo_teach_async (session, fv_store_result, &undo);
  g_assert_true (fv_session_undo_teach_finish (session, fv_wait_for_result (&undo), NULL));
  undone = fv_fixture_inspect (session, image, NULL, 0, FALSE);
  g_assert_true (fv_maps_are_equal (first->map, undone->map));
  g_clear_object (&failed);
  g_clear_object (&undo);
  fv_finish_session (session);
}

/* Two lessons may begin in one second. */
static void
test_folders_differ (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  g_autoptr (FvDataset) dataset = fv_dataset_open (fixture->folder, 0, NULL);
  g_autoptr (GHashTable) folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (int i = 0; i < 12; i++) {
    char *folder = fv_lesson_make_folder (dataset, NULL);

    g_assert_true (g_file_test (folder, G_FILE_TEST_IS_DIR));
    g_assert_true (g_hash_table_add (folders, folder));
  }
}

static void
test_median (void)
{
  const double values[] = { 4, NAN, -7, 1, 100 };

  g_assert_cmpfloat (fv_probes_get_median (values, 5), ==, 2.5);
  g_assert_cmpfloat (fv_probes_get_median (values + 2, 3), ==, 1);
  g_assert_true (isnan (fv_probes_get_median (values + 1, 1)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lesson/folders-differ", test_folders_differ);
  g_test_add_func ("/lesson/teach-and-undo", test_teach_and_undo);
  g_test_add_func ("/lesson/inspect-while-teaching-then-stop",
                   test_inspect_while_teaching_then_stop);
  g_test_add_func ("/lesson/pause-and-continue", test_pause_and_continue);
  g_test_add_func ("/lesson/stop-while-paused", test_stop_while_paused);
  g_test_add_func ("/lesson/stopped-run-keeps-its-metrics", test_stopped_run_keeps_its_metrics);
  g_test_add_func ("/lesson/failed-lesson-changes-nothing", test_failed_lesson_changes_nothing);
  g_test_add_func ("/lesson/failed-lesson-keeps-the-one-before",
                   test_failed_lesson_keeps_the_one_before);
  g_test_add_func ("/lesson/median", test_median);
  return g_test_run ();
}
