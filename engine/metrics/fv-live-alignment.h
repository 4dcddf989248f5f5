/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Alignment of one map with a mask that is being painted.
 *
 * The picture is cut into tiles; each keeps its sums, counts and peak, and a dab of the brush
 * renews the tiles it touches. Nothing is carried from one dab to the next but the tiles, each of
 * them always summed afresh, so the numbers are those of a full measurement to the last bit,
 * however long somebody paints.
 *
 * Threads: one at a time. */

#pragma once

#include "fv-alignment.h"
#include "fv-rect.h"

G_BEGIN_DECLS

typedef struct _FvLiveAlignment FvLiveAlignment;

/* @upsampled has @width × @height values and is copied; @mask of any size is sampled to them.
 * Returns: (transfer full) */
FvLiveAlignment *fv_live_alignment_new (const float *upsampled, int width, int height,
                                        const FvMask *mask);
void fv_live_alignment_free (FvLiveAlignment *self);

/* The pixels @dirty of @mask (in its own pixels; may reach beyond it) may have changed. @mask has
 * the size it had at first. Costs time in proportion to @dirty, or one pass over all tiles when
 * the dab hides or uncovers the map's peak. */
void fv_live_alignment_update (FvLiveAlignment *self, const FvMask *mask, FvRect dirty);

/* energy, iou, pointing_game, outside_ratio, precision, recall and f1, equal to those of
 * fv_alignment_measure_upsampled (); the metrics that need all pixels in order (iou_best,
 * rank_accuracy, top_k_intersection, auc, sim) and the chance of pointing_game are NaN. */
FvAlignment fv_live_alignment_get (const FvLiveAlignment *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvLiveAlignment, fv_live_alignment_free)

G_END_DECLS
