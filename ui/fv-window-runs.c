/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The project's runs: listing them, opening one, going on with one, and offering to go on with the
 * one that was interrupted. */

#include "fv-window-private.h"

#include "fv-run-list-view.h"

/* The newest run, when the program ended before its lesson did. (transfer none) (nullable) */
static const FvRunSummary *
find_interrupted (const GPtrArray *runs)
{
  const FvRunSummary *newest = runs->len > 0 ? runs->pdata[0] : NULL;

  return newest != NULL && newest->outcome == FV_RUN_OUTCOME_INTERRUPTED && newest->has_checkpoint
             ? newest
             : NULL;
}

static void
offer_to_resume (FvWindow *self, const FvRunSummary *run)
{
  g_autofree char *time = fv_run_list_view_format_time (run);
  g_autofree char *text
      = g_strdup_printf ("The training of %s was interrupted: %s.", g_strstrip (time), run->losses);

  gtk_label_set_label (self->interrupted_label, text);
  gtk_actionable_set_action_target_value (GTK_ACTIONABLE (self->interrupted_button),
                                          fv_run_list_view_make_target (run));
  gtk_info_bar_set_revealed (self->interrupted, TRUE);
}

/* Only what was there when the folder was opened is offered: what was stopped since then was
 * stopped on purpose. */
static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FvWindow) self = user_data;
  g_autoptr (GPtrArray) runs = fv_session_list_runs_finish (FV_SESSION (source), result, NULL);
  const FvRunSummary *interrupted;

  if (runs == NULL || self->toasts == NULL || self->closing)
    return;
  fv_teach_panel_set_runs (self->teach_panel, runs);
  interrupted = self->offers_resume ? find_interrupted (runs) : NULL;
  if (interrupted != NULL && !fv_session_get_teaching (self->session))
    offer_to_resume (self, interrupted);
  self->offers_resume = FALSE;
}

static void
list_runs (FvWindow *self)
{
  if (fv_session_get_dataset (self->session) != NULL)
    fv_session_list_runs_async (self->session, on_listed, g_object_ref (self));
}

static void
on_dataset_changed (FvWindow *self)
{
  gtk_info_bar_set_revealed (self->interrupted, FALSE);
  self->offers_resume = TRUE;
  list_runs (self);
}

static void
on_teaching_changed (FvWindow *self)
{
  gtk_info_bar_set_revealed (self->interrupted, FALSE);
  if (!fv_session_get_teaching (self->session))
    list_runs (self);
}

static void
on_infobar_response (GtkInfoBar *bar)
{
  gtk_info_bar_set_revealed (bar, FALSE);
}

/* -- actions -------------------------------------------------------------------------------- */

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FvWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean opened = fv_session_open_run_finish (FV_SESSION (source), result, &error);

  self->n_opening_models--;
  if (self->closing)
    return;
  if (opened)
    fv_window_toast (self, "The run’s model is in use: “Undo Training” goes back.");
  else
    fv_window_refuse (self, "This Run Cannot Be Opened", error->message);
  fv_window_update_state (self);
}

static void
open_run (FvWindow *self, const char *folder)
{
  fv_window_stop_evaluation (self);
  self->n_opening_models++;
  fv_window_update_state (self);
  fv_session_open_run_async (self->session, folder, on_opened, g_object_ref (self));
}

static void
on_shown (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FvWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!g_app_info_launch_default_for_uri_finish (result, &error) && !self->closing)
    fv_window_toast (self, error->message);
}

static void
show_run (FvWindow *self, const char *folder)
{
  g_autofree char *uri = g_filename_to_uri (folder, NULL, NULL);

  if (uri != NULL)
    g_app_info_launch_default_for_uri_async (uri, NULL, NULL, on_shown, g_object_ref (self));
}

static const struct {
  const char *name;
  void (*run) (FvWindow *self, const char *folder);
} run_actions[] = {
  { "run-open", open_run },
  { "run-resume", fv_window_resume_lesson },
  { "run-show", show_run },
};

static void
on_activate (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  const char *folder = g_variant_get_bytestring (parameter);

  for (guint i = 0; i < G_N_ELEMENTS (run_actions); i++)
    if (g_str_equal (g_action_get_name (G_ACTION (action)), run_actions[i].name))
      run_actions[i].run (user_data, folder);
}

void
fv_window_add_run_actions (FvWindow *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (run_actions); i++) {
    g_autoptr (GSimpleAction) action
        = g_simple_action_new (run_actions[i].name, G_VARIANT_TYPE_BYTESTRING);

    g_signal_connect_object (action, "activate", G_CALLBACK (on_activate), self, 0);
    g_action_map_add_action (G_ACTION_MAP (self), G_ACTION (action));
  }
}

void
fv_window_connect_runs (FvWindow *self)
{
  g_signal_connect_object (self->session, "dataset-changed", G_CALLBACK (on_dataset_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::teaching", G_CALLBACK (on_teaching_changed),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->interrupted, "response", G_CALLBACK (on_infobar_response), NULL,
                           0);
}
