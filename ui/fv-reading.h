/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The numbers that each measured picture has: those the list can be sorted by and the plots can
 * show. One list over all families of metrics; names, directions and ranges stay in the families'
 * own tables. Threads: any. */

#pragma once

#include "fv-metric-family.h"

G_BEGIN_DECLS

/* The metrics of alignment come first, numbered as FvAlignmentMetric, then what is known without a
 * map, then the other families in their order. */
typedef enum {
  FV_READING_ENERGY = FV_ALIGNMENT_ENERGY,
  FV_READING_PROBABILITY = FV_ALIGNMENT_N, /* of the predicted class */
  FV_READING_RIGHT,                        /* 1 when the prediction is right, else 0 */
  FV_READING_FAITHFULNESS,                 /* the first of FvFaithfulnessMetric */
  FV_READING_N = FV_READING_FAITHFULNESS + FV_N_METRICS - FV_ALIGNMENT_N
} FvReading;

/* The reading that is metric @metric of @family. */
FvReading fv_reading_of_metric (FvMetricFamily family, guint metric);
/* (transfer none) */
const FvMetricInfo *fv_reading_get_info (FvReading reading);
/* The reading with that key; FV_READING_ENERGY when there is none. */
FvReading fv_reading_find (const char *key);
/* How good @value is, 0 … 1 between the ends of the range, 1 being best; NaN where the range has no
 * end, or for NaN. */
double fv_reading_grade (FvReading reading, double value);
/* "0.31"; probabilities and shares with two decimals, the rest with three digits; "yes" or "no" for
 * right or wrong; "—" for NaN. (transfer full) */
char *fv_reading_format (FvReading reading, double value);

G_END_DECLS
