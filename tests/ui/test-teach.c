/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The Teach mode in the real window: choose a loss, teach, pause, stop, go on, compare, undo, open
 * a run, and close the window in the middle of it all. With --builtin on the built-in pictures, as
 * a newcomer has them, else on a small project. */

#include <adwaita.h>
#include <string.h>

#include "fv-augment.h"
#include "fv-fixture.h"
#include "fv-loss-chooser.h"
#include "fv-plan-group.h"
#include "fv-progress-group.h"
#include "fv-report-group.h"
#include "fv-run-list-view.h"
#include "fv-teach-dock.h"
#include "fv-teach-panel.h"
#include "fv-window.h"

/* Long after everything has happened even on a busy machine. */
#define PATIENCE_SECONDS 1800
/* Enough steps to be stopped in between: 16 pictures are one batch. */
#define EPOCHS 60

typedef struct {
  FvFixture *fixture; /* NULL: the built-in pictures */
  FvWindow *window;
  FvSession *session;
  FvSubject *subject;
  GPtrArray *runs;
  int step, n_steps; /* of the last update */
  int first_step;    /* of the lesson */
} Teach;

static gboolean builtin = FALSE;

static void
on_update (FvSession *session, const FvLessonUpdate *update, Teach *teach)
{
  if (teach->step == 0)
    teach->first_step = update->progress.step;
  teach->step = update->progress.step;
  teach->n_steps = update->progress.n_steps;
}

static gboolean
is_open (gpointer data)
{
  Teach *teach = data;

  return fv_session_get_dataset (teach->session) != NULL && fv_is_settled (teach->window);
}

static void
open_window (Teach *teach)
{
  teach->window = fv_window_new (NULL, NULL);
  teach->session = fv_window_get_session (teach->window);
  teach->subject = fv_window_get_subject (teach->window);
  teach->step = 0;
  g_signal_connect (teach->session, "lesson-update", G_CALLBACK (on_update), teach);
  gtk_window_set_default_size (GTK_WINDOW (teach->window), 1280, 800);
  gtk_window_present (GTK_WINDOW (teach->window));
  if (teach->fixture != NULL)
    fv_fixture_open (teach->fixture, teach->session);
  else
    fv_window_open_builtin (teach->window);
  fv_wait_at_most (PATIENCE_SECONDS, is_open, teach);
}

static GtkWidget *
find (Teach *teach, GType type, const char *name)
{
  GtkWidget *widget = fv_find_widget (GTK_WIDGET (teach->window), type);

  return name == NULL ? widget : GTK_WIDGET (gtk_widget_get_template_child (widget, type, name));
}

static void
set_up (Teach *teach, gconstpointer data)
{
  teach->fixture = builtin ? NULL : fv_fixture_new ();
  open_window (teach);
  if (teach->fixture != NULL)
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (find (teach, FV_TYPE_PLAN_GROUP, "epochs")),
                               EPOCHS);
}

static void
tear_down (Teach *teach, gconstpointer data)
{
  g_clear_pointer (&teach->runs, g_ptr_array_unref);
  fv_close_window (teach->window);
  g_clear_pointer (&teach->fixture, fv_fixture_free);
}

static void
do_action (Teach *teach, const char *name)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (teach->window), name, NULL));
}

static gboolean
is_enabled (Teach *teach, const char *name)
{
  return g_action_group_get_action_enabled (G_ACTION_GROUP (teach->window), name);
}

static gboolean
has_stepped (gpointer data)
{
  return ((Teach *) data)->step > 1;
}

static gboolean
is_taught (gpointer data)
{
  Teach *teach = data;

  return !fv_session_get_teaching (teach->session) && fv_is_settled (teach->window);
}

static const FvRunSummary *
get_newest_run (Teach *teach)
{
  g_autoptr (GAsyncResult) listed = NULL;

  fv_session_list_runs_async (teach->session, fv_store_result, &listed);
  g_clear_pointer (&teach->runs, g_ptr_array_unref);
  teach->runs = fv_session_list_runs_finish (teach->session, fv_wait_for_result (&listed), NULL);
  g_assert_cmpuint (teach->runs->len, >=, 1);
  return teach->runs->pdata[0];
}

static void
do_run_action (Teach *teach, const char *name, const FvRunSummary *run)
{
  g_action_group_activate_action (G_ACTION_GROUP (teach->window), name,
                                  fv_run_list_view_make_target (run));
}

static void
teach_and_stop (Teach *teach)
{
  do_action (teach, "win.teach-start");
  fv_wait_at_most (PATIENCE_SECONDS, has_stepped, teach);
  do_action (teach, "win.teach-stop");
  fv_wait_at_most (PATIENCE_SECONDS, is_taught, teach);
  g_assert_cmpint (teach->step, <, teach->n_steps);
}

/* (transfer full) */
static float *
copy_map (Teach *teach, gsize *n)
{
  const FvMap *map = fv_subject_get_result (teach->subject)->map;

  *n = (gsize) map->width * (gsize) map->height * sizeof (float);
  return g_memdup2 (map->values, *n);
}

static const char *
get_row_title (Teach *teach)
{
  return adw_preferences_row_get_title (
      ADW_PREFERENCES_ROW (find (teach, FV_TYPE_PROGRESS_GROUP, "run_row")));
}

static gboolean
is_undone (gpointer data)
{
  Teach *teach = data;

  return !fv_session_can_undo_teach (teach->session) && fv_is_settled (teach->window);
}

static gboolean
can_undo (gpointer data)
{
  Teach *teach = data;

  return fv_session_can_undo_teach (teach->session) && fv_is_settled (teach->window);
}

static gboolean
has_before (gpointer data)
{
  Teach *teach = data;

  return fv_is_settled (teach->window) && fv_subject_get_result (teach->subject)->before != NULL;
}

/* As equal as what the optimised and the plain graph say: a network that learned lately has run in
 * the plain one. */
static void
assert_same_map (const FvMap *map, const float *values)
{
  for (int i = 0; i < map->width * map->height; i++)
    g_assert_cmpfloat_with_epsilon (map->values[i], values[i], 1e-4f);
}

static void
test_stop_resume_compare_undo (Teach *teach, gconstpointer data)
{
  gsize n;
  g_autofree float *first = copy_map (teach, &n);
  g_autofree float *taught = NULL;
  g_autofree char *folder = NULL;
  const FvRunSummary *run;

  teach_and_stop (teach);
  g_assert_cmpstr (get_row_title (teach), ==, "Stopped");
  g_assert_true (gtk_widget_get_visible (find (teach, FV_TYPE_REPORT_GROUP, NULL)));
  run = get_newest_run (teach);
  g_assert_cmpint (run->outcome, ==, FV_RUN_OUTCOME_STOPPED);
  g_assert_cmpstr (run->losses, ==, "Recommended, λ 1");
  folder = g_strdup (run->folder);

  do_run_action (teach, "run-resume", run);
  g_assert_true (fv_session_get_teaching (teach->session));
  fv_wait_at_most (PATIENCE_SECONDS, is_taught, teach);
  g_assert_cmpint (teach->first_step, >, 1);
  g_assert_cmpint (teach->step, ==, teach->n_steps);
  g_assert_cmpstr (get_row_title (teach), ==, "Done");
  run = get_newest_run (teach);
  g_assert_cmpstr (run->folder, ==, folder);
  g_assert_cmpint (run->outcome, ==, FV_RUN_OUTCOME_FINISHED);

  fv_wait_at_most (PATIENCE_SECONDS, has_before, teach);
  taught = copy_map (teach, &n);
  do_action (teach, "win.teach-undo"); /* the rest of the lesson, then the part before the stop */
  fv_wait_at_most (PATIENCE_SECONDS, is_undone, teach);

  do_run_action (teach, "run-open", run);
  fv_wait_at_most (PATIENCE_SECONDS, can_undo, teach);
  fv_wait_at_most (PATIENCE_SECONDS, has_before, teach);
  assert_same_map (fv_subject_get_result (teach->subject)->map, taught);
  g_assert_cmpstr (fv_session_get_model (teach->session)->source, ==, folder);
  if (teach->fixture != NULL)
    g_assert_cmpint (memcmp (first, taught, n), !=, 0);
}

static void
test_pause (Teach *teach, gconstpointer data)
{
  g_assert_false (is_enabled (teach, "teach-pause"));
  do_action (teach, "win.teach-start");
  fv_wait_at_most (PATIENCE_SECONDS, has_stepped, teach);
  do_action (teach, "win.teach-pause");
  g_assert_true (g_str_has_prefix (get_row_title (teach), "Paused"));
  fv_wait_at_most (PATIENCE_SECONDS, fv_is_settled, teach->window);
  g_assert_true (fv_session_get_teaching (teach->session));
  do_action (teach, "win.teach-pause");
  g_assert_false (g_str_has_prefix (get_row_title (teach), "Paused"));
  do_action (teach, "win.teach-stop");
  fv_wait_at_most (PATIENCE_SECONDS, is_taught, teach);
}

static gboolean
is_offered (gpointer data)
{
  return gtk_info_bar_get_revealed (GTK_INFO_BAR (gtk_widget_get_template_child (
      GTK_WIDGET (((Teach *) data)->window), FV_TYPE_WINDOW, "interrupted")));
}

/* Closing asks nothing and loses nothing: the next window offers to go on. */
static void
test_close_and_resume (Teach *teach, gconstpointer data)
{
  do_action (teach, "win.teach-start");
  fv_wait_at_most (PATIENCE_SECONDS, has_stepped, teach);
  fv_close_window (teach->window);
  open_window (teach);
  fv_wait_at_most (PATIENCE_SECONDS, is_offered, teach);
  g_assert_cmpint (get_newest_run (teach)->outcome, ==, FV_RUN_OUTCOME_INTERRUPTED);
  g_signal_emit_by_name (gtk_widget_get_template_child (GTK_WIDGET (teach->window), FV_TYPE_WINDOW,
                                                        "interrupted_button"),
                         "clicked");
  g_assert_true (fv_session_get_teaching (teach->session));
  g_assert_false (is_offered (teach));
  fv_wait_at_most (PATIENCE_SECONDS, has_stepped, teach);
  g_assert_cmpint (teach->first_step, >, 1);
  fv_wait_at_most (PATIENCE_SECONDS, is_taught, teach);
  g_assert_cmpint (teach->step, ==, teach->n_steps);
  g_assert_cmpint (get_newest_run (teach)->outcome, ==, FV_RUN_OUTCOME_FINISHED);
}

static void
test_choose_a_loss (Teach *teach, gconstpointer data)
{
  FvLossChooser *losses = FV_LOSS_CHOOSER (find (teach, FV_TYPE_LOSS_CHOOSER, NULL));
  FvTeachPanel *panel = FV_TEACH_PANEL (find (teach, FV_TYPE_TEACH_PANEL, NULL));
  GtkWidget *strength = find (teach, FV_TYPE_LOSS_CHOOSER, "strength");
  const char *equation;
  gsize n;
  const FvRecipe *recipes = fv_recipe_get_all (&n);

  for (gsize i = 0; i < n; i++) {
    g_autoptr (FvTrainConfig) config = NULL;
    double lambda;

    fv_loss_chooser_choose (losses, &recipes[i]);
    gtk_spin_button_set_value (GTK_SPIN_BUTTON (strength), 2);
    config = fv_teach_panel_dup_config (panel);
    g_assert_true (fv_recipe_recognise (config, &lambda) == &recipes[i]);
    g_assert_cmpfloat (lambda, ==, recipes[i].family == FV_RECIPE_CONTROL ? 1 : 2);
    /* The markup is sound: else the label would be empty. */
    equation = gtk_label_get_text (GTK_LABEL (find (teach, FV_TYPE_LOSS_CHOOSER, "equation")));
    g_assert_true (g_str_has_prefix (equation, "L = CE + λ R\n"));
  }
}

static void
test_choose_data (Teach *teach, gconstpointer data)
{
  FvTeachPanel *panel = FV_TEACH_PANEL (find (teach, FV_TYPE_TEACH_PANEL, NULL));
  g_autoptr (FvTrainConfig) plain = fv_teach_panel_dup_config (panel);
  g_autoptr (FvTrainConfig) config = NULL;
  g_autoptr (FvTrainConfig) swapped = NULL;
  AdwComboRow *control = ADW_COMBO_ROW (find (teach, FV_TYPE_PLAN_GROUP, "control_row"));

  g_assert_cmpfloat (plain->mask_share, ==, 1);
  g_assert_cmpint (plain->balance, ==, FV_BALANCE_NONE);
  g_assert_cmpint (plain->control, ==, FV_CONTROL_NONE);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (find (teach, FV_TYPE_PLAN_GROUP, "mask_share")), 20);
  adw_combo_row_set_selected (ADW_COMBO_ROW (find (teach, FV_TYPE_PLAN_GROUP, "balance_row")), 2);
  adw_combo_row_set_selected (control, 1);
  config = fv_teach_panel_dup_config (panel);
  g_assert_cmpfloat (config->mask_share, ==, 0.2);
  g_assert_cmpint (config->balance, ==, FV_BALANCE_GROUP);
  g_assert_cmpint (config->control, ==, FV_CONTROL_REWEIGHT);
  adw_combo_row_set_selected (control, 2);
  swapped = fv_teach_panel_dup_config (panel);
  g_assert_cmpint (swapped->control, ==, FV_CONTROL_NONE);
  g_assert_cmpuint (swapped->augment, ==, plain->augment | FV_AUGMENT_BACKGROUND);
}

/* A checkpoint that cannot be written is told until one can. */
static void
test_full_disk (Teach *teach, gconstpointer data)
{
  FvTeachDock *dock = FV_TEACH_DOCK (find (teach, FV_TYPE_TEACH_DOCK, NULL));
  GtkLabel *problem = GTK_LABEL (find (teach, FV_TYPE_TEACH_DOCK, "problem"));
  FvLessonUpdate update = { .stage = FV_LESSON_TRAIN, .probe_step = -1 };

  update.progress.step = update.progress.n_steps = 1;
  fv_teach_dock_update (dock, &update);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (problem)));
  update.progress.checkpoint_problem = "“/disk” is full";
  fv_teach_dock_update (dock, &update);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (problem)));
  g_assert_true (g_str_has_prefix (gtk_label_get_text (problem), "“/disk” is full. Training"));
  update.stage = FV_LESSON_AFTER;
  fv_teach_dock_update (dock, &update);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (problem)));
  fv_teach_dock_clear (dock);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (problem)));
}

/* Which classes of a picture attention is taught to is asked where there is a choice. */
static void
test_attention_classes (Teach *teach, gconstpointer data)
{
  FvPlanGroup *plan = FV_PLAN_GROUP (find (teach, FV_TYPE_PLAN_GROUP, NULL));
  FvTeachPanel *panel = FV_TEACH_PANEL (find (teach, FV_TYPE_TEACH_PANEL, NULL));
  GtkWidget *row = find (teach, FV_TYPE_PLAN_GROUP, "attention_row");
  g_autoptr (FvTrainConfig) hidden = NULL;
  g_autoptr (FvTrainConfig) shown = NULL;

  g_assert_false (gtk_widget_get_visible (row)); /* each picture shows one class */
  adw_combo_row_set_selected (ADW_COMBO_ROW (row), FV_ATTENTION_ALL_CLASSES);
  hidden = fv_teach_panel_dup_config (panel);
  g_assert_cmpint (hidden->attention_classes, ==, FV_ATTENTION_ONE_CLASS);
  fv_plan_group_offer_attention (plan, TRUE);
  shown = fv_teach_panel_dup_config (panel);
  g_assert_cmpint (shown->attention_classes, ==, FV_ATTENTION_ALL_CLASSES);
}

int
main (int argc, char **argv)
{
  g_autofree char *home = g_dir_make_tmp ("fovea-teach-XXXXXX", NULL);
  int status;

  g_assert_nonnull (home);
  g_setenv ("XDG_DATA_HOME", home, TRUE);
  builtin = argc > 1 && g_str_equal (argv[1], "--builtin");
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add ("/teach/stop-resume-compare-undo", Teach, NULL, set_up, test_stop_resume_compare_undo,
              tear_down);
  g_test_add ("/teach/pause", Teach, NULL, set_up, test_pause, tear_down);
  g_test_add ("/teach/close-and-resume", Teach, NULL, set_up, test_close_and_resume, tear_down);
  g_test_add ("/teach/choose-a-loss", Teach, NULL, set_up, test_choose_a_loss, tear_down);
  g_test_add ("/teach/choose-data", Teach, NULL, set_up, test_choose_data, tear_down);
  g_test_add ("/teach/full-disk", Teach, NULL, set_up, test_full_disk, tear_down);
  g_test_add ("/teach/attention-classes", Teach, NULL, set_up, test_attention_classes, tear_down);
  status = g_test_run ();
  fv_remove_tree (home);
  return status;
}
