/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the engine thread owns for one session: the model, the model as it was before the last
 * lesson, and inspections of pictures lately on screen. The session's jobs call it.
 * Threads: the engine thread, except new and free (free after that thread has ended). */

#pragma once

#include <gio/gio.h>

#include "fv-agreement-steps.h"
#include "fv-dataset.h"
#include "fv-evaluation.h"
#include "fv-image.h"
#include "fv-inspect-result.h"
#include "fv-model-info.h"
#include "fv-model.h"

G_BEGIN_DECLS

typedef struct _FvSessionWorker FvSessionWorker;

FvSessionWorker *fv_session_worker_new (void);
void fv_session_worker_free (FvSessionWorker *self);

/* Opens a model as fv_model_open () does and makes it the session's. On failure the former model
 * stays. (transfer full) */
FvModelInfo *fv_session_worker_open_model (FvSessionWorker *self, const FvModelSource *source,
                                           GError **error);

/* The same for the run in @folder, as a lesson that has been given already: it can be undone, and
 * there are maps from before it. (transfer full) */
FvModelInfo *fv_session_worker_open_run (FvSessionWorker *self, const char *folder, GError **error);

/* The map of one picture, or its prediction alone where no layer has space. The map from before the
 * last lesson is of the same target when the classes stayed, else of what the network predicted
 * then.
 * Asking again for a picture that was asked for lately costs only what lies above the layer.
 * (transfer full) */
FvInspectResult *fv_session_worker_inspect (FvSessionWorker *self,
                                            const FvInspectQuestion *question,
                                            GCancellable *cancellable, GError **error);

/* How ATCON sees one picture: see fv_agreement_steps_find (). (transfer full) */
FvAgreementSteps *fv_session_worker_agree (FvSessionWorker *self, FvImage *image,
                                           const FvTrainConfig *config, GError **error);

/* Measures sample @sample as fv_evaluate () does: default layer, predicted class, its mask.
 * @method: NULL is the first. One picture that cannot be read is an error of that picture only. */
gboolean fv_session_worker_measure (FvSessionWorker *self, const FvDataset *dataset, gsize sample,
                                    const char *method, FvImageResult *result,
                                    GCancellable *cancellable, GError **error);

/* Measures all pictures of @split, see fv_evaluate (). (transfer full) */
FvEvaluation *fv_session_worker_evaluate (FvSessionWorker *self, const FvDataset *dataset,
                                          FvSplit split, const char *method,
                                          const FvMetricSelection *metrics,
                                          FvEvaluationCallback callback, gpointer user_data,
                                          GCancellable *cancellable, GError **error);

/* The model in use; NULL before one was opened. (transfer none) */
FvModel *fv_session_worker_get_model (const FvSessionWorker *self);
/* Puts a learner in the model's place and keeps the model to go back to. */
void fv_session_worker_begin_lesson (FvSessionWorker *self, FvModel *learner);
/* @keep: FALSE makes everything as it was before the lesson, also what could be undone then. */
void fv_session_worker_end_lesson (FvSessionWorker *self, gboolean keep);
/* Goes back to the model from before the last lesson. (transfer full): NULL with @error when
 * there is none */
FvModelInfo *fv_session_worker_undo (FvSessionWorker *self, GError **error);

/* (transfer full); NULL with @error when the network cannot run */
FvModelInfo *fv_session_worker_describe (FvSessionWorker *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvSessionWorker, fv_session_worker_free)

G_END_DECLS
