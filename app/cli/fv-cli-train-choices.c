/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Options become settings. */

#include "fv-cli-train-choices.h"

#include <math.h>
#include <string.h>

#include "fv-augment.h"

void
fv_cli_train_choices_init (FvCliTrainChoices *self)
{
  *self = (FvCliTrainChoices){ .epochs = FV_CLI_NO_INT,
                               .batch = FV_CLI_NO_INT,
                               .patience = FV_CLI_NO_INT,
                               .views = FV_CLI_NO_INT,
                               .labelled = FV_CLI_NO_INT,
                               .rate = FV_CLI_NO_REAL,
                               .head_rate = FV_CLI_NO_REAL,
                               .weight_decay = FV_CLI_NO_REAL,
                               .checkpoint_seconds = FV_CLI_NO_REAL,
                               .mask_share = FV_CLI_NO_REAL,
                               .omega = FV_CLI_NO_REAL,
                               .alternation = FV_CLI_NO_REAL,
                               .warm_up = FV_CLI_NO_REAL,
                               .clip = FV_CLI_NO_REAL };
}

void
fv_cli_train_choices_clear (FvCliTrainChoices *self)
{
  g_strfreev (self->losses);
  g_strfreev (self->layers);
  g_free (self->distance);
  g_free (self->normalise);
  g_free (self->match_target);
  g_free (self->attention_classes);
  g_free (self->map);
  g_free (self->freeze_below);
  g_free (self->optimizer);
  g_free (self->batch_norm);
  g_free (self->augment);
  g_free (self->keep);
  g_free (self->balance);
  g_free (self->control);
  g_free (self->mode);
  g_free (self->unlabelled);
  g_free (self->pixels);
  g_free (self->resolution);
  g_free (self->similarity);
  g_free (self->choose_by);
  g_free (self->schedule);
}

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

/* A loss by its own name, or the match loss by the name of a preset, of which there can be one.
 * @has_match: (inout): whether there is one on this command line. */
static FvCliStatus
set_weight (const char *name, double weight, gboolean *has_match, FvTrainConfig *config)
{
  const FvMatchPreset *preset = fv_match_find_preset (name);
  g_autofree char *known = NULL;
  FvLossKind kind = FV_LOSS_MATCH;

  if (preset == NULL && !fv_loss_find (name, &kind)) {
    known = list_losses ();
    return fv_cli_usage_error ("there is no loss “%s”, only %s", name, known);
  }
  if (kind == FV_LOSS_MATCH && *has_match)
    return fv_cli_usage_error ("--loss %s: only one loss can match maps with masks, and there is "
                               "one already",
                               name);
  *has_match |= kind == FV_LOSS_MATCH && weight > 0;
  if (preset != NULL)
    config->match = preset->match;
  config->weights[kind] = weight;
  return FV_CLI_DONE;
}

/* "camal=0.5" or "camal", which means 1. */
static FvCliStatus
apply_loss (const char *text, gboolean *has_match, FvTrainConfig *config)
{
  const char *equals = strchr (text, '=');
  g_autofree char *name = equals != NULL ? g_strndup (text, equals - text) : g_strdup (text);
  char *end = NULL;
  double weight = equals != NULL ? g_ascii_strtod (equals + 1, &end) : 1;

  if (equals != NULL && (end == equals + 1 || *end != '\0' || !isfinite (weight) || weight < 0))
    return fv_cli_usage_error ("--loss %s: the weight must be a number of 0 or more", text);
  return set_weight (name, weight, has_match, config);
}

static FvCliStatus
apply_losses (const FvCliTrainChoices *self, FvTrainConfig *config)
{
  gboolean has_match = FALSE;

  for (char **loss = self->losses; loss != NULL && *loss != NULL; loss++) {
    FvCliStatus status = apply_loss (*loss, &has_match, config);

    if (status != FV_CLI_DONE)
      return status;
  }
  return FV_CLI_DONE;
}

/* The options whose values are words, and what is said of others. Other grounds are a control by
 * name, and one way to change pictures. */
static FvCliStatus
apply_words (const FvCliTrainChoices *self, FvTrainConfig *config)
{
  gboolean swaps = g_strcmp0 (self->control, "background-swap") == 0;
  const struct {
    const char *name, *word, *sentence;
  } words[] = {
    { "distance", self->distance,
      "--distance is mse, l1, bce, inside, energy, outside, fgbg or res" },
    { "normalise", self->normalise, "--normalise is relu, minmax or raw" },
    { "match_target", self->match_target, "--match-target is label or predicted" },
    { "map", self->map, "--map is cam, gradcam, hirescam, layercam or transformer" },
    { "attention_classes", self->attention_classes, "--attention-classes is one or all" },
    { "optimizer", self->optimizer, "--optimizer is adamw, adam or sgd" },
    { "keep", self->keep, "--keep is last or best" },
    { "balance", self->balance, "--balance is none, class or group" },
    { "mode", self->mode, "--mode is supervised, unsupervised, alternating or combined" },
    { "pixels", self->pixels, "--pixels is guided or ig" },
    { "resolution", self->resolution, "--resolution is 0, 1, 2, 3 or 4" },
    { "similarity", self->similarity, "--similarity is pearson, ssim or cross" },
    { "choose_by", self->choose_by, "--choose-by is labels or consistency" },
    { "control", swaps ? NULL : self->control, "--control is none, reweight or background-swap" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (words[i].word != NULL && !fv_train_config_set_word (config, words[i].name, words[i].word))
      return fv_cli_usage_error ("%s", words[i].sentence);
  if (self->augment != NULL && !fv_augment_parse (self->augment, &config->augment))
    return fv_cli_usage_error (
        "--augment is none, or flip, crop, rotate, colour, grey and background joined by commas");
  if (swaps)
    config->augment |= FV_AUGMENT_BACKGROUND;
  return FV_CLI_DONE;
}

/* @value becomes TRUE for @yes and FALSE for @no. @word: NULL when it was not given */
static FvCliStatus
apply_mode (const char *option, const char *word, const char *no, const char *yes, gboolean *value)
{
  if (word == NULL)
    return FV_CLI_DONE;
  if (!g_str_equal (word, no) && !g_str_equal (word, yes))
    return fv_cli_usage_error ("%s is %s or %s", option, no, yes);
  *value = g_str_equal (word, yes);
  return FV_CLI_DONE;
}

static void
replace_text (char **text, const char *given)
{
  if (given == NULL)
    return;
  g_free (*text);
  *text = g_strdup (given);
}

static void
replace_int (int *value, int given)
{
  if (given != FV_CLI_NO_INT)
    *value = given;
}

static void
replace_real (double *value, double given)
{
  if (given != FV_CLI_NO_REAL)
    *value = given;
}

/* Consistency without a mode, or a mode without consistency, can only mean one thing. */
static void
complete_mode (const FvCliTrainChoices *self, FvTrainConfig *config)
{
  double *consistency = &config->weights[FV_LOSS_CONSISTENCY];

  if (self->mode == NULL && *consistency > 0 && config->mode == FV_MODE_SUPERVISED)
    config->mode
        = config->weights[FV_LOSS_CROSS_ENTROPY] > 0 ? FV_MODE_COMBINED : FV_MODE_UNSUPERVISED;
  if (config->mode != FV_MODE_SUPERVISED && *consistency == 0)
    *consistency = 1;
}

/* Where another project is, so that config.json repeats the run from any folder. */
static void
apply_pool (const FvCliTrainChoices *self, FvTrainConfig *config)
{
  g_autofree char *path = NULL;

  if (self->unlabelled != NULL && !g_str_equal (self->unlabelled, "labelled"))
    path = g_canonicalize_filename (self->unlabelled, NULL);
  replace_text (&config->unlabelled, path != NULL ? path : self->unlabelled);
}

static void
apply_consistency (const FvCliTrainChoices *self, FvTrainConfig *config)
{
  apply_pool (self, config);
  replace_int (&config->labelled, self->labelled);
  replace_real (&config->alternation, self->alternation);
  replace_real (&config->agreement.omega, self->omega);
  config->agreement.normalised |= self->normalise_pixels;
  config->agreement.detached |= self->detach_mask;
  complete_mode (self, config);
}

FvCliStatus
fv_cli_train_choices_apply (const FvCliTrainChoices *self, FvTrainConfig *config)
{
  g_autoptr (GError) error = NULL;
  FvCliStatus status = apply_losses (self, config);
  g_autofree char *layers = self->layers != NULL ? g_strjoinv (",", self->layers) : NULL;

  if (status != FV_CLI_DONE)
    return status;
  replace_text (&config->layer, layers);
  replace_text (&config->freeze_below, self->freeze_below);
  replace_int (&config->epochs, self->epochs);
  replace_int (&config->batch_size, self->batch);
  replace_int (&config->patience, self->patience);
  replace_int (&config->views, self->views);
  replace_real (&config->learning_rate, self->rate);
  if (self->rate != FV_CLI_NO_REAL)
    config->head_learning_rate = 10 * self->rate;
  replace_real (&config->head_learning_rate, self->head_rate);
  replace_real (&config->weight_decay, self->weight_decay);
  replace_real (&config->mask_share, self->mask_share);
  replace_real (&config->checkpoint_seconds, self->checkpoint_seconds);
  replace_real (&config->warm_up, self->warm_up);
  replace_real (&config->max_gradient, self->clip);
  status = apply_words (self, config);
  apply_consistency (self, config);
  if (status == FV_CLI_DONE)
    status
        = apply_mode ("--batch-norm", self->batch_norm, "eval", "train", &config->train_batch_norm);
  if (status == FV_CLI_DONE)
    status = apply_mode ("--schedule", self->schedule, "constant", "cosine", &config->cosine);
  if (status == FV_CLI_DONE && !fv_train_config_check (config, &error))
    return fv_cli_usage_error ("%s", error->message);
  return status;
}
