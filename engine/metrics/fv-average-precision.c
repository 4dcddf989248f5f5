/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One pass down the ranking; equal scores are one step. */

#include "fv-average-precision.h"

#include <math.h>

double
fv_average_precision (const float *scores, const guint8 *positive, const guint *counts, gsize n)
{
  double n_seen = 0, n_found = 0, sum = 0;

  for (gsize i = 0; i < n;) {
    float score = scores[i];
    double n_new = 0;

    for (; i < n && scores[i] >= score; i++) {
      guint count = counts != NULL ? counts[i] : 1;

      n_seen += count;
      n_new += positive[i] ? count : 0;
    }
    n_found += n_new;
    if (n_new > 0)
      sum += n_new * n_found / n_seen;
  }
  return n_found > 0 ? sum / n_found : NAN;
}

typedef struct {
  const float *scores;
  gsize stride;
} Scores;

static int
compare_scores (const void *a, const void *b, gpointer user_data)
{
  const Scores *scores = user_data;
  gsize i = *(const gsize *) a, j = *(const gsize *) b;
  float first = scores->scores[i * scores->stride], second = scores->scores[j * scores->stride];

  if (first > second || first < second)
    return first < second ? 1 : -1;
  return (i > j) - (i < j);
}

gsize *
fv_order_by_score (const float *scores, gsize stride, gsize n)
{
  Scores by = { scores, stride };
  gsize *order = g_new (gsize, n);

  for (gsize i = 0; i < n; i++)
    order[i] = i;
  g_qsort_with_data (order, (int) n, sizeof *order, compare_scores, &by);
  return order;
}
