/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-pool-row.h"

#include "fv-pool.h"

/* The entries. */
enum { POOL_REST, POOL_LABELLED, POOL_FOLDER };

struct _FvPoolRow {
  AdwComboRow parent_instance;

  char *folder;        /* NULL until one is chosen */
  guint last;          /* entry, to go back to when the dialog is closed */
  GtkWidget *browse;   /* for another folder than the one that is chosen */
  gboolean setting_up; /* nobody has chosen anything */
};

enum { CHANGED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FvPoolRow, fv_pool_row, ADW_TYPE_COMBO_ROW)

static void
show_folder (FvPoolRow *self)
{
  gboolean shown
      = adw_combo_row_get_selected (ADW_COMBO_ROW (self)) == POOL_FOLDER && self->folder != NULL;
  g_autofree char *name = shown ? g_filename_display_name (self->folder) : NULL;
  g_autofree char *escaped = shown ? g_markup_escape_text (name, -1) : NULL;

  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), escaped);
  gtk_widget_set_visible (self->browse, shown);
}

static void
tell (FvPoolRow *self)
{
  self->last = adw_combo_row_get_selected (ADW_COMBO_ROW (self));
  show_folder (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
fv_pool_row_set_folder (FvPoolRow *self, const char *path)
{
  g_autofree char *folder = g_strdup (path);

  g_free (self->folder);
  self->folder = g_steal_pointer (&folder);
  self->setting_up = TRUE;
  adw_combo_row_set_selected (ADW_COMBO_ROW (self), path != NULL ? POOL_FOLDER : POOL_REST);
  self->setting_up = FALSE;
  tell (self);
}

static void
on_response (GtkNativeDialog *dialog, int response, gpointer user_data)
{
  g_autoptr (FvPoolRow) self = user_data;
  g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_autofree char *path = file == NULL ? NULL : g_file_get_path (file);

  if (response == GTK_RESPONSE_ACCEPT && path != NULL)
    fv_pool_row_set_folder (self, path);
  else
    adw_combo_row_set_selected (ADW_COMBO_ROW (self), self->last);
  g_object_unref (dialog);
}

static void
browse (FvPoolRow *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkFileChooserNative *dialog
      = gtk_file_chooser_native_new ("Pictures Without Labels", GTK_WINDOW (root),
                                     GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, "_Choose", "_Cancel");

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  g_signal_connect (dialog, "response", G_CALLBACK (on_response), g_object_ref (self));
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
on_selected (FvPoolRow *self)
{
  guint selected = adw_combo_row_get_selected (ADW_COMBO_ROW (self));

  if (self->setting_up || selected == self->last)
    return;
  if (selected == POOL_FOLDER && self->folder == NULL)
    browse (self);
  else
    tell (self);
}

void
fv_pool_row_apply (FvPoolRow *self, FvTrainConfig *config)
{
  g_free (config->unlabelled);
  config->unlabelled = self->last == POOL_LABELLED ? g_strdup (FV_POOL_LABELLED)
                       : self->last == POOL_FOLDER ? g_strdup (self->folder)
                                                   : NULL;
}

/* -- object --------------------------------------------------------------------------------- */

static void
fv_pool_row_finalize (GObject *object)
{
  g_free (FV_POOL_ROW (object)->folder);

  G_OBJECT_CLASS (fv_pool_row_parent_class)->finalize (object);
}

static void
fv_pool_row_class_init (FvPoolRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = fv_pool_row_finalize;

  signals[CHANGED] = g_signal_new ("changed", FV_TYPE_POOL_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
fv_pool_row_init (FvPoolRow *self)
{
  static const char *const entries[]
      = { "the others of the project", "the labelled ones", "another folder…", NULL };
  g_autoptr (GtkStringList) names = gtk_string_list_new (entries);

  self->setting_up = TRUE;
  adw_combo_row_set_model (ADW_COMBO_ROW (self), G_LIST_MODEL (names));
  self->browse = gtk_button_new_from_icon_name ("folder-open-symbolic");
  gtk_widget_set_valign (self->browse, GTK_ALIGN_CENTER);
  gtk_widget_set_visible (self->browse, FALSE);
  gtk_widget_set_tooltip_text (self->browse, "Choose another folder");
  gtk_widget_add_css_class (self->browse, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->browse), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  "Choose another folder of pictures without labels", -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), self->browse);
  g_signal_connect_object (self->browse, "clicked", G_CALLBACK (browse), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self, "notify::selected", G_CALLBACK (on_selected), self,
                           G_CONNECT_SWAPPED);
  self->setting_up = FALSE;
}
