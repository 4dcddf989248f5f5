/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How well a score tells positive items from negative ones. Pure. Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The area under the receiver operating characteristic: the probability that a positive item scores
 * more than a negative one, where equal scores count half. 0 … 1; ½ is chance, 0 a score that is
 * right the other way round. NaN unless both kinds are there.
 * @scores: falling, none NaN; @positive: 0 or 1; @counts: how often each item is there (nullable:
 * once each), so that a resample needs no sorting. All [@n], in the same order. */
double fv_roc_area (const float *scores, const guint8 *positive, const guint *counts, gsize n);

G_END_DECLS
