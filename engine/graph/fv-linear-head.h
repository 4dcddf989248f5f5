/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Finds a "global average pooling, then one linear layer" head above a node. Where it stands,
 *   logit[c] = bias[c] + mean over cells of sum over k of W[c,k] A[k],
 * so class activation maps are a 1x1 convolution and need no backward pass, in training neither.
 * Threads: the engine thread. */

#pragma once

#include "fv-graph.h"

G_BEGIN_DECLS

typedef struct {
  guint weight; /* parameter [classes, channels] */
  guint bias;   /* parameter [classes], or FV_NODE_NONE */
} FvLinearHead;

/* TRUE when the path from @node to the graph's output is exactly such a head (dropout and
 * flattening between them allowed) and nothing else uses @node. */
gboolean fv_graph_find_linear_head (const FvGraph *graph, FvNodeId node, FvLinearHead *head);

G_END_DECLS
