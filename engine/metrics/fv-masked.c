/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Average drop, increase and gain: the picture seen through its map. */

#include "fv-faithfulness-private.h"

#include <math.h>

static gsize
count (const FvMeasurement *m)
{
  return 1;
}

static void
ask (FvMeasurement *m, FvScore *scores)
{
  float *slot = fv_score_batch_add (m->batch, &scores[0]);
  const float *image = m->subject->image;
  float peak = 0;

  if (slot == NULL)
    return;
  for (gsize i = 0; i < m->area; i++)
    peak = fmaxf (peak, m->map[i]);
  for (gsize c = 0; c < 3; c++)
    for (gsize i = 0; i < m->area; i++) {
      float share = fmaxf (m->map[i], 0) / peak;
      gsize at = c * m->area + i;

      slot[at] = m->baseline[at] + share * (image[at] - m->baseline[at]);
    }
}

static void
answer (const FvMeasurement *m, const FvScore *scores, double *values)
{
  double p = m->clean.probability, seen = scores[0].probability;

  values[FV_FAITHFULNESS_AVERAGE_DROP] = fv_measurement_drop (m, seen);
  values[FV_FAITHFULNESS_INCREASE] = seen > p ? 1 : 0;
  values[FV_FAITHFULNESS_GAIN] = seen > p ? (seen - p) / (1 - p) : 0;
}

const FvFaithfulnessFamily fv_family_masked = {
  .metrics = FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_AVERAGE_DROP)
             | FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_INCREASE)
             | FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_GAIN),
  .needs_map = TRUE,
  .count = count,
  .ask = ask,
  .answer = answer,
};
