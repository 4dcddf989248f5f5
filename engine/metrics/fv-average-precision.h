/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Average precision: how well a score ranks the items of a class above the others, for datasets
 * whose pictures may show several classes. Pure functions: any thread. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Σ_k (R_k − R_{k−1}) P_k over the distinct scores from high to low, where P_k and R_k are
 * precision and recall of the items that score at least so much: steps, no interpolation, as
 * sklearn.metrics.average_precision_score () does. 0 … 1, higher is better; chance is the share of
 * positive items. NaN without a positive item.
 * @scores: falling, none NaN; @positive: 0 or 1; @counts: how often each item is there (nullable:
 * once each), so that a resample needs no sorting. All [@n], in the same order. */
double fv_average_precision (const float *scores, const guint8 *positive, const guint *counts,
                             gsize n);

/* 0 … @n − 1 in the order of falling @scores[i · @stride]; equal ones by number. (transfer full) */
gsize *fv_order_by_score (const float *scores, gsize stride, gsize n);

G_END_DECLS
