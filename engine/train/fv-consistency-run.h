/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How far two attributions of one picture agree, asked of a network: fv-agreement.h's two maps as
 * ATCON compares them, and what fv-consistency-metric.h says of them. Threads: the engine thread.
 */

#pragma once

#include <gio/gio.h>

#include "fv-agreement.h"
#include "fv-consistency-metric.h"
#include "fv-model.h"

G_BEGIN_DECLS

/* What a picture costs, in forward passes, a backward counted as two: one recorded run, guided
 * backprop, and a run of the masked picture. */
#define FV_CONSISTENCY_RUNS 4

/* The layer that the maps are drawn at: @layer, or the model's own when it is NULL. NULL with one
 * sentence when it has no space, or the network has other activations than rectifiers, which cannot
 * be guided. (transfer none) */
const FvLayer *fv_consistency_run_find_layer (FvModel *model, const char *layer, GError **error);

/* Measures @metrics of @input [1,3,H,W]; the others become NaN. The class is the one predicted.
 * @options: guided backprop and masked pictures, of any omega.
 * FALSE with @error where there is no such layer, when the network fails, or when @cancellable
 * (nullable) stopped it before. */
gboolean fv_consistency_run (FvModel *model, FvTensor *input, const char *layer,
                             const FvAgreementOptions *options, FvConsistencySet metrics,
                             FvConsistencyValues *result, GCancellable *cancellable,
                             GError **error);

G_END_DECLS
