/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The families of metrics as one table: what each is called, what its metrics are, which of them
 * are chosen, and where a picture's numbers lie. The command line, JSON and the window go through
 * it, so that a metric is one row of its family's own table, and a family one row of this one.
 * Plain functions on constants and records. Threads: any. */

#pragma once

#include "fv-image-result.h"
#include "fv-metric-selection.h"

G_BEGIN_DECLS

/* In the order in which they are told. */
typedef enum {
  FV_FAMILY_ALIGNMENT,
  FV_FAMILY_FAITHFULNESS,
  FV_FAMILY_LOCALISATION,
  FV_FAMILY_SANITY,
  FV_FAMILY_CONSISTENCY,
  FV_N_FAMILIES
} FvMetricFamily;

/* Of all families together. */
#define FV_N_METRICS                                                                               \
  (FV_ALIGNMENT_N + FV_FAITHFULNESS_N + FV_LOCALISATION_N + FV_SANITY_N + FV_CONSISTENCY_N)

/* On the command line and in JSON: lower case. (transfer none) */
const char *fv_metric_family_get_name (FvMetricFamily family);
/* At most 32, numbered from 0 on as in the family's own enum. */
guint fv_metric_family_get_n (FvMetricFamily family);
/* How many metrics the families before it have: metric i of the family is number first + i of all
 * FV_N_METRICS. */
guint fv_metric_family_get_first (FvMetricFamily family);
/* Key, name, direction and range of @metric < n. (transfer none) */
const FvMetricInfo *fv_metric_family_get_info (FvMetricFamily family, guint metric);

/* Which of the family's metrics are chosen: bit i is metric i. */
guint32 fv_metric_selection_get (const FvMetricSelection *self, FvMetricFamily family);
gboolean fv_metric_selection_has (const FvMetricSelection *self, FvMetricFamily family,
                                  guint metric);
/* Chooses one more, or all. */
void fv_metric_selection_add (FvMetricSelection *self, FvMetricFamily family, guint metric);
void fv_metric_selection_add_family (FvMetricSelection *self, FvMetricFamily family);
/* Whether the family is left out, rather than an error, for a network that cannot have it. */
gboolean fv_metric_selection_is_optional (const FvMetricSelection *self, FvMetricFamily family);

/* The picture's numbers, [n]; NaN where undefined or not measured. (transfer none) */
const double *fv_image_result_get_values (const FvImageResult *self, FvMetricFamily family);
/* What a map that is the same everywhere would have, [n]; NULL for families that cannot tell.
 * (transfer none) */
const double *fv_image_result_get_chances (const FvImageResult *self, FvMetricFamily family);
/* Of picture @sample, of which nothing is measured yet. */
FvImageResult fv_image_result_new (gsize sample, int label);

G_END_DECLS
