/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How folders and models come in: dialogs, drops, the command line, the built-in ones. */

#include "fv-window-private.h"

#include "fv-first-start.h"

/* -- folders and models --------------------------------------------------------------------- */

static void
remember (FvWindow *self, const char *key, const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);

  if (self->settings != NULL && g_utf8_validate (absolute, -1, NULL))
    g_settings_set_string (self->settings, key, absolute);
}

static void
show_starting (FvWindow *self, const char *title, const char *description)
{
  if (fv_session_get_dataset (self->session) != NULL)
    return;
  adw_status_page_set_title (self->starting, title);
  adw_status_page_set_description (self->starting, description);
  gtk_stack_set_visible_child_name (self->content, "starting");
}

static void
on_dataset_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FvWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (fv_session_open_dataset_finish (FV_SESSION (source), result, &error)) {
    remember (self, "last-folder", fv_dataset_get_path (fv_session_get_dataset (self->session)));
    return;
  }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  fv_window_refuse (self, "This Folder Cannot Be Opened", error->message);
  fv_window_update_state (self);
}

typedef struct {
  FvWindow *window;
  char *path;
} Opening;

static void
on_model_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Opening *opening = user_data;
  FvWindow *self = opening->window;
  g_autoptr (GError) error = NULL;

  self->n_opening_models--;
  if (fv_session_open_model_finish (FV_SESSION (source), result, &error))
    remember (self, "last-model", fv_session_get_model (FV_SESSION (source))->source);
  else
    fv_window_refuse_network (self, opening->path, error->message);
  fv_window_update_state (self);
  g_object_unref (opening->window);
  g_free (opening->path);
  g_free (opening);
}

void
fv_window_open_network (FvWindow *self, const char *path, const char *logits)
{
  gboolean run = g_file_test (path, G_FILE_TEST_IS_DIR);
  const FvModelSource source
      = { .model = run ? path : NULL, .weights = run ? NULL : path, .logits = logits };
  Opening *opening = g_new (Opening, 1);

  *opening = (Opening){ g_object_ref (self), g_strdup (path) };
  fv_window_stop_evaluation (self);
  self->n_opening_models++;
  fv_window_update_state (self);
  fv_session_open_model_async (self->session, &source, NULL, on_model_opened, opening);
}

void
fv_window_open (FvWindow *self, const char *folder, const char *model)
{
  g_return_if_fail (FV_IS_WINDOW (self));

  if (self->closing)
    return;
  if (fv_session_get_teaching (self->session)) {
    fv_window_toast (self, "Stop the training before opening something else.");
    return;
  }
  if (model != NULL)
    fv_window_open_network (self, model, NULL);
  if (folder == NULL)
    return;
  if (self->opening != NULL)
    g_cancellable_cancel (self->opening);
  g_clear_object (&self->opening);
  self->opening = g_cancellable_new ();
  self->wants_builtin = FALSE;
  fv_window_let_list_choose (self);
  show_starting (self, "Reading the Folder…", NULL);
  fv_session_open_dataset_async (self->session, folder, self->opening, on_dataset_opened,
                                 g_object_ref (self));
}

/* -- the built-in pictures ------------------------------------------------------------------ */

static void
on_prepared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FvWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *model = NULL;

  self->preparing = FALSE;
  if (fv_first_start_prepare_finish (result, &folder, &model, &error)) {
    fv_window_open (self, folder, model);
    return;
  }
  if (self->wants_builtin && !self->closing) {
    fv_window_open_builtin (self);
    return;
  }
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  fv_window_toast (self, error->message);
  fv_window_update_state (self);
}

/* Two threads never draw into the same folder: who asks again waits for the first one. It may have
 * been cancelled meanwhile, and is then begun anew. */
void
fv_window_open_builtin (FvWindow *self)
{
  self->wants_builtin = self->preparing;
  if (self->preparing)
    return;
  self->preparing = TRUE;
  if (self->opening != NULL)
    g_cancellable_cancel (self->opening);
  g_clear_object (&self->opening);
  self->opening = g_cancellable_new ();
  if (!fv_first_start_is_ready ())
    show_starting (self, "Drawing the Built-In Pictures…",
                   "Objects on grounds that give them away: this is done once.");
  fv_first_start_prepare_async (self->opening, on_prepared, g_object_ref (self));
}

/* -- dialogs -------------------------------------------------------------------------------- */

typedef struct {
  FvWindow *window;
  FvFileChosen chosen;
} Choice;

static void
on_response (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  Choice *choice = user_data;
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *path = file == NULL ? NULL : g_file_get_path (file);

  if (response == GTK_RESPONSE_ACCEPT && path != NULL)
    choice->chosen (choice->window, path);
  g_object_unref (dialog);
  g_object_unref (choice->window);
  g_free (choice);
}

static void
show_dialog (FvWindow *self, GtkFileChooserNative *dialog, FvFileChosen chosen)
{
  Choice *choice = g_new (Choice, 1);

  *choice = (Choice){ g_object_ref (self), chosen };
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (on_response), choice);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
choose (FvWindow *self, const char *title, GtkFileChooserAction action, GtkFileFilter *filter,
        FvFileChosen chosen)
{
  GtkFileChooserNative *dialog
      = gtk_file_chooser_native_new (title, GTK_WINDOW (self), action, "_Open", "_Cancel");

  if (filter != NULL)
    gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
  show_dialog (self, dialog, chosen);
}

void
fv_window_choose_new_file (FvWindow *self, const char *title, const char *name, FvFileChosen chosen)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
      title, GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE, "_Save", "_Cancel");

  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  show_dialog (self, dialog, chosen);
}

static void
open_chosen_folder (FvWindow *self, const char *path)
{
  fv_window_open (self, path, NULL);
}

static void
open_chosen_model (FvWindow *self, const char *path)
{
  fv_window_open (self, NULL, path);
}

void
fv_window_choose_folder (FvWindow *self)
{
  choose (self, "Open a Folder of Pictures", GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, NULL,
          open_chosen_folder);
}

void
fv_window_choose_weights (FvWindow *self)
{
  static const char *const suffixes[] = { "pt", "ts", "torchscript", "pth", "safetensors" };
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, "Networks (TorchScript, safetensors, pth)");
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    gtk_file_filter_add_suffix (filter, suffixes[i]);
  choose (self, "Open a Network or Its Weights", GTK_FILE_CHOOSER_ACTION_OPEN, filter,
          open_chosen_model);
}

void
fv_window_choose_run (FvWindow *self)
{
  choose (self, "Open a Run Folder", GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, NULL,
          open_chosen_model);
}

/* -- drops ---------------------------------------------------------------------------------- */

/* A folder with weights is a run; any other holds pictures; a file is a network or its weights. */
static gboolean
is_model (const char *path)
{
  g_autofree char *weights = g_build_filename (path, "model.safetensors", NULL);
  g_autofree char *script = g_build_filename (path, "model.pt", NULL);

  return !g_file_test (path, G_FILE_TEST_IS_DIR) || g_file_test (weights, G_FILE_TEST_EXISTS)
         || g_file_test (script, G_FILE_TEST_EXISTS);
}

static gboolean
on_drop (GtkDropTarget *target, const GValue *value, double x, double y, FvWindow *self)
{
  g_autofree char *path = g_file_get_path (g_value_get_object (value));

  if (path == NULL)
    return FALSE;
  if (is_model (path))
    fv_window_open (self, NULL, path);
  else
    fv_window_open (self, path, NULL);
  return TRUE;
}

void
fv_window_add_drop_target (FvWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);

  g_signal_connect_object (target, "drop", G_CALLBACK (on_drop), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}
