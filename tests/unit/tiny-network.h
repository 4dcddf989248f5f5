/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Networks of a few hundred float64 parameters, to differentiate by hand: a convolution of 2 × 5 ×
 * 5 pixels to three channels of 3 × 3 cells, ReLU, and one of five heads to four classes. */

#pragma once

#include "fv-attention.h"
#include "fv-autograd.h"
#include "fv-executor.h"
#include "fv-layer.h"
#include "tensor-fixture.h"

#define TINY_PICTURES 3
#define TINY_CLASSES 4
#define TINY_CELLS 9
#define TINY_BLOCKS 2

typedef enum {
  TINY_LINEAR,      /* pooling, linear */
  TINY_DISGUISED,   /* the same, with a step that hides it from fv_graph_find_linear_head () */
  TINY_DEEP,        /* flatten, linear, ReLU, linear */
  TINY_TOKENS,      /* cells as tokens behind a class token, attention, linear on the class token */
  TINY_TRANSFORMER, /* the same tokens, two blocks of attention with three heads, the same linear */
} TinyHead;

typedef struct {
  FvGraph *graph;
  FvLayer *layer; /* the ReLU; the tokens where there are any */
  FvTensor *input;
  FvAttention *attention; /* of TINY_TRANSFORMER, else NULL */
} TinyNetwork;

/* Values without a pattern, in −1 … 1. (transfer full) */
static inline FvTensor *
tiny_tensor (const gint64 *shape, int n_dims, double seed)
{
  gsize n = 1;
  g_autofree double *values = NULL;

  for (int i = 0; i < n_dims; i++)
    n *= (gsize) shape[i];
  values = g_new (double, n);
  for (gsize i = 0; i < n; i++)
    values[i] = sin (seed + 2.3 * (double) i + 0.7 * (double) (i * i % 11));
  return fv_tensor_new (FV_DTYPE_FLOAT64, shape, n_dims, values, n * sizeof (double), NULL);
}

/* An operator with a weight, its bias, and the input @x. */
static inline FvNodeId
tiny_add (FvGraph *graph, const char *module, const char *op, FvNodeId x, const gint64 *shape,
          int n_dims, double seed)
{
  g_autofree char *weight_name = g_strdup_printf ("%s.weight", module);
  g_autofree char *bias_name = g_strdup_printf ("%s.bias", module);
  g_autoptr (FvTensor) weight = tiny_tensor (shape, n_dims, seed);
  g_autoptr (FvTensor) bias = tiny_tensor (shape, 1, seed + 5);
  guint w = fv_graph_add_parameter_tensor (graph, weight_name, weight, FV_PARAMETER_WEIGHT);
  guint b = fv_graph_add_parameter_tensor (graph, bias_name, bias, FV_PARAMETER_WEIGHT);

  return fv_op_node (graph, module, op, fv_from (x), fv_parameter (w), fv_parameter (b));
}

static inline FvNodeId
tiny_add_head (FvGraph *graph, FvNodeId x, TinyHead head)
{
  if (head == TINY_DEEP) {
    x = fv_op_node (graph, "", "aten::flatten.using_ints", fv_from (x), fv_constant (fv_int (1)));
    x = tiny_add (graph, "fc1", "aten::linear", x, (const gint64[]){ 5, 27 }, 2, 3);
    x = fv_op_node (graph, "relu1", "aten::relu", fv_from (x));
    return tiny_add (graph, "fc2", "aten::linear", x, (const gint64[]){ TINY_CLASSES, 5 }, 2, 4);
  }
  if (head == TINY_DISGUISED)
    x = fv_op_node (graph, "pool", "aten::mul.Scalar", fv_from (x), fv_constant (fv_real (1)));
  x = fv_op_node (graph, "pool", "aten::adaptive_avg_pool2d", fv_from (x),
                  fv_constant (fv_ints (1, 1)));
  x = fv_op_node (graph, "", "aten::flatten.using_ints", fv_from (x), fv_constant (fv_int (1)));
  return tiny_add (graph, "fc", "aten::linear", x, (const gint64[]){ TINY_CLASSES, 3 }, 2, 3);
}

/* [N,3,3,3] → [N,1 + 9,3]; the class token begins as the mean of the others. */
static inline FvNodeId
tiny_add_tokens (FvGraph *graph, FvNodeId x)
{
  FvNodeId grid, mean, list;

  x = fv_op_node (graph, "tokens", "aten::flatten.using_ints", fv_from (x),
                  fv_constant (fv_int (2)));
  grid = fv_op_node (graph, "tokens", "aten::transpose.int", fv_from (x), fv_constant (fv_int (1)),
                     fv_constant (fv_int (2)));
  mean = fv_op_node (graph, "tokens", "aten::mean.dim", fv_from (grid), fv_constant (fv_ints (1)),
                     fv_constant (fv_bool (TRUE)));
  list = fv_graph_add_list (graph, "tokens", (const FvArgument[]){ fv_from (mean), fv_from (grid) },
                            2);
  return fv_op_node (graph, "tokens", "aten::cat", fv_from (list), fv_constant (fv_int (1)));
}

/* Softmax of x xᵀ, times x; then the class token. */
static inline FvNodeId
tiny_add_attention (FvGraph *graph, FvNodeId x)
{
  FvNodeId turned = fv_op_node (graph, "attention", "aten::transpose.int", fv_from (x),
                                fv_constant (fv_int (1)), fv_constant (fv_int (2)));
  FvNodeId scores = fv_op_node (graph, "attention", "aten::bmm", fv_from (x), fv_from (turned));

  scores = fv_op_node (graph, "attention", "aten::softmax.int", fv_from (scores),
                       fv_constant (fv_int (2)));
  x = fv_op_node (graph, "attention", "aten::bmm", fv_from (scores), fv_from (x));
  x = fv_op_node (graph, "", "aten::select.int", fv_from (x), fv_constant (fv_int (1)),
                  fv_constant (fv_int (0)));
  return tiny_add (graph, "fc", "aten::linear", x, (const gint64[]){ TINY_CLASSES, 3 }, 2, 3);
}

/* A linear layer of the tokens [N,10,3] as three heads of one channel: [N,3,10,1]. */
static inline FvNodeId
tiny_add_heads (FvGraph *graph, const char *block, const char *part, FvNodeId x, double seed)
{
  g_autofree char *module = fv_module_join (block, part);

  x = tiny_add (graph, module, "aten::linear", x, (const gint64[]){ 3, 3 }, 2, seed);
  x = fv_op_node (graph, module, "aten::transpose.int", fv_from (x), fv_constant (fv_int (1)),
                  fv_constant (fv_int (2)));
  return fv_op_node (graph, module, "aten::unsqueeze", fv_from (x), fv_constant (fv_int (3)));
}

/* x + linear (softmax (q kᵀ) v); the softmax is remembered. */
static inline FvNodeId
tiny_add_block (FvGraph *graph, FvNodeId x, const char *block, double seed, GArray *matrices)
{
  g_autofree char *mixed = fv_module_join (block, "mixed");
  FvNodeId q = tiny_add_heads (graph, block, "q", x, seed);
  FvNodeId k = tiny_add_heads (graph, block, "k", x, seed + 1);
  FvNodeId v = tiny_add_heads (graph, block, "v", x, seed + 2);
  FvNodeId turned = fv_op_node (graph, block, "aten::transpose.int", fv_from (k),
                                fv_constant (fv_int (2)), fv_constant (fv_int (3)));
  FvNodeId matrix = fv_op_node (graph, block, "aten::matmul", fv_from (q), fv_from (turned));

  matrix = fv_op_node (graph, block, "aten::softmax.int", fv_from (matrix),
                       fv_constant (fv_int (-1)), fv_constant (fv_none ()));
  g_array_append_val (matrices, matrix);
  v = fv_op_node (graph, block, "aten::matmul", fv_from (matrix), fv_from (v));
  v = fv_op_node (graph, block, "aten::squeeze.dim", fv_from (v), fv_constant (fv_int (3)));
  v = fv_op_node (graph, block, "aten::transpose.int", fv_from (v), fv_constant (fv_int (1)),
                  fv_constant (fv_int (2)));
  v = tiny_add (graph, mixed, "aten::linear", v, (const gint64[]){ 3, 3 }, 2, seed + 3);
  return fv_op_node (graph, block, "aten::add.Tensor", fv_from (x), fv_from (v));
}

static inline FvNodeId
tiny_add_transformer (TinyNetwork *network, FvNodeId x)
{
  FvGraph *graph = network->graph;

  network->attention = g_new0 (FvAttention, 1);
  network->attention->nodes = g_array_new (FALSE, FALSE, sizeof (FvNodeId));
  network->attention->cells = fv_layer_copy (network->layer);
  network->attention->has_class_token = TRUE;
  x = tiny_add_block (graph, x, "block0", 1.1, network->attention->nodes);
  x = tiny_add_block (graph, x, "block1", 2.7, network->attention->nodes);
  x = fv_op_node (graph, "", "aten::select.int", fv_from (x), fv_constant (fv_int (1)),
                  fv_constant (fv_int (0)));
  return tiny_add (graph, "fc", "aten::linear", x, (const gint64[]){ TINY_CLASSES, 3 }, 2, 3);
}

static inline TinyNetwork
tiny_network_new (TinyHead head)
{
  gboolean has_tokens = head == TINY_TOKENS || head == TINY_TRANSFORMER;
  FvGraph *graph = fv_graph_new ();
  FvNodeId x = fv_graph_add_input (graph);
  TinyNetwork network = { .graph = graph };

  x = tiny_add (graph, "conv", "aten::conv2d", x, (const gint64[]){ 3, 2, 3, 3 }, 4, 1);
  x = fv_op_node (graph, "relu", "aten::relu", fv_from (x));
  if (has_tokens)
    x = tiny_add_tokens (graph, x);
  network.layer = fv_layer_new (has_tokens ? "tokens" : "relu", x);
  network.layer->channels = network.layer->height = network.layer->width = 3;
  if (has_tokens) {
    network.layer->layout = FV_LAYOUT_TOKENS;
    network.layer->n_prefix = 1;
  }
  if (head == TINY_TRANSFORMER)
    x = tiny_add_transformer (&network, x);
  else
    x = has_tokens ? tiny_add_attention (graph, x) : tiny_add_head (graph, x, head);
  fv_graph_set_output (graph, x);
  g_assert_true (fv_graph_check (graph, NULL));
  network.input = tiny_tensor ((const gint64[]){ TINY_PICTURES, 2, 5, 5 }, 4, 2);
  for (guint i = 0; i < fv_graph_get_n_parameters (graph); i++)
    fv_tensor_set_requires_grad (fv_graph_get_parameter (graph, i), TRUE);
  return network;
}

static inline void
tiny_network_clear (TinyNetwork *network)
{
  g_clear_pointer (&network->graph, fv_graph_unref);
  g_clear_pointer (&network->layer, fv_layer_free);
  g_clear_pointer (&network->input, fv_tensor_unref);
  g_clear_pointer (&network->attention, fv_attention_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TinyNetwork, tiny_network_clear)

/* The values of the output, of the layer and of attention for @input, recorded. (transfer full) */
static inline FvActivations *
tiny_network_run (const TinyNetwork *network, FvTensor *input)
{
  const FvNodeId own[] = { fv_graph_get_output (network->graph), network->layer->node };
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (FvNodeId));
  g_autoptr (FvActivations) given = fv_activations_new ();
  g_autoptr (GError) error = NULL;
  FvActivations *found;

  g_array_append_vals (wanted, own, G_N_ELEMENTS (own));
  if (network->attention != NULL)
    g_array_append_vals (wanted, network->attention->nodes->data, network->attention->nodes->len);
  fv_activations_set (given, fv_graph_get_input (network->graph), input);
  found = fv_graph_run (network->graph, given, (const FvNodeId *) wanted->data, wanted->len,
                        (FvRunMode){ 0 }, NULL, &error);
  g_assert_no_error (error);
  return found;
}

/* The masks of the pictures: soft, with cells of little or no opinion. [3,3,3] */
static inline FvTensor *
tiny_cells (FvScope *scope, double divisor)
{
  double values[TINY_PICTURES * TINY_CELLS];
  const gint64 shape[] = { TINY_PICTURES, 3, 3 };

  for (int i = 0; i < TINY_PICTURES * TINY_CELLS; i++)
    values[i] = MIN ((i * 7 + i / 4) % 5 / divisor, 1);
  return new_doubles (scope, values, shape, 3);
}

/* Value @index of the parameter becomes @value. */
static inline void
tiny_set_value (FvTensor *parameter, gsize index, double value)
{
  gsize n;
  g_autofree double *values = fv_tensor_to_doubles (parameter, &n, NULL);
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *flat;

  values[index] = value;
  flat = new_doubles (scope, values, (const gint64[]){ (gint64) n }, 1);
  fv_tensor_copy_from (parameter, fv_call (scope, "aten::view_as", fv_of (flat), fv_of (parameter)),
                       NULL);
}
