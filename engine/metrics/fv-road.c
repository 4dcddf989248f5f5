/* SPDX-License-Identifier: GPL-3.0-or-later */

/* ROAD: remove and debias, the most and the least relevant pixels first. */

#include "fv-faithfulness-private.h"

#include <string.h>

#include "fv-imputation.h"
#include "fv-random.h"

/* 10, 20 … 90 % of the pixels. */
#define N_LEVELS 9

/* Of the noise on imputed pixels, in units of the normalised input (ROAD's). */
#define NOISE_SIGMA 0.01

#define PURPOSE_NOISE 3

static gsize
count (const FvMeasurement *m)
{
  return 2 * N_LEVELS;
}

/* @scores [N_LEVELS] for ever more pixels removed from one end of the order. Each level starts
 * where the one before ended, which is most of the solver's work. */
static gboolean
ask_end (FvMeasurement *m, gboolean least_first, GRand *rand, FvScore *scores)
{
  g_autofree float *imputed = fv_measurement_copy (m, m->subject->image);
  g_autofree guint8 *known = g_new (guint8, m->area);
  gsize removed = 0;

  memset (known, 1, m->area);
  for (int level = 0; level < N_LEVELS; level++) {
    float *slot = fv_score_batch_add (m->batch, &scores[level]);

    if (slot == NULL)
      return FALSE;
    for (; removed < m->area * (gsize) (level + 1) / (N_LEVELS + 1); removed++)
      known[m->order[least_first ? m->area - 1 - removed : removed]] = 0;
    fv_impute (imputed, m->subject->width, m->subject->height, known);
    memcpy (slot, imputed, 3 * m->area * sizeof (float));
    fv_imputation_add_noise (slot, m->subject->width, m->subject->height, known, NOISE_SIGMA, rand);
  }
  return TRUE;
}

static void
ask (FvMeasurement *m, FvScore *scores)
{
  g_autoptr (GRand) rand = fv_random_new (m->options->seed, PURPOSE_NOISE);

  if (ask_end (m, FALSE, rand, scores))
    ask_end (m, TRUE, rand, scores + N_LEVELS);
}

static void
answer (const FvMeasurement *m, const FvScore *scores, double *values)
{
  double sum = 0;

  for (int level = 0; level < N_LEVELS; level++)
    sum += scores[N_LEVELS + level].probability - scores[level].probability;
  values[FV_FAITHFULNESS_ROAD] = sum / (2 * N_LEVELS);
}

const FvFaithfulnessFamily fv_family_road = {
  .metrics = FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_ROAD),
  .needs_map = TRUE,
  .count = count,
  .ask = ask,
  .answer = answer,
};
