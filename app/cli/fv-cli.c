/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Shared parts of the commands. */

#include "fv-cli.h"

#include <stdio.h>

#include "fv-run.h"
#include "fv-runtime.h"

#define TOP 5

void
fv_cli_options_clear (FvCliOptions *options)
{
  g_free (options->device);
  g_free (options->model);
  g_free (options->weights);
  g_free (options->card);
  g_free (options->logits);
  g_free (options->output);
  g_strfreev (options->rest);
}

FvCliStatus
fv_cli_fail (const GError *error)
{
  g_printerr ("fovea-cli: %s\n", error->message);
  return FV_CLI_FAILED;
}

FvCliStatus
fv_cli_finish (FvCliStatus status)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return status;
  g_printerr ("fovea-cli: what was printed could not be written: the disk is full, or the program "
              "that read it has ended\n");
  return status == FV_CLI_DONE ? FV_CLI_FAILED : status;
}

FvCliStatus
fv_cli_usage_error (const char *format, ...)
{
  g_autofree char *sentence = NULL;
  va_list values;

  va_start (values, format);
  sentence = g_strdup_vprintf (format, values);
  va_end (values);
  g_printerr ("fovea-cli: %s\nTry “fovea-cli --help”.\n", sentence);
  return FV_CLI_USAGE;
}

/* -- parsing -------------------------------------------------------------------------------- */

static void
add_options (GOptionContext *context, FvCliTakes takes, FvCliOptions *options)
{
  const GOptionEntry always[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, "One JSON object a line on stdout", NULL },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &options->seed, "Seed of everything drawn (0)", "N" },
    { "threads", 0, 0, G_OPTION_ARG_INT, &options->threads, "Threads (all processors)", "N" },
    { "device", 0, 0, G_OPTION_ARG_STRING, &options->device, "Device (cpu)", "NAME" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->rest, NULL, NULL },
    G_OPTION_ENTRY_NULL,
  };
  const GOptionEntry model[] = {
    { "model", 0, 0, G_OPTION_ARG_FILENAME, &options->model,
      "An architecture, a run folder or a TorchScript file", "MODEL" },
    { "weights", 0, 0, G_OPTION_ARG_FILENAME, &options->weights, "A .safetensors or .pth file",
      "FILE" },
    { "card", 0, 0, G_OPTION_ARG_FILENAME, &options->card,
      "The model card (the weights' name with .json)", "FILE" },
    { "logits", 0, 0, G_OPTION_ARG_STRING, &options->logits,
      "Which of several results of a TorchScript network", "NAME" },
    G_OPTION_ENTRY_NULL,
  };
  const GOptionEntry output[] = {
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &options->output, "Where to write", "PATH" },
    G_OPTION_ENTRY_NULL,
  };

  g_option_context_add_main_entries (context, always, NULL);
  if (takes & FV_CLI_TAKES_MODEL)
    g_option_context_add_main_entries (context, model, NULL);
  if (takes & FV_CLI_TAKES_OUTPUT)
    g_option_context_add_main_entries (context, output, NULL);
}

static FvCliStatus
check_rest (const FvCliOptions *options, FvCliTakes takes, int n_rest)
{
  int n = options->rest != NULL ? (int) g_strv_length (options->rest) : 0;

  if (n_rest < 0 && n == 0)
    return fv_cli_usage_error ("something to work on is missing");
  if (n_rest >= 0 && n < n_rest && !(takes & FV_CLI_TAKES_FEWER))
    return fv_cli_usage_error ("%d argument(s) expected, %d given", n_rest, n);
  if (n_rest >= 0 && n > n_rest)
    return fv_cli_usage_error ("“%s” is one argument too many", options->rest[n_rest]);
  return FV_CLI_DONE;
}

static FvCliStatus
start_engine (const FvCliOptions *options)
{
  if (options->threads < 0 || options->threads > FV_RUNTIME_MAX_THREADS)
    return fv_cli_usage_error ("--threads must be 1 to 1024");
  if (options->device != NULL && !g_str_equal (options->device, "cpu")) {
    g_printerr ("fovea-cli: this libtorch has no device “%s”; use --device cpu\n", options->device);
    return FV_CLI_FAILED;
  }
  fv_runtime_start (options->threads);
  return FV_CLI_DONE;
}

FvCliStatus
fv_cli_parse (char **arguments, const char *usage, FvCliTakes takes, const GOptionEntry *extra,
              int n_rest, FvCliOptions *options)
{
  g_autoptr (GOptionContext) context = g_option_context_new (usage);
  /* g_option_context_parse_strv () takes the first for the program's name. */
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) copy = NULL;
  g_autoptr (GError) error = NULL;
  FvCliStatus status;

  g_strv_builder_add (builder, "fovea-cli");
  g_strv_builder_addv (builder, (const char **) arguments);
  copy = g_strv_builder_end (builder);
  add_options (context, takes, options);
  if (extra != NULL)
    g_option_context_add_main_entries (context, extra, NULL);
  if (!g_option_context_parse_strv (context, &copy, &error))
    return fv_cli_usage_error ("%s", error->message);
  status = check_rest (options, takes, n_rest);
  return status == FV_CLI_DONE ? start_engine (options) : status;
}

gboolean
fv_cli_parse_split (const char *name, FvSplit *split)
{
  static const char *const names[] = { "train", "validation", "test" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_equal (name, names[i])) {
      *split = (FvSplit) i;
      return TRUE;
    }
  return FALSE;
}

/* -- opening -------------------------------------------------------------------------------- */

FvModel *
fv_cli_open_source (const FvCliOptions *options, const char *model, GError **error)
{
  const FvModelSource source = { model, options->weights, options->card, options->logits };

  return fv_model_open (&source, (guint64) options->seed, error);
}

FvModel *
fv_cli_open_model (const FvCliOptions *options, GError **error)
{
  if (options->model == NULL && options->weights == NULL) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "--model is missing");
    return NULL;
  }
  return fv_cli_open_source (options, options->model, error);
}

FvDataset *
fv_cli_open_dataset (const FvCliOptions *options, const char *path, GError **error)
{
  return fv_dataset_open (path, (guint64) options->seed, error);
}

void
fv_cli_warn_of_other_split (const FvCliOptions *options, const char *model,
                            const FvDataset *dataset)
{
  guint64 seed;

  if (fv_run_learned_from_other_split (model, dataset, (guint64) options->seed, &seed))
    g_printerr ("“%s” learned from the split of “%s” that --seed %" G_GUINT64_FORMAT
                " draws, not %" G_GINT64_FORMAT
                ": it has seen some of the pictures that it is measured on.\n",
                model, fv_dataset_get_path (dataset), seed, options->seed);
}

/* -- output --------------------------------------------------------------------------------- */

char *
fv_cli_json_to_line (JsonNode *node)
{
  g_autofree char *line = json_to_string (node, FALSE);

  return g_utf8_make_valid (line, -1);
}

void
fv_cli_print_json (JsonNode *node)
{
  g_autofree char *line = fv_cli_json_to_line (node);

  json_node_unref (node);
  g_print ("%s\n", line);
}

/* Indices of the @n likeliest classes, likeliest first; equal ones by index. */
static void
find_top (const float *probabilities, int n_classes, int *top, int n)
{
  for (int place = 0; place < n; place++) {
    int best = -1;

    for (int i = 0; i < n_classes; i++) {
      gboolean taken = FALSE;

      for (int before = 0; before < place; before++)
        taken |= top[before] == i;
      if (!taken && (best < 0 || probabilities[i] > probabilities[best]))
        best = i;
    }
    top[place] = best;
  }
}

JsonArray *
fv_cli_top_five (const FvInspection *inspection, int image)
{
  const FvCard *card = fv_model_get_card (fv_inspection_get_model (inspection));
  int n_classes = fv_inspection_get_n_classes (inspection);
  g_autofree float *probabilities = g_new (float, n_classes);
  JsonArray *array = json_array_new ();
  int n = MIN (TOP, n_classes);
  int top[TOP];

  fv_inspection_get_probabilities (inspection, image, probabilities);
  find_top (probabilities, n_classes, top, n);
  for (int i = 0; i < n; i++) {
    JsonObject *entry = json_object_new ();
    const char *name = fv_card_get_class_name (card, top[i]);

    json_object_set_int_member (entry, "index", top[i]);
    if (name != NULL)
      json_object_set_string_member (entry, "name", name);
    else
      json_object_set_null_member (entry, "name");
    json_object_set_double_member (entry, "probability", probabilities[top[i]]);
    json_array_add_object_element (array, entry);
  }
  return array;
}

char *
fv_cli_describe_top_five (const FvInspection *inspection, int image)
{
  g_autoptr (JsonArray) top = fv_cli_top_five (inspection, image);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (top); i++) {
    JsonObject *entry = json_array_get_object_element (top, i);
    gint64 index = json_object_get_int_member (entry, "index");
    g_autofree char *number = g_strdup_printf ("class %" G_GINT64_FORMAT, index);
    const char *name = json_object_get_string_member_with_default (entry, "name", number);

    g_string_append_printf (text, "%s%s %.1f %%", i > 0 ? " · " : "", name,
                            100 * json_object_get_double_member (entry, "probability"));
  }
  return g_string_free (text, FALSE);
}
