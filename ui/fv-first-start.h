/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a newcomer sees: drawn pictures with masks and a small network that looks at the background,
 * put into the user's data folder once, on a worker thread. Threads: the main thread. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Draws the pictures unless they are there already, and unpacks the network. Pictures that an older
 * Fovea drew otherwise stay where they are, with what was painted on them. */
void fv_first_start_prepare_async (GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data);

/* @folder: (out) (transfer full) the pictures. @model: (out) (transfer full) the run folder. */
gboolean fv_first_start_prepare_finish (GAsyncResult *result, char **folder, char **model,
                                        GError **error);

/* TRUE when nothing has to be drawn any more. */
gboolean fv_first_start_is_ready (void);

G_END_DECLS
