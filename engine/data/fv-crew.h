/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Many tasks that do not know of one another, done by one thread for each processor: drawing and
 * converting the pictures of a benchmark. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Does task @index, on any thread and in any order. FALSE with @error. */
typedef gboolean (*FvCrewTask) (int index, gpointer user_data, GError **error);

/* Does the tasks 0 … @n − 1 and waits for them. After a failure nobody begins another one.
 * @cancellable (nullable) ends it between two tasks with G_IO_ERROR_CANCELLED.
 * Returns: FALSE with the error of the task that failed first */
gboolean fv_crew_run (int n, FvCrewTask task, gpointer user_data, GCancellable *cancellable,
                      GError **error);

G_END_DECLS
