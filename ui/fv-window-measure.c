/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Measuring a split on demand: start, stop, table, plots, files. */

#include "fv-window-private.h"

static gboolean
in_measure_mode (FvWindow *self)
{
  return g_strcmp0 (adw_view_stack_get_visible_child_name (self->panels), "measure") == 0;
}

/* Plots follow the list's numbers while somebody looks at them. */
void
fv_window_refresh_plots (FvWindow *self)
{
  if (in_measure_mode (self))
    fv_measure_dock_refresh (self->measure_dock, fv_measure_panel_get_split (self->measure_panel));
}

static void
on_mode_changed (FvWindow *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->measure_dock), in_measure_mode (self));
  fv_window_refresh_plots (self);
}

void
fv_window_show_measure (FvWindow *self)
{
  adw_view_stack_set_visible_child_name (self->panels, "measure");
  fv_measure_panel_focus (self->measure_panel);
}

/* -- start and stop ------------------------------------------------------------------------- */

static void
on_measured (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FvWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FvMetricTable) table = fv_session_measure_finish (FV_SESSION (source), result, &error);

  /* Another one may have been begun, or the folder or the model been replaced, since. */
  if (self->closing || g_task_get_cancellable (G_TASK (result)) != self->measuring)
    return;
  g_clear_object (&self->measuring);
  fv_measure_panel_set_measuring (self->measure_panel, FALSE);
  if (table != NULL)
    fv_measure_dock_set_table (self->measure_dock, table);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    fv_window_toast (self, error->message);
  fv_image_list_resort (self->list);
  fv_window_refresh_plots (self);
  fv_window_update_actions (self);
  fv_window_continue_evaluation (self);
}

void
fv_window_start_measuring (FvWindow *self)
{
  FvMetricSelection metrics = fv_measure_panel_get_metrics (self->measure_panel);

  adw_view_stack_set_visible_child_name (self->panels, "measure");
  /* What the list still wants to know can wait. */
  fv_window_stop_evaluation (self);
  self->measuring = g_cancellable_new ();
  fv_measure_panel_set_measuring (self->measure_panel, TRUE);
  fv_session_measure_async (self->session, fv_measure_panel_get_split (self->measure_panel),
                            &metrics, self->measuring, on_measured, g_object_ref (self));
  fv_window_update_actions (self);
}

void
fv_window_stop_measuring (FvWindow *self)
{
  if (self->measuring != NULL)
    g_cancellable_cancel (self->measuring);
}

/* Numbers of another folder or network would be a lie. */
static void
on_subject_replaced (FvWindow *self)
{
  fv_window_stop_measuring (self);
  g_clear_object (&self->measuring);
  fv_measure_panel_set_measuring (self->measure_panel, FALSE);
  fv_measure_dock_set_table (self->measure_dock, NULL);
  fv_window_refresh_plots (self);
  fv_window_update_actions (self);
}

/* -- picking -------------------------------------------------------------------------------- */

static void
on_range_picked (FvWindow *self, guint reading, float low, float high)
{
  fv_image_list_set_range (self->list, fv_measure_panel_get_split (self->measure_panel),
                           (FvReading) reading, low, high);
  fv_image_list_step (self->list, 0);
}

static void
on_sample_picked (FvWindow *self, guint64 sample)
{
  fv_image_list_show (self->list, (gsize) sample);
}

static void
on_selected (FvWindow *self, guint64 sample)
{
  fv_measure_dock_set_chosen (self->measure_dock, (gssize) sample);
}

/* -- files ---------------------------------------------------------------------------------- */

void
fv_window_copy_table (FvWindow *self)
{
  FvMetricTable *table = fv_measure_dock_get_table (self->measure_dock);
  g_autofree char *csv = table == NULL ? NULL : fv_metric_table_to_csv (table);

  if (csv == NULL)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), csv);
  fv_window_toast (self, "The table is on the clipboard, as CSV.");
}

static void
save_table (FvWindow *self, const char *path)
{
  FvMetricTable *table = fv_measure_dock_get_table (self->measure_dock);
  g_autoptr (GError) error = NULL;

  if (table != NULL && !g_file_set_contents (path, fv_metric_table_get_json (table), -1, &error))
    fv_window_toast (self, error->message);
}

static void
save_plot (FvWindow *self, FvPlotView *plot, const char *path)
{
  g_autoptr (GError) error = NULL;

  if (!fv_plot_view_save (plot, path, &error))
    fv_window_toast (self, error->message);
}

static void
save_histogram (FvWindow *self, const char *path)
{
  save_plot (self, fv_measure_dock_get_histogram (self->measure_dock), path);
}

static void
save_scatter (FvWindow *self, const char *path)
{
  save_plot (self, fv_measure_dock_get_scatter (self->measure_dock), path);
}

void
fv_window_save_table (FvWindow *self)
{
  fv_window_choose_new_file (self, "Save the Table", "evaluation.json", save_table);
}

void
fv_window_save_histogram (FvWindow *self)
{
  fv_window_choose_new_file (self, "Save the Histogram (PNG, SVG or PDF)", "histogram.png",
                             save_histogram);
}

void
fv_window_save_scatter (FvWindow *self)
{
  fv_window_choose_new_file (self, "Save the Scatter Plot (PNG, SVG or PDF)", "scatter.png",
                             save_scatter);
}

/* -- set up --------------------------------------------------------------------------------- */

void
fv_window_connect_measuring (FvWindow *self)
{
  fv_measure_panel_set_up (self->measure_panel, self->session, self->subject);
  fv_measure_dock_set_up (self->measure_dock, fv_image_list_get_model (self->list));
  g_signal_connect_object (self->session, "dataset-changed", G_CALLBACK (on_subject_replaced), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "model-changed", G_CALLBACK (on_subject_replaced), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "selected", G_CALLBACK (on_selected), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->measure_dock, "range-picked", G_CALLBACK (on_range_picked), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->measure_dock, "sample-picked", G_CALLBACK (on_sample_picked), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->measure_panel, "notify::split",
                           G_CALLBACK (fv_window_refresh_plots), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->panels, "notify::visible-child-name", G_CALLBACK (on_mode_changed),
                           self, G_CONNECT_SWAPPED);
  on_mode_changed (self);
}
