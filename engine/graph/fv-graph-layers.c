/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Questions about a graph's shape: where a layer ends and begins, what crosses a cut, who uses a
 * parameter. */

#include "fv-graph.h"

char *
fv_module_join (const char *parent, const char *child)
{
  return *parent != '\0' ? g_strconcat (parent, ".", child, NULL) : g_strdup (child);
}

/* TRUE when @module is the module @layer or lies inside it. */
static gboolean
is_within (const char *module, const char *layer)
{
  gsize length = strlen (layer);

  return strncmp (module, layer, length) == 0
         && (module[length] == '\0' || module[length] == '.' || length == 0);
}

static FvNodeId
layer_not_found (const char *layer, GError **error)
{
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
               "the model has no layer “%s”; “fovea-cli model info” lists the layers", layer);
  return FV_NODE_NONE;
}

FvNodeId
fv_graph_find_layer (const FvGraph *self, const char *layer, GError **error)
{
  FvNodeId known = fv_graph_get_layer_output (self, layer);

  if (known != FV_NODE_NONE)
    return known;
  for (FvNodeId node = fv_graph_get_n_nodes (self); node-- > 0;)
    if (*layer != '\0' && is_within (fv_graph_get_module (self, node), layer))
      return node;
  return layer_not_found (layer, error);
}

FvNodeId
fv_graph_find_layer_start (const FvGraph *self, const char *layer, GError **error)
{
  for (FvNodeId node = 0; node < fv_graph_get_n_nodes (self); node++)
    if (*layer != '\0' && is_within (fv_graph_get_module (self, node), layer))
      return node;
  return layer_not_found (layer, error);
}

/* "a.b.c" contributes "a.b.c", "a.b" and "a", innermost first, unless already seen. */
static void
add_module_and_parents (GPtrArray *reversed, GHashTable *seen, const char *module)
{
  g_autoptr (GPtrArray) fresh = g_ptr_array_new ();

  for (char *name = *module != '\0' ? g_strdup (module) : NULL; name != NULL;) {
    char *dot = strrchr (name, '.');
    char *parent = dot != NULL && dot > name ? g_strndup (name, (gsize) (dot - name)) : NULL;

    if (g_hash_table_add (seen, name))
      g_ptr_array_add (fresh, name);
    name = parent;
  }
  /* Read backwards the graph shows each module's output before its inner ones. */
  for (guint i = fresh->len; i-- > 0;)
    g_ptr_array_add (reversed, g_strdup (g_ptr_array_index (fresh, i)));
}

GPtrArray *
fv_graph_list_layers (const FvGraph *self)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *layers = g_ptr_array_new_with_free_func (g_free);

  for (FvNodeId node = fv_graph_get_n_nodes (self); node-- > 0;)
    add_module_and_parents (layers, seen, fv_graph_get_module (self, node));
  for (guint i = 0; i < layers->len / 2; i++) {
    gpointer other = layers->pdata[layers->len - 1 - i];

    layers->pdata[layers->len - 1 - i] = layers->pdata[i];
    layers->pdata[i] = other;
  }
  return layers;
}

GArray *
fv_graph_frontier (const FvGraph *self, FvNodeId node)
{
  g_autofree gboolean *crosses = g_new0 (gboolean, fv_graph_get_n_nodes (self));
  GArray *frontier = g_array_new (FALSE, FALSE, sizeof (FvNodeId));

  for (FvNodeId user = node + 1; user < fv_graph_get_n_nodes (self); user++)
    for (gsize i = 0; i < fv_graph_get_n_arguments (self, user); i++) {
      const FvArgument *argument = fv_graph_get_argument (self, user, i);

      if (argument->kind == FV_ARGUMENT_NODE && argument->index <= node)
        crosses[argument->index] = TRUE;
    }
  g_array_append_val (frontier, node);
  for (FvNodeId other = 0; other < node; other++)
    if (crosses[other])
      g_array_append_val (frontier, other);
  return frontier;
}

FvNodeId
fv_graph_get_parameter_user (const FvGraph *self, guint parameter)
{
  for (FvNodeId node = 0; node < fv_graph_get_n_nodes (self); node++)
    for (gsize i = 0; i < fv_graph_get_n_arguments (self, node); i++) {
      const FvArgument *argument = fv_graph_get_argument (self, node, i);

      if (argument->kind == FV_ARGUMENT_PARAMETER && argument->index == parameter)
        return node;
    }
  return FV_NODE_NONE;
}
