/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Runs a graph. One call covers the plain forward, capture, and re-run from a node: it is given
 * the values of some nodes, computes whatever the wanted nodes need beyond them, frees each value
 * after its last use, and looks at the cancellable between nodes.
 *
 *   forward            given {input},            wanted {output}
 *   capture a layer    given {input},            wanted {output, layer}
 *   cut at a layer     given {input},            wanted {frontier}      (under FvNoGrad)
 *                      given {frontier, leaf},   wanted {output}
 *
 * Whether gradients are recorded is autograd's own state (fv-autograd.h).
 * Threads: the engine thread. */

#pragma once

#include <gio/gio.h>

#include "fv-activations.h"
#include "fv-rule.h"

G_BEGIN_DECLS

/* All zeros is evaluation. */
typedef struct {
  gboolean batch_norm_training; /* where there is one value of a channel, it stays in evaluation */
  gboolean dropout_training;
  FvRule *rule; /* (nullable): what rectifiers answer to gradients. The run may outlive it */
} FvRunMode;

/* Returns the values of @wanted, or NULL with @error (G_IO_ERROR_CANCELLED when cancelled).
 * @given: values that must cover what @wanted needs; usually the input. (transfer full) */
FvActivations *fv_graph_run (FvGraph *graph, const FvActivations *given, const FvNodeId *wanted,
                             gsize n_wanted, FvRunMode mode, GCancellable *cancellable,
                             GError **error);

/* The output for @input in evaluation mode, borrowed from @scope; NULL when the scope failed. */
FvTensor *fv_graph_forward (FvGraph *graph, FvScope *scope, FvTensor *input);

/* The output as it would be if @node's value were @value: only what lies above @node runs, and what
 * else that needs must be in @known (fv_graph_frontier ()). Borrowed from @scope; NULL when the
 * scope failed. */
FvTensor *fv_graph_forward_from (FvGraph *graph, FvScope *scope, const FvActivations *known,
                                 FvNodeId node, FvTensor *value, FvRunMode mode);

G_END_DECLS
