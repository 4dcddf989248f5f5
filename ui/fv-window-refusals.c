/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Why something could not be opened. The sentence names a file and says what is wrong with it: a
 * toast would cut it off, so it gets a dialog. */

#include "fv-window-private.h"

/* What the engine says when a TorchScript network returns several tensors names them and this. */
#define SEVERAL_RESULTS "--logits"

static AdwMessageDialog *
make_dialog (FvWindow *self, const char *title, const char *sentence)
{
  g_autofree char *valid = g_utf8_make_valid (sentence, -1);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), title, NULL);

  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (dialog), valid);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", "_Close");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "close");
  return ADW_MESSAGE_DIALOG (dialog);
}

void
fv_window_refuse (FvWindow *self, const char *title, const char *sentence)
{
  if (!self->closing)
    gtk_window_present (GTK_WINDOW (make_dialog (self, title, sentence)));
}

/* -- a network with several results --------------------------------------------------------- */

static void
on_name_changed (GtkEditable *entry, AdwMessageDialog *dialog)
{
  adw_message_dialog_set_response_enabled (dialog, "open", *gtk_editable_get_text (entry) != '\0');
}

static void
on_chosen (AdwMessageDialog *dialog, const char *response, FvWindow *self)
{
  GtkEditable *entry = GTK_EDITABLE (adw_message_dialog_get_extra_child (dialog));
  const char *path = g_object_get_data (G_OBJECT (dialog), "path");

  if (g_str_equal (response, "open"))
    fv_window_open_network (self, path, gtk_editable_get_text (entry));
}

/* The sentence lists the names; the person types one. */
static void
ask_for_result (FvWindow *self, const char *path, const char *sentence)
{
  AdwMessageDialog *dialog = make_dialog (self, "Which Result Is the Prediction?", sentence);
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), "Name of the result, for example 0 or logits");
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  adw_message_dialog_set_extra_child (dialog, entry);
  adw_message_dialog_add_response (dialog, "open", "_Open");
  adw_message_dialog_set_response_appearance (dialog, "open", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_response_enabled (dialog, "open", FALSE);
  adw_message_dialog_set_default_response (dialog, "open");
  g_object_set_data_full (G_OBJECT (dialog), "path", g_strdup (path), g_free);
  g_signal_connect_object (entry, "changed", G_CALLBACK (on_name_changed), dialog, 0);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_chosen), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

void
fv_window_refuse_network (FvWindow *self, const char *path, const char *sentence)
{
  if (self->closing)
    return;
  if (strstr (sentence, SEVERAL_RESULTS) != NULL)
    ask_for_result (self, path, sentence);
  else
    fv_window_refuse (self, "This Network Cannot Be Opened", sentence);
}
