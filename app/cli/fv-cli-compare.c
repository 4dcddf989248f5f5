/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fovea-cli compare A B: two runs, or several that differ in their seed, picture by picture. */

#include <math.h>

#include "fv-cli.h"
#include "fv-comparison.h"
#include "fv-run.h"

typedef struct {
  char *data, *split, *metrics;
  FvSplit split_id;
  FvMetricSelection selection;
} Choices;

static void
choices_clear (Choices *choices)
{
  g_free (choices->data);
  g_free (choices->split);
  g_free (choices->metrics);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Choices, choices_clear)

static FvCliStatus
check_choices (Choices *choices)
{
  g_autoptr (GError) error = NULL;

  if (choices->split != NULL && !fv_cli_parse_split (choices->split, &choices->split_id))
    return fv_cli_usage_error ("--split is train, validation or test");
  if (choices->metrics != NULL
      && !fv_metric_selection_parse (choices->metrics, &choices->selection, &error))
    return fv_cli_usage_error ("%s", error->message);
  return FV_CLI_DONE;
}

/* Measures the run in @folder on --data, or on what it was trained on. */
static FvResultTable *
evaluate_run (const FvCliOptions *options, const Choices *choices, const char *folder,
              GError **error)
{
  const FvEvaluationOptions how
      = { .seed = (guint64) options->seed, .metrics = &choices->selection };
  g_autofree char *data
      = choices->data != NULL ? g_strdup (choices->data) : fv_run_get_data (folder, error);
  g_autoptr (FvDataset) dataset = data != NULL ? fv_cli_open_dataset (options, data, error) : NULL;
  g_autoptr (FvModel) model = dataset != NULL ? fv_cli_open_source (options, folder, error) : NULL;
  g_autoptr (FvEvaluation) evaluation = NULL;

  if (model == NULL)
    return NULL;
  fv_cli_warn_of_other_split (options, folder, dataset);
  evaluation = fv_evaluate (model, dataset, choices->split_id, &how, NULL, NULL, NULL, error);
  return evaluation != NULL ? fv_result_table_new (evaluation, folder) : NULL;
}

static FvResultTable *
open_table (const FvCliOptions *options, const Choices *choices, const char *path, GError **error)
{
  return g_file_test (path, G_FILE_TEST_IS_DIR) ? evaluate_run (options, choices, path, error)
                                                : fv_result_table_load (path, error);
}

/* The tables of one side: (transfer full). */
static GPtrArray *
open_side (const FvCliOptions *options, const Choices *choices, char **paths, GError **error)
{
  g_autoptr (GPtrArray) tables
      = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_result_table_free);

  for (; *paths != NULL; paths++) {
    FvResultTable *table = open_table (options, choices, *paths, error);

    if (table == NULL)
      return NULL;
    g_ptr_array_add (tables, table);
  }
  return g_steal_pointer (&tables);
}

/* "A,B" is two runs, unless something is called so. */
static GStrv
split_paths (const char *argument)
{
  const char *const whole[] = { argument, NULL };

  if (g_file_test (argument, G_FILE_TEST_EXISTS))
    return g_strdupv ((char **) whole);
  return g_strsplit (argument, ",", -1);
}

/* -- output --------------------------------------------------------------------------------- */

static void
set_number (JsonObject *object, const char *name, double value)
{
  if (isfinite (value))
    json_object_set_double_member (object, name, value);
  else
    json_object_set_null_member (object, name);
}

static JsonObject *
row_to_json (const FvComparisonRow *row)
{
  JsonObject *object = json_object_new (), *difference = json_object_new ();
  JsonArray *interval = json_array_new ();
  const FvEstimate *estimate = &row->difference.difference;

  json_array_add_double_element (interval, estimate->low);
  json_array_add_double_element (interval, estimate->high);
  set_number (difference, "value", estimate->value);
  json_object_set_array_member (difference, "ci95", interval);
  json_object_set_int_member (difference, "n", (gint64) estimate->n);
  set_number (object, "a", row->a);
  set_number (object, "b", row->b);
  json_object_set_object_member (object, "difference", difference);
  set_number (object, "p", row->difference.p);
  set_number (object, "p_holm", row->p_holm);
  return object;
}

static void
print_json (const GPtrArray *rows, gsize n, gsize n_runs)
{
  JsonNode *root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new (), *metrics = json_object_new ();

  json_object_set_int_member (object, "n", (gint64) n);
  json_object_set_int_member (object, "runs", (gint64) n_runs);
  for (guint i = 0; i < rows->len; i++) {
    const FvComparisonRow *row = rows->pdata[i];

    json_object_set_object_member (metrics, row->key, row_to_json (row));
  }
  json_object_set_object_member (object, "metrics", metrics);
  json_node_take_object (root, object);
  fv_cli_print_json (root);
}

static void
print_table (const GPtrArray *rows, gsize n, gsize n_runs)
{
  g_print ("%" G_GSIZE_FORMAT " pictures, %" G_GSIZE_FORMAT " run(s) a side\n", n, n_runs);
  g_print ("%-28s %8s %8s %8s   %-20s %7s %7s\n", "", "A", "B", "B - A", "95 %", "p", "p Holm");
  for (guint i = 0; i < rows->len; i++) {
    const FvComparisonRow *row = rows->pdata[i];
    g_autofree char *interval = g_strdup_printf ("%+.3f to %+.3f", row->difference.difference.low,
                                                 row->difference.difference.high);

    g_print ("%-28s %8.3f %8.3f %+8.3f   %-20s %7.4f %7.4f\n", row->key, row->a, row->b,
             row->difference.difference.value, interval, row->difference.p, row->p_holm);
  }
}

static FvCliStatus
compare (const FvCliOptions *options, const Choices *choices)
{
  g_auto (GStrv) paths_a = split_paths (options->rest[0]);
  g_auto (GStrv) paths_b = split_paths (options->rest[1]);
  gsize n_runs = g_strv_length (paths_a), n;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) a = NULL, b = NULL, rows = NULL;

  if (n_runs != g_strv_length (paths_b))
    return fv_cli_usage_error ("both sides need the same number of runs");
  a = open_side (options, choices, paths_a, &error);
  if (a != NULL)
    b = open_side (options, choices, paths_b, &error);
  if (b != NULL)
    rows = fv_compare ((FvResultTable *const *) a->pdata, (FvResultTable *const *) b->pdata, n_runs,
                       (guint64) options->seed, &error);
  if (rows == NULL)
    return fv_cli_fail (error);
  n = fv_result_table_get_n (a->pdata[0]);
  if (options->json)
    print_json (rows, n, n_runs);
  else
    print_table (rows, n, n_runs);
  return FV_CLI_DONE;
}

FvCliStatus
fv_cli_compare (char **arguments)
{
  g_auto (FvCliOptions) options = { 0 };
  g_auto (Choices) choices
      = { .split_id = FV_SPLIT_TEST, .selection = fv_metric_selection_default () };
  g_autofree char *families = fv_metric_selection_list_words ();
  g_autofree char *metrics_help = g_strconcat (families, ", or keys (alignment)", NULL);
  const GOptionEntry extra[] = {
    { "data", 0, 0, G_OPTION_ARG_FILENAME, &choices.data,
      "What to measure the runs on (what they were trained on)", "PROJECT" },
    { "split", 0, 0, G_OPTION_ARG_STRING, &choices.split, "train, validation or test (test)",
      "NAME" },
    { "metrics", 0, 0, G_OPTION_ARG_STRING, &choices.metrics, metrics_help, "LIST" },
    G_OPTION_ENTRY_NULL,
  };
  FvCliStatus status = fv_cli_parse (arguments, "compare RUN_A[,RUN_A2…] RUN_B[,RUN_B2…]",
                                     FV_CLI_TAKES_NOTHING, extra, 2, &options);

  if (status == FV_CLI_DONE)
    status = check_choices (&choices);
  return status == FV_CLI_DONE ? compare (&options, &choices) : status;
}
