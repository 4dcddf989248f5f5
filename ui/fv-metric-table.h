/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What an evaluation found, row by row: every metric that was measured, with its interval, its
 * chance level and how many pictures it speaks of. An immutable record, read on any thread. */

#pragma once

#include "fv-evaluation.h"

G_BEGIN_DECLS

typedef struct {
  char *key, *name;    /* the key as in the CLI's JSON */
  FvEstimate estimate; /* NaN: undefined */
  double chance;       /* NaN: there is none */
  gboolean higher_is_better;
  gsize n_undefined; /* pictures left out, of those that could count */
  int reading;       /* FvReading of the single pictures; −1: it is no mean of such numbers */
} FvMetricRow;

typedef struct _FvMetricTable FvMetricTable;

/* Computes the intervals, which takes a while for many pictures: not on the main thread.
 * (transfer full) */
FvMetricTable *fv_metric_table_new (const FvEvaluation *evaluation, FvSplit split);
FvMetricTable *fv_metric_table_ref (FvMetricTable *self);
void fv_metric_table_unref (FvMetricTable *self);

gsize fv_metric_table_get_n_rows (const FvMetricTable *self);
const FvMetricRow *fv_metric_table_get_row (const FvMetricTable *self, gsize row);
/* "test · 80 pictures · Grad-CAM at features.18 · 2 maps without evidence" */
const char *fv_metric_table_get_title (const FvMetricTable *self);
/* What `fovea-cli evaluate --json` prints. */
const char *fv_metric_table_get_json (const FvMetricTable *self);
/* A header and a line a row, with commas; undefined numbers are empty. (transfer full) */
char *fv_metric_table_to_csv (const FvMetricTable *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvMetricTable, fv_metric_table_unref)

G_END_DECLS
