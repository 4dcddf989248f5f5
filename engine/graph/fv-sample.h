/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What one picture tells of a graph: the shape of every value, and how much memory a run needs.
 * Threads: the engine thread. */

#pragma once

#include "fv-executor.h"

G_BEGIN_DECLS

/* The value of every node that @wanted needs, in evaluation, of the first picture of @input
 * [N,3,H,W]. (transfer full) */
FvActivations *fv_graph_run_sample (FvGraph *graph, FvTensor *input, const FvNodeId *wanted,
                                    gsize n_wanted, GCancellable *cancellable, GError **error);

/* The most bytes of values that exist at one time while the executor computes the output, by the
 * values of a sample. Memory that operators take for themselves is not counted. */
gsize fv_graph_estimate_peak (const FvGraph *graph, const FvActivations *sample);

G_END_DECLS
