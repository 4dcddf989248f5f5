/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The metrics that need the pixels in order of A: one sort, one sweep.
 * Private to engine/metrics. Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  double rank, top_k, auc; /* see fv-alignment.h */
  double iou_best;
  double best_value; /* the A at which iou_best is reached */
} FvAlignmentRanking;

/* Of @n pixels with @values ≥ 0 and finite where @states (FvMaskState) has an opinion; at least
 * one of them is INSIDE. auc is NaN when none is OUTSIDE. */
FvAlignmentRanking fv_alignment_rank (const float *values, const guint8 *states, gsize n);

G_END_DECLS
