/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fovea-cli predict IMAGE… --model M */

#include "fv-cli.h"
#include "fv-input.h"
#include "fv-npy.h"

typedef struct {
  const FvCliOptions *options;
  FvModel *model;
  gboolean crop;
  GArray *logits; /* of all pictures, one row after another */
  gint64 n_images;
} Predict;

static void
print_prediction (const Predict *predict, const char *path, const FvInspection *inspection,
                  int image)
{
  g_autofree char *text = NULL;
  JsonObject *line;
  JsonNode *node;

  if (!predict->options->json) {
    text = fv_cli_describe_top_five (inspection, image);
    g_print ("%s: %s\n", path, text);
    return;
  }
  line = json_object_new ();
  json_object_set_string_member (line, "image", path);
  json_object_set_array_member (line, "predictions", fv_cli_top_five (inspection, image));
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, line);
  fv_cli_print_json (node);
}

static gboolean
predict_image (Predict *predict, const char *path, GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *input = fv_input_load (scope, fv_model_get_card (predict->model), path, predict->crop);
  g_autoptr (FvInspection) inspection = NULL;
  int n_images;

  if (!fv_scope_check (scope, error))
    return FALSE;
  inspection = fv_inspection_new_prediction (predict->model, input, NULL, error);
  if (inspection == NULL) {
    g_prefix_error (error, "“%s”: ", path);
    return FALSE;
  }
  n_images = fv_inspection_get_n_images (inspection);
  g_array_append_vals (predict->logits, fv_inspection_get_logits (inspection),
                       (guint) (n_images * fv_inspection_get_n_classes (inspection)));
  predict->n_images += n_images;
  for (int i = 0; i < n_images; i++)
    print_prediction (predict, path, inspection, i);
  return TRUE;
}

static gboolean
predict_all (Predict *predict, GError **error)
{
  const gint64 n_classes = fv_model_get_n_classes (predict->model);

  for (char **path = predict->options->rest; *path != NULL; path++)
    if (!predict_image (predict, *path, error))
      return FALSE;
  return predict->options->output == NULL
         || fv_npy_save (predict->options->output, (const float *) predict->logits->data,
                         (const gint64[]){ predict->n_images, n_classes }, 2, error);
}

FvCliStatus
fv_cli_predict (char **arguments)
{
  g_auto (FvCliOptions) options = { 0 };
  g_autoptr (FvModel) model = NULL;
  g_autoptr (GArray) logits = g_array_new (FALSE, FALSE, sizeof (float));
  g_autoptr (GError) error = NULL;
  gboolean crop = FALSE;
  const GOptionEntry extra[] = {
    { "crop", 0, 0, G_OPTION_ARG_NONE, &crop,
      "Use the card's centre crop; else the whole picture is stretched", NULL },
    G_OPTION_ENTRY_NULL,
  };
  FvCliStatus status = fv_cli_parse (arguments, "predict IMAGE… --model MODEL",
                                     FV_CLI_TAKES_MODEL | FV_CLI_TAKES_OUTPUT, extra, -1, &options);

  if (status != FV_CLI_DONE)
    return status;
  model = fv_cli_open_model (&options, &error);
  if (g_error_matches (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED))
    return fv_cli_usage_error ("%s", error->message);
  if (model == NULL || !predict_all (&(Predict){ &options, model, crop, logits, 0 }, &error))
    return fv_cli_fail (error);
  return FV_CLI_DONE;
}
