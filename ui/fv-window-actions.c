/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every command of the window as an action, and the keys that reach it. */

#include "fv-window-private.h"

typedef void (*Command) (FvWindow *self);

static void
go_next (FvWindow *self)
{
  fv_image_list_step (self->list, 1);
}

static void
go_previous (FvWindow *self)
{
  fv_image_list_step (self->list, -1);
}

static void
search (FvWindow *self)
{
  gtk_widget_set_visible (self->list_box, TRUE);
  fv_image_list_focus_search (self->list);
}

static void
undo (FvWindow *self)
{
  fv_mask_editor_undo (self->editor);
}

static void
redo (FvWindow *self)
{
  fv_mask_editor_redo (self->editor);
}

static void
revert (FvWindow *self)
{
  fv_subject_revert_mask (self->subject);
}

static void
zoom_in (FvWindow *self)
{
  fv_canvas_zoom_in (self->canvas);
}

static void
zoom_out (FvWindow *self)
{
  fv_canvas_zoom_out (self->canvas);
}

static void
zoom_fit (FvWindow *self)
{
  fv_canvas_zoom_fit (self->canvas);
}

static void
zoom_actual (FvWindow *self)
{
  fv_canvas_zoom_actual (self->canvas);
}

static void
toggle_fullscreen (FvWindow *self)
{
  if (gtk_window_is_fullscreen (GTK_WINDOW (self)))
    gtk_window_unfullscreen (GTK_WINDOW (self));
  else
    gtk_window_fullscreen (GTK_WINDOW (self));
}

static const struct {
  const char *name;
  Command run;
} commands[] = {
  { "agreement", fv_window_show_agreement },
  { "copy-table", fv_window_copy_table },
  { "evaluate", fv_window_start_measuring },
  { "evaluate-stop", fv_window_stop_measuring },
  { "fullscreen", toggle_fullscreen },
  { "measure", fv_window_show_measure },
  { "next-image", go_next },
  { "open-builtin", fv_window_open_builtin },
  { "open-folder", fv_window_choose_folder },
  { "open-model", fv_window_choose_weights },
  { "open-run", fv_window_choose_run },
  { "previous-image", go_previous },
  { "redo", redo },
  { "revert-mask", revert },
  { "save-histogram", fv_window_save_histogram },
  { "save-scatter", fv_window_save_scatter },
  { "save-table", fv_window_save_table },
  { "search", search },
  { "teach-pause", fv_window_pause_lesson },
  { "teach-start", fv_window_start_lesson },
  { "teach-stop", fv_window_stop_lesson },
  { "teach-undo", fv_window_undo_lesson },
  { "undo", undo },
  { "zoom-actual", zoom_actual },
  { "zoom-fit", zoom_fit },
  { "zoom-in", zoom_in },
  { "zoom-out", zoom_out },
};

static void
on_activate (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FvWindow *self = user_data;

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (g_action_get_name (G_ACTION (action)), commands[i].name))
      commands[i].run (self);
}

static void
add_property_action (FvWindow *self, const char *name, gpointer object, const char *property)
{
  g_autoptr (GPropertyAction) action = g_property_action_new (name, object, property);

  g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (action));
}

void
fv_window_add_actions (FvWindow *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    g_autoptr (GSimpleAction) action = g_simple_action_new (commands[i].name, NULL);

    g_signal_connect_object (action, "activate", G_CALLBACK (on_activate), self, 0);
    g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (action));
  }
  add_property_action (self, "mode", self->panels, "visible-child-name");
  add_property_action (self, "show-images", self->list_box, "visible");
  add_property_action (self, "show-outline", self->canvas, "show-outline");
  add_property_action (self, "tool", self->canvas, "tool");
}

void
fv_window_remove_property_actions (FvWindow *self)
{
  static const char *const names[] = { "mode", "show-images", "show-outline", "tool" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_action_map_remove_action (G_ACTION_MAP (self), names[i]);
}

static void
set_enabled (FvWindow *self, const char *name, gboolean enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

void
fv_window_update_actions (FvWindow *self)
{
  gboolean teaching = fv_session_get_teaching (self->session);
  gboolean images = fv_session_get_dataset (self->session) != NULL;
  const FvModelInfo *model = fv_session_get_model (self->session);
  gboolean can_measure = images && model != NULL && self->n_opening_models == 0 && !teaching;
  gboolean has_table = fv_measure_dock_get_table (self->measure_dock) != NULL;
  gboolean can_teach = images && model != NULL && model->can_show && self->n_opening_models == 0;

  set_enabled (self, "open-folder", !teaching);
  set_enabled (self, "open-model", !teaching);
  set_enabled (self, "open-run", !teaching);
  set_enabled (self, "open-builtin", !teaching);
  set_enabled (self, "next-image", images);
  set_enabled (self, "previous-image", images);
  set_enabled (self, "search", images);
  set_enabled (self, "undo", self->editor != NULL && fv_mask_editor_get_can_undo (self->editor));
  set_enabled (self, "redo", self->editor != NULL && fv_mask_editor_get_can_redo (self->editor));
  set_enabled (self, "revert-mask", self->editor != NULL);
  set_enabled (self, "measure", images);
  set_enabled (self, "evaluate", can_measure && self->measuring == NULL);
  set_enabled (self, "evaluate-stop", self->measuring != NULL);
  set_enabled (self, "copy-table", has_table);
  set_enabled (self, "save-table", has_table);
  set_enabled (self, "save-histogram", images);
  set_enabled (self, "save-scatter", images);
  set_enabled (self, "run-open", can_teach && !teaching);
  set_enabled (self, "run-resume", can_teach && !teaching);
  set_enabled (self, "agreement", images && model != NULL);
  set_enabled (self, "teach-start",
               can_teach && !teaching && fv_teach_panel_can_start (self->teach_panel));
  set_enabled (self, "teach-pause", teaching);
  set_enabled (self, "teach-stop", teaching);
  set_enabled (self, "teach-undo", !teaching && fv_session_can_undo_teach (self->session));
}

/* -- keys ----------------------------------------------------------------------------------- */

/* Keys without Ctrl: they must not be taken from somebody who types. */
static const struct {
  guint key;
  const char *action; /* detailed name */
} plain_keys[] = {
  { GDK_KEY_a, "win.previous-image" },       { GDK_KEY_d, "win.next-image" },
  { GDK_KEY_Page_Up, "win.previous-image" }, { GDK_KEY_Page_Down, "win.next-image" },
  { GDK_KEY_b, "win.tool::brush" },          { GDK_KEY_e, "win.tool::eraser" },
  { GDK_KEY_n, "win.tool::no-opinion" },     { GDK_KEY_h, "win.tool::pan" },
  { GDK_KEY_o, "win.show-outline" },         { GDK_KEY_f, "win.zoom-fit" },
  { GDK_KEY_1, "win.zoom-actual" },
};

static gboolean
on_plain_key (GtkWidget *widget, GVariant *parameter, gpointer user_data)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (widget));
  g_autoptr (GVariant) target = NULL;
  g_autofree char *name = NULL;

  if (focus != NULL && GTK_IS_EDITABLE (focus))
    return FALSE;
  if (!g_action_parse_detailed_name (g_variant_get_string (parameter, NULL), &name, &target, NULL))
    return FALSE;
  return gtk_widget_activate_action_variant (widget, name, target);
}

/* In the capture phase: a list would take Page Up and letters for itself. */
void
fv_window_add_plain_keys (FvWindow *self)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  for (guint i = 0; i < G_N_ELEMENTS (plain_keys); i++) {
    GtkShortcut *shortcut = gtk_shortcut_new (gtk_keyval_trigger_new (plain_keys[i].key, 0),
                                              gtk_callback_action_new (on_plain_key, NULL, NULL));

    gtk_shortcut_set_arguments (shortcut, g_variant_new_string (plain_keys[i].action));
    gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
  }
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}
