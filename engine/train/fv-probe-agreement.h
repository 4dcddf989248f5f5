/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How far the two maps of ATCON agree over a few pictures: r of each (fv-consistency.h, pearson).
 * It reads no label. Threads: the engine thread. */

#pragma once

#include "fv-probes.h"
#include "fv-train-config.h"

G_BEGIN_DECLS

/* r of each of @probes by the maps of @config, in their order, −1 … 1; NaN for a picture that
 * cannot be read, and for those that are left when @cancellable is cancelled. @callback is called
 * after every few. (transfer full) (element-type double); NULL with @error: see
 * fv_consistency_term_find_layer (). */
GArray *fv_probe_agreement_measure (const FvProbes *probes, FvModel *model,
                                    const FvTrainConfig *config, FvProbesCallback callback,
                                    gpointer user_data, GCancellable *cancellable, GError **error);

/* The mean of those that are not NaN; NaN when none is. Threads: any. */
double fv_probe_agreement_get_mean (const GArray *values);

G_END_DECLS
