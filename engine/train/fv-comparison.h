/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Two ways of training, A and B, compared picture by picture.
 *
 * Each side is one run or several that differ in their seed; run i of A is compared with run i of B
 * on the same pictures. For every metric that all runs have, and for accuracy, macro F1, worst
 * group, aligned and conflicting accuracy where they are known: the value of A, that of B (means
 * over runs) and B − A, resampled as pairs (fv_estimate_over_runs ()). A picture counts for a
 * metric where it is defined in every run of both sides. p-values are corrected for their number by
 * Holm's method. Identical sides differ by 0, from 0 to 0, with p = 1.
 *
 * Threads: any. */

#pragma once

#include "fv-result-table.h"

G_BEGIN_DECLS

typedef struct {
  char *key;
  double a, b;
  FvDifference difference; /* B − A; n pictures */
  double p_holm;
} FvComparisonRow;

/* @a, @b: [@n_runs]. The pictures must be the same everywhere: one that a table has not got is an
 * error that names both. Returns: (transfer full): of FvComparisonRow, freed with it */
GPtrArray *fv_compare (FvResultTable *const *a, FvResultTable *const *b, gsize n_runs, guint64 seed,
                       GError **error);

G_END_DECLS
