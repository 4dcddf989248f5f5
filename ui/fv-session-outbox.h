/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the engine thread has to tell the window. It may write thousands of times a second; the
 * main thread reads all of it in one source: every picture's result, the newest lesson update. */

#pragma once

#include "fv-evaluation.h"
#include "fv-session-lesson.h"

G_BEGIN_DECLS

/* A picture that was measured, or (why) could not be. */
typedef struct {
  FvDataset *dataset; /* whose pictures result.sample counts */
  const char *method; /* that measured it; NULL: it could not be */
  FvImageResult result;
  char *why; /* NULL: measured */
} FvOutboxImage;

typedef struct _FvSessionOutbox FvSessionOutbox;

/* How far a measurement has come, in pictures. */
typedef struct {
  gsize done, total;
} FvOutboxProgress;

/* Called on the main thread. @images: of FvOutboxImage. @update, @progress: NULL when nothing is
 * new. */
typedef void (*FvOutboxReader) (GArray *images, const FvLessonUpdate *update,
                                const FvOutboxProgress *progress, gpointer user_data);

FvSessionOutbox *fv_session_outbox_new (FvOutboxReader reader, gpointer user_data);
/* Main thread, when nobody writes any more. What was not read is dropped. */
void fv_session_outbox_free (FvSessionOutbox *self);

/* Any thread. @method: of FvMethodInfo. */
void fv_session_outbox_put_result (FvSessionOutbox *self, FvDataset *dataset, const char *method,
                                   const FvImageResult *result);
void fv_session_outbox_put_failure (FvSessionOutbox *self, FvDataset *dataset, gsize sample,
                                    const char *why);
void fv_session_outbox_put_update (FvSessionOutbox *self, const FvLessonUpdate *update);
void fv_session_outbox_put_progress (FvSessionOutbox *self, gsize done, gsize total);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvSessionOutbox, fv_session_outbox_free)

G_END_DECLS
