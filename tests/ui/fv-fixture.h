/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the tests of session and window share: a small drawn project in a folder of its own, a card
 * for a random small network, and waiting for a condition instead of for a time. */

#pragma once

#include "fv-session.h"
#include "fv-window.h"

G_BEGIN_DECLS

typedef struct {
  char *root;   /* removed with the fixture */
  char *folder; /* 16 training, 8 validation, 8 test pictures of 32 pixels, with masks */
  char *card;   /* small_cnn for 32 pixels with the folder's classes */
} FvFixture;

FvFixture *fv_fixture_new (void);
void fv_fixture_free (FvFixture *self);
/* The path of @name in the fixture's root. (transfer full) */
char *fv_fixture_path (const FvFixture *self, const char *name);

/* Opens the folder and the random network, and waits for both. */
void fv_fixture_open (const FvFixture *self, FvSession *session);

/* Iterates the main context until @condition, at most a minute: then the test fails. */
typedef gboolean (*FvCondition) (gpointer data);
void fv_wait_for (FvCondition condition, gpointer data);
void fv_wait_at_most (guint seconds, FvCondition condition, gpointer data);
/* The condition that a weak pointer, @data is its address, has become NULL. */
gboolean fv_is_gone (gpointer data);
/* The first widget of @type in @parent, itself included, depth first; NULL: none. (transfer none)
 */
GtkWidget *fv_find_widget (GtkWidget *parent, GType type);
/* Closes @window and waits until it is gone, and its session with it. */
void fv_close_window (FvWindow *window);
/* The condition that the window @data shows a map, or a prediction, and asks for no other. */
gboolean fv_is_settled (gpointer data);
/* The photo of @sample in the session's folder. (transfer full) */
FvImage *fv_fixture_load_image (FvSession *session, gsize sample);
/* Asks the session for a map and waits for it; it must come. (transfer full) */
FvInspectResult *fv_fixture_inspect (FvSession *session, FvImage *image, const char *layer,
                                     int target, gboolean before);
/* To the bit. */
gboolean fv_maps_are_equal (const FvMap *a, const FvMap *b);
/* Drops the session and waits until it is gone: nothing may keep it once its answers are dropped;
 * the last task is released by an idle source. */
void fv_finish_session (FvSession *session);
/* Removes a folder with all that is in it. */
void fv_remove_tree (const char *path);
/* Iterates until @result is set (see fv_store_result ()). (transfer none) */
GAsyncResult *fv_wait_for_result (GAsyncResult **result);
/* A GAsyncReadyCallback: @user_data is the GAsyncResult ** to set to a new reference. */
void fv_store_result (GObject *source, GAsyncResult *result, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvFixture, fv_fixture_free)

G_END_DECLS
