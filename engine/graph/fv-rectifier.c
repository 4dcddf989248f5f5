/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Telling rectifiers by their operator and its limits. */

#include "fv-rectifier.h"

/* Argument @index, when it is a number known beforehand. */
static gboolean
get_number (const FvGraph *self, FvNodeId node, gsize index, double *number)
{
  const FvArgument *argument;

  if (index >= fv_graph_get_n_arguments (self, node))
    return FALSE;
  argument = fv_graph_get_argument (self, node, index);
  if (argument->kind != FV_ARGUMENT_CONSTANT)
    return FALSE;
  if (argument->constant.kind == FV_VALUE_INT)
    *number = (double) argument->constant.integer;
  else if (argument->constant.kind == FV_VALUE_FLOAT)
    *number = argument->constant.real;
  else
    return FALSE;
  return TRUE;
}

static gboolean
is_zero (const FvGraph *self, FvNodeId node, gsize index)
{
  double number;

  return get_number (self, node, index, &number) && !(number < 0) && !(number > 0);
}

gboolean
fv_graph_is_rectifier (const FvGraph *self, FvNodeId node)
{
  if (fv_graph_is_op (self, node, "aten::relu") || fv_graph_is_op (self, node, "aten::relu6"))
    return TRUE;
  if (fv_graph_is_op (self, node, "aten::hardtanh") || fv_graph_is_op (self, node, "aten::clamp")
      || fv_graph_is_op (self, node, "aten::clamp_min"))
    return is_zero (self, node, 1);
  return fv_graph_is_op (self, node, "aten::threshold") && is_zero (self, node, 1)
         && is_zero (self, node, 2);
}

static gboolean
is_other_activation (const FvGraph *self, FvNodeId node)
{
  static const char *const others[]
      = { "aten::gelu",     "aten::silu", "aten::hardswish",  "aten::mish",  "aten::elu",
          "aten::celu",     "aten::selu", "aten::leaky_relu", "aten::prelu", "aten::rrelu",
          "aten::softplus", "aten::tanh", "aten::log_sigmoid" };

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    if (fv_graph_is_op (self, node, others[i]))
      return TRUE;
  return FALSE;
}

gboolean
fv_graph_check_rectifiers (const FvGraph *self, GError **error)
{
  gboolean has_rectifier = FALSE;

  for (FvNodeId node = 0; node < fv_graph_get_n_nodes (self); node++) {
    has_rectifier = has_rectifier || fv_graph_is_rectifier (self, node);
    if (!is_other_activation (self, node))
      continue;
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "guided backprop and DeconvNet are rules for rectifiers (ReLU), and layer “%s” of "
                 "this network has “%s”",
                 fv_graph_get_module (self, node), fv_op_get_name (fv_graph_get_op (self, node)));
    return FALSE;
  }
  if (!has_rectifier)
    g_set_error_literal (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                         "guided backprop and DeconvNet are rules for rectifiers (ReLU), and this "
                         "network has none");
  return has_rectifier;
}
