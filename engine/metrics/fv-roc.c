/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One pass down the ranking; equal scores are one step. */

#include "fv-roc.h"

#include <math.h>

double
fv_roc_area (const float *scores, const guint8 *positive, const guint *counts, gsize n)
{
  double n_positive = 0, n_negative = 0, n_won = 0;

  for (gsize i = 0; i < n;) {
    float score = scores[i];
    double new_positive = 0, new_negative = 0;

    for (; i < n && scores[i] >= score; i++) {
      guint count = counts != NULL ? counts[i] : 1;

      new_positive += positive[i] ? count : 0;
      new_negative += positive[i] ? 0 : count;
    }
    n_won += new_negative * (n_positive + new_positive / 2);
    n_positive += new_positive;
    n_negative += new_negative;
  }
  return n_positive > 0 && n_negative > 0 ? n_won / (n_positive * n_negative) : NAN;
}
