/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The network whose maps are known by hand, and an input of rising values. */

#pragma once

#include "fv-model.h"
#include "fv-scope.h"

static inline void
toy_fill (FvGraph *graph, guint parameter, const float *values, gsize n)
{
  FvTensor *tensor = fv_graph_get_parameter (graph, parameter);
  g_autoptr (FvTensor) flat = NULL;
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (GError) error = NULL;
  const gint64 shape[] = { (gint64) n };

  flat = fv_tensor_new (FV_DTYPE_FLOAT32, shape, 1, values, n * sizeof (float), &error);
  g_assert_no_error (error);
  fv_tensor_copy_from (tensor, fv_call (scope, "aten::view_as", fv_of (flat), fv_of (tensor)),
                       &error);
  g_assert_no_error (error);
}

/* The toy of Captum's tests. Input 1x4x4, convolution 3x3 to two channels (all weights 1, biases
 * −50 and −75), ReLU, linear 8 → 4 (first five weights 1, last three −1), ReLU. */
static inline FvModel *
new_toy (void)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();
  g_autoptr (FvCard) card = fv_card_new ("toy");
  const gint64 conv_shape[] = { 2, 1, 3, 3 };
  const gint64 bias_shape[] = { 2 };
  const gint64 linear_shape[] = { 4, 8 };
  const gint64 linear_bias_shape[] = { 4 };
  const float bias[] = { -50, -75 };
  float ones[18], linear[32];
  FvNodeId x = fv_graph_add_input (graph);
  guint w = fv_graph_add_parameter (graph, "conv.weight", FV_DTYPE_FLOAT32, conv_shape, 4,
                                    FV_PARAMETER_WEIGHT);
  guint b = fv_graph_add_parameter (graph, "conv.bias", FV_DTYPE_FLOAT32, bias_shape, 1,
                                    FV_PARAMETER_WEIGHT);
  guint l = fv_graph_add_parameter (graph, "linear.weight", FV_DTYPE_FLOAT32, linear_shape, 2,
                                    FV_PARAMETER_WEIGHT);
  guint lb = fv_graph_add_parameter (graph, "linear.bias", FV_DTYPE_FLOAT32, linear_bias_shape, 1,
                                     FV_PARAMETER_WEIGHT);

  for (int i = 0; i < 18; i++)
    ones[i] = 1;
  for (int i = 0; i < 32; i++)
    linear[i] = i % 8 < 5 ? 1 : -1;
  toy_fill (graph, w, ones, 18);
  toy_fill (graph, b, bias, 2);
  toy_fill (graph, l, linear, 32);
  x = fv_op_node (graph, "conv", "aten::conv2d", fv_from (x), fv_parameter (w), fv_parameter (b));
  x = fv_op_node (graph, "relu1", "aten::relu", fv_from (x));
  x = fv_op_node (graph, "", "aten::flatten.using_ints", fv_from (x), fv_constant (fv_int (1)));
  x = fv_op_node (graph, "linear", "aten::linear", fv_from (x), fv_parameter (l),
                  fv_parameter (lb));
  x = fv_op_node (graph, "relu2", "aten::relu", fv_from (x));
  fv_graph_set_output (graph, x);
  g_assert_true (fv_graph_check (graph, NULL));
  return fv_model_new_for_graph (graph, card, 4);
}

static inline FvTensor *
new_ramp (gint64 n, gint64 channels, gint64 height, gint64 width)
{
  const gint64 shape[] = { n, channels, height, width };
  gsize count = (gsize) (n * channels * height * width);
  g_autofree float *values = g_new (float, count);

  for (gsize i = 0; i < count; i++)
    values[i] = (float) i;
  return fv_tensor_new (FV_DTYPE_FLOAT32, shape, 4, values, count * sizeof (float), NULL);
}
