/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Undo and redo for one mask.
 *
 * One stroke is one step. A step keeps the 64 × 64 tiles that the stroke changed, as they were, so
 * memory follows what was painted and not the size of the image. A history belongs to the thread
 * that paints.
 *
 *   fv_mask_history_begin (history);
 *   fv_mask_history_touch (history, extents);      before each dab
 *   fv_brush_stroke (mask, …);
 *   fv_mask_history_end (history);                 */

#pragma once

#include "fv-mask.h"
#include "fv-rect.h"

G_BEGIN_DECLS

typedef struct _FvMaskHistory FvMaskHistory;

/* An empty history of @mask, of which it holds a reference. The oldest steps are dropped as soon
 * as all steps together need more than @max_bytes; the newest one is always kept.
 * Returns: (transfer full) */
FvMaskHistory *fv_mask_history_new (FvMask *mask, gsize max_bytes);

void fv_mask_history_free (FvMaskHistory *history);

/* Starts a step. No step may be open. */
void fv_mask_history_begin (FvMaskHistory *history);

/* Saves the pixels of @rect (clipped to the mask) that the open step has not saved yet. To be
 * called BEFORE they are painted. */
void fv_mask_history_touch (FvMaskHistory *history, FvRect rect);

/* Ends the step. Nothing changed: there is no step, and what could be redone stays. Otherwise the
 * step can be undone, and what could be redone is gone. */
void fv_mask_history_end (FvMaskHistory *history);

gboolean fv_mask_history_can_undo (const FvMaskHistory *history);
gboolean fv_mask_history_can_redo (const FvMaskHistory *history);

/* Takes the newest step back, or does it again. No step may be open.
 * Returns: the rectangle around all tiles that changed; empty when there was nothing to do. */
FvRect fv_mask_history_undo (FvMaskHistory *history);
FvRect fv_mask_history_redo (FvMaskHistory *history);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvMaskHistory, fv_mask_history_free)

G_END_DECLS
