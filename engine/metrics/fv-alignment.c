/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Alignment in two passes over the pixels: the second needs the maximum that the first found. */

#include "fv-alignment.h"

#include <math.h>

#include "fv-resample.h"

/* A map is "on" where it reaches this share of its maximum. */
#define IOU_THRESHOLD 0.5

/* What the first pass gathers over the pixels with an opinion. */
typedef struct {
  double total, inside;      /* Σ A and Σ_inside A */
  gsize n_opinion, n_inside; /* pixels */
  float peak;                /* max A */
  gboolean peak_is_inside;   /* at the first pixel that has it */
} Sums;

static void
sums_add (Sums *sums, float value, guint8 state)
{
  gboolean inside = state == FV_MASK_INSIDE;

  if (state == FV_MASK_NO_OPINION)
    return;
  sums->n_opinion++;
  sums->n_inside += inside;
  if (!(value > 0.0f)) /* also when it is NaN */
    return;
  sums->total += value;
  if (inside)
    sums->inside += value;
  if (value > sums->peak) {
    sums->peak = value;
    sums->peak_is_inside = inside;
  }
}

/* Intersection over union of INSIDE with the pixels that reach @threshold (above 0). */
static double
measure_iou (const float *values, const guint8 *states, gsize n, float threshold)
{
  gsize n_both = 0, n_either = 0;

  for (gsize i = 0; i < n; i++) {
    gboolean on = values[i] >= threshold;
    gboolean inside = states[i] == FV_MASK_INSIDE;

    if (states[i] == FV_MASK_NO_OPINION)
      continue;
    n_both += on && inside;
    n_either += on || inside;
  }
  return (double) n_both / (double) n_either;
}

FvAlignment
fv_alignment_measure_upsampled (const float *upsampled, int width, int height, const FvMask *mask)
{
  FvAlignment undefined = { NAN, NAN, NAN, NAN, FALSE };
  g_autoptr (FvMask) sampled = NULL;
  const guint8 *states;
  Sums sums = { 0 };
  gsize n;

  g_return_val_if_fail (upsampled != NULL && mask != NULL, undefined);
  g_return_val_if_fail (width > 0 && height > 0, undefined);

  if (fv_mask_get_width (mask) != width || fv_mask_get_height (mask) != height)
    sampled = fv_mask_resize_nearest (mask, width, height);
  states = fv_mask_peek (sampled != NULL ? sampled : mask);
  n = (gsize) width * height;
  for (gsize i = 0; i < n; i++)
    sums_add (&sums, upsampled[i], states[i]);
  if (sums.n_inside == 0 || sums.total <= 0.0 || !isfinite (sums.total))
    return undefined;

  return (FvAlignment){
    .energy = sums.inside / sums.total,
    .iou = measure_iou (upsampled, states, n, (float) IOU_THRESHOLD * sums.peak),
    .pointing = sums.peak_is_inside ? 1.0 : 0.0,
    .chance = (double) sums.n_inside / (double) sums.n_opinion,
    .defined = TRUE,
  };
}

FvAlignment
fv_alignment_measure (const float *map, int map_width, int map_height, const FvMask *mask,
                      int width, int height)
{
  g_autofree float *upsampled = NULL;
  FvAlignment undefined = { NAN, NAN, NAN, NAN, FALSE };

  upsampled = fv_resample_bilinear (map, map_width, map_height, width, height);
  g_return_val_if_fail (upsampled != NULL, undefined);
  return fv_alignment_measure_upsampled (upsampled, width, height, mask);
}
