/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What GTask lacks for tasks that other threads answer. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Drops a reference (transfer full) in the main context the task came from, after its answer.
 * Dropping the last one on the thread that answered could finalise there the very object that owns
 * that thread. Threads: any. */
void fv_task_release (GTask *task);

G_END_DECLS
