/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rectifiers, sums, gates and pooling: in the blocked layout where their input is in it, and in
 * place where nobody else looks at it. */

#include "fv-rewrite.h"

/* Operators of one value that oneDNN's layout has too. */
static const struct {
  const char *op, *blocked, *blocked_in_place;
  const char *dense_in_place; /* NULL: not worth it */
} unary[] = {
  { "aten::relu", "aten::relu", "aten::relu_", "aten::relu_" },
  { "aten::sigmoid", "aten::sigmoid", "aten::sigmoid_", "aten::sigmoid_" },
  { "aten::gelu", "aten::gelu", NULL, NULL },
  { "aten::hardswish", "prim::MKLDNNHardSwish", "prim::MKLDNNHardSwish_", "aten::hardswish_" },
  { "aten::silu", NULL, NULL, "aten::silu_" },
  { "aten::relu6", NULL, NULL, "aten::relu6_" },
};

static FvNodeId
emit (FvRewrite *self, FvNodeId node, const char *op, FvNodeId x)
{
  return fv_op_node (self->graph, fv_graph_get_module (self->source, node), op, fv_from (x));
}

/* Dense values of these are their own; those of others may be views of something. */
static gboolean
owns_its_memory (const FvRewrite *self, FvNodeId node)
{
  return fv_graph_is_op (self->source, node, "aten::conv2d")
         || fv_graph_is_op (self->source, node, "aten::_convolution")
         || fv_graph_is_op (self->source, node, "aten::batch_norm")
         || fv_graph_is_op (self->source, node, "aten::linear")
         || fv_graph_is_op (self->source, node, "aten::add.Tensor");
}

static gboolean
is_whole_gelu (const FvRewrite *self, FvNodeId node)
{
  FvValue kind = fv_rewrite_get_value (self, node, 1);

  return kind.kind == FV_VALUE_NONE || g_strcmp0 (kind.string, "none") == 0;
}

static gboolean
rewrite_unary (FvRewrite *self, FvNodeId node)
{
  FvNodeId x = fv_rewrite_get_source (self, node, 0);
  gboolean in_place = x != FV_NODE_NONE && fv_rewrite_may_overwrite (self, x);

  for (gsize i = 0; i < G_N_ELEMENTS (unary); i++) {
    const char *blocked = in_place && unary[i].blocked_in_place != NULL ? unary[i].blocked_in_place
                                                                        : unary[i].blocked;

    if (!fv_graph_is_op (self->source, node, unary[i].op))
      continue;
    if (fv_rewrite_is_blocked (self, x) && blocked != NULL
        && (!g_str_equal (unary[i].op, "aten::gelu") || is_whole_gelu (self, node)))
      self->twins[node].blocked = emit (self, node, blocked, self->twins[x].blocked);
    else if (in_place && unary[i].dense_in_place != NULL && owns_its_memory (self, x))
      self->twins[node].dense
          = emit (self, node, unary[i].dense_in_place, fv_rewrite_get_dense (self, x));
    else
      return FALSE;
    return TRUE;
  }
  return FALSE;
}

static gboolean
read_number (const FvRewrite *self, FvNodeId node, gsize index, double *number)
{
  FvValue value = fv_rewrite_get_value (self, node, index);

  if (fv_rewrite_get_source (self, node, index) != FV_NODE_NONE
      || (value.kind != FV_VALUE_FLOAT && value.kind != FV_VALUE_INT))
    return FALSE;
  *number = value.kind == FV_VALUE_FLOAT ? value.real : (double) value.integer;
  return TRUE;
}

/* The bounds of ReLU6 and what else clamps from both sides. */
static gboolean
read_bounds (const FvRewrite *self, FvNodeId node, double *low, double *high)
{
  *low = -1; /* aten::hardtanh without arguments */
  *high = 1;
  if (fv_graph_is_op (self->source, node, "aten::relu6")) {
    *low = 0;
    *high = 6;
    return TRUE;
  }
  if (fv_graph_is_op (self->source, node, "aten::hardtanh")
      && fv_graph_get_n_arguments (self->source, node) == 1)
    return TRUE;
  return (fv_graph_is_op (self->source, node, "aten::hardtanh")
          || fv_graph_is_op (self->source, node, "aten::clamp"))
         && read_number (self, node, 1, low) && read_number (self, node, 2, high);
}

static gboolean
rewrite_clamp (FvRewrite *self, FvNodeId node)
{
  FvNodeId x = fv_rewrite_get_source (self, node, 0);
  char low_text[G_ASCII_DTOSTR_BUF_SIZE], high_text[G_ASCII_DTOSTR_BUF_SIZE];
  g_autofree char *op = NULL;
  double low, high;

  if (!fv_rewrite_is_blocked (self, x) || !read_bounds (self, node, &low, &high))
    return FALSE;
  op = g_strdup_printf ("prim::MKLDNNHardTanh%s[min_val=%s max_val=%s]",
                        fv_rewrite_may_overwrite (self, x) ? "_" : "",
                        g_ascii_dtostr (low_text, sizeof low_text, low),
                        g_ascii_dtostr (high_text, sizeof high_text, high));
  self->twins[node].blocked = emit (self, node, op, self->twins[x].blocked);
  return TRUE;
}

/* x σ(x), in two steps. */
static gboolean
rewrite_silu (FvRewrite *self, FvNodeId node)
{
  FvNodeId x = fv_rewrite_get_source (self, node, 0);
  FvNodeId gate;

  if (!fv_graph_is_op (self->source, node, "aten::silu") || !fv_rewrite_is_blocked (self, x))
    return FALSE;
  gate = emit (self, node, "aten::sigmoid", self->twins[x].blocked);
  self->twins[node].blocked
      = fv_op_node (self->graph, fv_graph_get_module (self->source, node), "aten::mul_.Tensor",
                    fv_from (gate), fv_from (self->twins[x].blocked));
  return TRUE;
}

static gboolean
have_equal_shapes (const FvTensor *a, const FvTensor *b)
{
  if (a == NULL || b == NULL || fv_tensor_get_n_dims (a) != fv_tensor_get_n_dims (b))
    return FALSE;
  for (int i = 0; i < fv_tensor_get_n_dims (a); i++)
    if (fv_tensor_get_size (a, i) != fv_tensor_get_size (b, i))
      return FALSE;
  return TRUE;
}

/* a + b of two values that are blocked already, into the one that may be overwritten. */
static gboolean
rewrite_add (FvRewrite *self, FvNodeId node)
{
  FvNodeId a = fv_rewrite_get_source (self, node, 0);
  FvNodeId b = fv_rewrite_get_source (self, node, 1);
  FvValue alpha = fv_rewrite_get_value (self, node, 2);
  gboolean in_place;

  if (!fv_graph_is_op (self->source, node, "aten::add.Tensor") || !fv_rewrite_is_blocked (self, a)
      || !fv_rewrite_is_blocked (self, b)
      || (alpha.kind != FV_VALUE_NONE && !(alpha.kind == FV_VALUE_INT && alpha.integer == 1))
      || !have_equal_shapes (fv_rewrite_get_sample (self, a), fv_rewrite_get_sample (self, b)))
    return FALSE;
  if (!fv_rewrite_may_overwrite (self, a) && fv_rewrite_may_overwrite (self, b)) {
    FvNodeId swapped = a;

    a = b;
    b = swapped;
  }
  in_place = fv_rewrite_may_overwrite (self, a);
  self->twins[node].blocked
      = fv_op_node (self->graph, fv_graph_get_module (self->source, node),
                    in_place ? "aten::add_.Tensor" : "aten::add.Tensor",
                    fv_from (self->twins[a].blocked), fv_from (self->twins[b].blocked));
  return TRUE;
}

static gboolean
is_global (const FvValue *size)
{
  return size->kind == FV_VALUE_INTS && size->n == 2 && size->ints[0] == 1 && size->ints[1] == 1;
}

/* Pooling of a blocked value; its other arguments stay. */
static gboolean
rewrite_pooling (FvRewrite *self, FvNodeId node)
{
  gsize n = fv_graph_get_n_arguments (self->source, node);
  FvNodeId x = fv_rewrite_get_source (self, node, 0);
  FvValue size = fv_rewrite_get_value (self, node, 1);
  g_autofree FvArgument *arguments = g_new (FvArgument, n + 1);

  if (!fv_rewrite_is_blocked (self, x)
      || !(fv_graph_is_op (self->source, node, "aten::max_pool2d")
           || fv_graph_is_op (self->source, node, "aten::avg_pool2d")
           || (fv_graph_is_op (self->source, node, "aten::adaptive_avg_pool2d")
               && is_global (&size))))
    return FALSE;
  arguments[0] = fv_from (self->twins[x].blocked);
  for (gsize i = 1; i < n; i++) {
    if (fv_rewrite_get_source (self, node, i) != FV_NODE_NONE)
      return FALSE;
    arguments[i] = *fv_graph_get_argument (self->source, node, i);
  }
  self->twins[node].blocked
      = fv_graph_add_op (self->graph, fv_graph_get_module (self->source, node),
                         fv_op_get_name (fv_graph_get_op (self->source, node)), arguments, n);
  return TRUE;
}

/* Dropout hands its input through. */
static gboolean
rewrite_dropout (FvRewrite *self, FvNodeId node)
{
  FvNodeId x = fv_rewrite_get_source (self, node, 0);
  FvValue drops = fv_rewrite_get_value (self, node, 2);

  if (!fv_graph_is_op (self->source, node, "aten::dropout") || x == FV_NODE_NONE
      || drops.kind != FV_VALUE_BOOL || drops.boolean)
    return FALSE;
  self->twins[node] = self->twins[x];
  self->is_shared[node] = self->is_shared[x] = TRUE;
  return TRUE;
}

gboolean
fv_rewrite_pointwise (FvRewrite *self, FvNodeId node)
{
  return rewrite_clamp (self, node) || rewrite_silu (self, node) || rewrite_unary (self, node)
         || rewrite_add (self, node) || rewrite_pooling (self, node)
         || rewrite_dropout (self, node);
}
