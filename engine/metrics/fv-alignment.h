/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Alignment: does a map look where the mask says?
 *
 * A is the map with negative values (and NaN) as 0, brought to the evaluated size; S is the set of
 * INSIDE pixels of the mask sampled there. OUTSIDE and INSIDE pixels count, NO_OPINION pixels do
 * not exist: neither sums, nor maximum, nor argmax, nor ranks see them. n is the number of pixels
 * that count, P = { A ≥ max A / 2 }, and “top k” are the k pixels of largest A, where a cut
 * through pixels of equal A takes the expected value over all orders of them.
 *
 *   key                 value                                           chance       better
 *   energy              Σ_S A / Σ A                                     |S| / n      high
 *   iou                 |P ∩ S| / |P ∪ S|                               |S| / n      high
 *   iou_best            the same at the best of all thresholds A ≥ t    |S| / n      high
 *   pointing_game       1 if a pixel of S is within the tolerance of    share of n   high
 *                       the largest A (the first in row order), else 0  within it
 *   rank_accuracy       share of the top |S| that is in S               |S| / n      high
 *   top_k_intersection  share of the top min (5 % of n, |S|) in S       |S| / n      high
 *   auc                 P (A in S > A outside S), ties half             1/2          high
 *   sim                 Σ min (A / Σ A, S / |S|)                        |S| / n      high
 *   outside_ratio       1 − energy                                      1 − |S| / n  low
 *   precision           |P ∩ S| / |P|                                   |S| / n      high
 *   recall              |P ∩ S| / |S|                                   1            high
 *   f1                  2 |P ∩ S| / (|P| + |S|)                         2 |S| / (n + |S|)
 *
 * All lie in 0 … 1, and a map equal to its mask scores 1 in all (outside_ratio 0). Chance is the
 * value of the map that is the same everywhere, whose largest A is any pixel with equal
 * probability. METRICS.md names the sources.
 *
 * Undefined, with all values NaN: no pixel is INSIDE (empty mask), no opinion pixel has A > 0
 * (dead map), or A is infinite somewhere. Callers leave such images out and count them. Without a
 * pixel OUTSIDE, auc alone is NaN, and so is its chance.
 *
 * All functions are pure: any thread. */

#pragma once

#include "fv-mask.h"
#include "fv-metric.h"

G_BEGIN_DECLS

typedef enum {
  FV_ALIGNMENT_ENERGY,
  FV_ALIGNMENT_IOU,
  FV_ALIGNMENT_IOU_BEST,
  FV_ALIGNMENT_POINTING,
  FV_ALIGNMENT_RANK,
  FV_ALIGNMENT_TOP_K,
  FV_ALIGNMENT_AUC,
  FV_ALIGNMENT_SIM,
  FV_ALIGNMENT_OUTSIDE,
  FV_ALIGNMENT_PRECISION,
  FV_ALIGNMENT_RECALL,
  FV_ALIGNMENT_F1,
  FV_ALIGNMENT_N
} FvAlignmentMetric;

/* By FvAlignmentMetric; NaN where undefined. */
typedef struct {
  double values[FV_ALIGNMENT_N];
  double chance[FV_ALIGNMENT_N];
  double area;           /* |S| / n */
  double best_threshold; /* of iou_best, as a share of max A; of equally good ones the highest */
  gboolean defined;      /* FALSE: all of the above are NaN */
} FvAlignment;

/* The row of @metric. Returns: (transfer none) */
const FvMetricInfo *fv_alignment_metric_info (FvAlignmentMetric metric);

/* What an image without a mask or a map has: NaN everywhere. */
FvAlignment fv_alignment_undefined (void);

/* Tolerance of the pointing game on @width × @height pixels: 15 pixels where the shorter side has
 * 224, in proportion elsewhere. A Euclidean distance between pixel centres. */
double fv_alignment_get_tolerance (int width, int height);

/* Alignment of a raw map on its own grid, brought to @width × @height by fv_resample_bilinear ().
 */
FvAlignment fv_alignment_measure (const float *map, int map_width, int map_height,
                                  const FvMask *mask, int width, int height);

/* The same for a map that already has @width × @height values. The mask is sampled to that size
 * (nearest, see fv-mask.h). While a mask is painted, FvLiveAlignment is faster. */
FvAlignment fv_alignment_measure_upsampled (const float *upsampled, int width, int height,
                                            const FvMask *mask);

G_END_DECLS
