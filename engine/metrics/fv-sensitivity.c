/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Max-sensitivity: the same method asked about almost the same picture. */

#include "fv-faithfulness-private.h"

#include <math.h>

#include "fv-random.h"

#define PURPOSE_SENSITIVITY 5

static void
disturb (const float *image, gsize n, double radius, GRand *rand, float *out)
{
  for (gsize i = 0; i < n; i++)
    out[i] = image[i] + (float) (radius * (2 * g_rand_double (rand) - 1));
}

/* ‖a − b‖, or ‖a‖ when @b is NULL. */
static double
distance (const float *a, const float *b, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++) {
    double difference = (double) a[i] - (b != NULL ? b[i] : 0);

    sum += difference * difference;
  }
  return sqrt (sum);
}

gboolean
fv_measure_sensitivity (const FvMeasurement *m, GCancellable *cancellable, double *value,
                        GError **error)
{
  const FvFaithfulnessSubject *subject = m->subject;
  int batch = MIN (m->options->batch, m->options->explanations);
  gsize picture = 3 * m->area, cells = (gsize) subject->map_width * (gsize) subject->map_height;
  g_autofree float *images = g_new (float, (gsize) batch *picture);
  g_autofree float *maps = g_new (float, (gsize) batch *cells);
  g_autoptr (GRand) rand = fv_random_new (m->options->seed, PURPOSE_SENSITIVITY);
  double norm = distance (subject->map, NULL, cells), greatest = 0;

  for (int done = 0, n; done < m->options->explanations; done += n) {
    n = MIN (batch, m->options->explanations - done);
    for (int i = 0; i < n; i++)
      disturb (subject->image, picture, m->options->radius, rand, images + (gsize) i * picture);
    if (g_cancellable_set_error_if_cancelled (cancellable, error)
        || !m->network->explainer (images, n, maps, m->network->explainer_data, error))
      return FALSE;
    for (int i = 0; i < n; i++)
      greatest = fmax (greatest, distance (maps + (gsize) i * cells, subject->map, cells) / norm);
  }
  *value = greatest;
  return TRUE;
}
