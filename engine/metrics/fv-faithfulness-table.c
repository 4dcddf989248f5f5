/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The names, directions and ranges of the metrics of faithfulness. */

#include "fv-faithfulness.h"

#include <math.h>

static const FvMetricInfo table[FV_FAITHFULNESS_N] = {
  [FV_FAITHFULNESS_EXCESS_DROP] = { "excess_drop", "Excess drop", TRUE, -1, 1 },
  [FV_FAITHFULNESS_EXCESS_DROP_10] = { "excess_drop_10", "Excess drop at 10 %", TRUE, -1, 1 },
  [FV_FAITHFULNESS_EXCESS_DROP_20] = { "excess_drop_20", "Excess drop at 20 %", TRUE, -1, 1 },
  [FV_FAITHFULNESS_EXCESS_DROP_30] = { "excess_drop_30", "Excess drop at 30 %", TRUE, -1, 1 },
  [FV_FAITHFULNESS_DROP] = { "drop", "Drop", TRUE, 0, 1 },
  [FV_FAITHFULNESS_DROP_10] = { "drop_10", "Drop at 10 %", TRUE, 0, 1 },
  [FV_FAITHFULNESS_DROP_20] = { "drop_20", "Drop at 20 %", TRUE, 0, 1 },
  [FV_FAITHFULNESS_DROP_30] = { "drop_30", "Drop at 30 %", TRUE, 0, 1 },
  [FV_FAITHFULNESS_DELETION] = { "deletion", "Deletion", FALSE, 0, 1 },
  [FV_FAITHFULNESS_INSERTION] = { "insertion", "Insertion", TRUE, 0, 1 },
  [FV_FAITHFULNESS_AVERAGE_DROP] = { "average_drop", "Average drop", FALSE, 0, 1 },
  [FV_FAITHFULNESS_INCREASE] = { "increase", "Increase in confidence", TRUE, 0, 1 },
  [FV_FAITHFULNESS_GAIN] = { "gain", "Average gain", TRUE, 0, 1 },
  [FV_FAITHFULNESS_ROAD] = { "road", "ROAD", TRUE, -0.5, 0.5 },
  [FV_FAITHFULNESS_PIXEL_FLIPPING] = { "pixel_flipping", "Pixel flipping", FALSE, 0, 1 },
  [FV_FAITHFULNESS_CORRELATION]
  = { "faithfulness_correlation", "Faithfulness correlation", TRUE, -1, 1 },
  [FV_FAITHFULNESS_INFIDELITY] = { "infidelity", "Infidelity", FALSE, 0, INFINITY },
  [FV_FAITHFULNESS_MAX_SENSITIVITY] = { "max_sensitivity", "Max-sensitivity", FALSE, 0, INFINITY },
  [FV_FAITHFULNESS_FOREGROUND_ONLY] = { "foreground_only", "Foreground only", TRUE, 0, 1 },
  [FV_FAITHFULNESS_BACKGROUND_ONLY] = { "background_only", "Background only", FALSE, 0, 1 },
  [FV_FAITHFULNESS_BACKGROUND_SWAP] = { "background_swap", "Background swap", TRUE, 0, 1 },
  [FV_FAITHFULNESS_BACKGROUND_SWAP_KEPT]
  = { "background_swap_kept", "Kept on other backgrounds", TRUE, 0, 1 },
  [FV_FAITHFULNESS_MARGIN_OUTSIDE]
  = { "margin_outside", "Margin outside the mask", FALSE, -INFINITY, INFINITY },
};

const FvMetricInfo *
fv_faithfulness_metric_info (FvFaithfulnessMetric metric)
{
  g_return_val_if_fail (metric < FV_FAITHFULNESS_N, NULL);
  return &table[metric];
}
