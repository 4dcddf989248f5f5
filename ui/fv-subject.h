/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The picture under examination: its photo, the editor of its mask, the map of the chosen layer and
 * class, and how well the two agree. It has no widget; canvas and panels follow its signals.
 *
 * Signals:
 *   "photo-changed"      fv_subject_get_image () and …_get_editor () are new, maybe NULL
 *   "result-changed"     fv_subject_get_result () is new, maybe NULL
 *   "alignment-changed"  also at every dab of the brush
 *   "mask-committed"     a stroke, undo or redo went to the session to be saved
 *   "failed" (message)   something about this picture went wrong: one sentence
 * Property: "busy" (gboolean, read-only): a photo or a map is on its way.
 * Threads: the main thread. */

#pragma once

#include "fv-mask-editor.h"
#include "fv-session.h"

G_BEGIN_DECLS

#define FV_TYPE_SUBJECT (fv_subject_get_type ())
G_DECLARE_FINAL_TYPE (FvSubject, fv_subject, FV, SUBJECT, GObject)

FvSubject *fv_subject_new (FvSession *session);

/* Shows sample @sample of the session's dataset; −1 shows none. An open stroke ends. */
void fv_subject_set_sample (FvSubject *self, gssize sample);
gssize fv_subject_get_sample (FvSubject *self);

/* The layer to explain; NULL: the model's default. */
void fv_subject_set_layer (FvSubject *self, const char *layer);
const char *fv_subject_get_layer (FvSubject *self);
/* The class to explain; −1: the predicted one. Stays when the picture changes. */
void fv_subject_set_target (FvSubject *self, int target);
int fv_subject_get_target (FvSubject *self);
/* Whether to draw the map from before the last lesson, too. */
void fv_subject_set_compare (FvSubject *self, gboolean compare);

/* Asks for the map again: the weights have changed. */
void fv_subject_refresh (FvSubject *self);

/* Ends a stroke that is being painted and has it saved: its picture, or its window, goes away. */
void fv_subject_commit (FvSubject *self);

/* Makes the mask what it was when the photo came, as one step that can be undone. */
void fv_subject_revert_mask (FvSubject *self);

/* All (transfer none), NULL while there is none. */
FvImage *fv_subject_get_image (FvSubject *self);
FvMaskEditor *fv_subject_get_editor (FvSubject *self);
FvInspectResult *fv_subject_get_result (FvSubject *self);
/* Not defined (NaN) without a map or a mask. While a stroke is painted, see fv-live-numbers.h. */
FvAlignment fv_subject_get_alignment (FvSubject *self);
gboolean fv_subject_get_busy (FvSubject *self);
/* TRUE when the map is the one the list's numbers are about: default layer, predicted class. */
gboolean fv_subject_is_default_view (FvSubject *self);

G_END_DECLS
