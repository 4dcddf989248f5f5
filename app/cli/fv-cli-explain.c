/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fovea-cli explain IMAGE… --model M --method NAME --output DIR */

#include <glib/gstdio.h>
#include <stdio.h>

#include "fv-cli.h"
#include "fv-explain.h"
#include "fv-gradcam.h"
#include "fv-input.h"
#include "fv-map-export.h"
#include "fv-npy.h"

/* Of --size: 64 MB a map. */
#define MAX_SIDE 4096

/* Stands for the class that the network predicts. */
#define PREDICTED (-1)

#define GRADCAM "gradcam"
#define TRANSFORMER "transformer"

typedef struct {
  char *method, *layer, *size, *format;
  int target;
  gboolean no_relu;
  int width, height; /* of --size; 0 keeps the layer's own grid */
  gboolean npy, png, svg;
} Choices;

static void
choices_clear (Choices *choices)
{
  g_free (choices->method);
  g_free (choices->layer);
  g_free (choices->size);
  g_free (choices->format);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Choices, choices_clear)

/* -- checking ------------------------------------------------------------------------------- */

static FvCliStatus
check_formats (Choices *choices)
{
  g_auto (GStrv) names = g_strsplit (choices->format != NULL ? choices->format : "npy", ",", -1);

  for (char **name = names; *name != NULL; name++) {
    if (g_str_equal (*name, "npy"))
      choices->npy = TRUE;
    else if (g_str_equal (*name, "png"))
      choices->png = TRUE;
    else if (g_str_equal (*name, "svg"))
      choices->svg = TRUE;
    else
      return fv_cli_usage_error ("--format %s: the formats are npy, png and svg", *name);
  }
  if (names[0] == NULL)
    return fv_cli_usage_error ("--format is empty: the formats are npy, png and svg");
  return FV_CLI_DONE;
}

static FvCliStatus
check_size (Choices *choices)
{
  char rest;

  if (choices->size == NULL)
    return FV_CLI_DONE;
  if (sscanf (choices->size, "%5dx%5d%c", &choices->width, &choices->height, &rest) != 2
      || choices->width < 1 || choices->height < 1 || choices->width > MAX_SIDE
      || choices->height > MAX_SIDE)
    return fv_cli_usage_error ("--size %s: write it as 224x224, with sides of at most %d",
                               choices->size, MAX_SIDE);
  return FV_CLI_DONE;
}

static FvCliStatus
check (const FvCliOptions *options, Choices *choices)
{
  FvCliStatus status = check_formats (choices);

  if (status == FV_CLI_DONE)
    status = check_size (choices);
  if (status != FV_CLI_DONE)
    return status;
  if (choices->method == NULL)
    return fv_cli_usage_error ("--method is missing");
  if (!g_str_equal (choices->method, GRADCAM) && !g_str_equal (choices->method, TRANSFORMER))
    return fv_cli_usage_error ("there is no method “%s”, only gradcam and transformer",
                               choices->method);
  if (g_str_equal (choices->method, TRANSFORMER) && (choices->no_relu || choices->layer != NULL))
    return fv_cli_usage_error ("--%s has no meaning with --method transformer",
                               choices->no_relu ? "no-relu" : "layer");
  if (choices->target < PREDICTED)
    return fv_cli_usage_error ("--target must be the number of a class, 0 or more");
  if (options->output == NULL)
    return fv_cli_usage_error ("--output is missing: the folder for the maps");
  return FV_CLI_DONE;
}

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
  const Choices *choices;
  FvModel *model;
  GString *provenance; /* maps.jsonl: the printed lines but for times */
} Explain;

static gboolean
save_array (const char *path, const GPtrArray *maps, gboolean stacked, GError **error)
{
  const FvMap *first = g_ptr_array_index (maps, 0);
  const gint64 shape[] = { maps->len, first->height, first->width };
  gsize cells = (gsize) first->width * (gsize) first->height;
  g_autofree float *all = g_new (float, cells * maps->len);

  for (guint i = 0; i < maps->len; i++)
    memcpy (all + i * cells, ((const FvMap *) g_ptr_array_index (maps, i))->values,
            cells * sizeof (float));
  return stacked ? fv_npy_save (path, all, shape, 3, error)
                 : fv_npy_save (path, all, shape + 1, 2, error);
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
resize_all (const Choices *choices, GPtrArray *maps)
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
  json_object_set_string_member (line, "layer", map->layer);
  json_object_set_int_member (line, "target", map->target);
  json_object_set_boolean_member (line, "relu", !explain->choices->no_relu);
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
      g_print ("%s: %s at %s for class %d%s → %s   (%s)\n", image, map->method, map->layer,
               map->target, fv_map_is_dead (map) ? ", no positive evidence" : "", files[0], top);
  }
}

static int *
same_target (const Choices *choices, int n)
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

  *inspection = fv_inspection_new (explain->model, input, explain->choices->layer, NULL, error);
  if (*inspection == NULL)
    return NULL;
  targets = same_target (explain->choices, fv_inspection_get_n_images (*inspection));
  return explain->choices->no_relu
             ? fv_gradcam (*inspection, targets, FALSE, error)
             : fv_explain (*inspection, input, explain->choices->method, targets, 0, error);
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

/* Before any picture is read: whether the network can be explained like that at all. */
static gboolean
can_explain (FvModel *model, const FvCliOptions *options, const Choices *choices, GError **error)
{
  if (choices->layer == NULL && fv_model_get_default_layer (model, error) == NULL) {
    g_prefix_error (error, "“%s”: ", options->model);
    return FALSE;
  }
  return !g_str_equal (choices->method, TRANSFORMER)
         || fv_model_get_attention (model, error) != NULL;
}

FvCliStatus
fv_cli_explain (char **arguments)
{
  g_auto (FvCliOptions) options = { 0 };
  g_auto (Choices) choices = { .target = PREDICTED };
  g_autoptr (GString) provenance = g_string_new (NULL);
  g_autoptr (FvModel) model = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry extra[] = {
    { "method", 0, 0, G_OPTION_ARG_STRING, &choices.method, "gradcam, or transformer", "NAME" },
    { "layer", 0, 0, G_OPTION_ARG_STRING, &choices.layer, "Layer (the last with space)", "NAME" },
    { "target", 0, 0, G_OPTION_ARG_INT, &choices.target, "Class (the predicted one)", "N" },
    { "no-relu", 0, 0, G_OPTION_ARG_NONE, &choices.no_relu, "Keep negative evidence", NULL },
    { "size", 0, 0, G_OPTION_ARG_STRING, &choices.size,
      "Cells of the .npy map (the layer's own grid)", "WxH" },
    { "format", 0, 0, G_OPTION_ARG_STRING, &choices.format, "npy, png, svg (npy)", "LIST" },
    G_OPTION_ENTRY_NULL,
  };
  FvCliStatus status = fv_cli_parse (arguments, "explain IMAGE… --model MODEL --output DIR",
                                     FV_CLI_TAKES_MODEL | FV_CLI_TAKES_OUTPUT, extra, -1, &options);

  if (status == FV_CLI_DONE)
    status = check (&options, &choices);
  if (status != FV_CLI_DONE)
    return status;
  model = fv_cli_open_model (&options, &error);
  if (g_error_matches (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED))
    return fv_cli_usage_error ("%s", error->message);
  if (model == NULL || !can_explain (model, &options, &choices, &error)
      || !explain_all (&(Explain){ &options, &choices, model, provenance }, &error))
    return fv_cli_fail (error);
  return FV_CLI_DONE;
}
