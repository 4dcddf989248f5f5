/* SPDX-License-Identifier: GPL-3.0-or-later */

/* ATCON in the real window: choose it, be refused what cannot be, learn without labels, see maps
 * and r of the picture change, be warned of a flat mask, look at the five steps, undo. */

#include <adwaita.h>
#include <math.h>
#include <string.h>

#include "fv-agreement-group.h"
#include "fv-agreement-window.h"
#include "fv-cell-scatter.h"
#include "fv-consistency-group.h"
#include "fv-fixture.h"
#include "fv-lesson-plan.h"
#include "fv-loss-chooser.h"
#include "fv-plan-group.h"
#include "fv-pool-row.h"
#include "fv-progress-group.h"
#include "fv-report-group.h"
#include "fv-step-card.h"
#include "fv-step-picture.h"
#include "fv-step-texture.h"
#include "fv-teach-panel.h"
#include "fv-value-histogram.h"
#include "fv-window.h"

#define EPOCHS 12
#define OMEGA 8
#define PATIENCE_SECONDS 300

typedef struct {
  FvFixture *fixture;
  FvWindow *window;
  FvSession *session;
  FvSubject *subject;
  FvAgreementWatch *watch;
  guint n_answers;    /* of the watch, with steps, while a lesson ran */
  double least, most; /* of their r */
  double agreement;   /* of the probes, as the last update said */
} Agreement;

static void
on_answered (FvAgreementWatch *watch, Agreement *agreement)
{
  const FvAgreementSteps *steps = fv_agreement_watch_get_steps (watch);

  if (steps == NULL || !fv_session_get_teaching (agreement->session))
    return;
  agreement->n_answers++;
  agreement->least = fmin (agreement->least, steps->r);
  agreement->most = fmax (agreement->most, steps->r);
}

static void
on_update (FvSession *session, const FvLessonUpdate *update, Agreement *agreement)
{
  agreement->agreement = update->agreement;
}

static GtkWidget *
find (Agreement *agreement, GType type, const char *name)
{
  GtkWidget *widget = fv_find_widget (GTK_WIDGET (agreement->window), type);

  return name == NULL ? widget : GTK_WIDGET (gtk_widget_get_template_child (widget, type, name));
}

static void
choose_atcon (Agreement *agreement)
{
  fv_loss_chooser_choose (FV_LOSS_CHOOSER (find (agreement, FV_TYPE_LOSS_CHOOSER, NULL)),
                          fv_recipe_find ("atcon"));
}

static void
set_number (Agreement *agreement, const char *name, double value)
{
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (find (agreement, FV_TYPE_CONSISTENCY_GROUP, name)),
                             value);
}

static void
select_row (Agreement *agreement, const char *name, guint entry)
{
  adw_combo_row_set_selected (ADW_COMBO_ROW (find (agreement, FV_TYPE_CONSISTENCY_GROUP, name)),
                              entry);
}

static void
set_normalised (Agreement *agreement, gboolean active)
{
  gtk_switch_set_active (GTK_SWITCH (find (agreement, FV_TYPE_CONSISTENCY_GROUP, "normalised")),
                         active);
}

static FvTrainConfig *
dup_config (Agreement *agreement)
{
  return fv_teach_panel_dup_config (FV_TEACH_PANEL (find (agreement, FV_TYPE_TEACH_PANEL, NULL)));
}

/* Something to see within a few steps, which what is suggested is too careful for. */
static void
choose_highest_rate (Agreement *agreement)
{
  AdwComboRow *row = ADW_COMBO_ROW (find (agreement, FV_TYPE_PLAN_GROUP, "rate_row"));

  adw_combo_row_set_selected (row, g_list_model_get_n_items (adw_combo_row_get_model (row)) - 1);
}

static gboolean
is_watched (gpointer data)
{
  Agreement *agreement = data;

  return fv_agreement_watch_get_steps (agreement->watch) != NULL
         && !fv_agreement_watch_get_busy (agreement->watch) && fv_is_settled (agreement->window);
}

static double
get_r (Agreement *agreement)
{
  fv_wait_for (is_watched, agreement);
  return fv_agreement_watch_get_steps (agreement->watch)->r;
}

static void
set_up (Agreement *agreement, gconstpointer data)
{
  *agreement = (Agreement){ .fixture = fv_fixture_new (), .least = INFINITY, .most = -INFINITY };
  agreement->window = fv_window_new (NULL, NULL);
  agreement->session = fv_window_get_session (agreement->window);
  agreement->subject = fv_window_get_subject (agreement->window);
  agreement->watch = fv_window_get_agreement (agreement->window);
  g_signal_connect (agreement->watch, "changed", G_CALLBACK (on_answered), agreement);
  g_signal_connect (agreement->session, "lesson-update", G_CALLBACK (on_update), agreement);
  gtk_window_set_default_size (GTK_WINDOW (agreement->window), 1280, 800);
  gtk_window_present (GTK_WINDOW (agreement->window));
  fv_fixture_open (agreement->fixture, agreement->session);
  fv_wait_for (fv_is_settled, agreement->window);
  gtk_widget_activate_action (GTK_WIDGET (agreement->window), "win.mode", "s", "teach");
}

static void
tear_down (Agreement *agreement, gconstpointer data)
{
  fv_close_window (agreement->window);
  fv_fixture_free (agreement->fixture);
}

/* -- choosing ------------------------------------------------------------------------------- */

static const char *
get_plan (Agreement *agreement)
{
  return adw_action_row_get_subtitle (
      ADW_ACTION_ROW (find (agreement, FV_TYPE_PROGRESS_GROUP, "run_row")));
}

static gboolean
can_start (Agreement *agreement)
{
  return g_action_group_get_action_enabled (G_ACTION_GROUP (agreement->window), "teach-start");
}

typedef struct {
  Agreement *agreement;
  const char *part;
} Saying;

static gboolean
says (gpointer data)
{
  const Saying *saying = data;

  return strstr (get_plan (saying->agreement), saying->part) != NULL;
}

/* Pictures are counted on another thread. */
static void
assert_plan_says (Agreement *agreement, const char *part, gboolean possible)
{
  fv_wait_for (says, &(Saying){ agreement, part });
  g_assert_cmpint (can_start (agreement), ==, possible);
}

static void
test_choose (Agreement *agreement, gconstpointer data)
{
  GtkWidget *group = find (agreement, FV_TYPE_CONSISTENCY_GROUP, NULL);
  g_autoptr (FvTrainConfig) config = NULL;

  g_assert_false (gtk_widget_get_visible (group));
  choose_atcon (agreement);
  g_assert_true (gtk_widget_get_visible (group));
  assert_plan_says (agreement, "16 pictures, no label is read", TRUE);
  set_number (agreement, "omega", 3);
  select_row (agreement, "pixels_row", FV_AGREEMENT_INTEGRATED);
  select_row (agreement, "similarity_row", FV_SIMILARITY_SSIM);
  select_row (agreement, "resolution_row", FV_AGREEMENT_POOLED);
  select_row (agreement, "mode_row", 2);
  set_number (agreement, "alternation", 4);
  set_number (agreement, "labelled", 1);
  config = dup_config (agreement);
  g_assert_cmpint (config->mode, ==, FV_MODE_ALTERNATING);
  g_assert_cmpint (config->labelled, ==, 1);
  g_assert_cmpfloat (config->alternation, ==, 4);
  g_assert_cmpfloat (config->agreement.omega, ==, 3);
  g_assert_cmpint (config->agreement.pixels, ==, FV_AGREEMENT_INTEGRATED);
  g_assert_cmpint (config->agreement.way, ==, FV_AGREEMENT_POOLED);
  g_assert_cmpint (config->similarity, ==, FV_SIMILARITY_SSIM);
  assert_plan_says (agreement, "4 pictures with labels, 12 without", TRUE);

  fv_loss_chooser_choose (FV_LOSS_CHOOSER (find (agreement, FV_TYPE_LOSS_CHOOSER, NULL)),
                          fv_recipe_get_recommended (TRUE));
  g_assert_false (gtk_widget_get_visible (group));
  fv_train_config_free (config);
  config = dup_config (agreement);
  g_assert_cmpint (config->mode, ==, FV_MODE_SUPERVISED);
  g_assert_cmpint (config->labelled, ==, 0);
}

static double
get_rate (Agreement *agreement, double *head)
{
  g_autoptr (FvTrainConfig) config = dup_config (agreement);

  *head = config->head_learning_rate;
  return config->learning_rate;
}

/* Without labels the rate is a small one, of the head too; a choice of one's own stays. */
static void
test_rate (Agreement *agreement, gconstpointer data)
{
  double head, usual = get_rate (agreement, &head);
  FvLossChooser *losses = FV_LOSS_CHOOSER (find (agreement, FV_TYPE_LOSS_CHOOSER, NULL));

  choose_atcon (agreement);
  g_assert_cmpfloat (get_rate (agreement, &head), ==, 1e-5);
  g_assert_cmpfloat (head, ==, 1e-5);
  choose_highest_rate (agreement);
  set_number (agreement, "omega", 3);
  g_assert_cmpfloat (get_rate (agreement, &head), ==, 5e-3);
  fv_loss_chooser_choose (losses, fv_recipe_find ("two-term"));
  g_assert_cmpfloat (get_rate (agreement, &head), ==, usual);
  g_assert_cmpfloat (head, ==, usual);
  choose_atcon (agreement);
  select_row (agreement, "mode_row", 1);
  g_assert_cmpfloat (get_rate (agreement, &head), ==, usual);
}

/* What cannot be is said before somebody starts it. */
static void
test_refusals (Agreement *agreement, gconstpointer data)
{
  FvPoolRow *pool = FV_POOL_ROW (find (agreement, FV_TYPE_CONSISTENCY_GROUP, "pool_row"));
  g_autofree char *missing = fv_fixture_path (agreement->fixture, "nowhere");

  choose_atcon (agreement);
  select_row (agreement, "mode_row", 1);
  assert_plan_says (agreement, "No training picture is without a label", FALSE);
  set_number (agreement, "labelled", 2);
  assert_plan_says (agreement, "8 pictures with labels, 8 without", TRUE);
  set_number (agreement, "labelled", 100);
  assert_plan_says (agreement, "No training picture is without a label", FALSE);
  fv_pool_row_set_folder (pool, missing);
  assert_plan_says (agreement, "nowhere", FALSE);
  fv_pool_row_set_folder (pool, agreement->fixture->folder);
  assert_plan_says (agreement, "16 pictures with labels, 16 without", TRUE);
  adw_combo_row_set_selected (ADW_COMBO_ROW (pool), 1);
  set_number (agreement, "labelled", 1);
  assert_plan_says (agreement, "4 pictures with labels, 4 without", TRUE);
}

static void
test_other_networks (Agreement *agreement, gconstpointer data)
{
  const FvDataset *dataset = fv_session_get_dataset (agreement->session);
  FvModelInfo model = *fv_session_get_model (agreement->session);
  const FvLessonPictures pictures = { 16, 16 };
  g_autoptr (FvTrainConfig) config = NULL;

  choose_atcon (agreement);
  config = dup_config (agreement);
  g_assert_true (model.has_rectifiers);
  g_assert_null (fv_lesson_plan_find_refusal (config, &model, dataset, pictures));
  model.has_rectifiers = FALSE;
  g_assert_nonnull (
      strstr (fv_lesson_plan_find_refusal (config, &model, dataset, pictures), "ReLU"));
  config->agreement.pixels = FV_AGREEMENT_INTEGRATED;
  g_assert_null (fv_lesson_plan_find_refusal (config, &model, dataset, pictures));
  model.n_classes = 1000;
  model.classes = NULL;
  g_assert_nonnull (
      strstr (fv_lesson_plan_find_refusal (config, &model, dataset, pictures), "classes"));
  config->mode = FV_MODE_COMBINED;
  config->unlabelled = g_strdup ("labelled");
  g_assert_null (fv_lesson_plan_find_refusal (config, &model, dataset, pictures));
  config->mode = FV_MODE_UNSUPERVISED;
  config->weights[FV_LOSS_CAMAL] = 1;
  g_assert_nonnull (fv_lesson_plan_find_refusal (config, fv_session_get_model (agreement->session),
                                                 dataset, pictures));
}

/* A second loss and pictures without labels cost what they cost alone, together. */
static void
test_cost (void)
{
  g_autoptr (FvModelInfo) model = fv_model_info_new ("resnet18", "resnet18", 0);
  g_autoptr (FvTrainConfig) config = fv_train_config_new ();
  const FvLessonPictures pictures = { 64, 320 };
  double labels, consistency, both, integrated;

  config->batch_size = 32;
  config->epochs = 3;
  labels = fv_lesson_plan_estimate (config, model, pictures, 0.1).steps;
  g_assert_cmpuint (fv_lesson_plan_count_steps (config, pictures), ==, 6);
  config->weights[FV_LOSS_CONSISTENCY] = 1;
  config->mode = FV_MODE_UNSUPERVISED;
  g_assert_cmpuint (fv_lesson_plan_count_steps (config, pictures), ==, 30);
  consistency = fv_lesson_plan_estimate (config, model, pictures, 0.1).steps;
  config->mode = FV_MODE_COMBINED;
  g_assert_cmpuint (fv_lesson_plan_count_steps (config, pictures), ==, 30);
  both = fv_lesson_plan_estimate (config, model, pictures, 0.1).steps;
  g_assert_cmpfloat_with_epsilon (both, consistency + 5 * labels, 1e-9);
  config->mode = FV_MODE_ALTERNATING;
  g_assert_cmpuint (fv_lesson_plan_count_steps (config, pictures), ==, 36);
  g_assert_cmpfloat_with_epsilon (fv_lesson_plan_estimate (config, model, pictures, 0.1).steps,
                                  consistency + labels, 1e-9);
  config->mode = FV_MODE_UNSUPERVISED;
  config->agreement.pixels = FV_AGREEMENT_INTEGRATED;
  integrated = fv_lesson_plan_estimate (config, model, pictures, 0.1).steps;
  g_assert_cmpfloat (integrated, >, 2 * consistency);
}

/* -- learning ------------------------------------------------------------------------------- */

static gboolean
is_taught (gpointer data)
{
  Agreement *agreement = data;

  return !fv_session_get_teaching (agreement->session) && is_watched (agreement);
}

static gboolean
is_undone (gpointer data)
{
  Agreement *agreement = data;

  return !fv_session_can_undo_teach (agreement->session) && is_watched (agreement);
}

static void
test_learn_and_undo (Agreement *agreement, gconstpointer data)
{
  GtkWidget *group = find (agreement, FV_TYPE_AGREEMENT_GROUP, NULL);
  GtkLabel *label;
  const char *detail;
  double r;

  g_assert_false (gtk_widget_get_visible (group));
  choose_atcon (agreement);
  set_normalised (agreement, TRUE);
  set_number (agreement, "omega", OMEGA);
  choose_highest_rate (agreement);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (find (agreement, FV_TYPE_PLAN_GROUP, "epochs")),
                             EPOCHS);
  g_assert_true (gtk_widget_get_visible (group));
  assert_plan_says (agreement, "no label is read", TRUE);
  r = get_r (agreement);
  label = GTK_LABEL (find (agreement, FV_TYPE_AGREEMENT_GROUP, "r"));
  g_assert_cmpfloat_with_epsilon (g_ascii_strtod (gtk_label_get_label (label), NULL), r, 6e-4);

  gtk_widget_activate_action (GTK_WIDGET (agreement->window), "win.teach-start", NULL);
  fv_wait_at_most (PATIENCE_SECONDS, is_taught, agreement);
  g_assert_cmpuint (agreement->n_answers, >=, 1);
  g_assert_false (isnan (agreement->agreement));
  g_assert_cmpfloat (fabs (get_r (agreement) - r), >, 1e-4);
  g_assert_true (gtk_widget_get_visible (find (agreement, FV_TYPE_REPORT_GROUP, "agreement_row")));
  g_assert_true (gtk_widget_get_visible (find (agreement, FV_TYPE_REPORT_GROUP, "histogram")));
  detail = gtk_label_get_label (
      GTK_LABEL (find (agreement, FV_TYPE_REPORT_GROUP, "agreement_detail")));
  g_assert_nonnull (strstr (detail, "→"));
  g_test_message ("r of the picture %.3f → %.3f, of the test pictures %s", r, get_r (agreement),
                  detail);

  gtk_widget_activate_action (GTK_WIDGET (agreement->window), "win.teach-undo", NULL);
  fv_wait_at_most (PATIENCE_SECONDS, is_undone, agreement);
  g_assert_cmpfloat_with_epsilon (get_r (agreement), r, 1e-6);
  g_assert_true (gtk_widget_get_visible (group)); /* the plan stays */
}

/* -- looking -------------------------------------------------------------------------------- */

static gboolean
is_warned (Agreement *agreement)
{
  return gtk_widget_get_visible (find (agreement, FV_TYPE_AGREEMENT_GROUP, "warning"));
}

static void
test_flat (Agreement *agreement, gconstpointer data)
{
  choose_atcon (agreement);
  set_normalised (agreement, TRUE);
  set_number (agreement, "omega", OMEGA);
  get_r (agreement);
  g_assert_false (is_warned (agreement));
  set_number (agreement, "omega", 0.01);
  get_r (agreement);
  g_assert_true (is_warned (agreement));
  /* Without a mask nothing can be flat. */
  select_row (agreement, "resolution_row", FV_AGREEMENT_POOLED);
  get_r (agreement);
  g_assert_false (is_warned (agreement));
}

static guint
count_pictures (GtkWidget *parent)
{
  guint n = 0;

  if (FV_IS_STEP_PICTURE (parent))
    return gtk_widget_get_visible (parent)
           && fv_step_picture_get_paintable (FV_STEP_PICTURE (parent)) != NULL;
  for (GtkWidget *child = gtk_widget_get_first_child (parent); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += count_pictures (child);
  return n;
}

/* How many cards there are; each has a picture. */
static guint
check_cards (GtkWidget *cards)
{
  guint n = 0;

  for (GtkWidget *card = gtk_widget_get_first_child (cards); card != NULL;
       card = gtk_widget_get_next_sibling (card)) {
    g_assert_true (FV_IS_STEP_CARD (card));
    g_assert_cmpuint (count_pictures (card), >=, 1);
    n++;
  }
  return n;
}

static GtkWindow *
find_page (void)
{
  GListModel *windows = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++) {
    g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

    if (FV_IS_AGREEMENT_WINDOW (window))
      return window;
  }
  return NULL;
}

static gboolean
is_page_gone (gpointer data)
{
  return find_page () == NULL;
}

/* The page may be opened while another loss is chosen, and looks only while it is open. */
static void
test_page (Agreement *agreement, gconstpointer data)
{
  GtkWidget *page, *cards;
  g_autoptr (GdkPaintable) mask = NULL;
  FvStepPicture *picture;

  g_assert_null (fv_agreement_watch_get_steps (agreement->watch));
  gtk_widget_activate_action (GTK_WIDGET (agreement->window), "win.agreement", NULL);
  page = GTK_WIDGET (find_page ());
  g_assert_nonnull (page);
  get_r (agreement);
  cards = GTK_WIDGET (gtk_widget_get_template_child (page, FV_TYPE_AGREEMENT_WINDOW, "cards"));
  g_assert_cmpuint (check_cards (cards), ==, 5);
  g_assert_cmpuint (count_pictures (cards), ==, 8);
  g_assert_nonnull (fv_find_widget (cards, FV_TYPE_CELL_SCATTER));
  g_assert_nonnull (fv_find_widget (cards, FV_TYPE_VALUE_HISTOGRAM));

  /* ω is one and the same in the panel. */
  picture
      = FV_STEP_PICTURE (fv_find_widget (gtk_widget_get_next_sibling (gtk_widget_get_next_sibling (
                                             gtk_widget_get_first_child (cards))),
                                         FV_TYPE_STEP_PICTURE));
  mask = g_object_ref (fv_step_picture_get_paintable (picture));
  gtk_spin_button_set_value (
      GTK_SPIN_BUTTON (gtk_widget_get_template_child (page, FV_TYPE_AGREEMENT_WINDOW, "omega")),
      0.01);
  g_assert_cmpfloat (gtk_spin_button_get_value (
                         GTK_SPIN_BUTTON (find (agreement, FV_TYPE_CONSISTENCY_GROUP, "omega"))),
                     ==, 0.01);
  get_r (agreement);
  g_assert_true (fv_step_picture_get_paintable (picture) != mask);
  g_assert_true (gtk_info_bar_get_revealed (
      GTK_INFO_BAR (gtk_widget_get_template_child (page, FV_TYPE_AGREEMENT_WINDOW, "flat"))));

  gtk_window_close (GTK_WINDOW (page));
  fv_wait_for (is_page_gone, NULL);
  g_assert_null (fv_agreement_watch_get_steps (agreement->watch));
}

/* -- pictures of numbers -------------------------------------------------------------------- */

static void
test_textures (void)
{
  const float values[] = { 0, 1, 2, 4 };
  const guint8 rgb[] = { 10, 20, 30, 40, 50, 60 };
  g_autoptr (FvPlane) plane = fv_plane_new (2, 2, g_memdup2 (values, sizeof values));
  g_autoptr (FvPlane) half = fv_plane_new (1, 1, g_memdup2 (&(float){ 0.5f }, sizeof (float)));
  g_autoptr (GdkTexture) picture = fv_step_texture_new_picture (rgb, 2, 1);
  g_autoptr (GdkTexture) mask = fv_step_texture_new_mask (half);
  g_autoptr (GdkTexture) map = fv_step_texture_new_map (plane, rgb, 2, 1);
  g_autofree guint8 *gray = g_new (guint8, 4 * 192 * 192);
  guint8 pixels[8];

  gdk_texture_download (picture, pixels, 8); /* B8G8R8A8 */
  g_assert_cmpuint (pixels[0], ==, 30);
  g_assert_cmpuint (pixels[6], ==, 40);
  g_assert_cmpint (gdk_texture_get_width (mask), ==, 192);
  gdk_texture_download (mask, gray, 4 * 192);
  g_assert_cmpuint (gray[0], ==, 128);
  g_assert_cmpint (gdk_texture_get_width (map), ==, 2);
  g_assert_cmpfloat (fv_step_texture_find_top (plane), ==, 2);
}

int
main (int argc, char **argv)
{
  g_autofree char *home = g_dir_make_tmp ("fovea-agreement-XXXXXX", NULL);
  int status;

  g_assert_nonnull (home);
  g_setenv ("XDG_DATA_HOME", home, TRUE);
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/agreement/cost", test_cost);
  g_test_add_func ("/agreement/textures", test_textures);
#define ADD(name, test) g_test_add (name, Agreement, NULL, set_up, test, tear_down)
  ADD ("/agreement/choose", test_choose);
  ADD ("/agreement/rate", test_rate);
  ADD ("/agreement/refusals", test_refusals);
  ADD ("/agreement/other-networks", test_other_networks);
  ADD ("/agreement/learn-and-undo", test_learn_and_undo);
  ADD ("/agreement/flat", test_flat);
  ADD ("/agreement/page", test_page);
  status = g_test_run ();
  fv_remove_tree (home);
  return status;
}
