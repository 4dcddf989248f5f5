/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The layers that networks are built from, each a few nodes with PyTorch's parameter names.
 * Private to the builders of architectures. Every call returns the node that holds the layer's
 * output; mistakes stick to the graph (fv_graph_check ()). Threads: the engine thread. */

#pragma once

#include "fv-graph.h"

G_BEGIN_DECLS

typedef struct {
  int in, out; /* channels */
  int kernel;  /* square */
  int stride;
  int groups;            /* 0 means 1 */
  gboolean same_padding; /* TensorFlow's; else kernel / 2 on each side */
} FvConv;

/* A convolution without bias at module path @module. */
FvNodeId fv_layer_conv (FvGraph *graph, const char *module, FvNodeId x, FvConv conv);
/* A convolution without bias over time and place, 3 x 3 x 3, of [N,in,T,h,w]; sizes stay. */
FvNodeId fv_layer_conv_3d (FvGraph *graph, const char *module, FvNodeId x, int in, int out);
FvNodeId fv_layer_batch_norm (FvGraph *graph, const char *module, FvNodeId x, int channels);
FvNodeId fv_layer_relu (FvGraph *graph, const char *module, FvNodeId x);
FvNodeId fv_layer_relu6 (FvGraph *graph, const char *module, FvNodeId x);
FvNodeId fv_layer_add (FvGraph *graph, const char *module, FvNodeId a, FvNodeId b);
FvNodeId fv_layer_max_pool (FvGraph *graph, const char *module, FvNodeId x, int kernel, int stride,
                            int padding);
/* Pooling over the whole picture, to [N,C]. The pooling is @pool's output. */
FvNodeId fv_layer_global_average (FvGraph *graph, const char *pool, FvNodeId x);
FvNodeId fv_layer_dropout (FvGraph *graph, const char *module, FvNodeId x, double share);
FvNodeId fv_layer_linear (FvGraph *graph, const char *module, FvNodeId x, int in, int out);

G_END_DECLS
