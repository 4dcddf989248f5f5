/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fovea-cli model info MODEL */

#include "fv-cli.h"

static gint64
count_parameters (const FvGraph *graph)
{
  gint64 n = 0;

  for (guint i = 0; i < fv_graph_get_n_parameters (graph); i++)
    if (fv_graph_get_parameter_role (graph, i) == FV_PARAMETER_WEIGHT)
      n += fv_tensor_get_n_elements (fv_graph_get_parameter (graph, i));
  return n;
}

static void
add_layer (JsonBuilder *builder, const FvLayer *layer)
{
  const int shape[] = { layer->channels, layer->height, layer->width };

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "name");
  json_builder_add_string_value (builder, layer->name);
  json_builder_set_member_name (builder, "shape");
  json_builder_begin_array (builder);
  for (int i = 0; i < 3; i++)
    json_builder_add_int_value (builder, shape[i]);
  json_builder_end_array (builder);
  if (layer->layout == FV_LAYOUT_TOKENS) {
    json_builder_set_member_name (builder, "prefix_tokens");
    json_builder_add_int_value (builder, layer->n_prefix);
  }
  json_builder_end_object (builder);
}

static JsonNode *
info_to_json (const FvModel *model, const GPtrArray *layers, const FvLayer *chosen)
{
  const FvGraph *graph = fv_model_get_graph (model);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "architecture");
  json_builder_add_string_value (builder, fv_model_get_card (model)->architecture);
  json_builder_set_member_name (builder, "nodes");
  json_builder_add_int_value (builder, fv_graph_get_n_nodes (graph));
  json_builder_set_member_name (builder, "parameters");
  json_builder_add_int_value (builder, count_parameters (graph));
  json_builder_set_member_name (builder, "layers");
  json_builder_begin_array (builder);
  for (guint i = 0; i < layers->len; i++)
    add_layer (builder, g_ptr_array_index (layers, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "default_layer");
  if (chosen != NULL)
    json_builder_add_string_value (builder, chosen->name);
  else
    json_builder_add_null_value (builder);
  json_builder_set_member_name (builder, "outputs");
  json_builder_add_int_value (builder, fv_model_get_n_classes (model));
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

static void
print_layer (const FvLayer *layer, gboolean is_default)
{
  g_print ("  %-28s %d × %d × %d", layer->name, layer->channels, layer->height, layer->width);
  if (layer->layout == FV_LAYOUT_TOKENS)
    g_print ("   %d tokens in a grid%s", layer->height * layer->width,
             layer->n_prefix > 0 ? ", after others" : "");
  g_print ("%s\n", is_default ? "   (default)" : "");
}

static void
print_info (const FvModel *model, const GPtrArray *layers, const FvLayer *chosen)
{
  const FvGraph *graph = fv_model_get_graph (model);

  g_print ("%s: %u nodes, %" G_GINT64_FORMAT " parameters, %d outputs\n",
           fv_model_get_card (model)->architecture, fv_graph_get_n_nodes (graph),
           count_parameters (graph), fv_model_get_n_classes (model));
  for (guint i = 0; i < layers->len; i++) {
    const FvLayer *layer = g_ptr_array_index (layers, i);

    print_layer (layer, layer == chosen);
  }
  if (chosen == NULL)
    g_print ("  no layer has space to draw a map on: it can predict, but not be explained\n");
}

FvCliStatus
fv_cli_model (char **arguments)
{
  g_auto (FvCliOptions) options = { 0 };
  g_autoptr (FvModel) model = NULL;
  g_autoptr (GError) error = NULL;
  const FvLayer *chosen;
  const GPtrArray *layers;
  FvCliStatus status;

  if (g_strcmp0 (arguments[0], "read-script") == 0)
    return fv_cli_read_script (arguments + 1);
  if (g_strcmp0 (arguments[0], "write-script") == 0)
    return fv_cli_write_script (arguments + 1);
  if (g_strcmp0 (arguments[0], "info") != 0)
    return fv_cli_usage_error ("“model” is followed by info");
  status = fv_cli_parse (arguments + 1, "model info MODEL", FV_CLI_TAKES_MODEL, NULL, 1, &options);
  if (status != FV_CLI_DONE)
    return status;
  model = fv_cli_open_source (&options, options.rest[0], &error);
  layers = model != NULL ? fv_model_get_layers (model, &error) : NULL;
  if (layers == NULL)
    return fv_cli_fail (error);
  /* A network without such a layer can still predict. */
  chosen = fv_model_get_default_layer (model, NULL);
  if (options.json)
    fv_cli_print_json (info_to_json (model, layers, chosen));
  else
    print_info (model, layers, chosen);
  return FV_CLI_DONE;
}
