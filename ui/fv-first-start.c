/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-first-start.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "fv-scenes.h"

/* The pictures of an older generator are not those the network knows, but somebody may have painted
 * masks on them: new pictures get a new folder, and the old one is left alone. */
#define PICTURES "scenes-" G_STRINGIFY (FV_SCENES_VERSION)
#define BUILTIN_PREFIX "/io/github/fovea/Fovea/builtin"

static char *
get_folder (void)
{
  return g_build_filename (g_get_user_data_dir (), "fovea", PICTURES, NULL);
}

static char *
get_model (void)
{
  return g_build_filename (g_get_user_data_dir (), "fovea", "scenes-small-cnn", NULL);
}

gboolean
fv_first_start_is_ready (void)
{
  g_autofree char *folder = get_folder ();
  g_autofree char *metadata = g_build_filename (folder, "metadata.csv", NULL);

  return g_file_test (metadata, G_FILE_TEST_IS_REGULAR);
}

static gboolean
unpack (const char *folder, const char *name, GError **error)
{
  g_autofree char *resource = g_strconcat (BUILTIN_PREFIX "/", name, NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GBytes) bytes = g_resources_lookup_data (resource, 0, error);
  gsize size;
  const char *data;

  if (bytes == NULL)
    return FALSE;
  data = g_bytes_get_data (bytes, &size);
  return g_file_set_contents (path, data, (gssize) size, error);
}

/* Written anew at each start: a newer Fovea may bring a better network. */
static gboolean
unpack_model (GError **error)
{
  g_autofree char *folder = get_model ();

  if (g_mkdir_with_parents (folder, 0755) != 0) {
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "“%s” cannot be made: %s.",
                 folder, g_strerror (errno));
    return FALSE;
  }
  return unpack (folder, "card.json", error) && unpack (folder, "model.safetensors", error);
}

/* The pictures that the network in data/ was trained on (data/README.md has the command), and test
 * pictures enough for an interval of the worst of 16 groups. */
static gboolean
build_pictures (const char *folder, GCancellable *cancellable, GError **error)
{
  FvScenesOptions options = fv_scenes_options_default ();

  options.seed = 1;
  options.n_train = 400;
  options.n_validation = 80;
  options.n_test = 320;
  return fv_scenes_build (folder, &options, cancellable, error);
}

static void
prepare (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  g_autofree char *folder = get_folder ();
  GError *error = NULL;

  if ((fv_first_start_is_ready () || build_pictures (folder, cancellable, &error))
      && unpack_model (&error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
fv_first_start_prepare_async (GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);

  g_task_run_in_thread (task, prepare);
}

gboolean
fv_first_start_prepare_finish (GAsyncResult *result, char **folder, char **model, GError **error)
{
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return FALSE;
  *folder = get_folder ();
  *model = get_model ();
  return TRUE;
}
