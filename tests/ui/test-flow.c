/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The whole job in the real window: open a folder, choose picture, layer and class, paint a stroke,
 * undo and redo it, teach, see before and after, undo the training, teach again and stop. */

#include <adwaita.h>
#include <string.h>

#include "fv-alignment-group.h"
#include "fv-annotate-panel.h"
#include "fv-canvas.h"
#include "fv-fixture.h"
#include "fv-image-list.h"
#include "fv-inspect-panel.h"
#include "fv-mask-file.h"
#include "fv-teach-panel.h"
#include "fv-window.h"

typedef struct {
  FvFixture *fixture;
  FvWindow *window;
  FvSession *session;
  FvSubject *subject;
  FvCanvas *canvas;
} Flow;

static gboolean
is_drawn (gpointer data)
{
  Flow *flow = data;

  return gtk_widget_get_width (GTK_WIDGET (flow->canvas)) > 0
         && fv_canvas_get_zoom (flow->canvas) > 0 && fv_is_settled (flow->window);
}

static void
do_action (Flow *flow, const char *name, const char *target)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (flow->window), name,
                                             target == NULL ? NULL : "s", target));
}

/* In the folder's order the next picture is the same one however far measuring has come. */
static void
keep_folder_order (Flow *flow)
{
  GtkWidget *list = fv_find_widget (GTK_WIDGET (flow->window), FV_TYPE_IMAGE_LIST);

  fv_image_list_set_worst_first (FV_IMAGE_LIST (list), FALSE);
}

static void
set_up (Flow *flow, gconstpointer data)
{
  flow->fixture = fv_fixture_new ();
  flow->window = fv_window_new (NULL, NULL);
  flow->session = fv_window_get_session (flow->window);
  flow->subject = fv_window_get_subject (flow->window);
  flow->canvas = FV_CANVAS (fv_find_widget (GTK_WIDGET (flow->window), FV_TYPE_CANVAS));
  keep_folder_order (flow);
  gtk_window_set_default_size (GTK_WINDOW (flow->window), 1200, 800);
  gtk_window_present (GTK_WINDOW (flow->window));
  fv_fixture_open (flow->fixture, flow->session);
  fv_wait_for (is_drawn, flow);
}

static void
close_window (Flow *flow)
{
  fv_close_window (flow->window);
  flow->window = NULL;
}

static void
tear_down (Flow *flow, gconstpointer data)
{
  if (flow->window != NULL)
    close_window (flow);
  fv_fixture_free (flow->fixture);
}

static void
test_choose (Flow *flow, gconstpointer data)
{
  const FvModelInfo *model = fv_session_get_model (flow->session);
  GtkWidget *panel = fv_find_widget (GTK_WIDGET (flow->window), FV_TYPE_INSPECT_PANEL);
  GtkDropDown *layers = GTK_DROP_DOWN (
      gtk_widget_get_template_child (panel, FV_TYPE_INSPECT_PANEL, "layer_choice"));
  int other;

  do_action (flow, "win.next-image", NULL);
  g_assert_cmpint (fv_subject_get_sample (flow->subject), ==, 1);
  fv_wait_for (fv_is_settled, flow->window);

  gtk_drop_down_set_selected (layers, 0);
  fv_wait_for (fv_is_settled, flow->window);
  g_assert_cmpstr (fv_subject_get_result (flow->subject)->map->layer, ==, model->layers[0].name);

  other = fv_subject_get_result (flow->subject)->classes[2];
  fv_inspect_panel_choose_class (FV_INSPECT_PANEL (panel), other);
  fv_wait_for (fv_is_settled, flow->window);
  g_assert_cmpint (fv_subject_get_result (flow->subject)->map->target, ==, other);
  g_assert_cmpint (fv_subject_get_target (flow->subject), ==, other);
}

/* The canvas's own gesture does what a hand would, in widget coordinates. */
static void
drag (Flow *flow, const char *signal, double x, double y)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (GTK_WIDGET (flow->canvas));

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

    if (g_strcmp0 (gtk_event_controller_get_name (controller), "fv-canvas-drag") != 0)
      continue;
    g_signal_emit_by_name (controller, signal, x, y);
    return;
  }
  g_assert_not_reached ();
}

/* A stroke across the middle of the canvas, with the button still down. */
static void
begin_stroke (Flow *flow)
{
  double width = gtk_widget_get_width (GTK_WIDGET (flow->canvas));
  double height = gtk_widget_get_height (GTK_WIDGET (flow->canvas));

  do_action (flow, "win.mode", "annotate");
  do_action (flow, "win.tool", "no-opinion");
  drag (flow, "drag-begin", width / 2 - 60, height / 2 - 60);
  drag (flow, "drag-update", 120, 120);
}

/* (transfer full): the mask of @sample as it is on the disk */
static FvMask *
load_edited (Flow *flow, gsize sample)
{
  g_autoptr (GAsyncResult) flushed = NULL;
  GError *error = NULL;
  FvMask *mask;

  fv_session_flush_masks_async (flow->session, fv_store_result, &flushed);
  fv_session_flush_masks_finish (flow->session, fv_wait_for_result (&flushed), &error);
  g_assert_no_error (error);
  mask = fv_mask_file_load (
      fv_dataset_get_sample (fv_session_get_dataset (flow->session), sample)->edited_mask_path,
      &error);
  g_assert_no_error (error);
  return mask;
}

static void
test_paint_and_undo (Flow *flow, gconstpointer data)
{
  FvMaskEditor *editor = fv_subject_get_editor (flow->subject);
  g_autoptr (FvMask) before = fv_mask_copy (fv_mask_editor_get_mask (editor));
  g_autoptr (FvMask) painted = NULL;
  g_autoptr (FvMask) undone = NULL;
  g_autoptr (FvMask) redone = NULL;
  double energy = fv_subject_get_alignment (flow->subject).area;

  begin_stroke (flow);
  drag (flow, "drag-end", 120, 120);
  painted = load_edited (flow, 0);
  g_assert_cmpuint (fv_mask_count (painted, FV_MASK_NO_OPINION), >, 20);
  g_assert_cmpfloat (fv_subject_get_alignment (flow->subject).area, !=, energy);

  do_action (flow, "win.undo", NULL);
  undone = load_edited (flow, 0);
  g_assert_cmpmem (fv_mask_peek (undone), 32 * 32, fv_mask_peek (before), 32 * 32);
  do_action (flow, "win.redo", NULL);
  redone = load_edited (flow, 0);
  g_assert_cmpmem (fv_mask_peek (redone), 32 * 32, fv_mask_peek (painted), 32 * 32);
}

/* The label that the panel shows: "energy", "iou_chance", … */
static const char *
get_number (Flow *flow, const char *name)
{
  GtkWidget *panel = fv_find_widget (GTK_WIDGET (flow->window), FV_TYPE_ANNOTATE_PANEL);
  GtkWidget *group = fv_find_widget (panel, FV_TYPE_ALIGNMENT_GROUP);

  return gtk_label_get_label (
      GTK_LABEL (gtk_widget_get_template_child (group, FV_TYPE_ALIGNMENT_GROUP, name)));
}

static void
assert_same_numbers (FvAlignment have, FvAlignment want)
{
  g_assert_cmpmem (have.values, sizeof (have.values), want.values, sizeof (want.values));
  g_assert_cmpmem (have.chance, sizeof (have.chance), want.chance, sizeof (want.chance));
}

/* The numbers move with the dab, before the button is let go, and end as a full measurement. */
static void
test_numbers_move_with_the_brush (Flow *flow, gconstpointer data)
{
  const FvInspectResult *result = fv_subject_get_result (flow->subject);
  FvMaskEditor *editor = fv_subject_get_editor (flow->subject);
  g_autofree char *energy = g_strdup (get_number (flow, "energy"));
  g_autofree char *chance = g_strdup (get_number (flow, "energy_chance"));

  begin_stroke (flow);
  g_assert_true (fv_mask_editor_is_stroking (editor));
  g_assert_true (g_strcmp0 (energy, get_number (flow, "energy")) != 0
                 || g_strcmp0 (chance, get_number (flow, "energy_chance")) != 0);
  g_assert_true (g_str_has_prefix (get_number (flow, "iou_chance"), "chance 0."));
  g_assert_true (g_str_has_prefix (get_number (flow, "pointing_chance"), "chance 0."));
  drag (flow, "drag-end", 120, 120);
  assert_same_numbers (fv_subject_get_alignment (flow->subject),
                       fv_alignment_measure (result->map->values, result->map->width,
                                             result->map->height, fv_mask_editor_get_mask (editor),
                                             result->width, result->height));
}

static gboolean
is_original (gpointer data)
{
  FvMask *mask = fv_mask_editor_get_mask (fv_subject_get_editor (((Flow *) data)->subject));

  return fv_mask_count (mask, FV_MASK_NO_OPINION) == 0;
}

static void
test_revert_is_one_step (Flow *flow, gconstpointer data)
{
  FvMaskEditor *editor = fv_subject_get_editor (flow->subject);
  FvMask *mask = fv_mask_editor_get_mask (editor);
  g_autoptr (FvMask) original = fv_mask_copy (mask);
  g_autoptr (FvMask) painted = NULL;

  for (int i = 0; i < 3; i++) {
    fv_mask_editor_begin_stroke (editor);
    fv_mask_editor_stroke_to (editor, 3, 4.0 + 8 * i, 30, 9.0 + 6 * i, 2.5, FV_MASK_NO_OPINION);
    fv_mask_editor_end_stroke (editor);
  }
  painted = fv_mask_copy (mask);
  do_action (flow, "win.revert-mask", NULL);
  fv_wait_for (is_original, flow);
  g_assert_cmpmem (fv_mask_peek (mask), 32 * 32, fv_mask_peek (original), 32 * 32);
  do_action (flow, "win.undo", NULL);
  g_assert_cmpmem (fv_mask_peek (mask), 32 * 32, fv_mask_peek (painted), 32 * 32);
}

/* The original comes while the button is down: the stroke is a step of its own. */
static void
test_revert_during_a_stroke (Flow *flow, gconstpointer data)
{
  FvMaskEditor *editor = fv_subject_get_editor (flow->subject);
  FvMask *mask = fv_mask_editor_get_mask (editor);

  begin_stroke (flow);
  do_action (flow, "win.revert-mask", NULL);
  fv_wait_for (is_original, flow);
  drag (flow, "drag-update", 60, 120);
  drag (flow, "drag-end", 60, 120);
  g_assert_cmpuint (fv_mask_count (mask, FV_MASK_NO_OPINION), ==, 0);
  do_action (flow, "win.undo", NULL);
  g_assert_cmpuint (fv_mask_count (mask, FV_MASK_NO_OPINION), >, 20);
}

static char *
dup_edited_path (Flow *flow, gsize sample)
{
  return g_strdup (
      fv_dataset_get_sample (fv_session_get_dataset (flow->session), sample)->edited_mask_path);
}

/* The next picture is chosen while the button is down, and is not there yet when it comes up. */
static void
test_stroke_belongs_to_its_picture (Flow *flow, gconstpointer data)
{
  g_autofree char *next = dup_edited_path (flow, 1);
  g_autoptr (FvMask) painted = NULL;

  begin_stroke (flow);
  do_action (flow, "win.next-image", NULL);
  drag (flow, "drag-update", 60, 120);
  drag (flow, "drag-end", 60, 120);
  fv_wait_for (fv_is_settled, flow->window);
  painted = load_edited (flow, 0);
  g_assert_cmpuint (fv_mask_count (painted, FV_MASK_NO_OPINION), >, 20);
  g_assert_false (g_file_test (next, G_FILE_TEST_EXISTS));
}

static void
assert_painted (const char *path)
{
  GError *error = NULL;
  g_autoptr (FvMask) painted = fv_mask_file_load (path, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (fv_mask_count (painted, FV_MASK_NO_OPINION), >, 20);
}

static void
test_stroke_survives_closing (Flow *flow, gconstpointer data)
{
  g_autofree char *path = dup_edited_path (flow, 0);

  begin_stroke (flow);
  close_window (flow);
  assert_painted (path);
}

static void
test_stroke_survives_another_folder (Flow *flow, gconstpointer data)
{
  g_autofree char *path = dup_edited_path (flow, 0);
  g_autoptr (GAsyncResult) opened = NULL;

  begin_stroke (flow);
  fv_session_open_dataset_async (flow->session, flow->fixture->folder, NULL, fv_store_result,
                                 &opened);
  g_assert_true (
      fv_session_open_dataset_finish (flow->session, fv_wait_for_result (&opened), NULL));
  g_clear_object (&opened);
  close_window (flow);
  assert_painted (path);
}

typedef struct {
  FvSubject *subject;
  FvImage *former;
} Change;

static gboolean
has_changed (gpointer data)
{
  const Change *change = data;

  return fv_subject_get_image (change->subject) != change->former;
}

/* No picture is ever seen, or measured, with the map of another one. */
static void
test_map_belongs_to_its_picture (Flow *flow, gconstpointer data)
{
  Change change = { flow->subject, fv_subject_get_image (flow->subject) };

  do_action (flow, "win.next-image", NULL);
  fv_wait_for (has_changed, &change);
  g_assert_true (fv_subject_get_result (flow->subject) == NULL
                 || !fv_subject_get_busy (flow->subject));
  fv_wait_for (fv_is_settled, flow->window);
}

/* “label” stays “label” when the weights change. */
static void
test_label_stays_chosen (Flow *flow, gconstpointer data)
{
  GtkWidget *panel = fv_find_widget (GTK_WIDGET (flow->window), FV_TYPE_INSPECT_PANEL);
  GtkDropDown *choice = GTK_DROP_DOWN (
      gtk_widget_get_template_child (panel, FV_TYPE_INSPECT_PANEL, "class_choice"));
  g_autoptr (GAsyncResult) opened = NULL;

  gtk_drop_down_set_selected (choice, 1);
  fv_session_open_model_async (
      flow->session, &(FvModelSource){ .model = "small_cnn", .card = flow->fixture->card }, NULL,
      fv_store_result, &opened);
  g_assert_true (fv_session_open_model_finish (flow->session, fv_wait_for_result (&opened), NULL));
  g_assert_cmpuint (gtk_drop_down_get_selected (choice), ==, 1);
}

static gboolean
is_teaching (gpointer data)
{
  return fv_session_get_teaching (((Flow *) data)->session);
}

static gboolean
is_taught (gpointer data)
{
  return !is_teaching (data) && fv_is_settled (((Flow *) data)->window);
}

static gboolean
has_stepped (gpointer data)
{
  return GPOINTER_TO_INT (g_object_get_data (G_OBJECT (((Flow *) data)->window), "step")) > 0;
}

static void
on_update (FvSession *session, const FvLessonUpdate *update, GObject *window)
{
  g_object_set_data (window, "step", GINT_TO_POINTER (update->progress.step));
}

static gboolean
is_undone (gpointer data)
{
  return !fv_session_can_undo_teach (((Flow *) data)->session)
         && fv_is_settled (((Flow *) data)->window);
}

static void
test_teach (Flow *flow, gconstpointer data)
{
  g_autofree char *runs = g_build_filename (flow->fixture->folder, "runs", NULL);
  g_autofree float *first
      = g_memdup2 (fv_subject_get_result (flow->subject)->map->values, 16 * sizeof (float));
  const FvInspectResult *result;

  g_signal_connect (flow->session, "lesson-update", G_CALLBACK (on_update), flow->window);
  do_action (flow, "win.teach-start", NULL);
  g_assert_true (is_teaching (flow));
  g_assert_false (g_action_group_get_action_enabled (G_ACTION_GROUP (flow->window), "open-model"));
  fv_wait_for (is_taught, flow);
  g_assert_true (g_file_test (runs, G_FILE_TEST_IS_DIR));
  result = fv_subject_get_result (flow->subject);
  g_assert_nonnull (result->before);
  g_assert_cmpint (memcmp (first, result->map->values, 16 * sizeof (float)), !=, 0);
  g_assert_true (fv_session_can_undo_teach (flow->session));

  do_action (flow, "win.teach-undo", NULL);
  fv_wait_for (is_undone, flow);
  result = fv_subject_get_result (flow->subject);
  g_assert_null (result->before);
  g_assert_cmpmem (first, 16 * sizeof (float), result->map->values, 16 * sizeof (float));
}

static void
test_stop_teaching (Flow *flow, gconstpointer data)
{
  GtkWidget *panel = fv_find_widget (GTK_WIDGET (flow->window), FV_TYPE_TEACH_PANEL);
  g_autoptr (FvTrainConfig) config = fv_teach_panel_dup_config (FV_TEACH_PANEL (panel));

  g_assert_null (config->freeze_below);
  g_signal_connect (flow->session, "lesson-update", G_CALLBACK (on_update), flow->window);
  do_action (flow, "win.teach-start", NULL);
  fv_wait_for (has_stepped, flow);
  do_action (flow, "win.teach-stop", NULL);
  fv_wait_for (is_taught, flow);
  g_assert_true (g_action_group_get_action_enabled (G_ACTION_GROUP (flow->window), "teach-start"));
  g_assert_true (g_action_group_get_action_enabled (G_ACTION_GROUP (flow->window), "teach-undo"));
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add ("/flow/choose", Flow, NULL, set_up, test_choose, tear_down);
  g_test_add ("/flow/paint-and-undo", Flow, NULL, set_up, test_paint_and_undo, tear_down);
  g_test_add ("/flow/numbers-move-with-the-brush", Flow, NULL, set_up,
              test_numbers_move_with_the_brush, tear_down);
  g_test_add ("/flow/revert-is-one-step", Flow, NULL, set_up, test_revert_is_one_step, tear_down);
  g_test_add ("/flow/revert-during-a-stroke", Flow, NULL, set_up, test_revert_during_a_stroke,
              tear_down);
  g_test_add ("/flow/stroke-belongs-to-its-picture", Flow, NULL, set_up,
              test_stroke_belongs_to_its_picture, tear_down);
  g_test_add ("/flow/stroke-survives-closing", Flow, NULL, set_up, test_stroke_survives_closing,
              tear_down);
  g_test_add ("/flow/stroke-survives-another-folder", Flow, NULL, set_up,
              test_stroke_survives_another_folder, tear_down);
  g_test_add ("/flow/map-belongs-to-its-picture", Flow, NULL, set_up,
              test_map_belongs_to_its_picture, tear_down);
  g_test_add ("/flow/label-stays-chosen", Flow, NULL, set_up, test_label_stays_chosen, tear_down);
  g_test_add ("/flow/teach", Flow, NULL, set_up, test_teach, tear_down);
  g_test_add ("/flow/stop-teaching", Flow, NULL, set_up, test_stop_teaching, tear_down);
  return g_test_run ();
}
