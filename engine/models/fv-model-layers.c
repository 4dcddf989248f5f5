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
  return fv_graph_run (graph, given, (const FvNodeId *) nodes->data, nodes->len, (FvRunMode){ 0 },
                       NULL, error);
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

FvTensor *
fv_model_layers_make_ramps (FvScope *scope, const FvCard *card, int n)
{
  gint64 values = 3 * (gint64) n * card->height * card->width;
  FvTensor *ramps = fv_call (scope, "aten::linspace", fv_real (-2), fv_real (2), fv_int (values));

  ramps
      = fv_call (scope, "aten::reshape", fv_of (ramps), fv_ints (n, 3, card->height, card->width));
  return ramps != NULL ? fv_detach (scope, ramps, TRUE) : NULL;
}

/* One recorded run: the values of @layers and, in @logit, the first class's. NULL on failure. */
static FvActivations *
run_recorded (FvScope *scope, FvGraph *graph, const FvCard *card, const GPtrArray *layers,
              FvTensor **logit)
{
  g_autoptr (FvActivations) given = fv_activations_new ();
  g_autoptr (GArray) wanted = g_array_new (FALSE, FALSE, sizeof (FvNodeId));
  FvNodeId output = fv_graph_get_output (graph);
  FvTensor *ramp = fv_model_layers_make_ramps (scope, card, 1);
  FvActivations *found;

  if (ramp == NULL)
    return NULL;
  for (guint i = 0; i < layers->len; i++)
    g_array_append_val (wanted, ((const FvLayer *) g_ptr_array_index (layers, i))->node);
  g_array_append_val (wanted, output);
  fv_activations_set (given, fv_graph_get_input (graph), ramp);
  found = fv_graph_run (graph, given, (const FvNodeId *) wanted->data, wanted->len,
                        (FvRunMode){ 0 }, NULL, NULL);
  if (found != NULL)
    *logit = fv_call (scope, "aten::select.int", fv_of (fv_activations_get (found, output)),
                      fv_int (1), fv_int (0));
  return found;
}

static gboolean
is_anywhere_nonzero (FvScope *scope, const FvLayer *layer, FvTensor *gradient)
{
  FvTensor *size
      = fv_call (scope, "aten::abs", fv_of (fv_layer_to_planes (scope, layer, gradient)));

  return fv_tensor_to_double (fv_call (scope, "aten::max", fv_of (size))) > 0;
}

/* Of @layers, all of tokens, the latest whose grid still decides anything. After the last attention
 * only the class token does, and every map would be empty. NULL when there is none. */
static const FvLayer *
find_deciding (FvGraph *graph, const FvCard *card, const GPtrArray *layers)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *logit = NULL;
  g_autoptr (FvActivations) found = run_recorded (scope, graph, card, layers, &logit);
  g_autofree FvTensor **values = g_new0 (FvTensor *, layers->len + 1);
  g_autofree FvTensor **gradients = g_new0 (FvTensor *, layers->len + 1);
  const FvLayer *best = NULL;

  for (guint i = 0; found != NULL && i < layers->len; i++)
    values[i] = fv_activations_get (found, ((const FvLayer *) layers->pdata[i])->node);
  if (found == NULL || !fv_gradient (scope, logit, NULL, values, layers->len, FALSE, gradients))
    return NULL;
  for (guint i = 0; i < layers->len; i++)
    if (is_better (layers->pdata[i], best)
        && is_anywhere_nonzero (scope, layers->pdata[i], gradients[i]))
      best = layers->pdata[i];
  return best;
}

static GPtrArray *
select_layers (const FvGraph *graph, const GPtrArray *layers, gboolean tokens)
{
  GPtrArray *selected = g_ptr_array_new ();

  for (guint i = 0; i < layers->len; i++) {
    FvLayer *layer = g_ptr_array_index (layers, i);

    if ((layer->layout == FV_LAYOUT_TOKENS) == tokens && !holds_the_beginning (graph, layer))
      g_ptr_array_add (selected, layer);
  }
  return selected;
}

static const FvLayer *
find_last (const GPtrArray *layers)
{
  const FvLayer *best = NULL;

  for (guint i = 0; i < layers->len; i++)
    if (is_better (g_ptr_array_index (layers, i), best))
      best = g_ptr_array_index (layers, i);
  return best;
}

const FvLayer *
fv_model_layers_get_default (FvGraph *graph, const FvCard *card, const GPtrArray *layers,
                             GError **error)
{
  g_autoptr (GPtrArray) planes = select_layers (graph, layers, FALSE);
  g_autoptr (GPtrArray) tokens = select_layers (graph, layers, TRUE);
  const FvLayer *layer = find_last (planes);
  const FvLayer *last_tokens = find_last (tokens);

  if (last_tokens != NULL && is_better (last_tokens, layer)) {
    const FvLayer *deciding = find_deciding (graph, card, tokens);

    if (deciding != NULL && is_better (deciding, layer))
      layer = deciding;
  }
  if (layer == NULL)
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "no layer of this network has space to draw a map on; it can predict, but Fovea "
                 "cannot show where it looks");
  return layer;
}
