/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A graph as text: how the child that reads a TorchScript file hands over what it found. The
 * numbers of parameters and constant tensors travel beside it, in a state dict.
 * Threads: the engine thread. */

#pragma once

#include "fv-graph.h"
#include "fv-state-dict.h"

G_BEGIN_DECLS

/* JSON; @tensors (an empty dictionary) gets the parameters under their names and the constants
 * under names that no parameter has. (transfer full) */
char *fv_graph_to_json (const FvGraph *graph, FvStateDict *tensors);

/* The graph again. Nothing in @json is trusted: what does not fit is refused, and so is an operator
 * that a TorchScript network may not use. NULL with @error. (transfer full) */
FvGraph *fv_graph_from_json (const char *json, const FvStateDict *tensors, GError **error);

G_END_DECLS
