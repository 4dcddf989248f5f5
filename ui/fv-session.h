/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The bridge between the window and the engine: one dataset, one model, one engine thread.
 *
 * Every call is made on the main thread and returns at once; answers come to its main context.
 * Inspections overtake evaluations and run between the steps of a lesson.
 *
 * Properties (read-only, notified): "teaching", "paused" and "evaluating" (gboolean).
 * Property (notified): "method" (guint): row of fv_method_get () that maps are made and measured
 * by. Signals: "dataset-closing"                            the open one goes: last chance for its
 * pictures "dataset-changed", "model-changed" "image-result" (FvImageResult *)             a
 * picture of an evaluation is measured "image-failed" (guint64 sample, char *why)   or it cannot be
 *   "measure-progress" (guint64 done, guint64 total)   pictures, coalesced
 *   "lesson-update" (FvLessonUpdate *)           the newest state of the lesson, coalesced
 *   "mask-saved" (guint64 sample, char *why)     its mask is on the disk, or (why) is not
 *   "mask-failed" (char *why)                    one is not, maybe of a folder that was closed
 */

#pragma once

#include <gio/gio.h>

#include "fv-agreement-steps.h"
#include "fv-dataset.h"
#include "fv-evaluation.h"
#include "fv-image.h"
#include "fv-inspect-result.h"
#include "fv-method.h"
#include "fv-metric-table.h"
#include "fv-model-info.h"
#include "fv-model.h"
#include "fv-session-lesson.h"

G_BEGIN_DECLS

#define FV_TYPE_SESSION (fv_session_get_type ())
G_DECLARE_FINAL_TYPE (FvSession, fv_session, FV, SESSION, GObject)

FvSession *fv_session_new (void);

/* Opens a folder of photos in the place of the one that is open. */
void fv_session_open_dataset_async (FvSession *self, const char *folder, GCancellable *cancellable,
                                    GAsyncReadyCallback callback, gpointer user_data);
gboolean fv_session_open_dataset_finish (FvSession *self, GAsyncResult *result, GError **error);
/* NULL before one is open. (transfer none) */
FvDataset *fv_session_get_dataset (FvSession *self);

/* Opens a model as fv_model_open () does; @source is copied. */
void fv_session_open_model_async (FvSession *self, const FvModelSource *source,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean fv_session_open_model_finish (FvSession *self, GAsyncResult *result, GError **error);
/* NULL before one is open. (transfer none) */
FvModelInfo *fv_session_get_model (FvSession *self);

/* What every picture is measured by from now on. Results of another method that are still on their
 * way never arrive. (transfer none) */
const FvMethodInfo *fv_session_get_method (FvSession *self);
void fv_session_set_method (FvSession *self, guint method);

/* Explains one picture; @question is copied. */
void fv_session_inspect_async (FvSession *self, const FvInspectQuestion *question,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data);
/* (transfer full) */
FvInspectResult *fv_session_inspect_finish (FvSession *self, GAsyncResult *result, GError **error);

/* How ATCON with @config's settings (copied) sees one picture. */
void fv_session_agree_async (FvSession *self, FvImage *image, const FvTrainConfig *config,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data);
/* (transfer full) */
FvAgreementSteps *fv_session_agree_finish (FvSession *self, GAsyncResult *result, GError **error);

/* Measures the @n pictures @samples, in that order; results come as signals. A picture that cannot
 * be read does not stop the others. */
void fv_session_evaluate_async (FvSession *self, const gsize *samples, gsize n,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean fv_session_evaluate_finish (FvSession *self, GAsyncResult *result, GError **error);
/* Measures all pictures of @split and says what they have in common; results come as signals too.
 * A picture that cannot be read is an error that names it. */
void fv_session_measure_async (FvSession *self, FvSplit split, const FvMetricSelection *metrics,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data);
/* (transfer full) */
FvMetricTable *fv_session_measure_finish (FvSession *self, GAsyncResult *result, GError **error);
/* Mean time that a picture of the last evaluation took, and the least that one was in the network,
 * which comes nearest to a run among many; seconds, 0 before the first. */
double fv_session_get_seconds_per_image (FvSession *self);
double fv_session_get_seconds_per_run (FvSession *self);

/* Gives a lesson on the open dataset; @stop and @cancellable as in fv_lesson_run (). */
void fv_session_teach_async (FvSession *self, const FvTrainConfig *config, GCancellable *stop,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data);
/* Goes on with the run in @folder, which was stopped or interrupted: see
 * fv_session_teach_async (). */
void fv_session_resume_teach_async (FvSession *self, const char *folder, GCancellable *stop,
                                    GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data);
/* Of both. (transfer full) */
FvLessonReport *fv_session_teach_finish (FvSession *self, GAsyncResult *result, GError **error);
/* The runs of the open dataset. (transfer full) (element-type FvRunSummary) */
void fv_session_list_runs_async (FvSession *self, GAsyncReadyCallback callback, gpointer user_data);
GPtrArray *fv_session_list_runs_finish (FvSession *self, GAsyncResult *result, GError **error);
/* Opens the model of the run in @folder as if its lesson had just been given: it can be undone. */
void fv_session_open_run_async (FvSession *self, const char *folder, GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean fv_session_open_run_finish (FvSession *self, GAsyncResult *result, GError **error);

/* Goes back to the model from before the last lesson. */
void fv_session_undo_teach_async (FvSession *self, GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean fv_session_undo_teach_finish (FvSession *self, GAsyncResult *result, GError **error);
/* TRUE when there is a lesson to undo, and maps from before it. */
gboolean fv_session_can_undo_teach (FvSession *self);
gboolean fv_session_get_teaching (FvSession *self);
/* A lesson that is paused stands still between two steps, and maps are answered all the same. It
 * goes on when it is stopped. Without a lesson nothing is paused. */
void fv_session_set_paused (FvSession *self, gboolean paused);
gboolean fv_session_get_paused (FvSession *self);
gboolean fv_session_get_evaluating (FvSession *self);

/* Answers when the engine has done all that was asked of it before. */
void fv_session_rest_async (FvSession *self, GAsyncReadyCallback callback, gpointer user_data);

/* Writes a copy of @mask as the edited mask of @sample, after all masks saved before. */
void fv_session_save_mask (FvSession *self, gsize sample, const FvMask *mask);
/* The mask of @sample that is not on the disk yet; NULL when the disk is up to date.
 * (transfer full) */
FvMask *fv_session_dup_unsaved_mask (FvSession *self, gsize sample);
/* TRUE when the last attempt to write the mask of @sample failed: it is kept in memory. */
gboolean fv_session_has_failed_mask (FvSession *self, gsize sample);
/* Writes what is not on the disk yet, also what failed before. */
void fv_session_flush_masks_async (FvSession *self, GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean fv_session_flush_masks_finish (FvSession *self, GAsyncResult *result, GError **error);

G_END_DECLS
