/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Finding attention matrices by their shape, by who makes them and by which logit they serve. */

#include "fv-attention.h"

#include "fv-autograd.h"
#include "fv-executor.h"
#include "fv-model-layers.h"

/* Two tell which slices of a matrix are of which picture. */
#define PICTURES 2

void
fv_attention_free (FvAttention *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->nodes);
  fv_layer_free (self->cells);
  g_free (self);
}

/* -- candidates ----------------------------------------------------------------------------- */

static gboolean
is_one_of (const FvGraph *graph, FvNodeId node, const char *const *ops)
{
  for (; *ops != NULL; ops++)
    if (fv_graph_is_op (graph, node, *ops))
      return TRUE;
  return FALSE;
}

/* Every softmax. *is_fused: whether there is an operator that keeps its attention to itself. */
static GArray *
list_softmaxes (const FvGraph *graph, gboolean *is_fused)
{
  static const char *const softmaxes[] = { "aten::softmax.int", "aten::_softmax", NULL };
  static const char *const fused[]
      = { "aten::_native_multi_head_attention", "aten::_transformer_encoder_layer_fwd",
          "aten::_scaled_dot_product_attention", "aten::scaled_dot_product_attention", NULL };
  GArray *nodes = g_array_new (FALSE, FALSE, sizeof (FvNodeId));

  *is_fused = FALSE;
  for (FvNodeId node = 0; node < fv_graph_get_n_nodes (graph); node++) {
    if (is_one_of (graph, node, softmaxes))
      g_array_append_val (nodes, node);
    *is_fused = *is_fused || is_one_of (graph, node, fused);
  }
  return nodes;
}

/* Whether the softmax @node, whose value is @matrix, is over the last of two equal sizes. */
static gboolean
is_attention (const FvGraph *graph, FvNodeId node, const FvTensor *matrix)
{
  const FvArgument *dimension = fv_graph_get_argument (graph, node, 1);
  int last = matrix != NULL ? fv_tensor_get_n_dims (matrix) - 1 : 0;

  return last >= 2 && fv_tensor_get_size (matrix, last) == fv_tensor_get_size (matrix, last - 1)
         && dimension->kind == FV_ARGUMENT_CONSTANT && dimension->constant.kind == FV_VALUE_INT
         && (dimension->constant.integer == -1 || dimension->constant.integer == last);
}

/* -- a run ---------------------------------------------------------------------------------- */

/* What a run of some pictures left, borrowed from its scope. */
typedef struct {
  FvGraph *graph;
  GArray *nodes;        /* FvNodeId: of the matrices */
  GPtrArray *matrices;  /* of FvTensor */
  FvTensor **gradients; /* of the last picture's first logit, by each of them */
  int n;                /* pictures */
} Run;

static void
run_clear (Run *run)
{
  g_clear_pointer (&run->nodes, g_array_unref);
  g_clear_pointer (&run->matrices, g_ptr_array_unref);
  g_clear_pointer (&run->gradients, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static void
take_matrices (Run *run, FvScope *scope, const GArray *softmaxes, const FvActivations *found)
{
  run->nodes = g_array_new (FALSE, FALSE, sizeof (FvNodeId));
  run->matrices = g_ptr_array_new ();
  for (guint i = 0; i < softmaxes->len; i++) {
    FvNodeId node = g_array_index (softmaxes, FvNodeId, i);
    FvTensor *matrix = fv_activations_get (found, node);

    if (!is_attention (run->graph, node, matrix))
      continue;
    g_array_append_val (run->nodes, node);
    g_ptr_array_add (run->matrices, fv_scope_take (scope, fv_tensor_ref (matrix)));
  }
}

/* Runs @n pictures and finds what the first logit of the last of them owes to each matrix. */
static gboolean
run_pictures (Run *run, FvScope *scope, const FvCard *card, const GArray *softmaxes, int n,
              GError **error)
{
  FvNodeId output = fv_graph_get_output (run->graph);
  g_autoptr (GArray) wanted = g_array_copy ((GArray *) softmaxes);
  g_autoptr (FvActivations) given = fv_activations_new ();
  g_autoptr (FvActivations) found = NULL;
  FvTensor *input = fv_model_layers_make_ramps (scope, card, n);
  FvTensor *logit;

  g_array_append_val (wanted, output);
  if (!fv_scope_check (scope, error))
    return FALSE;
  fv_activations_set (given, fv_graph_get_input (run->graph), input);
  found = fv_graph_run (run->graph, given, (const FvNodeId *) wanted->data, wanted->len,
                        (FvRunMode){ 0 }, NULL, error);
  if (found == NULL)
    return FALSE;
  run->n = n;
  take_matrices (run, scope, softmaxes, found);
  run->gradients = g_new0 (FvTensor *, run->matrices->len + 1);
  if (run->matrices->len == 0)
    return TRUE;
  logit = fv_call (scope, "aten::select.int", fv_of (fv_activations_get (found, output)),
                   fv_int (0), fv_int (n - 1));
  logit = fv_call (scope, "aten::select.int", fv_of (logit), fv_int (0), fv_int (0));
  fv_gradient (scope, logit, NULL, (FvTensor *const *) run->matrices->pdata, run->matrices->len,
               FALSE, run->gradients);
  return fv_scope_check (scope, error);
}

/* Of a network made for one picture at a time, that one tells all there is. */
static gboolean
run_some_pictures (Run *run, FvScope **scope, const FvCard *card, const GArray *softmaxes,
                   GError **error)
{
  g_autoptr (FvScope) first = fv_scope_new ();

  if (run_pictures (run, first, card, softmaxes, PICTURES, NULL)) {
    *scope = g_steal_pointer (&first);
    return TRUE;
  }
  run_clear (run);
  *scope = fv_scope_new ();
  return run_pictures (run, *scope, card, softmaxes, 1, error);
}

/* -- questions ------------------------------------------------------------------------------ */

static gint64
count_tokens (const FvTensor *matrix)
{
  return fv_tensor_get_size (matrix, fv_tensor_get_n_dims (matrix) - 1);
}

/* The first layer of tokens that is made after @node; NULL when there is none. */
static const FvLayer *
find_tokens_after (const GPtrArray *layers, FvNodeId node)
{
  const FvLayer *first = NULL;

  for (guint i = 0; i < layers->len; i++) {
    const FvLayer *layer = g_ptr_array_index (layers, i);

    if (layer->layout == FV_LAYOUT_TOKENS && layer->node > node
        && (first == NULL || layer->node < first->node))
      first = layer;
  }
  return first;
}

/* How the tokens of all matrices lie; NULL unless they are all tokens that there are. */
static const FvLayer *
find_cells (const Run *run, const GPtrArray *layers)
{
  const FvLayer *layer = NULL;

  for (guint i = 0; i < run->nodes->len; i++) {
    layer = find_tokens_after (layers, g_array_index (run->nodes, FvNodeId, i));
    if (layer == NULL
        || layer->n_prefix + (gint64) layer->height * layer->width
               != count_tokens (run->matrices->pdata[i])
        || count_tokens (run->matrices->pdata[i]) != count_tokens (run->matrices->pdata[0]))
      return NULL;
  }
  return layer;
}

static gboolean
is_zero (FvScope *scope, FvTensor *values)
{
  FvTensor *size = fv_call (scope, "aten::abs", fv_of (values));

  return fv_tensor_to_double (fv_call (scope, "aten::max", fv_of (size))) <= 0;
}

/* The matrices of a picture lie together, in the order of the pictures, when the last picture's
 * logit owes nothing to those of the others. */
static gboolean
keeps_pictures_apart (const Run *run, FvScope *scope)
{
  for (guint i = 0; i < run->matrices->len; i++) {
    gint64 tokens = count_tokens (run->matrices->pdata[i]);
    FvTensor *heads;

    if (fv_tensor_get_n_elements (run->matrices->pdata[i]) % (run->n * tokens * tokens) != 0)
      return FALSE;
    heads = fv_call (scope, "aten::reshape", fv_of (run->gradients[i]),
                     fv_ints (run->n, -1, tokens, tokens));
    if (run->n > 1
        && !is_zero (scope,
                     fv_call (scope, "aten::select.int", fv_of (heads), fv_int (0), fv_int (0))))
      return FALSE;
  }
  return TRUE;
}

/* After the last attention the logits are read from tokens: whether none of these is a cell. */
static gboolean
reads_prefix_alone (const Run *run, FvScope *scope, const FvLayer *cells)
{
  FvTensor *last = run->gradients[run->matrices->len - 1];

  return cells->n_prefix > 0
         && is_zero (scope, fv_call (scope, "aten::slice.Tensor", fv_of (last), fv_int (-2),
                                     fv_int (cells->n_prefix)));
}

/* -- finding -------------------------------------------------------------------------------- */

static FvAttention *
refuse (GError **error, const char *why)
{
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
               "the map transformer cannot be had: the network %s", why);
  return NULL;
}

FvAttention *
fv_attention_find (FvGraph *graph, const FvCard *card, const GPtrArray *layers, GError **error)
{
  gboolean is_fused;
  g_autoptr (GArray) softmaxes = list_softmaxes (graph, &is_fused);
  g_autoptr (FvScope) scope = NULL;
  g_auto (Run) run = { .graph = graph };
  const FvLayer *cells;
  FvAttention *self;

  if (is_fused)
    return refuse (error,
                   "hides its attention in one fused operator that has no gradients, as files "
                   "traced under torch.no_grad () do; trace it with gradients, or script it");
  if (softmaxes->len > 0 && !run_some_pictures (&run, &scope, card, softmaxes, error))
    return NULL;
  if (run.nodes == NULL || run.nodes->len == 0)
    return refuse (error, "has no self-attention over tokens; take gradcam");
  cells = find_cells (&run, layers);
  if (cells == NULL)
    return refuse (error, "attends within windows or over several grids, not over all tokens "
                          "of a picture at once; take gradcam");
  if (!keeps_pictures_apart (&run, scope))
    return refuse (error, "does not keep the attention of the pictures of a batch apart; take "
                          "gradcam");
  self = g_new0 (FvAttention, 1);
  self->nodes = g_steal_pointer (&run.nodes);
  self->cells = fv_layer_copy (cells);
  self->has_class_token = reads_prefix_alone (&run, scope, cells);
  if (fv_scope_check (scope, error))
    return self;
  fv_attention_free (self);
  return NULL;
}
