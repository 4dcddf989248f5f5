/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-method-choice.h"

#include <gtk/gtk.h>

/* A list that is being taken apart has nothing selected. */
static gboolean
selected_to_method (GBinding *binding, const GValue *from, GValue *to, gpointer user_data)
{
  g_value_set_uint (to, g_value_get_uint (from));
  return g_value_get_uint (from) < fv_method_get_n ();
}

void
fv_method_choice_bind (GObject *choice, FvSession *session)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (guint i = 0; i < fv_method_get_n (); i++)
    gtk_string_list_append (names, fv_method_get (i)->name);
  g_object_set (choice, "model", names, NULL);
  g_object_bind_property_full (session, "method", choice, "selected",
                               G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE, NULL,
                               selected_to_method, NULL, NULL);
}
