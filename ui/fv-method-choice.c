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

/* Methods that need attention are the last ones, so that rows stay what they were without them. */
static void
on_model_changed (GObject *choice, FvSession *session)
{
  const FvModelInfo *model = fv_session_get_model (session);
  g_autoptr (GtkStringList) names = NULL;
  guint n_listed, n = 0;

  while (n < fv_method_get_n ()
         && (!fv_method_get (n)->needs_attention || (model != NULL && model->has_attention)))
    n++;
  g_object_get (choice, "model", &names, NULL);
  n_listed = g_list_model_get_n_items (G_LIST_MODEL (names));
  if (n < n_listed)
    gtk_string_list_splice (names, n, n_listed - n, NULL);
  for (guint i = n_listed; i < n; i++)
    gtk_string_list_append (names, fv_method_get (i)->name);
}

void
fv_method_choice_bind (GObject *choice, FvSession *session)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  g_object_set (choice, "model", names, NULL);
  on_model_changed (choice, session);
  g_signal_connect_object (session, "model-changed", G_CALLBACK (on_model_changed), choice,
                           G_CONNECT_SWAPPED);
  g_object_bind_property_full (session, "method", choice, "selected",
                               G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE, NULL,
                               selected_to_method, NULL, NULL);
}
