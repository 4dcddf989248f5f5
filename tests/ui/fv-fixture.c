/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-fixture.h"

#include <glib/gstdio.h>

#include "fv-card.h"
#include "fv-scenes.h"

#define TIMEOUT_SECONDS 60
/* A step of the engine ends before its window is gone. */
#define CLOSING_SECONDS 900

void
fv_remove_tree (const char *path)
{
  g_autoptr (GDir) dir
      = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *child = g_build_filename (path, name, NULL);

    fv_remove_tree (child);
  }
  g_remove (path);
}

static void
write_card (const FvFixture *self)
{
  g_autoptr (FvDataset) dataset = fv_dataset_open (self->folder, 0, NULL);
  g_autoptr (FvCard) card = fv_card_new ("small_cnn");
  int n = fv_dataset_get_n_classes (dataset);

  g_strfreev (card->classes);
  card->classes = g_new0 (char *, (gsize) n + 1);
  for (int i = 0; i < n; i++)
    card->classes[i] = g_strdup (fv_dataset_get_class_name (dataset, i));
  card->width = card->height = 32;
  g_assert_true (fv_card_save (card, self->card, NULL));
}

FvFixture *
fv_fixture_new (void)
{
  FvFixture *self = g_new0 (FvFixture, 1);
  FvScenesOptions options = fv_scenes_options_default ();
  GError *error = NULL;

  options.n_train = 16;
  options.n_validation = 8;
  options.n_test = 8;
  options.size = 32;
  self->root = g_dir_make_tmp ("fovea-ui-XXXXXX", &error);
  g_assert_no_error (error);
  self->folder = g_build_filename (self->root, "scenes", NULL);
  self->card = g_build_filename (self->root, "card.json", NULL);
  g_assert_true (fv_scenes_build (self->folder, &options, NULL, &error));
  g_assert_no_error (error);
  write_card (self);
  return self;
}

void
fv_fixture_free (FvFixture *self)
{
  fv_remove_tree (self->root);
  g_free (self->root);
  g_free (self->folder);
  g_free (self->card);
  g_free (self);
}

char *
fv_fixture_path (const FvFixture *self, const char *name)
{
  return g_build_filename (self->root, name, NULL);
}

static gboolean
on_timeout (gpointer user_data)
{
  g_error ("waited %u s in vain", GPOINTER_TO_UINT (user_data));
  return G_SOURCE_REMOVE;
}

void
fv_wait_at_most (guint seconds, FvCondition condition, gpointer data)
{
  guint timeout = g_timeout_add_seconds (seconds, on_timeout, GUINT_TO_POINTER (seconds));

  while (!condition (data))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timeout);
}

void
fv_wait_for (FvCondition condition, gpointer data)
{
  fv_wait_at_most (TIMEOUT_SECONDS, condition, data);
}

gboolean
fv_is_gone (gpointer data)
{
  return *(gpointer *) data == NULL;
}

static gboolean
has_result (gpointer data)
{
  return *(GAsyncResult **) data != NULL;
}

GAsyncResult *
fv_wait_for_result (GAsyncResult **result)
{
  fv_wait_for (has_result, result);
  return *result;
}

void
fv_store_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **place = user_data;

  g_assert_null (*place);
  *place = g_object_ref (result);
}

void
fv_fixture_open (const FvFixture *self, FvSession *session)
{
  g_autoptr (GAsyncResult) dataset = NULL;
  g_autoptr (GAsyncResult) model = NULL;
  GError *error = NULL;

  fv_session_open_dataset_async (session, self->folder, NULL, fv_store_result, &dataset);
  fv_session_open_dataset_finish (session, fv_wait_for_result (&dataset), &error);
  g_assert_no_error (error);
  fv_session_open_model_async (session,
                               &(FvModelSource){ .model = "small_cnn", .card = self->card }, NULL,
                               fv_store_result, &model);
  fv_session_open_model_finish (session, fv_wait_for_result (&model), &error);
  g_assert_no_error (error);
}

GtkWidget *
fv_find_widget (GtkWidget *parent, GType type)
{
  if (G_TYPE_CHECK_INSTANCE_TYPE (parent, type))
    return parent;
  for (GtkWidget *child = gtk_widget_get_first_child (parent); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    GtkWidget *found = fv_find_widget (child, type);

    if (found != NULL)
      return found;
  }
  return NULL;
}

void
fv_close_window (FvWindow *window)
{
  gpointer watch = window;
  gpointer session = fv_window_get_session (window);

  g_object_add_weak_pointer (G_OBJECT (window), &watch);
  g_object_add_weak_pointer (session, &session);
  gtk_window_close (GTK_WINDOW (window));
  fv_wait_at_most (CLOSING_SECONDS, fv_is_gone, &watch);
  fv_wait_at_most (CLOSING_SECONDS, fv_is_gone, &session);
}

gboolean
fv_is_settled (gpointer data)
{
  FvSubject *subject = fv_window_get_subject (data);

  return fv_subject_get_result (subject) != NULL && !fv_subject_get_busy (subject);
}

FvImage *
fv_fixture_load_image (FvSession *session, gsize sample)
{
  GError *error = NULL;
  FvImage *image = fv_image_load (
      fv_dataset_get_sample (fv_session_get_dataset (session), sample)->path, &error);

  g_assert_no_error (error);
  return image;
}

FvInspectResult *
fv_fixture_inspect (FvSession *session, FvImage *image, const char *layer, int target,
                    gboolean before)
{
  g_autoptr (GAsyncResult) answer = NULL;
  GError *error = NULL;
  FvInspectResult *result;

  fv_session_inspect_async (
      session,
      &(FvInspectQuestion){ .image = image, .layer = layer, .target = target, .before = before },
      NULL, fv_store_result, &answer);
  result = fv_session_inspect_finish (session, fv_wait_for_result (&answer), &error);
  g_assert_no_error (error);
  return result;
}

gboolean
fv_maps_are_equal (const FvMap *a, const FvMap *b)
{
  return a->width == b->width && a->height == b->height
         && memcmp (a->values, b->values, (gsize) a->width * (gsize) a->height * sizeof (float))
                == 0;
}

void
fv_finish_session (FvSession *session)
{
  gpointer watch = session;

  g_object_add_weak_pointer (G_OBJECT (session), &watch);
  g_object_unref (session);
  fv_wait_for (fv_is_gone, &watch);
}
