/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A run's log.jsonl: a line of JSON for each step. Private to runs.
 * Threads: the engine thread. */

#pragma once

#include "fv-trainer.h"

G_BEGIN_DECLS

typedef struct _FvRunLog FvRunLog;

/* Opens the log at @path, made when it is missing, and cuts off what comes after the line of step
 * @n_steps: lines of steps that will be taken again, and half a line of a program that was killed.
 * (transfer full) */
FvRunLog *fv_run_log_open (const char *path, int n_steps, GError **error);
void fv_run_log_close (FvRunLog *self);

/* Adds the line of a step. */
gboolean fv_run_log_write (FvRunLog *self, const FvTrainProgress *progress, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvRunLog, fv_run_log_close)

G_END_DECLS
