/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-run-list-view.h"

#include <math.h>

struct _FvRunListView {
  AdwPreferencesGroup parent_instance;

  GPtrArray *rows; /* of GtkWidget */
};

G_DEFINE_FINAL_TYPE (FvRunListView, fv_run_list_view, ADW_TYPE_PREFERENCES_GROUP)

char *
fv_run_list_view_format_time (const FvRunSummary *run)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (run->time);

  return time == NULL ? g_strdup ("–") : g_date_time_format (time, "%e %b, %H:%M");
}

GVariant *
fv_run_list_view_make_target (const FvRunSummary *run)
{
  return g_variant_new_bytestring (run->folder);
}

static const char *
get_outcome (const FvRunSummary *run)
{
  switch (run->outcome) {
  case FV_RUN_OUTCOME_FINISHED:
    return "finished";
  case FV_RUN_OUTCOME_STOPPED:
    return "stopped";
  case FV_RUN_OUTCOME_INTERRUPTED:
    return "interrupted";
  default:
    g_assert_not_reached ();
  }
}

static char *
describe (const FvRunSummary *run)
{
  g_autoptr (GString) text = g_string_new (run->losses);
  g_autofree char *escaped = NULL;

  g_string_append_printf (text, "\n%s", get_outcome (run));
  if (!isnan (run->accuracy))
    g_string_append_printf (text, " · accuracy %.2f", run->accuracy);
  if (!isnan (run->energy))
    g_string_append_printf (text, " · energy %.2f", run->energy);
  escaped = g_markup_escape_text (text->str, -1);
  return g_steal_pointer (&escaped);
}

static void
add_item (GMenu *menu, const char *label, const char *action, const FvRunSummary *run)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target_value (item, action, fv_run_list_view_make_target (run));
  g_menu_append_item (menu, item);
}

static GtkWidget *
make_menu (const FvRunSummary *run, const char *title)
{
  GtkWidget *button = gtk_menu_button_new ();
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autofree char *label = g_strdup_printf ("Run of %s", title);

  if (run->has_checkpoint)
    add_item (menu, "_Resume", "win.run-resume", run);
  if (run->has_weights)
    add_item (menu, "_Open as the Model", "win.run-open", run);
  add_item (menu, "_Show Its Folder", "win.run-show", run);
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), G_MENU_MODEL (menu));
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "view-more-symbolic");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  return button;
}

static GtkWidget *
make_row (const FvRunSummary *run)
{
  g_autofree char *title = fv_run_list_view_format_time (run);
  g_autofree char *subtitle = describe (run);
  g_autofree char *path = g_filename_display_name (run->folder);
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *menu = make_menu (run, title);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), menu);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), menu);
  gtk_widget_set_tooltip_text (row, path);
  return row;
}

void
fv_run_list_view_set_runs (FvRunListView *self, const GPtrArray *runs)
{
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self), self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  for (guint i = 0; i < runs->len; i++) {
    GtkWidget *row = make_row (runs->pdata[i]);

    adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
    g_ptr_array_add (self->rows, row);
  }
  gtk_widget_set_visible (GTK_WIDGET (self), runs->len > 0);
}

static void
fv_run_list_view_finalize (GObject *object)
{
  g_ptr_array_unref (FV_RUN_LIST_VIEW (object)->rows);

  G_OBJECT_CLASS (fv_run_list_view_parent_class)->finalize (object);
}

static void
fv_run_list_view_class_init (FvRunListViewClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fv_run_list_view_finalize;
}

static void
fv_run_list_view_init (FvRunListView *self)
{
  self->rows = g_ptr_array_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self), "Runs");
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
