/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Drop and excess drop: the first pixels of the map removed, against as many in random blocks. */

#include "fv-faithfulness-private.h"

#include <math.h>

#include "fv-random.h"

/* Random blocks across the picture's shorter side. */
#define BLOCKS_PER_SIDE 7

#define PURPOSE_BLOCKS 2

static const int percentages[FV_DROP_N_QUANTILES] = { 10, 20, 30 };

static const FvFaithfulnessSet excess_metrics
    = FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_EXCESS_DROP)
      | FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_EXCESS_DROP_10)
      | FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_EXCESS_DROP_20)
      | FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_EXCESS_DROP_30);

/* Pixels in the first @percentage % of @area. */
static gsize
quantile (gsize area, int percentage)
{
  return (area * (gsize) percentage + 50) / 100;
}

static gsize
count (const FvMeasurement *m)
{
  gsize draws = fv_measurement_wants (m, excess_metrics) ? (gsize) m->options->random_draws : 0;

  return FV_DROP_N_QUANTILES * (1 + draws);
}

/* Removes ever more pixels from one copy: @scores [FV_DROP_N_QUANTILES]. */
static gboolean
ask_order (FvMeasurement *m, const guint32 *order, FvScore *scores)
{
  g_autofree float *picture = fv_measurement_copy (m, m->subject->image);
  gsize removed = 0;

  for (int q = 0; q < FV_DROP_N_QUANTILES; q++) {
    gsize end = quantile (m->area, percentages[q]);

    fv_pixels_copy (picture, m->baseline, m->area, order + removed, end - removed);
    removed = end;
    if (!fv_measurement_ask (m, picture, &scores[q]))
      return FALSE;
  }
  return TRUE;
}

/* All pixels, block by block in a random order. */
static void
order_blocks (const FvBlocks *blocks, guint32 *shuffled, GRand *rand, guint32 *order)
{
  gsize n_blocks = (gsize) blocks->columns * (gsize) blocks->rows, n = 0;

  for (gsize i = 0; i < n_blocks; i++)
    shuffled[i] = (guint32) i;
  fv_random_draw (rand, shuffled, n_blocks, n_blocks);
  for (gsize i = 0; i < n_blocks; i++)
    n += fv_blocks_list (blocks, shuffled[i], order + n);
}

static void
ask (FvMeasurement *m, FvScore *scores)
{
  FvBlocks blocks = fv_blocks_new (m->subject->width, m->subject->height, BLOCKS_PER_SIDE);
  g_autofree guint32 *shuffled = g_new (guint32, (gsize) blocks.columns * blocks.rows);
  g_autofree guint32 *order = g_new (guint32, m->area);
  g_autoptr (GRand) rand = fv_random_new (m->options->seed, PURPOSE_BLOCKS);

  if (!ask_order (m, m->order, scores) || !fv_measurement_wants (m, excess_metrics))
    return;
  for (int draw = 1; draw <= m->options->random_draws; draw++) {
    order_blocks (&blocks, shuffled, rand, order);
    if (!ask_order (m, order, scores + draw * FV_DROP_N_QUANTILES))
      return;
  }
}

static void
answer (const FvMeasurement *m, const FvScore *scores, double *values)
{
  int draws = fv_measurement_wants (m, excess_metrics) ? m->options->random_draws : 0;
  double drop_sum = 0, excess_sum = 0;

  for (int q = 0; q < FV_DROP_N_QUANTILES; q++) {
    double drop = fv_measurement_drop (m, scores[q].probability), chance = 0;

    for (int draw = 1; draw <= draws; draw++)
      chance += fv_measurement_drop (m, scores[draw * FV_DROP_N_QUANTILES + q].probability) / draws;
    values[FV_FAITHFULNESS_DROP_10 + q] = drop;
    values[FV_FAITHFULNESS_EXCESS_DROP_10 + q] = drop - chance;
    drop_sum += drop;
    excess_sum += drop - chance;
  }
  values[FV_FAITHFULNESS_DROP] = drop_sum / FV_DROP_N_QUANTILES;
  values[FV_FAITHFULNESS_EXCESS_DROP] = excess_sum / FV_DROP_N_QUANTILES;
}

const FvFaithfulnessFamily fv_family_drop = {
  .metrics
  = FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_DROP) | FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_DROP_10)
    | FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_DROP_20) | FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_DROP_30)
    | FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_EXCESS_DROP)
    | FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_EXCESS_DROP_10)
    | FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_EXCESS_DROP_20)
    | FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_EXCESS_DROP_30),
  .needs_map = TRUE,
  .count = count,
  .ask = ask,
  .answer = answer,
};
