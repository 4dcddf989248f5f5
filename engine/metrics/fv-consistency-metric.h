/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Consistency: do two attributions of the same picture and class agree? What ATCON maximises
 * (Mirzazadeh et al. 2023, arXiv 2210.09705), as a number of each picture.
 *
 *   consistency_r
 *       Pearson correlation of the sigmoids of two standardised maps: Grad-CAM of the picture, and
 *       Grad-CAM of the picture masked by guided backprop, both for the predicted class and with
 *       their sign. −1 … 1; 1: they are the same but for scale and shift
 *   soft_mask_range
 *       greatest minus least value of the mask between them, 0 … 1. Near 0 it masks nothing but
 *       dims the whole picture alike, and r says nothing about pixels
 *
 * Undefined (NaN): r of a map that is constant or not finite, or has a single cell; the range of a
 * mask that is not finite. Neither sees the painted mask or the label. Threads: any. */

#pragma once

#include "fv-metric.h"

G_BEGIN_DECLS

typedef enum { FV_CONSISTENCY_R, FV_CONSISTENCY_MASK_RANGE, FV_CONSISTENCY_N } FvConsistencyMetric;

/* NaN where undefined or not asked for. */
typedef struct {
  double values[FV_CONSISTENCY_N];
} FvConsistencyValues;

/* A set of metrics: one bit each. */
typedef guint32 FvConsistencySet;
#define FV_CONSISTENCY_BIT(metric) ((FvConsistencySet) 1 << (metric))
#define FV_CONSISTENCY_ALL (FV_CONSISTENCY_BIT (FV_CONSISTENCY_N) - 1)

/* Key, name, direction and range. (transfer none) */
const FvMetricInfo *fv_consistency_metric_info (FvConsistencyMetric metric);

G_END_DECLS
