/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Makes the faster twin of a graph: one run of the original on one picture tells every shape, then
 * each needed node is emitted by its rule, or as it was; the twin must agree on that picture. */

#include "fv-inference.h"

#include <math.h>

#include "fv-rewrite.h"
#include "fv-sample.h"

/* The blocked layout pays while less than this share of what convolutions make changes it. */
#define MAX_CONVERTED_SHARE 0.8

struct _FvInference {
  FvGraph *graph;
  FvNodeId input;     /* of the original graph */
  FvNodeId *wanted;   /* nodes of the original graph, */
  FvNodeId *found_at; /* and where their values are in ours */
  gsize n_wanted;
};

void
fv_inference_free (FvInference *self)
{
  if (self == NULL)
    return;
  fv_graph_unref (self->graph);
  g_free (self->wanted);
  g_free (self->found_at);
  g_free (self);
}

const FvGraph *
fv_inference_get_graph (const FvInference *self)
{
  return self->graph;
}

/* -- emitting ------------------------------------------------------------------------------- */

/* These look at sizes, which are the same in both layouts. */
static gboolean
looks_at_sizes_only (const FvRewrite *rewrite, FvNodeId node)
{
  return fv_graph_is_op (rewrite->source, node, "aten::size.int")
         || fv_graph_is_op (rewrite->source, node, "aten::size");
}

static FvArgument
copy_argument (FvRewrite *rewrite, FvNodeId node, gsize index)
{
  const FvArgument *argument = fv_graph_get_argument (rewrite->source, node, index);

  if (argument->kind == FV_ARGUMENT_PARAMETER)
    return fv_rewrite_get_parameter (rewrite, argument->index);
  if (argument->kind != FV_ARGUMENT_NODE)
    return *argument;
  if (looks_at_sizes_only (rewrite, node) && fv_rewrite_is_blocked (rewrite, argument->index))
    return fv_from (rewrite->twins[argument->index].blocked);
  return fv_from (fv_rewrite_get_dense (rewrite, argument->index));
}

/* The node as it is, on dense values. */
static FvNodeId
copy_node (FvRewrite *rewrite, FvNodeId node)
{
  gsize n = fv_graph_get_n_arguments (rewrite->source, node);
  const char *module = fv_graph_get_module (rewrite->source, node);
  g_autofree FvArgument *arguments = g_new (FvArgument, n + 1);

  for (gsize i = 0; i < n; i++)
    arguments[i] = copy_argument (rewrite, node, i);
  switch (fv_graph_get_node_kind (rewrite->source, node)) {
  case FV_NODE_INPUT:
    return fv_graph_add_input (rewrite->graph);
  case FV_NODE_LIST:
    return fv_graph_add_list (rewrite->graph, module, arguments, n);
  case FV_NODE_ITEM:
    return fv_graph_add_item (rewrite->graph, module, arguments[0].index,
                              arguments[1].constant.integer);
  case FV_NODE_OP:
  default:
    return fv_graph_add_op (rewrite->graph, module,
                            fv_op_get_name (fv_graph_get_op (rewrite->source, node)), arguments, n);
  }
}

static void
emit_node (FvRewrite *rewrite, FvNodeId node)
{
  FvTwin *twin = &rewrite->twins[node];

  if (twin->dense != FV_NODE_NONE || twin->blocked != FV_NODE_NONE
      || fv_rewrite_is_folded_padding (rewrite, node) || fv_rewrite_convolution (rewrite, node)
      || fv_rewrite_linear (rewrite, node) || fv_rewrite_pointwise (rewrite, node))
    return;
  twin->dense = copy_node (rewrite, node);
}

static gboolean
emit_all (FvRewrite *rewrite, GError **error)
{
  for (FvNodeId node = 0; node < fv_graph_get_n_nodes (rewrite->source); node++)
    if (rewrite->n_uses[node] > 0)
      emit_node (rewrite, node);
  return fv_scope_check (rewrite->scope, error) && fv_graph_check (rewrite->graph, error);
}

/* -- one picture ---------------------------------------------------------------------------- */

static gboolean
tensors_agree (const FvTensor *a, const FvTensor *b)
{
  gsize n_a = 0, n_b = 0;
  g_autofree float *x = fv_tensor_to_floats (a, &n_a, NULL);
  g_autofree float *y = fv_tensor_to_floats (b, &n_b, NULL);
  double largest = 0, difference = 0;

  if (x == NULL || y == NULL || n_a != n_b)
    return FALSE;
  for (gsize i = 0; i < n_a; i++) {
    if (!isfinite (x[i]) || !isfinite (y[i]))
      return FALSE;
    largest = MAX (largest, fabs ((double) x[i]));
    difference = MAX (difference, fabs ((double) x[i] - (double) y[i]));
  }
  return difference <= FV_INFERENCE_TOLERANCE * largest;
}

static gboolean
agrees (FvInference *self, const FvActivations *sample, GCancellable *cancellable, GError **error)
{
  FvTensor *input = fv_activations_get (sample, self->input);
  g_autoptr (FvActivations) found = fv_inference_run (self, input, cancellable, error);

  for (gsize i = 0; found != NULL && i < self->n_wanted; i++) {
    FvTensor *original = fv_activations_get (sample, self->wanted[i]);
    FvTensor *ours = fv_activations_get (found, self->wanted[i]);

    if (original != NULL && (ours == NULL || !tensors_agree (original, ours)))
      return FALSE;
  }
  return found != NULL;
}

/* -- making --------------------------------------------------------------------------------- */

static FvInference *
make (FvGraph *graph, FvActivations *sample, const FvNodeId *wanted, gsize n_wanted,
      gboolean may_block, double *converted_share, GError **error)
{
  g_autoptr (FvRewrite) rewrite = fv_rewrite_new (graph, sample, wanted, n_wanted, may_block);
  g_autoptr (FvInference) self = g_new0 (FvInference, 1);

  if (!emit_all (rewrite, error))
    return NULL;
  self->input = fv_graph_get_input (graph);
  self->n_wanted = n_wanted;
  self->wanted = g_memdup2 (wanted, n_wanted * sizeof *wanted);
  self->found_at = g_new (FvNodeId, n_wanted);
  for (gsize i = 0; i < n_wanted; i++)
    self->found_at[i] = fv_rewrite_get_dense (rewrite, wanted[i]);
  self->graph = g_steal_pointer (&rewrite->graph);
  *converted_share = (double) rewrite->n_converted / (double) MAX (rewrite->n_convolved, 1);
  return fv_graph_check (self->graph, error) ? g_steal_pointer (&self) : NULL;
}

/* Whether the failure is that somebody does not want to wait any more; else it is forgotten: what
 * cannot be made faster is run as it is. */
static gboolean
is_cancelled (GError **reason, GError **error)
{
  if (!g_error_matches (*reason, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_clear_error (reason);
    return FALSE;
  }
  g_propagate_error (error, g_steal_pointer (reason));
  return TRUE;
}

FvInference *
fv_inference_new (FvGraph *graph, FvTensor *input, const FvNodeId *wanted, gsize n_wanted,
                  GCancellable *cancellable, GError **error)
{
  g_autoptr (FvActivations) sample
      = fv_graph_run_sample (graph, input, wanted, n_wanted, cancellable, error);
  g_autoptr (GError) reason = NULL;

  if (sample == NULL || fv_tensor_get_n_dims (input) != 4)
    return NULL;
  for (gboolean may_block = TRUE;; may_block = FALSE) {
    double converted_share = 0;
    g_autoptr (FvInference) self
        = make (graph, sample, wanted, n_wanted, may_block, &converted_share, &reason);

    if (self != NULL && (!may_block || converted_share <= MAX_CONVERTED_SHARE)
        && agrees (self, sample, cancellable, &reason))
      return g_steal_pointer (&self);
    if (is_cancelled (&reason, error) || !may_block)
      return NULL;
  }
}

FvActivations *
fv_inference_run (FvInference *self, FvTensor *input, GCancellable *cancellable, GError **error)
{
  g_autoptr (FvActivations) given = fv_activations_new ();
  g_autoptr (FvActivations) found = NULL;
  FvActivations *result;

  fv_activations_set (given, fv_graph_get_input (self->graph), input);
  found = fv_graph_run (self->graph, given, self->found_at, self->n_wanted, (FvRunMode){ 0 },
                        cancellable, error);
  if (found == NULL)
    return NULL;
  result = fv_activations_new ();
  for (gsize i = 0; i < self->n_wanted; i++)
    fv_activations_take (result, self->wanted[i],
                         fv_value_copy (fv_activations_get_value (found, self->found_at[i])));
  return result;
}
