/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which nodes of a graph are rectifiers, for rules of attribution (fv-rule.h). Every use of one is
 * a node of its own, whether the network's module was in place, reused or a function.
 * Threads: the engine thread. */

#pragma once

#include "fv-graph.h"

G_BEGIN_DECLS

/* TRUE for relu, relu6, and hardtanh, clamp, clamp_min and threshold at 0: 0 below, the input above
 * and, where there is an upper limit, that limit from there on. */
gboolean fv_graph_is_rectifier (const FvGraph *self, FvNodeId node);

/* FALSE with a sentence when rules of rectifiers say nothing about the network: it has none, or has
 * activations of other kinds as well (GELU, SiLU …). Gates (sigmoid) are none. */
gboolean fv_graph_check_rectifiers (const FvGraph *self, GError **error);

G_END_DECLS
