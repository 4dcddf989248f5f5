/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A small network for clips whose frames lie one below the other (fv-clips.h): three-dimensional
 * convolutions over time and place, at 16, 32, 64, 64 channels, each with batch norm and ReLU; the
 * first two are followed by pooling that halves each frame and keeps their number. The last
 * activation is laid out as the pictures are, frame below frame, so that its maps say when as well
 * as where: frames of 48 px end in 12 x 12 cells each. */

#include "fv-builders.h"
#include "fv-layers.h"

#define N_POOLED 2

/* Into [N,C,T,h,w]. */
static FvNodeId
split_frames (FvGraph *graph, FvNodeId x)
{
  return fv_op_node (graph, "frames", "aten::unflatten.int", fv_from (x), fv_constant (fv_int (2)),
                     fv_constant (fv_ints (FV_CLIP_CNN_FRAMES, -1)));
}

static FvNodeId
halve_frames (FvGraph *graph, const char *module, FvNodeId x)
{
  return fv_op_node (graph, module, "aten::max_pool3d", fv_from (x),
                     fv_constant (fv_ints (1, 2, 2)), fv_constant (fv_ints (1, 2, 2)));
}

FvNodeId
fv_build_clip_cnn (FvGraph *graph, int n_classes)
{
  static const int channels[] = { 16, 32, 64, 64 };
  FvNodeId x = split_frames (graph, fv_graph_add_input (graph));
  int in = 3;

  for (gsize i = 0; i < G_N_ELEMENTS (channels); i++) {
    g_autofree char *conv = g_strdup_printf ("block%d.conv", (int) i + 1);
    g_autofree char *norm = g_strdup_printf ("block%d.bn", (int) i + 1);
    g_autofree char *relu = g_strdup_printf ("block%d.relu", (int) i + 1);
    g_autofree char *pool = g_strdup_printf ("pool%d", (int) i + 1);

    x = fv_layer_conv_3d (graph, conv, x, in, channels[i]);
    x = fv_layer_batch_norm (graph, norm, x, channels[i]);
    x = fv_layer_relu (graph, relu, x);
    if (i < N_POOLED)
      x = halve_frames (graph, pool, x);
    in = channels[i];
  }
  x = fv_op_node (graph, "strip", "aten::flatten.using_ints", fv_from (x), fv_constant (fv_int (2)),
                  fv_constant (fv_int (3)));
  x = fv_layer_global_average (graph, "avgpool", x);
  return fv_layer_linear (graph, "fc", x, in, n_classes);
}
