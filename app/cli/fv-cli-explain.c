/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fovea-cli explain IMAGE… --model M --method NAME --output DIR */

#include <glib/gstdio.h>

#include "fv-cli-explain-choices.h"
#include "fv-input.h"
#include "fv-map-export.h"
#include "fv-method.h"
#include "fv-npy.h"

/* "photos/cat.jpg" makes "cat". (transfer full) */
static char *
stem_of (const char *path)
{
  char *stem = g_path_get_basename (path);
  char *dot = strrchr (stem, '.');

  if (dot != NULL && dot != stem)
    *dot = '\0';
  return stem;
}

/* Two pictures of one stem would write one file. */
static gboolean
check_stems (char **paths, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (char **path = paths; *path != NULL; path++) {
    char *stem = stem_of (*path);

    if (g_hash_table_add (seen, stem))
      continue;
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "“%s” would overwrite the map of another picture of that name: explain them "
                 "apart",
                 *path);
    return FALSE;
  }
  return TRUE;
}

/* -- writing -------------------------------------------------------------------------------- */

typedef struct {
  const FvCliOptions *options;
  const FvCliExplainChoices *choices;
  FvModel *model;
  GString *provenance; /* maps.jsonl: the printed lines but for times */
} Explain;

/* [h,w] at a layer, [C,h,w] at the input; all of an [N,…] input in one array. */
static gboolean
save_array (const char *path, const GPtrArray *maps, gboolean stacked, GError **error)
{
  const FvMap *first = g_ptr_array_index (maps, 0);
  const gint64 shape[] = { maps->len, first->n_channels, first->height, first->width };
  const gint64 flat[] = { maps->len, first->height, first->width };
  gboolean at_input = first->channels != NULL;
  gsize size
      = (gsize) first->width * (gsize) first->height * (at_input ? (gsize) first->n_channels : 1);
  g_autofree float *all = g_new (float, size * maps->len);

  for (guint i = 0; i < maps->len; i++) {
    const FvMap *map = g_ptr_array_index (maps, i);

    memcpy (all + i * size, at_input ? map->channels : map->values, size * sizeof (float));
  }
  return fv_npy_save (path, all, (at_input ? shape : flat) + (stacked ? 0 : 1),
                      (at_input ? 4 : 3) - (stacked ? 0 : 1), error);
}

static char *
file_for (const Explain *explain, const char *image, const char *suffix)
{
  g_autofree char *stem = stem_of (image);
  g_autofree char *name = g_strdup_printf ("%s.%s.%s", stem, explain->choices->method, suffix);

  return g_build_filename (explain->options->output, name, NULL);
}

static gboolean
save_pictures (const Explain *explain, const char *image, const GPtrArray *maps,
               GStrvBuilder *files, GError **error)
{
  const FvMap *map = g_ptr_array_index (maps, 0);
  const char *class_name = fv_card_get_class_name (fv_model_get_card (explain->model), map->target);
  g_autofree char *png = file_for (explain, image, "png");
  g_autofree char *svg = file_for (explain, image, "svg");
  g_autoptr (FvImage) photo = NULL;

  if (!fv_input_is_array (image)) {
    photo = fv_image_load (image, error);
    if (photo == NULL)
      return FALSE;
  }
  if (explain->choices->png) {
    if (!fv_map_export_png (map, photo, class_name, png, error))
      return FALSE;
    g_strv_builder_add (files, png);
  }
  if (explain->choices->svg) {
    if (!fv_map_export_svg (map, photo, class_name, svg, error))
      return FALSE;
    g_strv_builder_add (files, svg);
  }
  return TRUE;
}

static GPtrArray *
resize_all (const FvCliExplainChoices *choices, GPtrArray *maps)
{
  GPtrArray *resized = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_map_free);

  for (guint i = 0; i < maps->len; i++) {
    const FvMap *map = g_ptr_array_index (maps, i);

    g_ptr_array_add (resized, choices->width > 0
                                  ? fv_map_resize (map, choices->width, choices->height)
                                  : fv_map_copy (map));
  }
  return resized;
}

static GStrv
save (const Explain *explain, const char *image, GPtrArray *maps, gboolean stacked, GError **error)
{
  g_autoptr (GStrvBuilder) files = g_strv_builder_new ();
  g_autoptr (GPtrArray) sized = resize_all (explain->choices, maps);
  g_autofree char *npy = file_for (explain, image, "npy");

  if (explain->choices->npy) {
    if (!save_array (npy, sized, stacked, error))
      return NULL;
    g_strv_builder_add (files, npy);
  }
  if ((explain->choices->png || explain->choices->svg)
      && !save_pictures (explain, image, maps, files, error))
    return NULL;
  return g_strv_builder_end (files);
}

/* -- reporting ------------------------------------------------------------------------------ */

static JsonNode *
line_of (const Explain *explain, const char *image, const FvInspection *inspection, int index,
         const FvMap *map, char **files, double seconds)
{
  JsonObject *line = json_object_new ();
  JsonArray *names = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  for (char **file = files; *file != NULL; file++)
    json_array_add_string_element (names, *file);
  json_object_set_string_member (line, "image", image);
  json_object_set_array_member (line, "predictions", fv_cli_top_five (inspection, index));
  json_object_set_string_member (line, "method", map->method);
  if (map->layer != NULL)
    json_object_set_string_member (line, "layer", map->layer);
  else
    json_object_set_null_member (line, "layer");
  json_object_set_int_member (line, "target", map->target);
  fv_cli_explain_choices_describe (explain->choices, map, line);
  json_object_set_boolean_member (line, "dead_map", fv_map_is_dead (map));
  json_object_set_array_member (line, "files", names);
  json_object_set_int_member (line, "forwards", map->forwards);
  json_object_set_int_member (line, "backwards", map->backwards);
  if (seconds >= 0)
    json_object_set_double_member (line, "seconds", seconds);
  json_node_take_object (node, line);
  return node;
}

static void
report (const Explain *explain, const char *image, const FvInspection *inspection,
        const GPtrArray *maps, char **files, double seconds)
{
  for (guint i = 0; i < maps->len; i++) {
    const FvMap *map = g_ptr_array_index (maps, i);
    g_autoptr (JsonNode) timeless = line_of (explain, image, inspection, (int) i, map, files, -1);
    g_autofree char *text = fv_cli_json_to_line (timeless);
    g_autofree char *top = fv_cli_describe_top_five (inspection, (int) i);

    g_string_append_printf (explain->provenance, "%s\n", text);
    if (explain->options->json)
      fv_cli_print_json (
          line_of (explain, image, inspection, (int) i, map, files, seconds / maps->len));
    else
      g_print ("%s: %s%s%s for class %d%s → %s   (%s)\n", image, map->method,
               map->layer != NULL ? " at " : "", map->layer != NULL ? map->layer : "", map->target,
               fv_map_is_dead (map) ? ", no positive evidence" : "", files[0], top);
  }
}

static int *
same_target (const FvCliExplainChoices *choices, int n)
{
  int *targets = g_new (int, n);

  for (int i = 0; i < n; i++)
    targets[i] = choices->target;
  return targets;
}

static GPtrArray *
find_maps (const Explain *explain, FvTensor *input, FvInspection **inspection, GError **error)
{
  g_autofree int *targets = NULL;
  FvExplainOptions options = explain->choices->options;

  *inspection = fv_explain_inspect (explain->model, input, options.method, explain->choices->layer,
                                    NULL, error);
  if (*inspection == NULL)
    return NULL;
  targets = same_target (explain->choices, fv_inspection_get_n_images (*inspection));
  options.targets = targets;
  return fv_explain (*inspection, input, &options, NULL, error);
}

static gboolean
explain_image (const Explain *explain, const char *image, GError **error)
{
  gint64 began = g_get_monotonic_time ();
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *input = fv_input_load (scope, fv_model_get_card (explain->model), image, FALSE);
  g_autoptr (FvInspection) inspection = NULL;
  g_autoptr (GPtrArray) maps = NULL;
  g_auto (GStrv) files = NULL;
  double seconds;

  if (!fv_scope_check (scope, error))
    return FALSE;
  maps = find_maps (explain, input, &inspection, error);
  if (maps == NULL) {
    g_prefix_error (error, "“%s”: ", image);
    return FALSE;
  }
  seconds = (double) (g_get_monotonic_time () - began) / G_USEC_PER_SEC;
  files = save (explain, image, maps, fv_inspection_get_n_images (inspection) > 1, error);
  if (files == NULL)
    return FALSE;
  report (explain, image, inspection, maps, files, seconds);
  return TRUE;
}

static gboolean
explain_all (const Explain *explain, GError **error)
{
  g_autofree char *lines = g_build_filename (explain->options->output, "maps.jsonl", NULL);

  if (!check_stems (explain->options->rest, error))
    return FALSE;
  if (g_mkdir_with_parents (explain->options->output, 0755) != 0) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE, "“%s” cannot be made a folder",
                 explain->options->output);
    return FALSE;
  }
  for (char **image = explain->options->rest; *image != NULL; image++)
    if (!explain_image (explain, *image, error))
      return FALSE;
  return g_file_set_contents (lines, explain->provenance->str, -1, error);
}

/* NULL with @error. A network without what the method needs, a layer to draw at or attention, is
 * refused by its name before any picture is read. */
static FvModel *
open_model (const FvCliOptions *options, const FvCliExplainChoices *choices, GError **error)
{
  const FvMethodInfo *method = fv_method_find (choices->method);
  g_autoptr (FvModel) model = fv_cli_open_model (options, error);

  if (model == NULL || (method->needs_attention && fv_model_get_attention (model, error) == NULL))
    return NULL;
  if (choices->layer != NULL || !method->needs_layer
      || fv_model_get_default_layer (model, error) != NULL)
    return g_steal_pointer (&model);
  g_prefix_error (error, "“%s”: ", options->model);
  return NULL;
}

FvCliStatus
fv_cli_explain (char **arguments)
{
  g_auto (FvCliOptions) options = { 0 };
  g_auto (FvCliExplainChoices) choices = { NULL };
  g_autoptr (GString) provenance = g_string_new (NULL);
  g_autoptr (FvModel) model = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *keys = fv_method_list_keys ();
  const GOptionEntry extra[] = {
    { "method", 0, 0, G_OPTION_ARG_STRING, &choices.method, keys, "NAME" },
    { "layer", 0, 0, G_OPTION_ARG_STRING, &choices.layer, "Layer (the last with space)", "NAME" },
    { "target", 0, 0, G_OPTION_ARG_INT, &choices.target, "Class (the predicted one)", "N" },
    { "no-relu", 0, 0, G_OPTION_ARG_NONE, &choices.no_relu, "gradcam: keep negative evidence",
      NULL },
    { "steps", 0, 0, G_OPTION_ARG_INT, &choices.steps,
      "integrated_gradients: points on the path (50)", "N" },
    { "baseline", 0, 0, G_OPTION_ARG_STRING, &choices.baseline,
      "integrated_gradients: where the path begins: mean, blur, noise or zero (zero)", "NAME" },
    { "samples", 0, 0, G_OPTION_ARG_INT, &choices.samples, "smoothgrad: noisy pictures (50)", "N" },
    { "noise", 0, 0, G_OPTION_ARG_DOUBLE, &choices.noise,
      "smoothgrad: its deviation as a share of the picture's range (0.15)", "X" },
    { "upsample", 0, 0, G_OPTION_ARG_STRING, &choices.upsample,
      "guided_gradcam: bilinear or nearest (bilinear)", "HOW" },
    { "size", 0, 0, G_OPTION_ARG_STRING, &choices.size, "Cells of the .npy map (its own grid)",
      "WxH" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &choices.format, "npy, png, svg (npy)", "LIST" },
    G_OPTION_ENTRY_NULL,
  };
  FvCliStatus status;

  fv_cli_explain_choices_init (&choices);
  status = fv_cli_parse (arguments, "explain IMAGE… --model MODEL --output DIR",
                         FV_CLI_TAKES_MODEL | FV_CLI_TAKES_OUTPUT, extra, -1, &options);
  if (status == FV_CLI_DONE)
    status = fv_cli_explain_choices_check (&choices, (guint64) options.seed);
  if (status == FV_CLI_DONE && options.output == NULL)
    status = fv_cli_usage_error ("--output is missing: the folder for the maps");
  if (status != FV_CLI_DONE)
    return status;
  model = open_model (&options, &choices, &error);
  if (g_error_matches (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED))
    return fv_cli_usage_error ("%s", error->message);
  if (model == NULL || !explain_all (&(Explain){ &options, &choices, model, provenance }, &error))
    return fv_cli_fail (error);
  return FV_CLI_DONE;
}
