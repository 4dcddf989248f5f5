/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A small network for small pictures that trains from scratch in a minute on two cores: blocks of
 * convolution, batch norm, ReLU at 32, 64, 128, 128 channels, halving after each but the last, so
 * that 96 px end in maps of 12 x 12 cells. */

#include "fv-builders.h"
#include "fv-layers.h"

FvNodeId
fv_build_small_cnn (FvGraph *graph, int n_classes)
{
  static const int channels[] = { 32, 64, 128, 128 };
  FvNodeId x = fv_graph_add_input (graph);
  int in = 3;

  for (gsize i = 0; i < G_N_ELEMENTS (channels); i++) {
    g_autofree char *conv = g_strdup_printf ("block%d.conv", (int) i + 1);
    g_autofree char *norm = g_strdup_printf ("block%d.bn", (int) i + 1);
    g_autofree char *relu = g_strdup_printf ("block%d.relu", (int) i + 1);
    g_autofree char *pool = g_strdup_printf ("pool%d", (int) i + 1);

    x = fv_layer_conv (graph, conv, x,
                       (FvConv){ .in = in, .out = channels[i], .kernel = 3, .stride = 1 });
    x = fv_layer_batch_norm (graph, norm, x, channels[i]);
    x = fv_layer_relu (graph, relu, x);
    if (i + 1 < G_N_ELEMENTS (channels))
      x = fv_layer_max_pool (graph, pool, x, 2, 2, 0);
    in = channels[i];
  }
  x = fv_layer_global_average (graph, "avgpool", x);
  return fv_layer_linear (graph, "fc", x, in, n_classes);
}
