/* SPDX-License-Identifier: GPL-3.0-or-later */

/* MobileNetV2, width 1.0 (Sandler et al. 2018, arXiv 1801.04381), with torchvision's names.
 * TensorFlow's weights need its "same" padding at stride 2. */

#include "fv-builders.h"
#include "fv-layers.h"

#define LAST_CHANNELS 1280
#define DROPOUT 0.2

/* convolution → batch norm → ReLU6, as three modules 0, 1, 2 of @path. */
static FvNodeId
conv_norm_relu6 (FvGraph *graph, const char *path, FvNodeId x, FvConv conv)
{
  g_autofree char *conv_path = fv_module_join (path, "0");
  g_autofree char *norm_path = fv_module_join (path, "1");
  g_autofree char *relu_path = fv_module_join (path, "2");

  x = fv_layer_conv (graph, conv_path, x, conv);
  x = fv_layer_batch_norm (graph, norm_path, x, conv.out);
  return fv_layer_relu6 (graph, relu_path, x);
}

/* The modules of a block's sequence "conv" are numbered: expansion (unless its factor is 1),
 * depthwise, projection, its batch norm. */
static FvNodeId
inverted_residual (FvGraph *graph, const char *path, FvNodeId x, int expansion, FvConv conv)
{
  int hidden = conv.in * expansion;
  int number = 0;
  FvNodeId y = x;
  g_autofree char *expand = g_strdup_printf ("%s.conv.0", path);
  g_autofree char *depthwise = NULL;
  g_autofree char *project = NULL;
  g_autofree char *norm = NULL;

  if (expansion != 1) {
    y = conv_norm_relu6 (graph, expand, y,
                         (FvConv){ .in = conv.in, .out = hidden, .kernel = 1, .stride = 1 });
    number++;
  }
  depthwise = g_strdup_printf ("%s.conv.%d", path, number);
  project = g_strdup_printf ("%s.conv.%d", path, number + 1);
  norm = g_strdup_printf ("%s.conv.%d", path, number + 2);
  y = conv_norm_relu6 (graph, depthwise, y,
                       (FvConv){ .in = hidden,
                                 .out = hidden,
                                 .kernel = 3,
                                 .groups = hidden,
                                 .stride = conv.stride,
                                 .same_padding = conv.same_padding });
  y = fv_layer_conv (graph, project, y,
                     (FvConv){ .in = hidden, .out = conv.out, .kernel = 1, .stride = 1 });
  y = fv_layer_batch_norm (graph, norm, y, conv.out);
  return conv.stride == 1 && conv.in == conv.out ? fv_layer_add (graph, path, x, y) : y;
}

FvNodeId
fv_build_mobilenet_v2 (FvGraph *graph, int n_classes, gboolean same_padding)
{
  /* Table 2 of the paper. */
  static const struct {
    int expansion, channels, repeats, stride;
  } stages[] = {
    { 1, 16, 1, 1 }, { 6, 24, 2, 2 },  { 6, 32, 3, 2 },  { 6, 64, 4, 2 },
    { 6, 96, 3, 1 }, { 6, 160, 3, 2 }, { 6, 320, 1, 1 },
  };
  FvConv conv = { .in = 3, .out = 32, .kernel = 3, .stride = 2, .same_padding = same_padding };
  FvNodeId x = fv_graph_add_input (graph);
  int number = 1;

  x = conv_norm_relu6 (graph, "features.0", x, conv);
  for (gsize stage = 0; stage < G_N_ELEMENTS (stages); stage++)
    for (int i = 0; i < stages[stage].repeats; i++) {
      g_autofree char *path = g_strdup_printf ("features.%d", number++);

      conv.in = conv.out;
      conv.out = stages[stage].channels;
      conv.stride = i == 0 ? stages[stage].stride : 1;
      x = inverted_residual (graph, path, x, stages[stage].expansion, conv);
    }
  x = conv_norm_relu6 (graph, "features.18", x,
                       (FvConv){ .in = conv.out, .out = LAST_CHANNELS, .kernel = 1, .stride = 1 });
  x = fv_layer_global_average (graph, "", x);
  x = fv_layer_dropout (graph, "classifier.0", x, DROPOUT);
  return fv_layer_linear (graph, "classifier.1", x, LAST_CHANNELS, n_classes);
}
