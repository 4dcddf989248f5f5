/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Finding the layers that have space. */

#include "fv-model-layers.h"

#include "fv-autograd.h"
#include "fv-executor.h"

static FvActivations *
run_blank (FvGraph *graph, FvTensor *blank, const GArray *nodes, GError **error)
{
  g_autoptr (FvNoGrad) no_grad = fv_no_grad_enter ();
  g_autoptr (FvActivations) given = fv_activations_new ();

  fv_activations_set (given, fv_graph_get_input (graph), blank);
  return fv_graph_run (graph, given, (const FvNodeId *) nodes->data, nodes->len,
                       (FvRunMode){ FALSE, FALSE }, NULL, error);
}

static void
add_if_spatial (GPtrArray *layers, const char *name, FvNodeId node, const FvTensor *output,
                const FvTensor *blank)
{
  g_autoptr (FvLayer) layer = fv_layer_new (name, node);

  if (output != NULL && fv_layer_infer (layer, output, blank))
    g_ptr_array_add (layers, g_steal_pointer (&layer));
}

GPtrArray *
fv_model_layers_find (FvGraph *graph, const FvCard *card, GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (GPtrArray) names = fv_graph_list_layers (graph);
  g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (FvNodeId));
  g_autoptr (FvActivations) found = NULL;
  FvTensor *blank;
  g_autoptr (GPtrArray) layers = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_layer_free);

  for (guint i = 0; i < names->len; i++) {
    FvNodeId node = fv_graph_find_layer (graph, g_ptr_array_index (names, i), NULL);

    g_array_append_val (nodes, node);
  }
  blank = fv_call (scope, "aten::zeros", fv_ints (1, 3, card->height, card->width));
  if (!fv_scope_check (scope, error))
    return NULL;
  found = run_blank (graph, blank, nodes, error);
  if (found == NULL)
    return NULL;
  for (guint i = 0; i < names->len; i++) {
    FvNodeId node = g_array_index (nodes, FvNodeId, i);

    add_if_spatial (layers, g_ptr_array_index (names, i), node, fv_activations_get (found, node),
                    blank);
  }
  return g_steal_pointer (&layers);
}

/* TRUE when the module's first node is the network's first: it holds everything up to its end. */
static gboolean
holds_the_beginning (const FvGraph *graph, const FvLayer *layer)
{
  FvNodeId first = fv_graph_get_input (graph) + 1;

  return fv_graph_find_layer_start (graph, layer->name, NULL) == first;
}

/* -- the default ---------------------------------------------------------------------------- */

static gboolean
is_better (const FvLayer *layer, const FvLayer *best)
{
  return best == NULL || layer->node > best->node
         || (layer->node == best->node && strlen (layer->name) < strlen (best->name));
}

/* The latest layer below @limit that does not hold the whole network; NULL when there is none. */
static const FvLayer *
find_last (const FvGraph *graph, const GPtrArray *layers, FvNodeId limit)
{
  const FvLayer *best = NULL;

  for (guint i = 0; i < layers->len; i++) {
    const FvLayer *layer = g_ptr_array_index (layers, i);

    if (layer->node < limit && is_better (layer, best) && !holds_the_beginning (graph, layer))
      best = layer;
  }
  return best;
}

/* The logits' sum for @input from @layer on, and the layer's value as a leaf. */
static FvTensor *
sum_from_layer (FvScope *scope, FvGraph *graph, const FvLayer *layer, FvTensor *input,
                FvTensor **leaf)
{
  g_autoptr (FvActivations) given = fv_activations_new ();
  g_autoptr (FvActivations) below = NULL;
  g_autoptr (FvActivations) above = NULL;
  g_autoptr (GArray) frontier = fv_graph_frontier (graph, layer->node);
  FvNodeId output = fv_graph_get_output (graph);
  const FvRunMode evaluation = { FALSE, FALSE };
  GError *error = NULL;

  fv_activations_set (given, fv_graph_get_input (graph), input);
  below = fv_graph_run (graph, given, (const FvNodeId *) frontier->data, frontier->len, evaluation,
                        NULL, &error);
  *leaf = below != NULL ? fv_detach (scope, fv_activations_get (below, layer->node), TRUE) : NULL;
  if (*leaf != NULL) {
    fv_activations_set (below, layer->node, *leaf);
    above = fv_graph_run (graph, below, &output, 1, evaluation, NULL, &error);
  }
  if (error != NULL)
    fv_scope_fail (scope, error);
  return above != NULL ? fv_call (scope, "aten::sum", fv_of (fv_activations_get (above, output)))
                       : NULL;
}

/* Whether the grid of a token layer still decides anything. After the last attention only the class
 * token does, and every map would be empty. */
static gboolean
grid_decides (FvGraph *graph, const FvLayer *layer, FvTensor *input)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *leaf = NULL;
  FvTensor *sum = sum_from_layer (scope, graph, layer, input, &leaf);
  FvTensor *gradient = NULL;
  FvTensor *size;

  if (sum == NULL || !fv_gradient (scope, sum, NULL, &leaf, 1, FALSE, &gradient))
    return FALSE;
  size = fv_call (scope, "aten::abs", fv_of (fv_layer_to_planes (scope, layer, gradient)));
  return fv_tensor_to_double (fv_call (scope, "aten::max", fv_of (size))) > 0;
}

/* A picture that is not the same everywhere. */
static FvTensor *
make_ramp (FvScope *scope, const FvCard *card)
{
  gint64 n = 3 * (gint64) card->height * card->width;
  FvTensor *ramp = fv_call (scope, "aten::linspace", fv_real (-2), fv_real (2), fv_int (n));

  return fv_call (scope, "aten::reshape", fv_of (ramp), fv_ints (1, 3, card->height, card->width));
}

const FvLayer *
fv_model_layers_get_default (FvGraph *graph, const FvCard *card, const GPtrArray *layers,
                             GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  const FvLayer *layer = find_last (graph, layers, FV_NODE_NONE);

  while (layer != NULL && layer->layout == FV_LAYOUT_TOKENS
         && !grid_decides (graph, layer, make_ramp (scope, card)))
    layer = find_last (graph, layers, layer->node);
  if (layer == NULL)
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "no layer of this network has space to draw a map on; it can predict, but Fovea "
                 "cannot show where it looks");
  return layer;
}
