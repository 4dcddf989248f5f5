/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-application.h"

#include "fv-window.h"

struct _FvApplication {
  AdwApplication parent_instance;

  char *version;
  GSettings *settings; /* NULL when no schema is found */
};

G_DEFINE_FINAL_TYPE (FvApplication, fv_application, ADW_TYPE_APPLICATION)

/* -- settings ------------------------------------------------------------------------------- */

/* The schema that the build compiled, for a program that runs where it was built: next to its
 * folder is the one of the resources. */
static GSettingsSchemaSource *
open_build_schemas (GSettingsSchemaSource *parent)
{
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = program == NULL ? NULL : g_path_get_dirname (program);
  g_autofree char *schemas
      = folder == NULL ? NULL : g_build_filename (folder, "..", "resources", NULL);

  if (schemas == NULL)
    return NULL;
  return g_settings_schema_source_new_from_directory (schemas, parent, TRUE, NULL);
}

/* GSettings aborts the program when a schema is missing, so look first. */
static GSettings *
open_settings (void)
{
  GSettingsSchemaSource *installed = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchemaSource) built = open_build_schemas (installed);
  GSettingsSchemaSource *source = built != NULL ? built : installed;
  g_autoptr (GSettingsSchema) schema = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, FV_APPLICATION_ID, TRUE);
  return schema == NULL ? NULL : g_settings_new_full (schema, NULL, NULL);
}

/* (transfer full): a path that was remembered and still exists; NULL otherwise */
static char *
recall (FvApplication *self, const char *key)
{
  g_autofree char *path
      = self->settings == NULL ? NULL : g_settings_get_string (self->settings, key);

  return path != NULL && g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : NULL;
}

/* -- windows -------------------------------------------------------------------------------- */

static FvWindow *
get_window (FvApplication *self)
{
  GtkWindow *active = gtk_application_get_active_window (GTK_APPLICATION (self));

  return FV_IS_WINDOW (active) ? FV_WINDOW (active)
                               : fv_window_new (ADW_APPLICATION (self), self->settings);
}

/* Without arguments: what was open last, or what a newcomer should see. */
static void
open_something (FvApplication *self, FvWindow *window)
{
  g_autofree char *folder = recall (self, "last-folder");
  g_autofree char *model = recall (self, "last-model");

  if (folder != NULL && model != NULL)
    fv_window_open (window, folder, model);
  else
    fv_window_open_builtin (window);
}

/* What @name means in the folder that the command was given in, which may be another process's.
 * (transfer full); NULL for NULL */
static char *
dup_path (GApplicationCommandLine *command_line, const char *name)
{
  g_autoptr (GFile) file
      = name == NULL ? NULL : g_application_command_line_create_file_for_arg (command_line, name);

  return file == NULL ? NULL : g_file_get_path (file);
}

static int
fv_application_command_line (GApplication *application, GApplicationCommandLine *command_line)
{
  FvApplication *self = FV_APPLICATION (application);
  FvWindow *window = get_window (self);
  GVariantDict *options = g_application_command_line_get_options_dict (command_line);
  g_autoptr (GVariant) folders
      = g_variant_dict_lookup_value (options, G_OPTION_REMAINING, G_VARIANT_TYPE_BYTESTRING_ARRAY);
  g_autofree const char **names
      = folders == NULL ? NULL : g_variant_get_bytestring_array (folders, NULL);
  const char *model_name = NULL;
  g_autofree char *folder = names == NULL ? NULL : dup_path (command_line, names[0]);
  g_autofree char *model = NULL;

  g_variant_dict_lookup (options, "model", "^&ay", &model_name);
  model = dup_path (command_line, model_name);
  gtk_window_present (GTK_WINDOW (window));
  if (folder != NULL || model != NULL)
    fv_window_open (window, folder, model);
  else if (fv_session_get_dataset (fv_window_get_session (window)) == NULL)
    open_something (self, window);
  return 0;
}

/* -- actions -------------------------------------------------------------------------------- */

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  FvApplication *self = user_data;

  adw_show_about_window (gtk_application_get_active_window (GTK_APPLICATION (self)),
                         "application-name", "Fovea", "application-icon", FV_APPLICATION_ID,
                         "version", self->version, "developer-name", "The Fovea authors",
                         "license-type", GTK_LICENSE_GPL_3_0, "comments",
                         "See where a vision model looks, paint where it should look, and teach "
                         "it to.",
                         NULL);
}

/* Each window asks for itself whether its masks are safe. */
static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr (GList) windows = g_list_copy (gtk_application_get_windows (user_data));

  for (GList *link = windows; link != NULL; link = link->next)
    gtk_window_close (link->data);
}

static void
set_accels (GtkApplication *application)
{
  static const char *const accels[][3] = {
    { "app.quit", "<Control>q", NULL },
    { "win.open-folder", "<Control>o", NULL },
    { "win.open-model", "<Control><Shift>o", NULL },
    { "win.undo", "<Control>z", NULL },
    { "win.redo", "<Control><Shift>z", "<Control>y" },
    { "win.search", "<Control>f", NULL },
    { "win.mode::inspect", "<Alt>1", NULL },
    { "win.mode::annotate", "<Alt>2", NULL },
    { "win.mode::teach", "<Alt>3", NULL },
    { "win.mode::measure", "<Alt>4", NULL },
    { "win.agreement", "<Control><Shift>a", NULL },
    { "win.evaluate", "<Control>e", NULL },
    { "win.evaluate-stop", "<Control>period", NULL },
    { "win.copy-table", "<Control><Shift>c", NULL },
    { "win.zoom-in", "<Control>plus", "<Control>equal" },
    { "win.zoom-out", "<Control>minus", NULL },
    { "win.zoom-fit", "<Control>0", NULL },
    { "win.teach-start", "<Control>Return", NULL },
    { "win.teach-pause", "<Control><Shift>p", NULL },
    { "win.teach-stop", "<Control><Shift>Escape", NULL },
    { "win.show-images", "F9", NULL },
    { "win.fullscreen", "F11", NULL },
    { "window.close", "<Control>w", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (accels); i++) {
    const char *keys[] = { accels[i][1], accels[i][2], NULL };

    gtk_application_set_accels_for_action (application, accels[i][0], keys);
  }
}

static void
fv_application_startup (GApplication *application)
{
  static const GActionEntry entries[]
      = { { .name = "about", .activate = on_about }, { .name = "quit", .activate = on_quit } };

  G_APPLICATION_CLASS (fv_application_parent_class)->startup (application);

  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries),
                                   application);
  set_accels (GTK_APPLICATION (application));
  FV_APPLICATION (application)->settings = open_settings ();
}

/* -- object --------------------------------------------------------------------------------- */

static void
fv_application_finalize (GObject *object)
{
  FvApplication *self = FV_APPLICATION (object);

  g_clear_object (&self->settings);
  g_free (self->version);

  G_OBJECT_CLASS (fv_application_parent_class)->finalize (object);
}

static void
fv_application_class_init (FvApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fv_application_finalize;
  application_class->startup = fv_application_startup;
  application_class->command_line = fv_application_command_line;
}

static void
fv_application_init (FvApplication *self)
{
  static const GOptionEntry entries[]
      = { { "model", 'm', 0, G_OPTION_ARG_FILENAME, NULL,
            "Open this model: a weights file or a run folder", "WEIGHTS_OR_RUN" },
          { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, NULL, NULL, "[FOLDER]" },
          { NULL } };

  g_application_add_main_option_entries (G_APPLICATION (self), entries);
}

FvApplication *
fv_application_new (const char *version)
{
  FvApplication *self = g_object_new (FV_TYPE_APPLICATION, "application-id", FV_APPLICATION_ID,
                                      "flags", G_APPLICATION_HANDLES_COMMAND_LINE,
                                      "resource-base-path", "/io/github/fovea/Fovea", NULL);

  self->version = g_strdup (version);
  return self;
}
