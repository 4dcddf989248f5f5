/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The object alone, its surroundings alone, and the object in other pictures' surroundings. */

#include "fv-faithfulness-private.h"

#include <string.h>

#include "fv-imputation.h"

#define FOREGROUND FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_FOREGROUND_ONLY)
#define BACKGROUND FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_BACKGROUND_ONLY)
#define SWAP                                                                                       \
  (FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_BACKGROUND_SWAP)                                           \
   | FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_BACKGROUND_SWAP_KEPT))

static gboolean
has_background (const FvMeasurement *m)
{
  return fv_mask_count (m->mask, FV_MASK_OUTSIDE) > 0;
}

static gsize
count (const FvMeasurement *m)
{
  if (m->mask == NULL)
    return 0;
  return (gsize) fv_measurement_wants (m, FOREGROUND)
         + (fv_measurement_wants (m, BACKGROUND) && has_background (m) ? 1 : 0)
         + (fv_measurement_wants (m, SWAP) ? m->subject->n_donors : 0);
}

/* Copies the subject's pixels that are in @state to @picture. */
static void
paste (const FvMeasurement *m, FvMaskState state, float *picture)
{
  const guint8 *states = fv_mask_peek (m->mask);

  for (gsize i = 0; i < 3 * m->area; i++)
    if (states[i % m->area] == state)
      picture[i] = m->subject->image[i];
}

static gboolean
ask_part (FvMeasurement *m, FvMaskState state, FvScore *score)
{
  float *slot = fv_score_batch_add (m->batch, score);

  if (slot == NULL)
    return FALSE;
  memcpy (slot, m->baseline, 3 * m->area * sizeof (float));
  paste (m, state, slot);
  return TRUE;
}

/* Paints the donor's object over with what surrounds it. */
static void
paint_over (const FvDonor *donor, int width, int height, float *picture)
{
  g_autoptr (FvMask) mask = fv_mask_resize_nearest (donor->mask, width, height);
  guint8 *known = fv_mask_get_data (mask);

  for (gsize i = 0; i < (gsize) width * (gsize) height; i++)
    known[i] = known[i] == FV_MASK_OUTSIDE ? 1 : 0;
  fv_impute (picture, width, height, known);
}

static gboolean
ask_donor (FvMeasurement *m, const FvDonor *donor, FvScore *score)
{
  float *slot = fv_score_batch_add (m->batch, score);

  if (slot == NULL)
    return FALSE;
  memcpy (slot, donor->image, 3 * m->area * sizeof (float));
  paint_over (donor, m->subject->width, m->subject->height, slot);
  paste (m, FV_MASK_INSIDE, slot);
  return TRUE;
}

static void
ask (FvMeasurement *m, FvScore *scores)
{
  if (fv_measurement_wants (m, FOREGROUND) && !ask_part (m, FV_MASK_INSIDE, scores++))
    return;
  if (fv_measurement_wants (m, BACKGROUND) && has_background (m)
      && !ask_part (m, FV_MASK_OUTSIDE, scores++))
    return;
  for (gsize i = 0; fv_measurement_wants (m, SWAP) && i < m->subject->n_donors; i++)
    if (!ask_donor (m, &m->subject->donors[i], scores++))
      return;
}

static void
answer (const FvMeasurement *m, const FvScore *scores, double *values)
{
  gsize n = m->subject->n_donors;
  double sum = 0, kept = 0;

  if (fv_measurement_wants (m, FOREGROUND))
    values[FV_FAITHFULNESS_FOREGROUND_ONLY] = (scores++)->probability;
  if (fv_measurement_wants (m, BACKGROUND) && has_background (m))
    values[FV_FAITHFULNESS_BACKGROUND_ONLY] = (scores++)->probability;
  if (!fv_measurement_wants (m, SWAP) || n == 0)
    return;
  for (gsize i = 0; i < n; i++) {
    sum += scores[i].probability;
    kept += scores[i].prediction == m->target ? 1 : 0;
  }
  values[FV_FAITHFULNESS_BACKGROUND_SWAP] = sum / (double) n;
  values[FV_FAITHFULNESS_BACKGROUND_SWAP_KEPT] = kept / (double) n;
}

const FvFaithfulnessFamily fv_family_context = {
  .metrics = FOREGROUND | BACKGROUND | SWAP,
  .needs_map = FALSE,
  .count = count,
  .ask = ask,
  .answer = answer,
};
