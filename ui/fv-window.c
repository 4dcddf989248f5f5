/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window's widgets and the picture on screen: what the subject says goes to canvas, bars and
 * notes. The other concerns have files of their own, see fv-window-private.h. */

#include "fv-window-private.h"

#include <math.h>

#define DEFAULT_OPACITY 0.6
#define DEFAULT_RADIUS 8.0

G_DEFINE_FINAL_TYPE (FvWindow, fv_window, ADW_TYPE_APPLICATION_WINDOW)

void
fv_window_toast (FvWindow *self, const char *message)
{
  /* It may name a file whose name is not UTF-8. */
  g_autofree char *valid = g_utf8_make_valid (message, -1);
  g_autofree char *escaped = g_markup_escape_text (valid, -1);

  if (self->toasts != NULL)
    adw_toast_overlay_add_toast (self->toasts, adw_toast_new (escaped));
}

/* -- what is open --------------------------------------------------------------------------- */

static void
update_titles (FvWindow *self)
{
  FvDataset *dataset = fv_session_get_dataset (self->session);
  const FvModelInfo *model = fv_session_get_model (self->session);
  g_autofree char *name
      = model == NULL ? g_strdup ("") : g_filename_display_basename (model->source);
  g_autofree char *folder
      = dataset == NULL ? NULL : g_filename_display_basename (fv_dataset_get_path (dataset));
  g_autofree char *title
      = folder == NULL ? g_strdup ("Fovea") : g_strdup_printf ("%s – Fovea", folder);

  gtk_window_set_title (GTK_WINDOW (self), title);
  gtk_label_set_label (self->model_label, self->n_opening_models > 0 ? "Opening…" : name);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->model_label),
                               model == NULL ? NULL : model->architecture);
}

static void
update_note (FvWindow *self)
{
  const FvModelInfo *model = fv_session_get_model (self->session);
  const char *note = NULL;

  if (self->n_opening_models > 0)
    note = "Opening the network…";
  else if (model == NULL)
    note = "No model is open: open its weights to see where it looks.";
  else if (!model->can_show)
    note = "No layer of this network has height and width, so there is no map to draw: it "
           "predicts, but cannot show where it looks.";
  gtk_label_set_label (self->note, note);
  gtk_widget_set_visible (GTK_WIDGET (self->note), note != NULL);
}

static void
update_spinner (FvWindow *self)
{
  gtk_spinner_set_spinning (self->spinner, self->n_opening_models > 0
                                               || fv_subject_get_busy (self->subject)
                                               || fv_session_get_evaluating (self->session)
                                               || fv_session_get_teaching (self->session));
}

void
fv_window_update_state (FvWindow *self)
{
  FvDataset *dataset = fv_session_get_dataset (self->session);
  const FvModelInfo *model = fv_session_get_model (self->session);

  if (self->toasts == NULL)
    return;
  gtk_stack_set_visible_child_name (self->content, dataset != NULL ? "main" : "empty");
  gtk_stack_set_visible_child_name (self->title_stack, dataset != NULL ? "modes" : "title");
  fv_image_list_set_can_be_wrong (self->list, dataset != NULL && model != NULL
                                                  && fv_model_info_has_classes_of (model, dataset));
  update_titles (self);
  update_note (self);
  update_spinner (self);
  fv_window_update_actions (self);
}

/* -- the picture on screen ------------------------------------------------------------------ */

static void
set_editor (FvWindow *self, FvMaskEditor *editor)
{
  if (self->editor != NULL)
    g_signal_handlers_disconnect_by_data (self->editor, self);
  g_set_object (&self->editor, editor);
  if (editor == NULL)
    return;
  g_signal_connect_object (editor, "notify::can-undo", G_CALLBACK (fv_window_update_actions), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (editor, "notify::can-redo", G_CALLBACK (fv_window_update_actions), self,
                           G_CONNECT_SWAPPED);
}

static void
on_photo_changed (FvWindow *self)
{
  set_editor (self, fv_subject_get_editor (self->subject));
  fv_canvas_set_image (self->canvas, fv_subject_get_image (self->subject));
  fv_canvas_set_editor (self->canvas, self->editor);
  gtk_stack_set_visible_child_name (self->canvas_stack, "canvas");
  fv_window_update_actions (self);
}

/* Before the lesson it may have predicted another class: both halves are named. A control explains
 * no class. */
static char *
make_legend (const FvInspectResult *result)
{
  const FvMethodInfo *method;
  GString *text;

  if (result == NULL || result->map == NULL)
    return NULL;
  method = fv_method_find (result->map->method);
  text = g_string_new (method->name);
  if (result->map->layer != NULL)
    g_string_append_printf (text, " · %s", result->map->layer);
  if (!method->is_control && result->before != NULL
      && g_strcmp0 (result->before_name, result->target_name) != 0)
    g_string_append_printf (text, " · “%s” | “%s”", result->before_name, result->target_name);
  else if (!method->is_control)
    g_string_append_printf (text, " · “%s”", result->target_name);
  return g_string_free (text, FALSE);
}

static void
on_result_changed (FvWindow *self)
{
  const FvInspectResult *result = fv_subject_get_result (self->subject);
  g_autofree char *legend = make_legend (result);

  fv_canvas_set_map (self->canvas, result == NULL ? NULL : result->map);
  fv_canvas_set_before_map (self->canvas, result == NULL ? NULL : result->before);
  fv_canvas_set_legend_text (self->canvas, legend);
  /* Hidden bars keep their room: the picture must not jump until the next map is here. */
  gtk_widget_set_opacity (GTK_WIDGET (self->bars), result == NULL ? 0 : 1);
  gtk_widget_set_can_target (GTK_WIDGET (self->bars), result != NULL);
  if (result == NULL)
    return;
  fv_prediction_bars_set (self->bars, result->n_top, result->classes,
                          (const char *const *) result->names, result->probabilities);
  fv_prediction_bars_set_selected (self->bars, result->target);
}

/* A photo that cannot be read is said in its place; anything else, in a toast. */
static void
on_failed (FvWindow *self, const char *message)
{
  g_autofree char *valid = g_utf8_make_valid (message, -1);
  g_autofree char *escaped = g_markup_escape_text (valid, -1);

  if (fv_subject_get_image (self->subject) != NULL) {
    fv_window_toast (self, message);
    return;
  }
  adw_status_page_set_description (self->broken, escaped);
  gtk_stack_set_visible_child_name (self->canvas_stack, "broken");
}

static void
on_bar_selected (FvWindow *self, int target)
{
  fv_inspect_panel_choose_class (self->inspect_panel, target);
}

static void
show_zoom (gpointer user_data)
{
  g_autoptr (FvWindow) self = user_data;
  g_autofree char *label = NULL;

  if (self->toasts == NULL)
    return;
  label = g_strdup_printf ("%.0f %%", 100 * fv_canvas_get_zoom (self->canvas));
  gtk_button_set_label (self->zoom_button, label);
}

/* The canvas fits its photo while sizes are handed out; a label that changed then would be painted
 * without a size of its own. */
static void
on_zoom_changed (FvWindow *self)
{
  g_idle_add_once (show_zoom, g_object_ref (self));
}

static void
on_mode_changed (FvWindow *self)
{
  const char *mode = adw_view_stack_get_visible_child_name (self->panels);

  fv_canvas_set_tool (self->canvas, g_strcmp0 (mode, "annotate") == 0 ? FV_CANVAS_TOOL_BRUSH
                                                                      : FV_CANVAS_TOOL_PAN);
}

/* Choosing a painting tool is a wish to paint. */
static void
on_tool_changed (FvWindow *self)
{
  if (fv_canvas_get_tool (self->canvas) != FV_CANVAS_TOOL_PAN)
    adw_view_stack_set_visible_child_name (self->panels, "annotate");
}

static void
connect_subject (FvWindow *self)
{
  g_signal_connect_object (self->subject, "photo-changed", G_CALLBACK (on_photo_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->subject, "result-changed", G_CALLBACK (on_result_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->subject, "failed", G_CALLBACK (on_failed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->subject, "notify::busy", G_CALLBACK (update_spinner), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify", G_CALLBACK (update_spinner), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->bars, "selected", G_CALLBACK (on_bar_selected), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "notify::zoom", G_CALLBACK (on_zoom_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->canvas, "notify::tool", G_CALLBACK (on_tool_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->panels, "notify::visible-child-name", G_CALLBACK (on_mode_changed),
                           self, G_CONNECT_SWAPPED);
}

/* -- settings and closing ------------------------------------------------------------------- */

static void
bind_settings (FvWindow *self)
{
  fv_canvas_set_map_opacity (self->canvas, DEFAULT_OPACITY);
  fv_canvas_set_brush_radius (self->canvas, DEFAULT_RADIUS);
  if (self->settings == NULL)
    return;
  gtk_window_set_default_size (GTK_WINDOW (self),
                               g_settings_get_int (self->settings, "window-width"),
                               g_settings_get_int (self->settings, "window-height"));
  if (g_settings_get_boolean (self->settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
  g_settings_bind (self->settings, "map-opacity", self->canvas, "map-opacity",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "list-reading", self->list, "reading", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "list-worst-first", self->list, "worst-first",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (self->settings, "brush-radius", self->canvas, "brush-radius",
                   G_SETTINGS_BIND_DEFAULT);
}

static void
save_size (FvWindow *self)
{
  int width, height;

  if (self->settings == NULL)
    return;
  gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
  g_settings_set_int (self->settings, "window-width", MAX (width, 1));
  g_settings_set_int (self->settings, "window-height", MAX (height, 1));
  g_settings_set_boolean (self->settings, "window-maximized",
                          gtk_window_is_maximized (GTK_WINDOW (self)));
}

static void
on_engine_rests (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GApplication) application = user_data;

  g_application_release (application);
}

/* The engine finishes its step after its window has closed: a program that ended meanwhile would
 * take libtorch away from under it. */
static void
stay_until_engine_rests (FvWindow *self)
{
  GtkApplication *application = gtk_window_get_application (GTK_WINDOW (self));

  if (application == NULL)
    return;
  g_application_hold (G_APPLICATION (application));
  fv_session_rest_async (self->session, on_engine_rests, g_object_ref (application));
}

static void
close_for_good (FvWindow *self)
{
  self->closing = TRUE;
  if (self->opening != NULL)
    g_cancellable_cancel (self->opening);
  fv_window_stop_evaluation (self);
  fv_window_abandon_lesson (self);
  stay_until_engine_rests (self);
  gtk_window_close (GTK_WINDOW (self));
}

static void
on_lose_response (AdwMessageDialog *dialog, const char *response, FvWindow *self)
{
  if (g_str_equal (response, "lose"))
    close_for_good (self);
}

static void
on_flushed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FvWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  GtkWidget *dialog;

  self->flushing = FALSE;
  if (fv_session_flush_masks_finish (FV_SESSION (source), result, &error)) {
    close_for_good (self);
    return;
  }
  dialog = adw_message_dialog_new (GTK_WINDOW (self), "Some Masks Are Not Saved", NULL);
  adw_message_dialog_format_body (ADW_MESSAGE_DIALOG (dialog),
                                  "%s\nWhat was painted is lost if the window is closed now.",
                                  error->message);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", "_Cancel", "lose",
                                    "Close _Anyway", NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "lose",
                                              ADW_RESPONSE_DESTRUCTIVE);
  /* Escape must never throw a painted mask away. */
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_lose_response), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static gboolean
fv_window_close_request (GtkWindow *window)
{
  FvWindow *self = FV_WINDOW (window);

  if (!self->closing && !self->flushing) {
    self->flushing = TRUE;
    save_size (self);
    fv_subject_commit (self->subject);
    fv_session_flush_masks_async (self->session, on_flushed, g_object_ref (self));
  }
  if (!self->closing)
    return TRUE;
  return GTK_WINDOW_CLASS (fv_window_parent_class)->close_request (window);
}

/* -- object --------------------------------------------------------------------------------- */

static void
cancel (GCancellable **cancellable)
{
  if (*cancellable != NULL)
    g_cancellable_cancel (*cancellable);
  g_clear_object (cancellable);
}

static void
fv_window_dispose (GObject *object)
{
  FvWindow *self = FV_WINDOW (object);

  self->closing = TRUE;
  cancel (&self->opening);
  cancel (&self->evaluating);
  cancel (&self->measuring);
  cancel (&self->stop);
  cancel (&self->lesson);
  g_clear_handle_id (&self->resort_source, g_source_remove);
  fv_window_remove_property_actions (self);
  set_editor (self, NULL);
  g_clear_weak_pointer (&self->agreement_window);
  g_clear_object (&self->agreement);
  g_clear_object (&self->subject);
  g_clear_object (&self->session);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (fv_window_parent_class)->dispose (object);
}

static void
ensure_types (void)
{
  g_type_ensure (FV_TYPE_ANNOTATE_PANEL);
  g_type_ensure (FV_TYPE_CANVAS);
  g_type_ensure (FV_TYPE_IMAGE_LIST);
  g_type_ensure (FV_TYPE_INSPECT_PANEL);
  g_type_ensure (FV_TYPE_MEASURE_DOCK);
  g_type_ensure (FV_TYPE_MEASURE_PANEL);
  g_type_ensure (FV_TYPE_PREDICTION_BARS);
  g_type_ensure (FV_TYPE_TEACH_DOCK);
  g_type_ensure (FV_TYPE_TEACH_PANEL);
}

static void
fv_window_class_init (FvWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fv_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = fv_window_close_request;

  ensure_types ();
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/fovea/Fovea/window.ui");
  gtk_widget_class_bind_template_child (widget_class, FvWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, title_stack);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, model_label);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, spinner);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, content);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, starting);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, list_box);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, list);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, canvas_stack);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, canvas);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, broken);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, zoom_button);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, note);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, bars);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, interrupted);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, interrupted_label);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, interrupted_button);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, dock_revealer);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, dock);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, measure_dock);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, panels);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, inspect_panel);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, annotate_panel);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, teach_panel);
  gtk_widget_class_bind_template_child (widget_class, FvWindow, measure_panel);
}

static void
fv_window_init (FvWindow *self)
{
  self->session = fv_session_new ();
  self->subject = fv_subject_new (self->session);
  self->agreement = fv_agreement_watch_new (self->session, self->subject);
  gtk_widget_init_template (GTK_WIDGET (self));

  fv_inspect_panel_set_up (self->inspect_panel, self->session, self->subject, self->canvas);
  fv_annotate_panel_set_up (self->annotate_panel, self->session, self->subject, self->canvas);
  fv_teach_panel_set_up (self->teach_panel, self->session, self->agreement);
  fv_window_add_actions (self);
  fv_window_add_run_actions (self);
  fv_window_add_plain_keys (self);
  fv_window_add_drop_target (self);
  connect_subject (self);
  fv_window_connect_list (self);
  fv_window_connect_measuring (self);
  fv_window_connect_teaching (self);
  fv_window_connect_agreement (self);
  fv_window_connect_runs (self);
  on_zoom_changed (self);
  fv_window_update_state (self);
}

FvWindow *
fv_window_new (AdwApplication *application, GSettings *settings)
{
  FvWindow *self = g_object_new (FV_TYPE_WINDOW, "application", application, NULL);

  self->settings = settings == NULL ? NULL : g_object_ref (settings);
  bind_settings (self);
  return self;
}

FvSession *
fv_window_get_session (FvWindow *self)
{
  return self->session;
}

FvSubject *
fv_window_get_subject (FvWindow *self)
{
  return self->subject;
}

FvAgreementWatch *
fv_window_get_agreement (FvWindow *self)
{
  return self->agreement;
}
