/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Residual networks of He et al. 2016 (arXiv 1512.03385): the ImageNet ones with torchvision's
 * names (the stride of a bottleneck sits in its 3x3 convolution), and the CIFAR ones of §4.2 with
 * option-A shortcuts: every second pixel, and zeros for the new channels. */

#include "fv-builders.h"
#include "fv-layers.h"

/* conv → batch norm, as torchvision names them: conv1 and bn1, conv2 and bn2, … */
static FvNodeId
conv_norm (FvGraph *graph, const char *block, int number, FvNodeId x, FvConv conv)
{
  g_autofree char *conv_name = g_strdup_printf ("conv%d", number);
  g_autofree char *norm_name = g_strdup_printf ("bn%d", number);
  g_autofree char *conv_path = fv_module_join (block, conv_name);
  g_autofree char *norm_path = fv_module_join (block, norm_name);

  x = fv_layer_conv (graph, conv_path, x, conv);
  return fv_layer_batch_norm (graph, norm_path, x, conv.out);
}

static FvNodeId
relu_of (FvGraph *graph, const char *block, FvNodeId x)
{
  g_autofree char *path = fv_module_join (block, "relu");

  return fv_layer_relu (graph, path, x);
}

static FvNodeId
downsample (FvGraph *graph, const char *block, FvNodeId x, int in, int out, int stride)
{
  g_autofree char *conv_path = fv_module_join (block, "downsample.0");
  g_autofree char *norm_path = fv_module_join (block, "downsample.1");

  x = fv_layer_conv (graph, conv_path, x,
                     (FvConv){ .in = in, .out = out, .kernel = 1, .stride = stride });
  return fv_layer_batch_norm (graph, norm_path, x, out);
}

static FvNodeId
basic_block (FvGraph *graph, const char *block, FvNodeId x, int in, int width, int stride)
{
  FvNodeId y = conv_norm (graph, block, 1, x,
                          (FvConv){ .in = in, .out = width, .kernel = 3, .stride = stride });

  y = relu_of (graph, block, y);
  y = conv_norm (graph, block, 2, y,
                 (FvConv){ .in = width, .out = width, .kernel = 3, .stride = 1 });
  if (stride != 1 || in != width)
    x = downsample (graph, block, x, in, width, stride);
  return relu_of (graph, block, fv_layer_add (graph, block, y, x));
}

static FvNodeId
bottleneck (FvGraph *graph, const char *block, FvNodeId x, int in, int width, int stride)
{
  FvNodeId y = conv_norm (graph, block, 1, x,
                          (FvConv){ .in = in, .out = width, .kernel = 1, .stride = 1 });

  y = relu_of (graph, block, y);
  y = conv_norm (graph, block, 2, y,
                 (FvConv){ .in = width, .out = width, .kernel = 3, .stride = stride });
  y = relu_of (graph, block, y);
  y = conv_norm (graph, block, 3, y,
                 (FvConv){ .in = width, .out = 4 * width, .kernel = 1, .stride = 1 });
  if (stride != 1 || in != 4 * width)
    x = downsample (graph, block, x, in, 4 * width, stride);
  return relu_of (graph, block, fv_layer_add (graph, block, y, x));
}

static const int *
blocks_of_depth (int depth)
{
  static const int blocks18[] = { 2, 2, 2, 2 };
  static const int blocks34[] = { 3, 4, 6, 3 };

  return depth == 18 ? blocks18 : blocks34; /* 50 has 34's counts, with bottlenecks */
}

FvNodeId
fv_build_resnet (FvGraph *graph, int depth, int n_classes)
{
  const int *blocks = blocks_of_depth (depth);
  int expansion = depth == 50 ? 4 : 1;
  int in = 64;
  FvNodeId x = fv_graph_add_input (graph);

  x = conv_norm (graph, "", 1, x, (FvConv){ .in = 3, .out = 64, .kernel = 7, .stride = 2 });
  x = fv_layer_relu (graph, "relu", x);
  x = fv_layer_max_pool (graph, "maxpool", x, 3, 2, 1);
  for (int stage = 0; stage < 4; stage++)
    for (int i = 0; i < blocks[stage]; i++) {
      g_autofree char *block = g_strdup_printf ("layer%d.%d", stage + 1, i);
      int width = 64 << stage;
      int stride = stage > 0 && i == 0 ? 2 : 1;

      x = depth == 50 ? bottleneck (graph, block, x, in, width, stride)
                      : basic_block (graph, block, x, in, width, stride);
      in = width * expansion;
    }
  x = fv_layer_global_average (graph, "avgpool", x);
  return fv_layer_linear (graph, "fc", x, in, n_classes);
}

/* Option A of §3.3: identity, subsampled, with zero channels on both sides. */
static FvNodeId
option_a_shortcut (FvGraph *graph, const char *block, FvNodeId x, int width)
{
  g_autofree char *path = fv_module_join (block, "shortcut");

  for (int dim = 2; dim < 4; dim++)
    x = fv_op_node (graph, path, "aten::slice.Tensor", fv_from (x), fv_constant (fv_int (dim)),
                    fv_constant (fv_none ()), fv_constant (fv_none ()), fv_constant (fv_int (2)));
  return fv_op_node (graph, path, "aten::constant_pad_nd", fv_from (x),
                     fv_constant (fv_ints (0, 0, 0, 0, width / 4, width / 4)));
}

static FvNodeId
cifar_block (FvGraph *graph, const char *block, FvNodeId x, int in, int width, int stride)
{
  FvNodeId y = conv_norm (graph, block, 1, x,
                          (FvConv){ .in = in, .out = width, .kernel = 3, .stride = stride });

  y = fv_layer_relu (graph, block, y);
  y = conv_norm (graph, block, 2, y,
                 (FvConv){ .in = width, .out = width, .kernel = 3, .stride = 1 });
  if (stride != 1)
    x = option_a_shortcut (graph, block, x, width);
  return fv_layer_relu (graph, block, fv_layer_add (graph, block, y, x));
}

FvNodeId
fv_build_cifar_resnet (FvGraph *graph, int depth, int n_classes)
{
  int blocks = (depth - 2) / 6;
  int in = 16;
  FvNodeId x = fv_graph_add_input (graph);

  x = conv_norm (graph, "", 1, x, (FvConv){ .in = 3, .out = 16, .kernel = 3, .stride = 1 });
  x = fv_layer_relu (graph, "relu", x);
  for (int stage = 0; stage < 3; stage++)
    for (int i = 0; i < blocks; i++) {
      g_autofree char *block = g_strdup_printf ("layer%d.%d", stage + 1, i);
      int width = 16 << stage;

      x = cifar_block (graph, block, x, in, width, stage > 0 && i == 0 ? 2 : 1);
      in = width;
    }
  x = fv_layer_global_average (graph, "avgpool", x);
  return fv_layer_linear (graph, "linear", x, in, n_classes);
}
