/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a measurement will cost, before it is begun. Pure. Threads: any. */

#pragma once

#include "fv-method.h"
#include "fv-metric-selection.h"
#include "fv-model-info.h"

G_BEGIN_DECLS

/* Runs of the network for one picture with a mask, its maps by @method included. */
gsize fv_measure_cost_get_runs (const FvModelInfo *model, const FvMethodInfo *method,
                                const FvMetricSelection *metrics);
/* "about 12 s". (transfer full) */
char *fv_measure_cost_describe_time (double seconds);
/* "210 runs of the network for each picture, about 12 minutes". @seconds_per_image: that a picture
 * takes whose network runs once, with its file and its mask, 0 when that is not known yet;
 * @seconds_per_run: that each further run takes. (transfer full) */
char *fv_measure_cost_describe (gsize runs, gsize n_pictures, double seconds_per_image,
                                double seconds_per_run);

G_END_DECLS
