/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One lesson: measure the test pictures, train a copy of the model, measure them again.
 * The model itself is left alone and kept by the worker, so that a lesson can be undone and its
 * maps from before can still be drawn.
 * Threads: the engine thread; updates and reports may be read anywhere. */

#pragma once

#include <gio/gio.h>

#include "fv-dataset.h"
#include "fv-lesson-report.h"
#include "fv-probes.h"
#include "fv-session-worker.h"
#include "fv-train-config.h"
#include "fv-trainer.h"

G_BEGIN_DECLS

typedef enum {
  FV_LESSON_BEFORE, /* measuring the test pictures */
  FV_LESSON_TRAIN,
  FV_LESSON_AFTER, /* measuring them again */
} FvLessonStage;

/* Where a lesson stands. A plain record. */
typedef struct {
  FvLessonStage stage;
  gsize done, total;        /* pictures, while measuring */
  FvTrainProgress progress; /* while training; its text stays valid */
  int n_epochs;
  double seconds_left;   /* of the whole lesson, without pauses; NaN while it is not known */
  int probe_step;        /* step after which the probes were measured; −1: not yet */
  FvProbeNumbers probes; /* what they said */
  double agreement;      /* their mean r, in a lesson of consistency; NaN else */
} FvLessonUpdate;

/* Called on the engine thread, often; other jobs may be run inside.
 * Returns: µs for which the lesson was paused meanwhile */
typedef gint64 (*FvLessonCallback) (const FvLessonUpdate *update, gpointer user_data);

/* A folder for a new run: DATASET/runs/DATE-TIME, or one in the user's data folder where the
 * dataset's is read-only. It is made; a second one of the same second gets another name.
 * (transfer full) */
char *fv_lesson_make_folder (const FvDataset *dataset, GError **error);

/* What lesson to give. A plain record. */
typedef struct {
  const FvTrainConfig *config; /* NULL to go on with a run */
  const char *resume;          /* folder of the run to go on with; NULL: a new one */
  GCancellable *stop;        /* (nullable): cancelled, the training ends, and what was learnt until
                              * then is measured */
  GCancellable *cancellable; /* (nullable): cancelled, nothing is measured any more; to end a
                              * lesson at once, cancel both */
} FvLessonOrder;

/* Gives the lesson. A new one replaces the head first when the classes differ; one that goes on
 * ends with the bits that it would have had without the interruption.
 * Ended before the first step, or failed: NULL with @error, and the model is what it was.
 * (transfer full) */
FvLessonReport *fv_lesson_run (FvSessionWorker *worker, FvDataset *dataset,
                               const FvLessonOrder *order, FvLessonCallback callback,
                               gpointer user_data, GError **error);

G_END_DECLS
