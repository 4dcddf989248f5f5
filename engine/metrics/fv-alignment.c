/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The whole measurement: what a live one has, then what needs all pixels in order. */

#include "fv-alignment.h"

#include <math.h>

#include "fv-alignment-ranking.h"
#include "fv-alignment-reach.h"
#include "fv-live-alignment-private.h"
#include "fv-resample.h"

#define TOLERANCE 15.0
#define TOLERANCE_SIDE 224.0

/* Below this, a thread costs more than it gains. */
#define MIN_PIXELS_FOR_THREAD (512 * 512)

static const FvMetricInfo metrics[FV_ALIGNMENT_N] = {
  [FV_ALIGNMENT_ENERGY] = { "energy", "Energy in mask", TRUE, 0, 1 },
  [FV_ALIGNMENT_IOU] = { "iou", "IoU at 0.5", TRUE, 0, 1 },
  [FV_ALIGNMENT_IOU_BEST] = { "iou_best", "IoU at the best threshold", TRUE, 0, 1 },
  [FV_ALIGNMENT_POINTING] = { "pointing_game", "Pointing game", TRUE, 0, 1 },
  [FV_ALIGNMENT_RANK] = { "rank_accuracy", "Rank accuracy", TRUE, 0, 1 },
  [FV_ALIGNMENT_TOP_K] = { "top_k_intersection", "Top 5 % in mask", TRUE, 0, 1 },
  [FV_ALIGNMENT_AUC] = { "auc", "Pixel ROC AUC", TRUE, 0, 1 },
  [FV_ALIGNMENT_SIM] = { "sim", "Similarity", TRUE, 0, 1 },
  [FV_ALIGNMENT_OUTSIDE] = { "outside_ratio", "Energy outside", FALSE, 0, 1 },
  [FV_ALIGNMENT_PRECISION] = { "precision", "Precision at 0.5", TRUE, 0, 1 },
  [FV_ALIGNMENT_RECALL] = { "recall", "Recall at 0.5", TRUE, 0, 1 },
  [FV_ALIGNMENT_F1] = { "f1", "F1 at 0.5", TRUE, 0, 1 },
};

const FvMetricInfo *
fv_alignment_metric_info (FvAlignmentMetric metric)
{
  g_return_val_if_fail (metric < FV_ALIGNMENT_N, NULL);
  return &metrics[metric];
}

FvAlignment
fv_alignment_undefined (void)
{
  FvAlignment alignment = { .area = NAN, .best_threshold = NAN, .defined = FALSE };

  for (int i = 0; i < FV_ALIGNMENT_N; i++)
    alignment.values[i] = alignment.chance[i] = NAN;
  return alignment;
}

double
fv_alignment_get_tolerance (int width, int height)
{
  return TOLERANCE * MIN (width, height) / TOLERANCE_SIDE;
}

/* Σ min (A / Σ A, S / |S|): outside S the second is 0. */
static double
measure_similarity (const float *values, const guint8 *states, gsize n, const FvAlignmentSums *sums)
{
  double limit = sums->total / (double) sums->n_inside;
  double sum = 0;

  for (gsize i = 0; i < n; i++) {
    double value = MIN ((double) values[i], limit);

    sum += states[i] == FV_MASK_INSIDE ? value : 0.0;
  }
  return sum / sums->total;
}

/* What needs no order of the pixels, for a thread of its own. */
typedef struct {
  const float *values;
  const guint8 *states;
  int stride, height;
  double tolerance;
  FvAlignmentSums sums;
  double similarity, reach;
} Unordered;

static gpointer
measure_unordered (gpointer data)
{
  Unordered *self = data;
  gsize n = (gsize) self->stride * (gsize) self->height;

  self->similarity = measure_similarity (self->values, self->states, n, &self->sums);
  self->reach
      = fv_alignment_measure_reach (self->states, self->stride, self->height, self->tolerance);
  return NULL;
}

/* The numbers that need all pixels in order, and, beside them on another thread where that is worth
 * it, the others. */
static FvAlignmentRanking
rank_beside (Unordered *others)
{
  gsize n = (gsize) others->stride * (gsize) others->height;
  FvAlignmentRanking ranking;
  GThread *thread = NULL;

  if (n >= MIN_PIXELS_FOR_THREAD)
    thread = g_thread_try_new ("alignment", measure_unordered, others, NULL);
  ranking = fv_alignment_rank (others->values, others->states, n);
  if (thread != NULL)
    g_thread_join (thread);
  else
    measure_unordered (others);
  return ranking;
}

FvAlignment
fv_alignment_measure_upsampled (const float *upsampled, int width, int height, const FvMask *mask)
{
  g_autoptr (FvLiveAlignment) live = fv_live_alignment_new (upsampled, width, height, mask);
  FvAlignment alignment = fv_alignment_undefined ();
  FvAlignmentRanking ranking;
  Unordered others;

  g_return_val_if_fail (live != NULL, alignment);

  alignment = fv_live_alignment_get (live);
  if (!alignment.defined)
    return alignment;
  others = (Unordered){ .values = fv_live_alignment_peek_values (live),
                        .states = fv_live_alignment_peek_states (live),
                        .stride = fv_live_alignment_get_stride (live),
                        .height = height,
                        .tolerance = fv_alignment_get_tolerance (width, height),
                        .sums = fv_live_alignment_get_sums (live) };
  ranking = rank_beside (&others);
  alignment.values[FV_ALIGNMENT_RANK] = ranking.rank;
  alignment.values[FV_ALIGNMENT_TOP_K] = ranking.top_k;
  alignment.values[FV_ALIGNMENT_AUC] = ranking.auc;
  alignment.values[FV_ALIGNMENT_IOU_BEST] = ranking.iou_best;
  alignment.values[FV_ALIGNMENT_SIM] = others.similarity;
  alignment.best_threshold = ranking.best_value / (double) others.sums.peak;
  alignment.chance[FV_ALIGNMENT_POINTING] = others.reach;
  return alignment;
}

FvAlignment
fv_alignment_measure (const float *map, int map_width, int map_height, const FvMask *mask,
                      int width, int height)
{
  g_autofree float *upsampled = fv_resample_bilinear (map, map_width, map_height, width, height);

  g_return_val_if_fail (upsampled != NULL, fv_alignment_undefined ());
  return fv_alignment_measure_upsampled (upsampled, width, height, mask);
}
