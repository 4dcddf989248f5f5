/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A linear layer over many cells is a 1×1 convolution of channels-last pictures, for which oneDNN
 * needs half the time of a matrix product. It brings the weights into its own order in each call,
 * though: with fewer cells than features (ViT-B: 197 tokens, 768 features) that costs more than it
 * gains. */

#include "fv-op.h"
#include "fv-rewrite.h"

/* torch.channels_last, as operators take it. */
#define CHANNELS_LAST 2

static FvTensor *
read_parameter (const FvRewrite *self, FvNodeId node, gsize index, int n_dims)
{
  FvValue value = fv_rewrite_get_value (self, node, index);

  if (fv_rewrite_get_source (self, node, index) != FV_NODE_NONE || value.kind != FV_VALUE_TENSOR
      || fv_tensor_get_dtype (value.tensor) != FV_DTYPE_FLOAT32
      || fv_tensor_get_n_dims (value.tensor) != n_dims)
    return NULL;
  return value.tensor;
}

static gboolean
has_many_rows (const FvTensor *x, const FvTensor *weight)
{
  int n_dims = x != NULL ? fv_tensor_get_n_dims (x) : 0;
  gint64 features = MIN (fv_tensor_get_size (weight, 0), fv_tensor_get_size (weight, 1));

  return (n_dims == 3 || n_dims == 4) && fv_tensor_get_dtype (x) == FV_DTYPE_FLOAT32
         && fv_tensor_get_n_elements (x) >= features * fv_tensor_get_size (x, -1);
}

/* [out, in] → [out, in, 1, 1] */
static FvTensor *
make_kernel (FvRewrite *self, FvTensor *weight)
{
  FvTensor *kernel
      = fv_call (self->scope, "aten::view", fv_of (weight),
                 fv_ints (fv_tensor_get_size (weight, 0), fv_tensor_get_size (weight, 1), 1, 1));

  return fv_call (self->scope, "aten::contiguous", fv_of (kernel), fv_int (CHANNELS_LAST));
}

gboolean
fv_rewrite_linear (FvRewrite *self, FvNodeId node)
{
  const char *module = fv_graph_get_module (self->source, node);
  FvNodeId x = fv_rewrite_get_source (self, node, 0);
  FvTensor *sample = x != FV_NODE_NONE ? fv_rewrite_get_sample (self, x) : NULL;
  FvTensor *weight = read_parameter (self, node, 1, 2);
  FvTensor *bias = read_parameter (self, node, 2, 1);
  gboolean has_bias = fv_rewrite_get_value (self, node, 2).kind != FV_VALUE_NONE;
  FvNodeId y;

  if (!fv_graph_is_op (self->source, node, "aten::linear") || weight == NULL
      || !has_many_rows (sample, weight) || (has_bias && bias == NULL))
    return FALSE;
  y = fv_rewrite_get_dense (self, x);
  if (fv_tensor_get_n_dims (sample) == 3) /* tokens are a picture of one row */
    y = fv_op_node (self->graph, module, "aten::unsqueeze", fv_from (y), fv_constant (fv_int (1)));
  y = fv_op_node (self->graph, module, "aten::permute", fv_from (y),
                  fv_constant (fv_ints (0, 3, 1, 2)));
  y = fv_op_node (self->graph, module, "aten::conv2d", fv_from (y),
                  fv_rewrite_add_tensor (self, node, "kernel", make_kernel (self, weight)),
                  fv_rewrite_add_tensor (self, node, "bias", bias));
  y = fv_op_node (self->graph, module, "aten::permute", fv_from (y),
                  fv_constant (fv_ints (0, 2, 3, 1)));
  if (fv_tensor_get_n_dims (sample) == 3)
    y = fv_op_node (self->graph, module, "aten::squeeze.dim", fv_from (y),
                    fv_constant (fv_int (1)));
  self->twins[node].dense = y;
  return TRUE;
}
