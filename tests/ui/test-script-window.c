/* SPDX-License-Identifier: GPL-3.0-or-later */

/* TorchScript files in the window: what opens is explained, what is refused says why in a dialog.
 */

#include <adwaita.h>
#include <string.h>

#include "fv-fixture.h"
#include "fv-inspect-panel.h"
#include "fv-method.h"
#include "fv-window.h"

typedef struct {
  FvFixture *fixture;
  FvWindow *window;
  FvSession *session;
  FvSubject *subject;
} Scripts;

static AdwMessageDialog *
find_dialog (Scripts *scripts)
{
  g_autoptr (GList) toplevels = gtk_window_list_toplevels ();

  for (GList *link = toplevels; link != NULL; link = link->next)
    if (ADW_IS_MESSAGE_DIALOG (link->data)
        && gtk_window_get_transient_for (link->data) == GTK_WINDOW (scripts->window))
      return link->data;
  return NULL;
}

static gboolean
shows_dialog (gpointer data)
{
  return find_dialog (data) != NULL;
}

static void
set_up (Scripts *scripts, gconstpointer data)
{
  scripts->fixture = fv_fixture_new ();
  scripts->window = fv_window_new (NULL, NULL);
  scripts->session = fv_window_get_session (scripts->window);
  scripts->subject = fv_window_get_subject (scripts->window);
  gtk_window_present (GTK_WINDOW (scripts->window));
}

static void
tear_down (Scripts *scripts, gconstpointer data)
{
  fv_close_window (scripts->window);
  fv_fixture_free (scripts->fixture);
}

static void
open_script (Scripts *scripts, const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  fv_window_open (scripts->window, scripts->fixture->folder, path);
}

static gboolean
can_teach (Scripts *scripts)
{
  return g_action_group_get_action_enabled (G_ACTION_GROUP (scripts->window), "teach-start");
}

static void
test_opens (Scripts *scripts, gconstpointer folder)
{
  open_script (scripts, folder, "conv.pt");
  fv_wait_for (fv_is_settled, scripts->window);
  g_assert_cmpstr (fv_subject_get_result (scripts->subject)->map->layer, ==, "1");
  g_assert_cmpint (fv_subject_get_result (scripts->subject)->n_top, ==, 4);
  g_assert_true (can_teach (scripts));
}

/* The chooser says what a grid of tokens is. */
static void
test_tokens (Scripts *scripts, gconstpointer folder)
{
  GtkWidget *panel = fv_find_widget (GTK_WIDGET (scripts->window), FV_TYPE_INSPECT_PANEL);
  GtkDropDown *choice = GTK_DROP_DOWN (
      gtk_widget_get_template_child (panel, FV_TYPE_INSPECT_PANEL, "layer_choice"));
  GtkStringObject *chosen;

  open_script (scripts, folder, "tokens.pt");
  fv_wait_for (fv_is_settled, scripts->window);
  g_assert_nonnull (fv_subject_get_result (scripts->subject)->map);
  chosen = gtk_drop_down_get_selected_item (choice);
  g_assert_cmpstr (gtk_string_object_get_string (chosen), ==, "block · 28 × 28 tokens");
}

static GtkDropDown *
find_methods (Scripts *scripts)
{
  GtkWidget *panel = fv_find_widget (GTK_WIDGET (scripts->window), FV_TYPE_INSPECT_PANEL);

  return GTK_DROP_DOWN (
      gtk_widget_get_template_child (panel, FV_TYPE_INSPECT_PANEL, "method_choice"));
}

/* The condition that all methods are offered, and a map is there. */
static gboolean
offers_all (gpointer data)
{
  Scripts *scripts = data;
  GListModel *methods = gtk_drop_down_get_model (find_methods (scripts));

  return g_list_model_get_n_items (methods) == fv_method_get_n ()
         && fv_is_settled (scripts->window);
}

/* The condition that the last is not. */
static gboolean
offers_others (gpointer data)
{
  Scripts *scripts = data;
  GListModel *methods = gtk_drop_down_get_model (find_methods (scripts));

  return g_list_model_get_n_items (methods) == fv_method_get_n () - 1
         && fv_is_settled (scripts->window);
}

/* A network with attention can be explained by it; one without is not offered that, and the method
 * that was chosen gives way to the first. */
static void
test_attention (Scripts *scripts, gconstpointer folder)
{
  const FvMap *map;

  open_script (scripts, folder, "tokens.pt");
  fv_wait_for (offers_all, scripts);
  gtk_drop_down_set_selected (find_methods (scripts), fv_method_get_n () - 1);
  fv_wait_for (fv_is_settled, scripts->window);
  map = fv_subject_get_result (scripts->subject)->map;
  g_assert_cmpstr (map->method, ==, "transformer");
  g_assert_true (map->width == 28 && map->height == 28);
  open_script (scripts, folder, "conv.pt");
  fv_wait_for (offers_others, scripts);
  g_assert_cmpuint (gtk_drop_down_get_selected (find_methods (scripts)), ==, 0);
  g_assert_cmpstr (fv_subject_get_result (scripts->subject)->map->method, ==, "gradcam");
}

/* Predictions without a map, and why. */
static void
test_no_layer_has_space (Scripts *scripts, gconstpointer folder)
{
  GtkLabel *note;

  open_script (scripts, folder, "flat.pt");
  fv_wait_for (fv_is_settled, scripts->window);
  g_assert_null (fv_subject_get_result (scripts->subject)->map);
  g_assert_cmpint (fv_subject_get_result (scripts->subject)->n_top, ==, 4);
  note = GTK_LABEL (
      gtk_widget_get_template_child (GTK_WIDGET (scripts->window), FV_TYPE_WINDOW, "note"));
  g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (note)));
  g_assert_nonnull (strstr (gtk_label_get_label (note), "no map"));
  g_assert_false (can_teach (scripts));
}

static gboolean
can_undo_lesson (gpointer data)
{
  return fv_session_can_undo_teach (((Scripts *) data)->session);
}

/* Teaching needs nothing of a network but its graph. */
static void
test_teach (Scripts *scripts, gconstpointer folder)
{
  open_script (scripts, folder, "conv.pt");
  fv_wait_for (fv_is_settled, scripts->window);
  g_assert_true (
      gtk_widget_activate_action (GTK_WIDGET (scripts->window), "win.teach-start", NULL));
  fv_wait_for (can_undo_lesson, scripts);
  fv_wait_for (fv_is_settled, scripts->window);
  g_assert_nonnull (fv_subject_get_result (scripts->subject)->before);
}

static void
test_refused (Scripts *scripts, gconstpointer folder)
{
  const char *body;

  open_script (scripts, folder, "reads.pt");
  fv_wait_for (shows_dialog, scripts);
  body = adw_message_dialog_get_body (find_dialog (scripts));
  g_assert_nonnull (strstr (body, "reads.pt"));
  g_assert_nonnull (strstr (body, "aten::from_file"));
  g_assert_null (fv_session_get_model (scripts->session));
}

/* The sentence lists the names; one of them is given in the dialog. */
static void
test_several_results (Scripts *scripts, gconstpointer folder)
{
  AdwMessageDialog *dialog;

  open_script (scripts, folder, "two.pt");
  fv_wait_for (shows_dialog, scripts);
  dialog = find_dialog (scripts);
  g_assert_nonnull (strstr (adw_message_dialog_get_body (dialog), "other"));
  g_assert_false (adw_message_dialog_get_response_enabled (dialog, "open"));
  gtk_editable_set_text (GTK_EDITABLE (adw_message_dialog_get_extra_child (dialog)), "other");
  g_assert_true (adw_message_dialog_get_response_enabled (dialog, "open"));
  adw_message_dialog_response (dialog, "open");
  fv_wait_for (fv_is_settled, scripts->window);
  g_assert_nonnull (fv_subject_get_result (scripts->subject)->map);
}

/* TRUE when Debian's PyTorch has written the files. */
static gboolean
make_scripts (const char *folder)
{
  g_autofree char *script = g_test_build_filename (G_TEST_DIST, "ui", "make-scripts.py", NULL);
  const char *const argv[] = { "/usr/bin/python3", script, folder, NULL };
  g_autoptr (GError) error = NULL;
  int status = 0;

  if (!g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status,
                     &error))
    return FALSE;
  return g_spawn_check_wait_status (status, NULL);
}

static void
skip (void)
{
  g_test_skip ("no /usr/bin/python3 with PyTorch that could write TorchScript files");
}

static void
add (const char *name, const char *folder, void (*test) (Scripts *, gconstpointer))
{
  g_test_add (name, Scripts, folder, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_autofree char *folder = g_dir_make_tmp ("fovea-scripts-XXXXXX", NULL);
  int status;

  g_assert_nonnull (folder);
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  if (make_scripts (folder)) {
    add ("/script-window/opens", folder, test_opens);
    add ("/script-window/tokens", folder, test_tokens);
    add ("/script-window/attention", folder, test_attention);
    add ("/script-window/no-layer-has-space", folder, test_no_layer_has_space);
    add ("/script-window/refused", folder, test_refused);
    add ("/script-window/teach", folder, test_teach);
    add ("/script-window/several-results", folder, test_several_results);
  } else {
    g_test_add_func ("/script-window/skipped", skip);
  }
  status = g_test_run ();
  fv_remove_tree (folder);
  return status;
}
