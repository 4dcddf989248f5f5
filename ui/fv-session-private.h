/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the session share: fv-session.c, fv-session-agree.c and fv-session-teach.c. */

#pragma once

#include "fv-session.h"

#include "fv-engine-thread.h"
#include "fv-mask-saver.h"
#include "fv-session-jobs.h"
#include "fv-session-outbox.h"

G_BEGIN_DECLS

struct _FvSession {
  GObject parent_instance;

  FvDataset *dataset;
  FvModelInfo *model;
  FvEngineThread *engine;
  FvSessionWorker *worker; /* the engine thread's */
  FvSessionOutbox *outbox;
  FvMaskSaver *saver;
  GHashTable *saving; /* path of a mask → its sample */
  guint n_evaluations;
  double seconds_per_image, seconds_per_run;
  guint method;
  gboolean teaching, paused;
  gboolean can_undo_teach;
};

/* (transfer full) */
FvSessionJob *fv_session_new_job (FvSession *self);
/* Takes @task and @job. */
void fv_session_push_job (FvSession *self, FvJobKind kind, GTask *task, FvSessionJob *job,
                          GTaskThreadFunc run);
/* Another model is in use: tells everybody. */
void fv_session_set_model (FvSession *self, FvModelInfo *model);

G_END_DECLS
