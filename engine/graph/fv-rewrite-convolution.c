/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Convolutions: batch norm y = γ (x − μ) / √(σ² + ε) + β goes into weight and bias, padding that
 * differs from side to side becomes zeros in the kernel. */

#include "fv-op.h"
#include "fv-rewrite.h"

/* A convolution as it will be. Tensors are borrowed from the rewrite's scope or the source. */
typedef struct {
  FvNodeId input, output; /* source nodes whose values it reads and makes */
  FvTensor *weight, *bias;
  gint64 stride[2], padding[2], dilation[2];
  gint64 groups;
} Convolution;

static gboolean
read_pair (const FvValue *value, gint64 *pair)
{
  if (value->kind != FV_VALUE_INTS || (value->n != 1 && value->n != 2))
    return FALSE;
  pair[0] = value->ints[0];
  pair[1] = value->ints[value->n - 1];
  return TRUE;
}

static gboolean
is_float_tensor (const FvTensor *tensor, int n_dims)
{
  return tensor != NULL && fv_tensor_get_dtype (tensor) == FV_DTYPE_FLOAT32
         && fv_tensor_get_n_dims (tensor) == n_dims && fv_tensor_get_n_elements (tensor) > 0;
}

/* A parameter that is @index of @node's arguments, NULL when it is none. */
static FvTensor *
read_parameter (const FvRewrite *self, FvNodeId node, gsize index, int n_dims)
{
  FvValue value = fv_rewrite_get_value (self, node, index);

  if (fv_rewrite_get_source (self, node, index) != FV_NODE_NONE || value.kind != FV_VALUE_TENSOR)
    return NULL;
  return is_float_tensor (value.tensor, n_dims) ? value.tensor : NULL;
}

/* aten::conv2d (x, weight, bias, stride, padding, dilation, groups), and what traces write:
 * aten::_convolution (x, weight, bias, stride, padding, dilation, transposed, …, groups, …). */
static gboolean
read_convolution (const FvRewrite *self, FvNodeId node, Convolution *conv)
{
  gboolean traced = fv_graph_is_op (self->source, node, "aten::_convolution");
  FvValue stride = fv_rewrite_get_value (self, node, 3);
  FvValue padding = fv_rewrite_get_value (self, node, 4);
  FvValue dilation = fv_rewrite_get_value (self, node, 5);
  FvValue groups = fv_rewrite_get_value (self, node, traced ? 8 : 6);

  if (!traced && !fv_graph_is_op (self->source, node, "aten::conv2d"))
    return FALSE;
  if (traced && fv_rewrite_get_value (self, node, 6).boolean)
    return FALSE;
  conv->input = fv_rewrite_get_source (self, node, 0);
  conv->output = node;
  conv->weight = read_parameter (self, node, 1, 4);
  conv->bias = read_parameter (self, node, 2, 1);
  conv->groups = groups.integer;
  return conv->input != FV_NODE_NONE && conv->weight != NULL
         && is_float_tensor (fv_rewrite_get_sample (self, conv->input), 4)
         && (conv->bias != NULL || fv_rewrite_get_value (self, node, 2).kind == FV_VALUE_NONE)
         && read_pair (&stride, conv->stride) && read_pair (&padding, conv->padding)
         && read_pair (&dilation, conv->dilation) && groups.kind == FV_VALUE_INT;
}

/* -- batch norm ----------------------------------------------------------------------------- */

static FvTensor *
read_or (const FvRewrite *self, FvNodeId node, gsize index, FvTensor *otherwise)
{
  FvTensor *found = read_parameter (self, node, index, 1);

  return found != NULL ? found : otherwise;
}

/* Folds @norm into @conv, whose output it is the only one to use. */
static void
fold_batch_norm (FvRewrite *self, FvNodeId norm, Convolution *conv)
{
  FvScope *scope = self->scope;
  FvTensor *mean = read_parameter (self, norm, 3, 1);
  FvTensor *variance = read_parameter (self, norm, 4, 1);
  FvTensor *ones = fv_call (scope, "aten::ones_like", fv_of (variance));
  FvTensor *zeros = fv_call (scope, "aten::zeros_like", fv_of (variance));
  FvTensor *spread = fv_call (scope, "aten::add.Scalar", fv_of (variance),
                              fv_real (fv_rewrite_get_value (self, norm, 7).real));
  FvTensor *scale = fv_call (scope, "aten::div.Tensor", fv_of (read_or (self, norm, 1, ones)),
                             fv_of (fv_call (scope, "aten::sqrt", fv_of (spread))));
  FvTensor *bias = conv->bias != NULL ? conv->bias : zeros;

  bias = fv_call (scope, "aten::sub.Tensor", fv_of (bias), fv_of (mean));
  bias = fv_call (scope, "aten::mul.Tensor", fv_of (bias), fv_of (scale));
  conv->bias
      = fv_call (scope, "aten::add.Tensor", fv_of (bias), fv_of (read_or (self, norm, 2, zeros)));
  scale = fv_call (scope, "aten::view", fv_of (scale), fv_ints (-1, 1, 1, 1));
  conv->weight = fv_call (scope, "aten::mul.Tensor", fv_of (conv->weight), fv_of (scale));
  conv->output = norm;
}

static FvNodeId
find_batch_norm (const FvRewrite *self, FvNodeId conv)
{
  FvNodeId norm = fv_rewrite_get_only_user (self, conv, "aten::batch_norm");

  if (norm == FV_NODE_NONE || read_parameter (self, norm, 3, 1) == NULL
      || read_parameter (self, norm, 4, 1) == NULL || fv_rewrite_get_value (self, norm, 5).boolean
      || fv_rewrite_get_value (self, norm, 7).kind != FV_VALUE_FLOAT)
    return FV_NODE_NONE;
  return norm;
}

/* -- padding -------------------------------------------------------------------------------- */

/* Whether @node depends on height and width alone, which are fixed here, never on the batch. */
static gboolean
is_fixed_number (const FvRewrite *self, FvNodeId node)
{
  if (fv_graph_is_op (self->source, node, "aten::size.int"))
    return ABS (fv_rewrite_get_value (self, node, 1).integer % 4) >= 1
           && fv_rewrite_get_value (self, node, 1).integer != -4;
  for (gsize i = 0; i < fv_graph_get_n_arguments (self->source, node); i++) {
    FvNodeId argument = fv_rewrite_get_source (self, node, i);

    if (argument != FV_NODE_NONE && !is_fixed_number (self, argument))
      return FALSE;
  }
  return node != fv_graph_get_input (self->source);
}

/* The amounts (left, right, top, bottom) of a padding with zeros in space. */
static gboolean
read_padding (const FvRewrite *self, FvNodeId pad, gint64 *amounts)
{
  FvValue list = fv_rewrite_get_value (self, pad, 1);
  FvValue fill = fv_rewrite_get_value (self, pad, 2);
  FvNodeId list_node = fv_rewrite_get_source (self, pad, 1);

  if (!fv_graph_is_op (self->source, pad, "aten::constant_pad_nd") || list.kind != FV_VALUE_INTS
      || list.n != 4 || (fill.kind == FV_VALUE_FLOAT && fill.real != 0)
      || (fill.kind == FV_VALUE_INT && fill.integer != 0)
      || (list_node != FV_NODE_NONE && !is_fixed_number (self, list_node)))
    return FALSE;
  for (int i = 0; i < 4; i++) {
    amounts[i] = list.ints[i];
    if (amounts[i] < 0 || amounts[i] > 8)
      return FALSE;
  }
  return TRUE;
}

static gboolean
can_take_in (const Convolution *conv)
{
  return conv->padding[0] == 0 && conv->padding[1] == 0 && conv->dilation[0] == 1
         && conv->dilation[1] == 1;
}

gboolean
fv_rewrite_is_folded_padding (const FvRewrite *self, FvNodeId node)
{
  gint64 amounts[4];
  Convolution conv;
  FvNodeId user = self->last_user[node];

  return self->n_uses[node] == 1 && user != FV_NODE_NONE && read_padding (self, node, amounts)
         && read_convolution (self, user, &conv) && conv.input == node && can_take_in (&conv);
}

/* Padding of p on both sides with p − left zero columns in front of the kernel and p − right behind
 * is padding of left and right. */
static void
fold_padding (FvRewrite *self, Convolution *conv)
{
  gint64 amounts[4];
  gint64 zeros[4];

  if (!fv_rewrite_is_folded_padding (self, conv->input)
      || !read_padding (self, conv->input, amounts))
    return;
  conv->input = fv_rewrite_get_source (self, conv->input, 0);
  for (int axis = 0; axis < 2; axis++) { /* 0: height, the last two amounts */
    const gint64 *pair = &amounts[axis == 0 ? 2 : 0];
    gint64 *zero_pair = &zeros[axis == 0 ? 2 : 0];

    conv->padding[axis] = MAX (pair[0], pair[1]);
    zero_pair[0] = conv->padding[axis] - pair[0];
    zero_pair[1] = conv->padding[axis] - pair[1];
  }
  conv->weight = fv_call (self->scope, "aten::constant_pad_nd", fv_of (conv->weight),
                          fv_int_list (zeros, 4));
}

/* -- emitting ------------------------------------------------------------------------------- */

static FvTensor *
reorder_weight (FvRewrite *self, const Convolution *conv)
{
  FvTensor *weight = fv_call (self->scope, "aten::to_mkldnn", fv_of (conv->weight));

  return fv_call (self->scope, "aten::mkldnn_reorder_conv2d_weight", fv_of (weight),
                  fv_int_list (conv->padding, 2), fv_int_list (conv->stride, 2),
                  fv_int_list (conv->dilation, 2), fv_int (conv->groups));
}

static FvNodeId
emit_blocked (FvRewrite *self, FvNodeId node, const Convolution *conv)
{
  FvTensor *bias
      = conv->bias != NULL ? fv_call (self->scope, "aten::to_mkldnn", fv_of (conv->bias)) : NULL;

  return fv_op_node (
      self->graph, fv_graph_get_module (self->source, node), "prim::mkldnn_convolution",
      fv_from (fv_rewrite_get_blocked (self, conv->input)),
      fv_rewrite_add_tensor (self, node, "weight", reorder_weight (self, conv)),
      fv_rewrite_add_tensor (self, node, "bias", bias), fv_constant (fv_int_list (conv->stride, 2)),
      fv_constant (fv_int_list (conv->padding, 2)), fv_constant (fv_int_list (conv->dilation, 2)),
      fv_constant (fv_int (conv->groups)));
}

static FvNodeId
emit_dense (FvRewrite *self, FvNodeId node, const Convolution *conv)
{
  return fv_op_node (
      self->graph, fv_graph_get_module (self->source, node), "aten::conv2d",
      fv_from (fv_rewrite_get_dense (self, conv->input)),
      fv_rewrite_add_tensor (self, node, "weight", conv->weight),
      fv_rewrite_add_tensor (self, node, "bias", conv->bias),
      fv_constant (fv_int_list (conv->stride, 2)), fv_constant (fv_int_list (conv->padding, 2)),
      fv_constant (fv_int_list (conv->dilation, 2)), fv_constant (fv_int (conv->groups)));
}

gboolean
fv_rewrite_convolution (FvRewrite *self, FvNodeId node)
{
  Convolution conv;
  FvNodeId norm;

  if (!read_convolution (self, node, &conv))
    return FALSE;
  norm = find_batch_norm (self, node);
  if (norm != FV_NODE_NONE)
    fold_batch_norm (self, norm, &conv);
  fold_padding (self, &conv);
  self->n_convolved += fv_tensor_get_n_elements (fv_rewrite_get_sample (self, node));
  if (self->may_block)
    self->twins[conv.output].blocked = emit_blocked (self, node, &conv);
  else
    self->twins[conv.output].dense = emit_dense (self, node, &conv);
  return TRUE;
}
