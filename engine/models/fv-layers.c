/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Layers as nodes. */

#include "fv-layers.h"

#define BATCH_NORM_MOMENTUM 0.1
#define BATCH_NORM_EPSILON 1e-5

static FvArgument
add_parameter (FvGraph *graph, const char *module, const char *name, const gint64 *shape,
               int n_dims, FvParameterRole role)
{
  g_autofree char *path = fv_module_join (module, name);

  return fv_parameter (fv_graph_add_parameter (graph, path, FV_DTYPE_FLOAT32, shape, n_dims, role));
}

/* TensorFlow pads a 3x3 convolution of stride 2 by one cell in all on even sizes, behind, and by
 * one on each side on odd ones: size % 2 in front, 1 behind. */
static FvNodeId
pad_same (FvGraph *graph, const char *module, FvNodeId x)
{
  FvNodeId front[2];
  FvNodeId amounts;

  for (int i = 0; i < 2; i++) {
    FvNodeId size
        = fv_op_node (graph, module, "aten::size.int", fv_from (x), fv_constant (fv_int (3 - i)));
    front[i] = fv_op_node (graph, module, "aten::remainder.int", fv_from (size),
                           fv_constant (fv_int (2)));
  }
  amounts = fv_graph_add_list (graph, module,
                               (const FvArgument[]){ fv_from (front[0]), fv_constant (fv_int (1)),
                                                     fv_from (front[1]), fv_constant (fv_int (1)) },
                               4);
  return fv_op_node (graph, module, "aten::constant_pad_nd", fv_from (x), fv_from (amounts));
}

FvNodeId
fv_layer_conv (FvGraph *graph, const char *module, FvNodeId x, FvConv conv)
{
  int groups = MAX (conv.groups, 1);
  gboolean pad_apart = conv.same_padding && conv.stride == 2 && conv.kernel == 3;
  int padding = pad_apart ? 0 : conv.kernel / 2;
  const gint64 shape[] = { conv.out, conv.in / groups, conv.kernel, conv.kernel };
  FvArgument weight = add_parameter (graph, module, "weight", shape, 4, FV_PARAMETER_WEIGHT);

  if (pad_apart)
    x = pad_same (graph, module, x);
  return fv_op_node (graph, module, "aten::conv2d", fv_from (x), weight, fv_constant (fv_none ()),
                     fv_constant (fv_ints (conv.stride, conv.stride)),
                     fv_constant (fv_ints (padding, padding)), fv_constant (fv_ints (1, 1)),
                     fv_constant (fv_int (groups)));
}

FvNodeId
fv_layer_conv_3d (FvGraph *graph, const char *module, FvNodeId x, int in, int out)
{
  const gint64 shape[] = { out, in, 3, 3, 3 };
  FvArgument weight = add_parameter (graph, module, "weight", shape, 5, FV_PARAMETER_WEIGHT);

  return fv_op_node (graph, module, "aten::conv3d", fv_from (x), weight, fv_constant (fv_none ()),
                     fv_constant (fv_ints (1, 1, 1)), fv_constant (fv_ints (1, 1, 1)));
}

FvNodeId
fv_layer_batch_norm (FvGraph *graph, const char *module, FvNodeId x, int channels)
{
  const gint64 shape[] = { channels };
  FvArgument weight = add_parameter (graph, module, "weight", shape, 1, FV_PARAMETER_WEIGHT);
  FvArgument bias = add_parameter (graph, module, "bias", shape, 1, FV_PARAMETER_WEIGHT);
  FvArgument mean = add_parameter (graph, module, "running_mean", shape, 1, FV_PARAMETER_BUFFER);
  FvArgument variance = add_parameter (graph, module, "running_var", shape, 1, FV_PARAMETER_BUFFER);
  g_autofree char *counter = fv_module_join (module, "num_batches_tracked");

  fv_graph_add_parameter (graph, counter, FV_DTYPE_INT64, NULL, 0, FV_PARAMETER_BUFFER);
  return fv_op_node (graph, module, "aten::batch_norm", fv_from (x), weight, bias, mean, variance,
                     fv_mode (FV_ARGUMENT_BATCH_NORM_TRAINING),
                     fv_constant (fv_real (BATCH_NORM_MOMENTUM)),
                     fv_constant (fv_real (BATCH_NORM_EPSILON)), fv_constant (fv_bool (TRUE)));
}

FvNodeId
fv_layer_relu (FvGraph *graph, const char *module, FvNodeId x)
{
  return fv_op_node (graph, module, "aten::relu", fv_from (x));
}

FvNodeId
fv_layer_relu6 (FvGraph *graph, const char *module, FvNodeId x)
{
  return fv_op_node (graph, module, "aten::hardtanh", fv_from (x), fv_constant (fv_real (0)),
                     fv_constant (fv_real (6)));
}

FvNodeId
fv_layer_add (FvGraph *graph, const char *module, FvNodeId a, FvNodeId b)
{
  return fv_op_node (graph, module, "aten::add.Tensor", fv_from (a), fv_from (b));
}

FvNodeId
fv_layer_max_pool (FvGraph *graph, const char *module, FvNodeId x, int kernel, int stride,
                   int padding)
{
  return fv_op_node (graph, module, "aten::max_pool2d", fv_from (x),
                     fv_constant (fv_ints (kernel, kernel)), fv_constant (fv_ints (stride, stride)),
                     fv_constant (fv_ints (padding, padding)));
}

FvNodeId
fv_layer_global_average (FvGraph *graph, const char *pool, FvNodeId x)
{
  x = fv_op_node (graph, pool, "aten::adaptive_avg_pool2d", fv_from (x),
                  fv_constant (fv_ints (1, 1)));
  return fv_op_node (graph, "", "aten::flatten.using_ints", fv_from (x), fv_constant (fv_int (1)));
}

FvNodeId
fv_layer_dropout (FvGraph *graph, const char *module, FvNodeId x, double share)
{
  return fv_op_node (graph, module, "aten::dropout", fv_from (x), fv_constant (fv_real (share)),
                     fv_mode (FV_ARGUMENT_DROPOUT_TRAINING));
}

FvNodeId
fv_layer_linear (FvGraph *graph, const char *module, FvNodeId x, int in, int out)
{
  const gint64 shape[] = { out, in };
  FvArgument weight = add_parameter (graph, module, "weight", shape, 2, FV_PARAMETER_WEIGHT);
  FvArgument bias = add_parameter (graph, module, "bias", shape, 1, FV_PARAMETER_WEIGHT);

  return fv_op_node (graph, module, "aten::linear", fv_from (x), weight, bias);
}
