/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every template can be made: a wrong name in a .ui file is a warning, and warnings are fatal. */

#include <adwaita.h>

#include "fv-agreement-group.h"
#include "fv-alignment-group.h"
#include "fv-annotate-panel.h"
#include "fv-consistency-group.h"
#include "fv-image-list.h"
#include "fv-inspect-panel.h"
#include "fv-measure-dock.h"
#include "fv-measure-panel.h"
#include "fv-teach-dock.h"
#include "fv-teach-panel.h"
#include "fv-window.h"

static void
test_template (gconstpointer data)
{
  GType type = *(const GType *) data;
  GtkWidget *widget = g_object_new (type, NULL);

  g_object_ref_sink (widget);
  g_assert_nonnull (gtk_widget_get_first_child (widget));
  g_assert_finalize_object (widget);
}

static gboolean
is_gone (gpointer data)
{
  return *(gpointer *) data == NULL;
}

/* The window's jobs hold it until they are answered. */
static void
test_window (void)
{
  FvWindow *window = fv_window_new (NULL, NULL);
  gpointer watch = window;

  g_object_add_weak_pointer (G_OBJECT (window), &watch);
  gtk_window_present (GTK_WINDOW (window));
  gtk_window_close (GTK_WINDOW (window));
  while (!is_gone (&watch))
    g_main_context_iteration (NULL, TRUE);
}

static void
test_shortcuts (void)
{
  g_autoptr (GtkBuilder) builder
      = gtk_builder_new_from_resource ("/io/github/fovea/Fovea/gtk/help-overlay.ui");
  GObject *window = gtk_builder_get_object (builder, "help_overlay");

  g_assert_true (GTK_IS_SHORTCUTS_WINDOW (window));
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  GType types[10];
  static const char *const names[]
      = { "alignment-group", "annotate-panel",   "image-list",   "inspect-panel",
          "teach-dock",      "teach-panel",      "measure-dock", "measure-panel",
          "agreement-group", "consistency-group" };

  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  types[0] = FV_TYPE_ALIGNMENT_GROUP;
  types[1] = FV_TYPE_ANNOTATE_PANEL;
  types[2] = FV_TYPE_IMAGE_LIST;
  types[3] = FV_TYPE_INSPECT_PANEL;
  types[4] = FV_TYPE_TEACH_DOCK;
  types[5] = FV_TYPE_TEACH_PANEL;
  types[6] = FV_TYPE_MEASURE_DOCK;
  types[7] = FV_TYPE_MEASURE_PANEL;
  types[8] = FV_TYPE_AGREEMENT_GROUP;
  types[9] = FV_TYPE_CONSISTENCY_GROUP;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_strconcat ("/templates/", names[i], NULL);

    g_test_add_data_func (path, &types[i], test_template);
  }
  g_test_add_func ("/templates/shortcuts", test_shortcuts);
  g_test_add_func ("/templates/window", test_window);
  return g_test_run ();
}
