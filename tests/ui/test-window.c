/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window with bad input: always one sentence, always alive. */

#include <adwaita.h>
#include <glib/gstdio.h>

#include "fv-canvas.h"
#include "fv-fixture.h"
#include "fv-teach-panel.h"
#include "fv-window.h"

static FvWindow *
open_window (void)
{
  FvWindow *window = fv_window_new (NULL, NULL);

  gtk_window_present (GTK_WINDOW (window));
  return window;
}

/* The first widget of @type under @parent that is mapped; NULL: none. */
static GtkWidget *
find_mapped (GtkWidget *parent, GType type)
{
  if (!gtk_widget_get_mapped (parent))
    return NULL;
  if (G_TYPE_CHECK_INSTANCE_TYPE (parent, type))
    return parent;
  for (GtkWidget *child = gtk_widget_get_first_child (parent); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = find_mapped (child, type);

    if (found != NULL)
      return found;
  }
  return NULL;
}

static GType
toast_type (void)
{
  return g_type_from_name ("AdwToastWidget");
}

static gboolean
shows_toast (gpointer window)
{
  return toast_type () != 0 && find_mapped (window, toast_type ()) != NULL;
}

/* A dialog over @window says something in a whole sentence. */
static gboolean
shows_dialog (gpointer window)
{
  g_autoptr (GList) toplevels = gtk_window_list_toplevels ();

  for (GList *link = toplevels; link != NULL; link = link->next)
    if (ADW_IS_MESSAGE_DIALOG (link->data) && gtk_window_get_transient_for (link->data) == window)
      return *adw_message_dialog_get_body (link->data) != '\0';
  return FALSE;
}

static void
test_folder_without_images (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  g_autofree char *empty = fv_fixture_path (fixture, "empty");
  FvWindow *window = open_window ();

  g_assert_cmpint (g_mkdir (empty, 0755), ==, 0);
  fv_window_open (window, empty, NULL);
  fv_wait_for (shows_dialog, window);
  g_assert_null (fv_session_get_dataset (fv_window_get_session (window)));
  fv_close_window (window);
}

static void
test_hostile_weights (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  g_autofree char *pickle = fv_fixture_path (fixture, "hostile.pth");
  FvWindow *window = open_window ();

  g_assert_true (g_file_set_contents (pickle, "cos\nsystem\n(S'touch x'\ntR.", -1, NULL));
  fv_window_open (window, NULL, pickle);
  fv_wait_for (shows_dialog, window);
  g_assert_null (fv_session_get_model (fv_window_get_session (window)));
  fv_close_window (window);
}

/* What was asked for may be answered when nobody is there any more. */
static void
test_closed_while_opening (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  g_autofree char *pickle = fv_fixture_path (fixture, "hostile.pth");
  FvWindow *window = open_window ();
  gpointer session = fv_window_get_session (window);

  g_object_add_weak_pointer (session, &session);
  g_assert_true (g_file_set_contents (pickle, "cos\nsystem\n(S'touch x'\ntR.", -1, NULL));
  fv_window_open (window, fixture->folder, pickle);
  gtk_window_destroy (GTK_WINDOW (window));
  fv_wait_for (fv_is_gone, &session);
}

static gboolean
has_map (gpointer window)
{
  return fv_subject_get_result (fv_window_get_subject (window)) != NULL;
}

static gboolean
is_idle (gpointer window)
{
  return !fv_subject_get_busy (fv_window_get_subject (window));
}

static gboolean
shows_broken (gpointer window)
{
  GtkWidget *page = find_mapped (window, ADW_TYPE_STATUS_PAGE);

  return page != NULL && adw_status_page_get_description (ADW_STATUS_PAGE (page)) != NULL;
}

/* A broken picture is said in its place, and the next one works. */
static void
test_broken_picture (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  FvWindow *window = open_window ();
  FvSession *session = fv_window_get_session (window);
  FvSubject *subject = fv_window_get_subject (window);
  const FvSample *broken;

  fv_fixture_open (fixture, session);
  fv_wait_for (has_map, window);
  broken = fv_dataset_get_sample (fv_session_get_dataset (session), 7);
  g_assert_true (g_file_set_contents (broken->path, "text", -1, NULL));
  fv_subject_set_sample (subject, 7);
  fv_wait_for (shows_broken, window);
  g_assert_null (fv_subject_get_image (subject));
  g_assert_null (fv_subject_get_result (subject));
  fv_subject_set_sample (subject, 8);
  fv_wait_for (has_map, window);
  fv_close_window (window);
}

/* A mask of another size is refused, but the picture is shown and can be painted on. */
static void
test_mask_of_another_size (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  FvWindow *window = open_window ();
  FvSession *session = fv_window_get_session (window);
  FvSubject *subject = fv_window_get_subject (window);
  g_autoptr (FvImage) wrong = fv_image_new (9, 9);

  fv_fixture_open (fixture, session);
  fv_wait_for (has_map, window);
  g_assert_true (fv_image_save_png (
      wrong, fv_dataset_get_sample (fv_session_get_dataset (session), 9)->mask_path, NULL));
  fv_subject_set_sample (subject, 9);
  fv_wait_for (shows_toast, window);
  fv_wait_for (is_idle, window);
  g_assert_nonnull (fv_subject_get_image (subject));
  g_assert_false (fv_mask_editor_get_has_mask (fv_subject_get_editor (subject)));
  fv_close_window (window);
}

static void
test_actions_follow_what_is_open (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  FvWindow *window = open_window ();
  GActionGroup *actions = G_ACTION_GROUP (window);

  g_assert_false (g_action_group_get_action_enabled (actions, "teach-start"));
  g_assert_false (g_action_group_get_action_enabled (actions, "next-image"));
  g_assert_false (g_action_group_get_action_enabled (actions, "undo"));
  fv_fixture_open (fixture, fv_window_get_session (window));
  g_assert_true (g_action_group_get_action_enabled (actions, "teach-start"));
  g_assert_true (g_action_group_get_action_enabled (actions, "next-image"));
  g_assert_false (g_action_group_get_action_enabled (actions, "teach-stop"));
  g_assert_false (g_action_group_get_action_enabled (actions, "teach-undo"));
  fv_close_window (window);
}

/* A mask that somebody painted on pictures that an older Fovea drew. (transfer full): its path */
static char *
leave_old_mask (void)
{
  g_autofree char *folder
      = g_build_filename (g_get_user_data_dir (), "fovea", "scenes", "images", NULL);
  char *mask = g_build_filename (folder, "00000.mask.png", NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (mask, "painted", -1, NULL));
  return mask;
}

/* The recipe of data/README.md. */
static void
assert_suggested_lesson (FvWindow *window)
{
  GtkWidget *panel = fv_find_widget (GTK_WIDGET (window), FV_TYPE_TEACH_PANEL);
  g_autoptr (FvTrainConfig) config = fv_teach_panel_dup_config (FV_TEACH_PANEL (panel));

  g_assert_cmpfloat (config->weights[FV_LOSS_CROSS_ENTROPY], ==, 1);
  g_assert_cmpfloat (config->weights[FV_LOSS_SWAP], ==, 1);
  g_assert_cmpfloat (config->weights[FV_LOSS_CAMAL], ==, 0.5);
  g_assert_true (config->train_batch_norm);
  g_assert_null (config->freeze_below);
  g_assert_cmpint (config->epochs, ==, 12);
  g_assert_cmpint (config->batch_size, ==, 16);
  g_assert_cmpfloat (config->learning_rate, ==, 5e-3);
  g_assert_cmpfloat (config->head_learning_rate, ==, 5e-3);
}

/* A newcomer's first sight: drawn pictures, the network that comes with Fovea, a map. What is left
 * of an older version stays as it is. */
static void
test_first_start (void)
{
  g_autofree char *old_mask = leave_old_mask ();
  g_autofree char *kept = NULL;
  FvWindow *window = open_window ();
  FvSession *session = fv_window_get_session (window);

  fv_window_open_builtin (window);
  fv_wait_for (has_map, window);
  g_assert_true (fv_model_info_has_classes_of (fv_session_get_model (session),
                                               fv_session_get_dataset (session)));
  g_assert_true (g_file_get_contents (old_mask, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "painted");
  assert_suggested_lesson (window);
  fv_close_window (window);
}

static void
test_choices_are_remembered (void)
{
  g_autoptr (GSettings) settings = g_settings_new ("io.github.fovea.Fovea");
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  FvWindow *window;
  FvCanvas *canvas;

  g_settings_set_double (settings, "brush-radius", 21.0);
  window = fv_window_new (NULL, settings);
  gtk_window_present (GTK_WINDOW (window));
  fv_fixture_open (fixture, fv_window_get_session (window));
  canvas = FV_CANVAS (find_mapped (GTK_WIDGET (window), FV_TYPE_CANVAS));
  g_assert_cmpfloat (fv_canvas_get_brush_radius (canvas), ==, 21.0);
  fv_canvas_set_map_opacity (canvas, 0.25);
  g_assert_cmpfloat (g_settings_get_double (settings, "map-opacity"), ==, 0.25);
  fv_close_window (window);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/window/folder-without-images", test_folder_without_images);
  g_test_add_func ("/window/hostile-weights", test_hostile_weights);
  g_test_add_func ("/window/closed-while-opening", test_closed_while_opening);
  g_test_add_func ("/window/broken-picture", test_broken_picture);
  g_test_add_func ("/window/mask-of-another-size", test_mask_of_another_size);
  g_test_add_func ("/window/choices-are-remembered", test_choices_are_remembered);
  g_test_add_func ("/window/first-start", test_first_start);
  g_test_add_func ("/window/actions-follow-what-is-open", test_actions_follow_what_is_open);
  return g_test_run ();
}
