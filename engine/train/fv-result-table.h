/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What was measured of each picture, as columns: an evaluation, or the lines that one left behind
 * (per-image.jsonl of `fovea-cli evaluate --output`), so that both can be compared alike.
 *
 * Every member of a line that is a number or null is a column, but for those that are no metrics
 * (label, prediction, probability, iou_best_threshold, chance); null is NaN. A table does not
 * change: any thread. */

#pragma once

#include "fv-evaluation.h"

G_BEGIN_DECLS

typedef struct _FvResultTable FvResultTable;

/* @name: how messages call it. (transfer full) */
FvResultTable *fv_result_table_new (const FvEvaluation *evaluation, const char *name);

/* Reads such lines. @error names the file, and the line that is wrong; a picture that is there
 * twice is wrong. (transfer full) */
FvResultTable *fv_result_table_load (const char *path, GError **error);
void fv_result_table_free (FvResultTable *self);

const char *fv_result_table_get_name (const FvResultTable *self);
gsize fv_result_table_get_n (const FvResultTable *self);

/* The picture of row @index. */
const char *fv_result_table_get_image (const FvResultTable *self, gsize index);

/* The row of @image; −1 when it has none. */
gssize fv_result_table_find (const FvResultTable *self, const char *image);

/* The class numbers; −1 where a line has none. */
int fv_result_table_get_label (const FvResultTable *self, gsize index);
int fv_result_table_get_prediction (const FvResultTable *self, gsize index);
/* NULL when the picture has none. */
const char *fv_result_table_get_group (const FvResultTable *self, gsize index);
/* 1, 0, or −1 when it is not known: whether the prediction is right, and whether the picture stands
 * where its class usually does. */
int fv_result_table_get_right (const FvResultTable *self, gsize index);
int fv_result_table_get_aligned (const FvResultTable *self, gsize index);

/* The columns, in the order of the first line. */
gsize fv_result_table_get_n_columns (const FvResultTable *self);
const char *fv_result_table_get_key (const FvResultTable *self, gsize column);
/* NaN where it is undefined, or there is no column @key. */
double fv_result_table_get_value (const FvResultTable *self, const char *key, gsize index);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvResultTable, fv_result_table_free)

G_END_DECLS
