/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The bootstrap behind all statistics. Private to engine/metrics and its tests. */

#pragma once

#include "fv-statistics.h"

G_BEGIN_DECLS

/* The statistic of one resample, drawn with @rand; NaN when it has none. */
typedef double (*FvResampler) (GRand *rand, gpointer user_data);

/* The interval around @value, a statistic of @n items (the scarcer level's, where there are two),
 * from @n_resamples resamples. */
FvDifference fv_bootstrap (double value, gsize n, FvResampler resampler, gpointer user_data,
                           int n_resamples, guint64 seed);

/* An index below @n (at most 2³²). Its bias is n / 2³²: no interval can show it. */
gsize fv_bootstrap_draw (GRand *rand, gsize n);

/* Like fv_estimate_mean () of values none of which is NaN. */
FvEstimate fv_bootstrap_mean (const double *values, gsize n, int n_resamples, guint64 seed);

G_END_DECLS
