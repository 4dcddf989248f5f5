/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The session's jobs as the engine thread runs them: GTask functions over one record of what was
 * asked. Private to the session. */

#pragma once

#include "fv-engine-thread.h"
#include "fv-session-outbox.h"
#include "fv-session-worker.h"

G_BEGIN_DECLS

/* What a job needs; fields that its kind does not use are zero. */
typedef struct {
  FvEngineThread *engine;  /* these three live as long as the session, */
  FvSessionWorker *worker; /* which the job's task holds a reference to */
  FvSessionOutbox *outbox;

  char *model, *weights, *card, *logits; /* open_model; each may be NULL */
  char *folder;                          /* of a run: open_run, and teach to go on with it */

  FvInspectQuestion question; /* inspect; owns its image, which agree looks at as well */
  char *layer;                /* that the question names */

  const char *method; /* evaluate and measure */
  FvSplit split;      /* measure */
  FvMetricSelection metrics;

  FvDataset *dataset; /* evaluate, measure and teach */
  gsize *samples;
  gsize n_samples;
  FvTrainConfig *config; /* agree and teach */
  GCancellable *stop;    /* nullable */

  gsize n_measured;   /* evaluate's answer: how many, */
  double seconds;     /* in how many seconds, */
  double run_seconds; /* and the least that one of them was in the network */
} FvSessionJob;

FvSessionJob *fv_session_job_new (FvEngineThread *engine, FvSessionWorker *worker,
                                  FvSessionOutbox *outbox);
void fv_session_job_free (FvSessionJob *self);

/* Answer with an FvModelInfo *. */
void fv_session_run_open_model (GTask *task, gpointer source, gpointer job, GCancellable *c);
void fv_session_run_open_run (GTask *task, gpointer source, gpointer job, GCancellable *c);
void fv_session_run_undo_teach (GTask *task, gpointer source, gpointer job, GCancellable *c);
/* Answers with an FvInspectResult *. */
void fv_session_run_inspect (GTask *task, gpointer source, gpointer job, GCancellable *c);
/* Answers with an FvAgreementSteps *. */
void fv_session_run_agree (GTask *task, gpointer source, gpointer job, GCancellable *c);
/* Answers with TRUE. */
void fv_session_run_evaluate (GTask *task, gpointer source, gpointer job, GCancellable *c);
/* Answers with an FvMetricTable *. */
void fv_session_run_measure (GTask *task, gpointer source, gpointer job, GCancellable *c);
/* Answers with an FvLessonReport *. */
void fv_session_run_teach (GTask *task, gpointer source, gpointer job, GCancellable *c);

G_END_DECLS
