/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The share of a linear head's decision that lies outside the mask. */

#include "fv-faithfulness-private.h"

#include <math.h>

double
fv_measure_margin_outside (const FvMarginEvidence *evidence, const FvMask *mask)
{
  gsize n = (gsize) evidence->width * (gsize) evidence->height;
  g_autofree float *inside = g_new (float, n);
  g_autofree float *opinion = g_new (float, n);
  double outside = 0, margin = evidence->margin;

  fv_mask_pool (mask, evidence->width, evidence->height, inside, opinion);
  for (gsize i = 0; i < n; i++) {
    outside += (double) opinion[i] * (1 - inside[i]) * evidence->difference[i];
    margin -= (1 - (double) opinion[i]) * evidence->difference[i];
  }
  return margin > 0 ? outside / margin : NAN;
}
