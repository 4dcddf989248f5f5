/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Deletion and insertion: one walk from the picture to its baseline and one back, by the same order
 * of pixels. The network sees 2 · steps − 1 pictures for both, the unchanged one not counted. */

#include "fv-curve.h"
#include "fv-faithfulness-private.h"

#define DELETION FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_DELETION)
#define INSERTION FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_INSERTION)

static int
n_steps (const FvMeasurement *m)
{
  return fv_curve_get_n_steps (m->area, m->options->steps);
}

/* The baseline itself, and the points between for each walk. */
static gsize
count (const FvMeasurement *m)
{
  int walks = fv_measurement_wants (m, DELETION) + fv_measurement_wants (m, INSERTION);

  return 1 + (gsize) walks * (gsize) (n_steps (m) - 1);
}

/* The points between the ends of a walk from one picture to another: @scores [n_steps − 1]. */
static gboolean
ask_walk (FvMeasurement *m, const float *from, const float *to, FvScore *scores)
{
  g_autofree float *picture = fv_measurement_copy (m, from);
  gsize changed = 0;

  for (int k = 1; k < n_steps (m); k++) {
    gsize end = fv_curve_get_end (m->area, m->options->steps, k);

    fv_pixels_copy (picture, to, m->area, m->order + changed, end - changed);
    changed = end;
    if (!fv_measurement_ask (m, picture, &scores[k - 1]))
      return FALSE;
  }
  return TRUE;
}

static void
ask (FvMeasurement *m, FvScore *scores)
{
  const float *image = m->subject->image;

  if (!fv_measurement_ask (m, m->baseline, &scores[0]))
    return;
  scores++;
  if (fv_measurement_wants (m, DELETION)) {
    if (!ask_walk (m, image, m->baseline, scores))
      return;
    scores += n_steps (m) - 1;
  }
  if (fv_measurement_wants (m, INSERTION))
    ask_walk (m, m->baseline, image, scores);
}

/* The area below a walk whose ends are known. */
static double
area_of (const FvMeasurement *m, double first, const FvScore *between, double last)
{
  int n = n_steps (m);
  g_autofree double *positions = g_new (double, n + 1);
  g_autofree double *values = g_new (double, n + 1);

  for (int k = 0; k <= n; k++) {
    positions[k] = (double) fv_curve_get_end (m->area, m->options->steps, k) / (double) m->area;
    values[k] = k == 0 ? first : k == n ? last : between[k - 1].probability;
  }
  return fv_curve_get_area (positions, values, (gsize) n + 1);
}

static void
answer (const FvMeasurement *m, const FvScore *scores, double *values)
{
  double empty = scores[0].probability, full = m->clean.probability;

  scores++;
  if (fv_measurement_wants (m, DELETION)) {
    values[FV_FAITHFULNESS_DELETION] = area_of (m, full, scores, empty);
    scores += n_steps (m) - 1;
  }
  if (fv_measurement_wants (m, INSERTION))
    values[FV_FAITHFULNESS_INSERTION] = area_of (m, empty, scores, full);
}

const FvFaithfulnessFamily fv_family_deletion = {
  .metrics = DELETION | INSERTION,
  .needs_map = TRUE,
  .count = count,
  .ask = ask,
  .answer = answer,
};
