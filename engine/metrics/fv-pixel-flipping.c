/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pixel flipping: blocks replaced by noise, those with the most of the map first. */

#include "fv-curve.h"
#include "fv-faithfulness-private.h"

/* Blocks across the picture's shorter side. */
#define BLOCKS_PER_SIDE 14

static FvBlocks
blocks_of (const FvMeasurement *m)
{
  return fv_blocks_new (m->subject->width, m->subject->height, BLOCKS_PER_SIDE);
}

static gsize
n_blocks_of (const FvMeasurement *m)
{
  FvBlocks blocks = blocks_of (m);

  return (gsize) blocks.columns * (gsize) blocks.rows;
}

static gsize
count (const FvMeasurement *m)
{
  return (gsize) fv_curve_get_n_steps (n_blocks_of (m), m->options->steps);
}

/* Blocks by decreasing sum of the map. @pixels: room for a block. (transfer full) */
static guint32 *
order_blocks (const FvMeasurement *m, const FvBlocks *blocks, guint32 *pixels)
{
  gsize n_blocks = n_blocks_of (m);
  g_autofree float *sums = g_new0 (float, n_blocks);

  for (gsize block = 0; block < n_blocks; block++) {
    gsize n = fv_blocks_list (blocks, (guint32) block, pixels);
    double sum = 0;

    for (gsize i = 0; i < n; i++)
      sum += m->map[pixels[i]];
    sums[block] = (float) sum;
  }
  return fv_pixel_order (sums, n_blocks);
}

static void
ask (FvMeasurement *m, FvScore *scores)
{
  const FvFaithfulnessSubject *subject = m->subject;
  FvBlocks blocks = blocks_of (m);
  g_autofree guint32 *pixels = g_new (guint32, (gsize) blocks.side * blocks.side);
  g_autofree guint32 *order = order_blocks (m, &blocks, pixels);
  g_autofree float *picture = fv_measurement_copy (m, subject->image);
  g_autofree float *noise = g_new (float, 3 * m->area);
  gsize flipped = 0;

  fv_baseline_fill (FV_BASELINE_NOISE, subject->image, subject->width, subject->height,
                    m->options->seed, noise);
  for (gsize k = 0; k < count (m); k++) {
    gsize end = fv_curve_get_end (n_blocks_of (m), m->options->steps, (int) k + 1);

    for (; flipped < end; flipped++) {
      gsize n = fv_blocks_list (&blocks, order[flipped], pixels);

      fv_pixels_copy (picture, noise, m->area, pixels, n);
    }
    if (!fv_measurement_ask (m, picture, &scores[k]))
      return;
  }
}

static void
answer (const FvMeasurement *m, const FvScore *scores, double *values)
{
  gsize n_blocks = n_blocks_of (m), n = count (m);
  g_autofree double *positions = g_new (double, n + 1);
  g_autofree double *points = g_new (double, n + 1);

  for (gsize k = 0; k <= n; k++) {
    positions[k]
        = (double) fv_curve_get_end (n_blocks, m->options->steps, (int) k) / (double) n_blocks;
    points[k] = k == 0 ? m->clean.probability : scores[k - 1].probability;
  }
  values[FV_FAITHFULNESS_PIXEL_FLIPPING] = fv_curve_get_area (positions, points, n + 1);
}

const FvFaithfulnessFamily fv_family_pixel_flipping = {
  .metrics = FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_PIXEL_FLIPPING),
  .needs_map = TRUE,
  .count = count,
  .ask = ask,
  .answer = answer,
};
