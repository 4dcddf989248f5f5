/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Finding the layers that have space. */

#include "fv-model-layers.h"

#include "fv-autograd.h"
#include "fv-executor.h"

static void
free_layer (gpointer data)
{
  FvLayer *layer = data;

  g_free (layer->name);
  g_free (layer);
}

static FvActivations *
run_blank (FvGraph *graph, const FvCard *card, const GArray *nodes, GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvNoGrad) no_grad = fv_no_grad_enter ();
  g_autoptr (FvActivations) given = fv_activations_new ();
  FvTensor *blank = fv_call (scope, "aten::zeros", fv_ints (1, 3, card->height, card->width));

  if (!fv_scope_check (scope, error))
    return NULL;
  fv_activations_set (given, fv_graph_get_input (graph), blank);
  return fv_graph_run (graph, given, (const FvNodeId *) nodes->data, nodes->len,
                       (FvRunMode){ FALSE, FALSE }, NULL, error);
}

static void
add_if_spatial (GPtrArray *layers, const char *name, FvNodeId node, FvTensor *output)
{
  FvLayer *layer;

  if (output == NULL || fv_tensor_get_n_dims (output) != 4
      || fv_tensor_get_size (output, 2) * fv_tensor_get_size (output, 3) <= 1)
    return;
  layer = g_new (FvLayer, 1);
  layer->name = g_strdup (name);
  layer->node = node;
  layer->channels = (int) fv_tensor_get_size (output, 1);
  layer->height = (int) fv_tensor_get_size (output, 2);
  layer->width = (int) fv_tensor_get_size (output, 3);
  g_ptr_array_add (layers, layer);
}

GPtrArray *
fv_model_layers_find (FvGraph *graph, const FvCard *card, GError **error)
{
  g_autoptr (GPtrArray) names = fv_graph_list_layers (graph);
  g_autoptr (GArray) nodes = g_array_new (FALSE, FALSE, sizeof (FvNodeId));
  g_autoptr (FvActivations) found = NULL;
  g_autoptr (GPtrArray) layers = g_ptr_array_new_with_free_func (free_layer);

  for (guint i = 0; i < names->len; i++) {
    FvNodeId node = fv_graph_find_layer (graph, g_ptr_array_index (names, i), NULL);

    g_array_append_val (nodes, node);
  }
  found = run_blank (graph, card, nodes, error);
  if (found == NULL)
    return NULL;
  for (guint i = 0; i < names->len; i++) {
    FvNodeId node = g_array_index (nodes, FvNodeId, i);

    add_if_spatial (layers, g_ptr_array_index (names, i), node, fv_activations_get (found, node));
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

const FvLayer *
fv_model_layers_get_default (const FvGraph *graph, GPtrArray *layers, GError **error)
{
  const FvLayer *best = NULL;

  for (guint i = 0; i < layers->len; i++) {
    const FvLayer *layer = g_ptr_array_index (layers, i);

    if (!holds_the_beginning (graph, layer)
        && (best == NULL || layer->node > best->node
            || (layer->node == best->node && strlen (layer->name) < strlen (best->name))))
      best = layer;
  }
  if (best == NULL)
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "no layer of this network has space to draw a map on");
  return best;
}
