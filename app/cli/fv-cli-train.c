/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fovea-cli train PROJECT --model M --output RUN */

#include <math.h>
#include <string.h>

#include "fv-augment.h"
#include "fv-cli.h"
#include "fv-run.h"

/* Options as they are parsed, before they become a configuration. */
typedef struct {
  char **losses;
  char *distance, *normalise, *match_target;
  char **layers;
  char *map, *freeze_below, *optimizer, *batch_norm, *augment;
  int epochs, batch, views;
  double rate, head_rate, weight_decay;
  gboolean test; /* measure the test pictures afterwards */
} Choices;

static void
choices_clear (Choices *choices)
{
  g_strfreev (choices->losses);
  g_strfreev (choices->layers);
  g_free (choices->distance);
  g_free (choices->normalise);
  g_free (choices->match_target);
  g_free (choices->map);
  g_free (choices->freeze_below);
  g_free (choices->optimizer);
  g_free (choices->batch_norm);
  g_free (choices->augment);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Choices, choices_clear)

/* "ce, camal … and gain, …": (transfer full) */
static char *
list_losses (void)
{
  GString *text = g_string_new (NULL);
  gsize n;
  const FvMatchPreset *presets = fv_match_get_presets (&n);

  for (int i = 0; i < FV_N_LOSSES; i++)
    g_string_append_printf (text, "%s, ", fv_loss_get_name ((FvLossKind) i));
  for (gsize i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s", presets[i].name, i + 1 < n ? ", " : "");
  return g_string_free (text, FALSE);
}

/* A loss by its own name, or the match loss by the name of a preset, of which there can be one. */
static FvCliStatus
set_weight (const char *name, double weight, FvTrainConfig *config)
{
  const FvMatchPreset *preset = fv_match_find_preset (name);
  g_autofree char *known = NULL;
  FvLossKind kind = FV_LOSS_MATCH;

  if (preset == NULL && !fv_loss_find (name, &kind)) {
    known = list_losses ();
    return fv_cli_usage_error ("there is no loss “%s”, only %s", name, known);
  }
  if (kind == FV_LOSS_MATCH && config->weights[FV_LOSS_MATCH] > 0)
    return fv_cli_usage_error ("--loss %s: only one loss can match maps with masks, and there is "
                               "one already",
                               name);
  if (preset != NULL)
    config->match = preset->match;
  config->weights[kind] = weight;
  return FV_CLI_DONE;
}

/* "camal=0.5" or "camal", which means 1. */
static FvCliStatus
apply_loss (const char *text, FvTrainConfig *config)
{
  const char *equals = strchr (text, '=');
  g_autofree char *name = equals != NULL ? g_strndup (text, equals - text) : g_strdup (text);
  char *end = NULL;
  double weight = equals != NULL ? g_ascii_strtod (equals + 1, &end) : 1;

  if (equals != NULL && (end == equals + 1 || *end != '\0' || !isfinite (weight) || weight < 0))
    return fv_cli_usage_error ("--loss %s: the weight must be a number of 0 or more", text);
  return set_weight (name, weight, config);
}

/* What the match loss is made of, where it is not a preset's choice. */
static FvCliStatus
apply_match (const Choices *choices, FvTrainConfig *config)
{
  if (choices->distance != NULL
      && !fv_match_find_distance (choices->distance, &config->match.distance))
    return fv_cli_usage_error ("--distance is mse, l1, bce, inside, energy, outside, fgbg or res");
  if (choices->normalise != NULL
      && !fv_match_find_normalisation (choices->normalise, &config->match.normalisation))
    return fv_cli_usage_error ("--normalise is relu, minmax or raw");
  if (choices->match_target != NULL
      && !fv_match_find_target (choices->match_target, &config->match.target))
    return fv_cli_usage_error ("--match-target is label or predicted");
  return FV_CLI_DONE;
}

static FvCliStatus
apply_optimizer (const char *name, FvTrainConfig *config)
{
  if (g_str_equal (name, "sgd"))
    config->optimizer = FV_OPTIMIZER_SGD;
  else if (g_str_equal (name, "adam"))
    config->optimizer = FV_OPTIMIZER_ADAM;
  else if (g_str_equal (name, "adamw"))
    config->optimizer = FV_OPTIMIZER_ADAMW;
  else
    return fv_cli_usage_error ("--optimizer is adamw, adam or sgd");
  return FV_CLI_DONE;
}

static FvCliStatus
apply_words (const Choices *choices, FvTrainConfig *config)
{
  if (choices->map != NULL && !fv_training_map_find (choices->map, &config->map))
    return fv_cli_usage_error (
        "there is no map “%s” to teach, only cam, gradcam, hirescam and layercam", choices->map);
  if (choices->augment != NULL && !fv_augment_parse (choices->augment, &config->augment))
    return fv_cli_usage_error (
        "--augment is none, or flip, crop, rotate, colour and grey joined by "
        "commas");
  if (choices->batch_norm != NULL && !g_str_equal (choices->batch_norm, "eval")
      && !g_str_equal (choices->batch_norm, "train"))
    return fv_cli_usage_error ("--batch-norm is eval or train");
  config->train_batch_norm
      = choices->batch_norm != NULL && g_str_equal (choices->batch_norm, "train");
  return choices->optimizer != NULL ? apply_optimizer (choices->optimizer, config) : FV_CLI_DONE;
}

static FvCliStatus
make_config (const Choices *choices, gint64 seed, FvTrainConfig *config)
{
  g_autoptr (GError) error = NULL;
  FvCliStatus status = FV_CLI_DONE;

  config->weights[FV_LOSS_CAMAL] = 0;
  for (char **loss = choices->losses; loss != NULL && *loss != NULL; loss++)
    if ((status = apply_loss (*loss, config)) != FV_CLI_DONE)
      return status;
  if ((status = apply_match (choices, config)) != FV_CLI_DONE)
    return status;
  config->layer = choices->layers != NULL ? g_strjoinv (",", choices->layers) : NULL;
  config->freeze_below = g_strdup (choices->freeze_below);
  config->epochs = choices->epochs;
  config->batch_size = choices->batch;
  config->views = choices->views;
  config->learning_rate = choices->rate;
  config->head_learning_rate = choices->head_rate > 0 ? choices->head_rate : 10 * choices->rate;
  config->weight_decay = choices->weight_decay;
  config->seed = (guint64) seed;
  status = apply_words (choices, config);
  if (status == FV_CLI_DONE && !fv_train_config_check (config, &error))
    return fv_cli_usage_error ("%s", error->message);
  return status;
}

static GStrv
list_classes (const FvDataset *dataset)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (int i = 0; i < fv_dataset_get_n_classes (dataset); i++)
    g_strv_builder_add (builder, fv_dataset_get_class_name (dataset, i));
  return g_strv_builder_end (builder);
}

/* The model with the dataset's names, or the same body with a new head, which is said. (transfer
 * full) */
static FvModel *
fit_head (FvModel *model, const FvDataset *dataset, guint64 seed, GError **error)
{
  g_auto (GStrv) classes = list_classes (dataset);

  if (fv_evaluation_classes_agree (model, dataset))
    return fv_model_with_names (model, (const char *const *) classes, error);
  g_printerr ("The model's classes are not those of “%s”: its head is replaced by a new one with "
              "%u classes.\n",
              fv_dataset_get_path (dataset), g_strv_length (classes));
  return fv_model_with_classes (model, (const char *const *) classes, seed, error);
}

static gboolean
on_step (const FvTrainProgress *progress, gpointer user_data)
{
  const FvCliOptions *options = user_data;

  if (progress->step == 0) {
    g_printerr ("\rpreparing: %.0f %%   %.0f s left  %s", 100 * progress->prepared,
                progress->seconds_left, progress->prepared >= 1 ? "\n" : "");
    return TRUE;
  }
  if (options->json) {
    fv_cli_print_json (fv_train_progress_to_json (progress));
    return TRUE;
  }
  g_printerr ("\rstep %d of %d   loss %.4f   accuracy %.2f   %.0f s left  %s", progress->step,
              progress->n_steps, progress->loss, progress->accuracy, progress->seconds_left,
              progress->step == progress->n_steps ? "\n" : "");
  return TRUE;
}

static FvCliStatus
train (const FvCliOptions *options, const FvTrainConfig *config, gboolean test)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FvModel) model = fv_cli_open_model (options, &error);
  g_autoptr (FvModel) fitted = NULL;
  g_autoptr (FvDataset) dataset = NULL;

  if (g_error_matches (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED))
    return fv_cli_usage_error ("%s", error->message);
  if (model != NULL)
    dataset = fv_cli_open_dataset (options, options->rest[0], &error);
  if (dataset != NULL)
    fitted = fit_head (model, dataset, config->seed, &error);
  if (fitted == NULL
      || !fv_run_train (fitted, dataset, config, options->output, test, on_step, (gpointer) options,
                        NULL, &error))
    return fv_cli_fail (error);
  g_printerr ("The run is in “%s”.\n", options->output);
  return FV_CLI_DONE;
}

FvCliStatus
fv_cli_train (char **arguments)
{
  g_auto (FvCliOptions) options = { 0 };
  g_autoptr (FvTrainConfig) config = fv_train_config_new ();
  g_auto (Choices) choices = { .epochs = config->epochs,
                               .batch = config->batch_size,
                               .rate = config->learning_rate,
                               .weight_decay = config->weight_decay,
                               .test = TRUE };
  const GOptionEntry extra[] = {
    { "loss", 0, 0, G_OPTION_ARG_STRING_ARRAY, &choices.losses,
      "A loss of LOSSES.md and its weight; may be repeated (ce=1)", "NAME=WEIGHT" },
    { "distance", 0, 0, G_OPTION_ARG_STRING, &choices.distance,
      "Of --loss match: mse, l1, bce, inside, energy, outside, fgbg or res (mse)", "NAME" },
    { "normalise", 0, 0, G_OPTION_ARG_STRING, &choices.normalise,
      "Its maps: relu, minmax or raw (minmax)", "NAME" },
    { "match-target", 0, 0, G_OPTION_ARG_STRING, &choices.match_target,
      "Whose map it is: label or predicted (label)", "NAME" },
    { "map", 0, 0, G_OPTION_ARG_STRING, &choices.map,
      "The map to teach: cam, gradcam, hirescam or layercam (gradcam)", "NAME" },
    { "layer", 0, 0, G_OPTION_ARG_STRING_ARRAY, &choices.layers,
      "The map's layer (the last with space); may be repeated", "NAME" },
    { "freeze-below", 0, 0, G_OPTION_ARG_STRING, &choices.freeze_below,
      "Parameters before this layer stay", "LAYER" },
    { "batch-norm", 0, 0, G_OPTION_ARG_STRING, &choices.batch_norm,
      "eval keeps running statistics, train is for training from scratch (eval)", "MODE" },
    { "epochs", 0, 0, G_OPTION_ARG_INT, &choices.epochs, "Passes over the data (6)", "N" },
    { "batch", 0, 0, G_OPTION_ARG_INT, &choices.batch, "Pictures a step (32)", "N" },
    { "lr", 0, 0, G_OPTION_ARG_DOUBLE, &choices.rate, "Learning rate of the body (2e-4)", "X" },
    { "head-lr", 0, 0, G_OPTION_ARG_DOUBLE, &choices.head_rate,
      "Learning rate of the head (10 times the body's)", "X" },
    { "optimizer", 0, 0, G_OPTION_ARG_STRING, &choices.optimizer, "adamw, adam or sgd (adamw)",
      "NAME" },
    { "weight-decay", 0, 0, G_OPTION_ARG_DOUBLE, &choices.weight_decay, "Weight decay (1e-4)",
      "X" },
    { "augment", 0, 0, G_OPTION_ARG_STRING, &choices.augment,
      "none, or flip, crop, rotate, colour, grey joined by commas (flip)", "LIST" },
    { "no-test", 0, G_OPTION_FLAG_REVERSE, G_OPTION_ARG_NONE, &choices.test,
      "Do not measure the test pictures afterwards", NULL },
    { "views", 0, 0, G_OPTION_ARG_INT, &choices.views,
      "Changed views of a picture, taking turns by epoch; 0: always new ones (0)", "K" },
    G_OPTION_ENTRY_NULL,
  };
  FvCliStatus status = fv_cli_parse (arguments, "train PROJECT --model MODEL --output RUN",
                                     FV_CLI_TAKES_MODEL | FV_CLI_TAKES_OUTPUT, extra, 1, &options);

  if (status == FV_CLI_DONE && options.output == NULL)
    status = fv_cli_usage_error ("--output is missing: the folder for the run");
  if (status == FV_CLI_DONE)
    status = make_config (&choices, options.seed, config);
  return status == FV_CLI_DONE ? train (&options, config, choices.test) : status;
}
