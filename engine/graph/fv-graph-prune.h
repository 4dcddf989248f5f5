/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Leaves out of a recorded graph what nothing needs. Threads: the engine thread. */

#pragma once

#include "fv-graph.h"

G_BEGIN_DECLS

/* A graph with the same parameters, output, guards and layers, without the nodes that none of
 * these needs. The input stays the first node. (transfer full) */
FvGraph *fv_graph_prune (FvGraph *graph);

G_END_DECLS
