/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fovea-cli evaluate PROJECT --model M */

#include <math.h>

#include "fv-cli.h"
#include "fv-evaluation.h"
#include "fv-method.h"

static gboolean
write_lines (const FvEvaluation *evaluation, const char *path, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; i < fv_evaluation_get_n_results (evaluation); i++) {
    g_autoptr (JsonNode) node = fv_evaluation_result_to_json (evaluation, i);
    g_autofree char *line = fv_cli_json_to_line (node);

    g_string_append_printf (text, "%s\n", line);
  }
  return g_file_set_contents (path, text->str, (gssize) text->len, error);
}

/* @chance: NaN where there is none. */
static void
print_estimate_and_chance (const char *name, FvEstimate estimate, double chance)
{
  g_autofree char *told
      = isnan (chance) ? g_strdup ("") : g_strdup_printf ("   chance %.3f", chance);

  if (estimate.n > 0)
    g_print ("%-28s %.3f   95 %% %.3f to %.3f%s\n", name, estimate.value, estimate.low,
             estimate.high, told);
  else
    g_print ("%-28s undefined\n", name);
}

static void
print_estimate (const char *name, FvEstimate estimate)
{
  print_estimate_and_chance (name, estimate, NAN);
}

/* Whether r tells right from wrong, and where it cannot tell anything. */
static void
print_consistency (const FvEvaluation *evaluation)
{
  FvMetricSelection metrics = fv_evaluation_get_metrics (evaluation);

  if (fv_metric_selection_has (&metrics, FV_FAMILY_CONSISTENCY, FV_CONSISTENCY_R))
    for (FvConsistencyRemarkKind kind = 0; kind < FV_N_REMARKS; kind++) {
      FvConsistencyRemark remark = fv_evaluation_get_consistency_remark (evaluation, kind);

      print_estimate_and_chance (remark.name, remark.estimate, remark.chance);
    }
  if (fv_metric_selection_has (&metrics, FV_FAMILY_CONSISTENCY, FV_CONSISTENCY_MASK_RANGE))
    g_print ("%-28s %" G_GSIZE_FORMAT "\n", "flat soft masks",
             fv_evaluation_get_n_flat_masks (evaluation));
}

static void
print_left_out (const FvEvaluation *evaluation)
{
  for (FvMetricFamily family = 0; family < FV_N_FAMILIES; family++)
    if (fv_evaluation_get_left_out (evaluation, family) != NULL)
      g_print ("%-28s left out: %s\n", fv_metric_family_get_name (family),
               fv_evaluation_get_left_out (evaluation, family));
}

static void
print_metrics (const FvEvaluation *evaluation)
{
  FvMetricSelection metrics = fv_evaluation_get_metrics (evaluation);

  for (FvMetricFamily family = 0; family < FV_N_FAMILIES; family++)
    for (guint i = 0; i < fv_metric_family_get_n (family); i++)
      if (fv_metric_selection_has (&metrics, family, i))
        print_estimate_and_chance (fv_metric_family_get_info (family, i)->name,
                                   fv_evaluation_get_metric (evaluation, family, i),
                                   fv_evaluation_get_chance (evaluation, family, i).value);
  print_consistency (evaluation);
  print_left_out (evaluation);
}

/* Where the maps lie. (transfer full) */
static char *
describe_place (const FvEvaluation *evaluation)
{
  const FvMethodInfo *method = fv_method_find (fv_evaluation_get_method (evaluation));
  const char *layer = fv_evaluation_get_layer (evaluation);

  if (!method->needs_layer)
    return g_strdup (method->needs_attention ? "the tokens" : "the input");
  return g_strconcat ("layer ", layer != NULL ? layer : "none: the network has none with space",
                      NULL);
}

static void
print_table (const FvEvaluation *evaluation)
{
  g_autofree char *place = describe_place (evaluation);

  g_print ("%" G_GSIZE_FORMAT " pictures, %" G_GSIZE_FORMAT
           " without positive evidence, %s at %s\n",
           fv_evaluation_get_n_results (evaluation), fv_evaluation_get_n_dead_maps (evaluation),
           fv_evaluation_get_method (evaluation), place);
  print_estimate ("accuracy", fv_evaluation_get_accuracy (evaluation));
  print_estimate ("macro F1", fv_evaluation_get_f1_macro (evaluation));
  print_estimate ("worst group", fv_evaluation_get_worst_group (evaluation));
  print_estimate ("  aligned", fv_evaluation_get_aligned_accuracy (evaluation));
  print_estimate ("  conflicting", fv_evaluation_get_conflicting_accuracy (evaluation));
  print_estimate ("  shifted", fv_evaluation_get_shifted_accuracy (evaluation));
  print_estimate ("calibration error", fv_evaluation_get_calibration_error (evaluation));
  print_metrics (evaluation);
}

typedef struct {
  char *split, *method, *layer, *target, *metrics, *baseline;
  int limit;
  double omega;
  gboolean normalise_pixels;
} Choices;

static void
choices_clear (Choices *choices)
{
  g_free (choices->split);
  g_free (choices->method);
  g_free (choices->layer);
  g_free (choices->target);
  g_free (choices->metrics);
  g_free (choices->baseline);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Choices, choices_clear)

static FvCliStatus
check_choices (const Choices *choices, FvSplit *split, FvMetricSelection *metrics,
               FvFaithfulnessOptions *faithfulness)
{
  g_autofree char *keys = fv_method_list_keys ();
  g_autoptr (GError) error = NULL;

  if (choices->split != NULL && !fv_cli_parse_split (choices->split, split))
    return fv_cli_usage_error ("--split is train, validation or test");
  if (choices->method != NULL && fv_method_find (choices->method) == NULL)
    return fv_cli_usage_error ("there is no method “%s”: the methods are %s", choices->method,
                               keys);
  if (choices->target != NULL && !g_str_equal (choices->target, "label")
      && !g_str_equal (choices->target, "predicted"))
    return fv_cli_usage_error ("--target is predicted or label");
  if (choices->metrics != NULL && !fv_metric_selection_parse (choices->metrics, metrics, &error))
    return fv_cli_usage_error ("%s", error->message);
  if (choices->baseline != NULL && !fv_baseline_find (choices->baseline, &faithfulness->baseline))
    return fv_cli_usage_error ("--baseline is mean, blur, noise or zero");
  if (faithfulness->steps < 1)
    return fv_cli_usage_error ("--steps is 1 or more");
  if (!isfinite (choices->omega))
    return fv_cli_usage_error ("--omega is a number");
  if (choices->limit < 0)
    return fv_cli_usage_error ("--limit is 0 or more");
  return FV_CLI_DONE;
}

static FvCliStatus
evaluate (const FvCliOptions *options, const Choices *choices, FvSplit split,
          const FvMetricSelection *metrics, const FvFaithfulnessOptions *faithfulness)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FvModel) model = fv_cli_open_model (options, &error);
  g_autoptr (FvDataset) dataset = NULL;
  g_autoptr (FvEvaluation) evaluation = NULL;
  FvAgreementOptions agreement = fv_agreement_options_default ();
  const FvEvaluationOptions how
      = { .layer = choices->layer,
          .method = choices->method,
          .metrics = metrics,
          .faithfulness = faithfulness,
          .agreement = &agreement,
          .limit = (gsize) choices->limit,
          .target_label = choices->target != NULL && g_str_equal (choices->target, "label"),
          .seed = (guint64) options->seed };

  agreement.omega = choices->omega;
  agreement.normalised = choices->normalise_pixels;
  if (g_error_matches (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED))
    return fv_cli_usage_error ("%s", error->message);
  if (model != NULL)
    dataset = fv_cli_open_dataset (options, options->rest[0], &error);
  if (dataset != NULL && options->model != NULL)
    fv_cli_warn_of_other_split (options, options->model, dataset);
  if (dataset != NULL)
    evaluation = fv_evaluate (model, dataset, split, &how, NULL, NULL, NULL, &error);
  if (evaluation == NULL
      || (options->output != NULL && !write_lines (evaluation, options->output, &error)))
    return fv_cli_fail (error);
  if (options->json)
    fv_cli_print_json (fv_evaluation_to_json (evaluation));
  else
    print_table (evaluation);
  return FV_CLI_DONE;
}

FvCliStatus
fv_cli_evaluate (char **arguments)
{
  g_auto (FvCliOptions) options = { 0 };
  g_auto (Choices) choices = { .omega = fv_agreement_options_default ().omega };
  FvSplit split = FV_SPLIT_TEST;
  FvMetricSelection metrics = fv_metric_selection_default ();
  FvFaithfulnessOptions faithfulness = fv_faithfulness_options_default ();
  g_autofree char *families = fv_metric_selection_list_words ();
  g_autofree char *metrics_help = g_strconcat (families, ", or keys (alignment)", NULL);
  const GOptionEntry extra[] = {
    { "split", 0, 0, G_OPTION_ARG_STRING, &choices.split, "train, validation or test (test)",
      "NAME" },
    { "method", 0, 0, G_OPTION_ARG_STRING, &choices.method,
      "As explain has them; random and sobel are controls (gradcam)", "NAME" },
    { "metrics", 0, 0, G_OPTION_ARG_STRING, &choices.metrics, metrics_help, "LIST" },
    { "limit", 0, 0, G_OPTION_ARG_INT, &choices.limit,
      "Measure at most so many pictures, drawn by the seed (all)", "N" },
    { "baseline", 0, 0, G_OPTION_ARG_STRING, &choices.baseline,
      "What removed pixels become: mean, blur, noise or zero (mean)", "NAME" },
    { "steps", 0, 0, G_OPTION_ARG_INT, &faithfulness.steps,
      "Steps of deletion, insertion and pixel flipping (20)", "N" },
    { "omega", 0, 0, G_OPTION_ARG_DOUBLE, &choices.omega,
      "Steepness of the soft mask of consistency (40)", "OMEGA" },
    { "normalise-pixels", 0, 0, G_OPTION_ARG_NONE, &choices.normalise_pixels,
      "Divide what that mask is made of by its deviation", NULL },
    { "layer", 0, 0, G_OPTION_ARG_STRING, &choices.layer, "Layer (the last with space)", "NAME" },
    { "target", 0, 0, G_OPTION_ARG_STRING, &choices.target,
      "Class to explain: predicted or label (predicted)", "WHICH" },
    G_OPTION_ENTRY_NULL,
  };
  FvCliStatus status = fv_cli_parse (arguments, "evaluate PROJECT --model MODEL",
                                     FV_CLI_TAKES_MODEL | FV_CLI_TAKES_OUTPUT, extra, 1, &options);

  if (status == FV_CLI_DONE)
    status = check_choices (&choices, &split, &metrics, &faithfulness);
  return status == FV_CLI_DONE ? evaluate (&options, &choices, split, &metrics, &faithfulness)
                               : status;
}
