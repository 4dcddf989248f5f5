/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The names, directions and ranges of the metrics of consistency. */

#include "fv-consistency-metric.h"

static const FvMetricInfo table[FV_CONSISTENCY_N] = {
  [FV_CONSISTENCY_R] = { "consistency_r", "Consistency r", TRUE, -1, 1 },
  [FV_CONSISTENCY_MASK_RANGE] = { "soft_mask_range", "Range of the soft mask", TRUE, 0, 1 },
};

const FvMetricInfo *
fv_consistency_metric_info (FvConsistencyMetric metric)
{
  g_return_val_if_fail (metric < FV_CONSISTENCY_N, NULL);
  return &table[metric];
}
