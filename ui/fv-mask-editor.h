/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The mask that is being painted, with its undo history: what the canvas, the undo buttons and the
 * one who saves share.
 *
 * Properties: "can-undo", "can-redo" and "has-mask" (gboolean, read-only, notified). "has-mask" is
 * FALSE as long as no mask was loaded and nothing has been painted (erasing on nothing is nothing):
 * the image has no mask then, which is something else than an empty one.
 * Signals: "changed" (int x, int y, int width, int height): these pixels may have changed, at every
 * dab and at undo and redo; "committed": a stroke, an undo or a redo is complete: save now.
 * Threads: the main thread. */

#pragma once

#include <glib-object.h>

#include "fv-mask.h"

G_BEGIN_DECLS

#define FV_TYPE_MASK_EDITOR (fv_mask_editor_get_type ())
G_DECLARE_FINAL_TYPE (FvMaskEditor, fv_mask_editor, FV, MASK_EDITOR, GObject)

/* An editor of @mask, which it paints on in place (a reference is taken), or, where @mask is NULL,
 * of a new mask of @width × @height pixels (1 … FV_MASK_MAX_SIDE) that says nothing yet.
 * @width and @height are ignored when there is a mask. Returns: (transfer full) */
FvMaskEditor *fv_mask_editor_new (FvMask *mask, int width, int height);

/* (transfer none) */
FvMask *fv_mask_editor_get_mask (FvMaskEditor *self);

gboolean fv_mask_editor_get_can_undo (FvMaskEditor *self);
gboolean fv_mask_editor_get_can_redo (FvMaskEditor *self);
gboolean fv_mask_editor_get_has_mask (FvMaskEditor *self);

/* Opens a stroke: everything until fv_mask_editor_end_stroke () is one step of undo. */
void fv_mask_editor_begin_stroke (FvMaskEditor *self);

/* Paints @state from (@x0, @y0) to (@x1, @y1) with a round brush. Unit: image pixels, pixel centres
 * at + 0.5. Points outside the mask are allowed. Needs an open stroke. */
void fv_mask_editor_stroke_to (FvMaskEditor *self, double x0, double y0, double x1, double y1,
                               double radius, FvMaskState state);

/* Closes the stroke; emits "committed", unless there is still no mask to save. */
void fv_mask_editor_end_stroke (FvMaskEditor *self);

gboolean fv_mask_editor_is_stroking (FvMaskEditor *self);

/* One step back or forward. Nothing to do, or a stroke is open: nothing happens. */
void fv_mask_editor_undo (FvMaskEditor *self);
void fv_mask_editor_redo (FvMaskEditor *self);

G_END_DECLS
