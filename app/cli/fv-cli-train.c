/* SPDX-License-Identifier: GPL-3.0-or-later */

/* fovea-cli train PROJECT --model M --output RUN */

#include <math.h>

#include "fv-cli-interrupt.h"
#include "fv-cli-train-choices.h"
#include "fv-cli.h"
#include "fv-run-config.h"
#include "fv-run.h"
#include "fv-runtime.h"

#define NO_SEED G_MININT64

/* What the command line asks for. */
typedef struct {
  FvCliOptions options;
  FvCliTrainChoices choices;
  char *config_path;     /* --config */
  gboolean resume, test; /* test: measure the test pictures afterwards */
  FvRunConfig *recorded; /* what --config, or the run to resume, says; NULL for neither */
  gboolean goes_on;      /* the run in --output has begun and is to go on */
  FvTrainConfig *settings;
  int last_step; /* of the training */
} Command;

static void
command_clear (Command *self)
{
  fv_cli_options_clear (&self->options);
  fv_cli_train_choices_clear (&self->choices);
  g_free (self->config_path);
  fv_run_config_free (self->recorded);
  fv_train_config_free (self->settings);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Command, command_clear)

/* -- settings ------------------------------------------------------------------------------- */

/* The record that the run goes by, when there is one. */
static FvCliStatus
load_record (Command *self)
{
  g_autofree char *own = g_build_filename (self->options.output, "config.json", NULL);
  const char *path = self->config_path;
  g_autoptr (GError) error = NULL;

  self->goes_on = self->resume && fv_run_get_state (self->options.output) != FV_RUN_NONE;
  if (path == NULL && self->goes_on)
    path = own;
  if (path == NULL)
    return FV_CLI_DONE;
  self->recorded = fv_run_config_load (path, &error);
  return self->recorded != NULL ? FV_CLI_DONE : fv_cli_fail (error);
}

static FvCliStatus
make_settings (Command *self)
{
  if (self->recorded != NULL) {
    self->settings = fv_train_config_copy (self->recorded->settings);
  } else {
    self->settings = fv_train_config_new ();
    self->settings->weights[FV_LOSS_CAMAL] = 0;
  }
  if (self->options.seed != NO_SEED)
    self->settings->seed = (guint64) self->options.seed;
  self->options.seed = (gint64) self->settings->seed;
  return fv_cli_train_choices_apply (&self->choices, self->settings);
}

/* The record's number of threads, unless another is asked for. */
static void
choose_threads (const Command *self)
{
  int recorded = self->recorded != NULL ? self->recorded->threads : 0;

  if (recorded == 0)
    return;
  if (self->options.threads == 0)
    fv_runtime_start (recorded);
  else if (self->options.threads != recorded)
    g_printerr ("The run began with %d threads, and this is with %d: sums may round differently, "
                "so it will not be the same to the bit.\n",
                recorded, self->options.threads);
}

/* -- what to train on ------------------------------------------------------------------------ */

/* Takes over what was recorded and not given; a run that goes on cannot be given another. FALSE
 * when it was. */
static gboolean
take_over (const Command *self, char **given, const char *recorded, const char *what)
{
  g_autofree char *resolved = fv_model_source_resolve (*given);

  if (*given == NULL)
    *given = g_strdup (recorded);
  else if (self->goes_on && g_strcmp0 (resolved, recorded) != 0) {
    g_printerr ("fovea-cli: the run in “%s” began with another %s: leave it out to go on, or name "
                "another folder\n",
                self->options.output, what);
    return FALSE;
  }
  return TRUE;
}

/* Whether the record says all of where the network came from. */
static gboolean
names_model (const FvCliOptions *options)
{
  return options->model != NULL || options->weights != NULL;
}

static FvCliStatus
take_over_model (Command *self)
{
  FvCliOptions *options = &self->options;
  const FvRunConfig *recorded = self->recorded;
  gboolean given = names_model (options) || options->card != NULL || options->logits != NULL;
  g_autoptr (GError) error = NULL;

  /* Another network than the recorded one, whole. */
  if (given && !self->goes_on)
    return FV_CLI_DONE;
  if (!take_over (self, &options->model, recorded->model, "--model")
      || !take_over (self, &options->weights, recorded->weights, "--weights")
      || !take_over (self, &options->card, recorded->card, "--card")
      || !take_over (self, &options->logits, recorded->logits, "--logits"))
    return FV_CLI_FAILED;
  if (!self->goes_on && names_model (options) && !fv_run_config_check_weights (recorded, &error))
    return fv_cli_fail (error);
  return FV_CLI_DONE;
}

static FvCliStatus
take_over_sources (Command *self)
{
  FvCliOptions *options = &self->options;

  if (options->rest == NULL)
    options->rest = g_new0 (char *, 2);
  if (self->recorded != NULL) {
    FvCliStatus status = take_over_model (self);

    if (status != FV_CLI_DONE)
      return status;
    if (!take_over (self, &options->rest[0], self->recorded->data, "PROJECT"))
      return FV_CLI_FAILED;
  }
  if (options->rest[0] == NULL)
    return fv_cli_usage_error ("PROJECT is missing: the dataset to learn from");
  return FV_CLI_DONE;
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

/* The network to train: of a run that goes on, as the run's folder has it. (transfer full) */
static FvModel *
open_model (const Command *self, GError **error)
{
  g_autoptr (GError) reason = NULL;
  FvModel *model = self->goes_on ? fv_run_open_model (self->options.output, &reason) : NULL;

  if (model == NULL && reason == NULL)
    return fv_cli_open_model (&self->options, error);
  if (reason != NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  return model;
}

/* -- training ------------------------------------------------------------------------------- */

static gboolean
on_step (const FvTrainProgress *progress, gpointer user_data)
{
  Command *self = user_data;

  self->last_step = progress->step;
  if (progress->step == 0) {
    g_printerr ("\rpreparing: %.0f %%   %.0f s left  %s", 100 * progress->prepared,
                progress->seconds_left, progress->prepared >= 1 ? "\n" : "");
    return TRUE;
  }
  if (progress->checkpoint_problem != NULL)
    g_printerr ("\n%s\nTraining goes on; the checkpoint before it stays.\n",
                progress->checkpoint_problem);
  if (self->options.json) {
    fv_cli_print_json (fv_train_progress_to_json (progress));
    return TRUE;
  }
  g_printerr ("\rstep %d of %d   loss %.4f", progress->step, progress->n_steps, progress->loss);
  if (!isnan (progress->accuracy))
    g_printerr ("   accuracy %.2f", progress->accuracy);
  g_printerr ("   %.0f s left  %s", progress->seconds_left,
              progress->step == progress->n_steps ? "\n" : "");
  return TRUE;
}

static FvCliStatus
say_stopped (const Command *self)
{
  if (fv_run_get_state (self->options.output) == FV_RUN_NONE)
    g_printerr ("fovea-cli: stopped before the first step\n");
  else
    g_printerr ("fovea-cli: stopped at step %d; continue with --resume\n", self->last_step);
  return FV_CLI_FAILED;
}

static FvCliStatus
train (Command *self, FvModel *model, const FvDataset *dataset)
{
  g_autoptr (FvCliInterrupt) interrupt = fv_cli_interrupt_new ();
  GCancellable *cancellable = fv_cli_interrupt_get_cancellable (interrupt);
  const char *folder = self->options.output;
  g_autoptr (GError) error = NULL;
  gboolean done = self->resume ? fv_run_resume (model, dataset, self->settings, folder, self->test,
                                                on_step, self, cancellable, &error)
                               : fv_run_train (model, dataset, self->settings, folder, self->test,
                                               on_step, self, cancellable, &error);

  if (!done)
    return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? say_stopped (self)
                                                                     : fv_cli_fail (error);
  g_printerr ("The run is in “%s”.\n", folder);
  return FV_CLI_DONE;
}

static FvCliStatus
open_and_train (Command *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FvModel) model = open_model (self, &error);
  g_autoptr (FvModel) fitted = NULL;
  g_autoptr (FvDataset) dataset = NULL;

  if (g_error_matches (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED))
    return fv_cli_usage_error ("%s", error->message);
  if (model != NULL)
    dataset = fv_cli_open_dataset (&self->options, self->options.rest[0], &error);
  if (dataset != NULL)
    fitted = fit_head (model, dataset, self->settings->seed, &error);
  return fitted != NULL ? train (self, fitted, dataset) : fv_cli_fail (error);
}

static FvCliStatus
run (Command *self)
{
  FvCliStatus status;

  if (self->options.output == NULL)
    return fv_cli_usage_error ("--output is missing: the folder for the run");
  status = load_record (self);
  if (status == FV_CLI_DONE)
    status = make_settings (self);
  if (status == FV_CLI_DONE)
    status = take_over_sources (self);
  if (status != FV_CLI_DONE)
    return status;
  if (self->goes_on && fv_run_get_state (self->options.output) == FV_RUN_FINISHED) {
    g_printerr ("The run in “%s” is finished: nothing is left to do.\n", self->options.output);
    return FV_CLI_DONE;
  }
  choose_threads (self);
  return open_and_train (self);
}

FvCliStatus
fv_cli_train (char **arguments)
{
  g_auto (Command) self = { .options.seed = NO_SEED, .test = TRUE };
  FvCliTrainChoices *choices = &self.choices;
  const GOptionEntry extra[] = {
    { "loss", 0, 0, G_OPTION_ARG_STRING_ARRAY, &choices->losses,
      "A loss of LOSSES.md and its weight; may be repeated (ce=1)", "NAME=WEIGHT" },
    { "distance", 0, 0, G_OPTION_ARG_STRING, &choices->distance,
      "Of --loss match: mse, l1, bce, inside, energy, outside, fgbg or res (mse)", "NAME" },
    { "normalise", 0, 0, G_OPTION_ARG_STRING, &choices->normalise,
      "Its maps: relu, minmax or raw (minmax)", "NAME" },
    { "match-target", 0, 0, G_OPTION_ARG_STRING, &choices->match_target,
      "Whose map it is: label or predicted (label)", "NAME" },
    { "map", 0, 0, G_OPTION_ARG_STRING, &choices->map,
      "The map to teach: cam, gradcam, hirescam, layercam or transformer (gradcam)", "NAME" },
    { "attention-classes", 0, 0, G_OPTION_ARG_STRING, &choices->attention_classes,
      "Of several classes in a picture: the map of one, drawn anew each epoch, or all (one)",
      "WHICH" },
    { "layer", 0, 0, G_OPTION_ARG_STRING_ARRAY, &choices->layers,
      "The map's layer (the last with space); may be repeated", "NAME" },
    { "freeze-below", 0, 0, G_OPTION_ARG_STRING, &choices->freeze_below,
      "Parameters before this layer stay", "LAYER" },
    { "batch-norm", 0, 0, G_OPTION_ARG_STRING, &choices->batch_norm,
      "eval keeps running statistics, train is for training from scratch (eval)", "MODE" },
    { "epochs", 0, 0, G_OPTION_ARG_INT, &choices->epochs, "Passes over the data (6)", "N" },
    { "batch", 0, 0, G_OPTION_ARG_INT, &choices->batch, "Pictures a step (32)", "N" },
    { "lr", 0, 0, G_OPTION_ARG_DOUBLE, &choices->rate, "Learning rate of the body (2e-4)", "X" },
    { "head-lr", 0, 0, G_OPTION_ARG_DOUBLE, &choices->head_rate,
      "Learning rate of the head (10 times the body's)", "X" },
    { "optimizer", 0, 0, G_OPTION_ARG_STRING, &choices->optimizer, "adamw, adam or sgd (adamw)",
      "NAME" },
    { "weight-decay", 0, 0, G_OPTION_ARG_DOUBLE, &choices->weight_decay, "Weight decay (1e-4)",
      "X" },
    { "warm-up", 0, 0, G_OPTION_ARG_DOUBLE, &choices->warm_up,
      "Share of the steps in which the rate and the losses on attention rise (0.1)", "X" },
    { "schedule", 0, 0, G_OPTION_ARG_STRING, &choices->schedule,
      "The rate after it: cosine falls to 0, constant stays (cosine)", "NAME" },
    { "clip", 0, 0, G_OPTION_ARG_DOUBLE, &choices->clip,
      "Norm at which the gradient is cut; 0: never (5)", "X" },
    { "augment", 0, 0, G_OPTION_ARG_STRING, &choices->augment,
      "none, or flip, crop, rotate, colour, grey, background joined by commas (flip)", "LIST" },
    { "no-test", 0, G_OPTION_FLAG_REVERSE, G_OPTION_ARG_NONE, &self.test,
      "Do not measure the test pictures afterwards", NULL },
    { "views", 0, 0, G_OPTION_ARG_INT, &choices->views,
      "Changed views of a picture, taking turns by epoch; 0: always new ones (0)", "K" },
    { "balance", 0, 0, G_OPTION_ARG_STRING, &choices->balance,
      "What comes equally often: none (every picture), class or group (none)", "KIND" },
    { "mask-share", 0, 0, G_OPTION_ARG_DOUBLE, &choices->mask_share,
      "Share of the masks that is used, drawn by the seed (1)", "X" },
    { "control", 0, 0, G_OPTION_ARG_STRING, &choices->control,
      "reweight: cross-entropy counts all groups the same; background-swap: as --augment "
      "background (none)",
      "NAME" },
    { "patience", 0, 0, G_OPTION_ARG_INT, &choices->patience,
      "End after so many epochs without a lower loss on validation (0: never)", "N" },
    { "keep", 0, 0, G_OPTION_ARG_STRING, &choices->keep,
      "The weights to end with: last, or best on validation (last)", "EPOCH" },
    { "mode", 0, 0, G_OPTION_ARG_STRING, &choices->mode,
      "supervised, or with --loss consistency: unsupervised, alternating or combined (supervised)",
      "MODE" },
    { "labelled", 0, 0, G_OPTION_ARG_INT, &choices->labelled,
      "Training pictures of each class whose labels are used, drawn by the seed (all)", "N" },
    { "unlabelled", 0, 0, G_OPTION_ARG_STRING, &choices->unlabelled,
      "The pool of --loss consistency: another project, or labelled (the pictures whose labels are "
      "not used)",
      "SRC" },
    { "alternation", 0, 0, G_OPTION_ARG_DOUBLE, &choices->alternation,
      "Of --mode alternating: passes over the labelled pictures for one over the pool (1)", "X" },
    { "omega", 0, 0, G_OPTION_ARG_DOUBLE, &choices->omega,
      "Of --loss consistency: how steep its mask is (40)", "X" },
    { "pixels", 0, 0, G_OPTION_ARG_STRING, &choices->pixels,
      "Its mask's pixels: guided (guided backprop) or ig (integrated gradients) (guided)", "NAME" },
    { "resolution", 0, 0, G_OPTION_ARG_STRING, &choices->resolution,
      "How its two maps come to one size, 0 to 4: see LOSSES.md (2)", "N" },
    { "similarity", 0, 0, G_OPTION_ARG_STRING, &choices->similarity,
      "Of its two maps: pearson, ssim or cross (pearson)", "NAME" },
    { "normalise-pixels", 0, 0, G_OPTION_ARG_NONE, &choices->normalise_pixels,
      "Divide its pixels by their standard deviation", NULL },
    { "detach-mask", 0, 0, G_OPTION_ARG_NONE, &choices->detach_mask,
      "No gradient through its mask: cheaper, and another loss", NULL },
    { "choose-by", 0, 0, G_OPTION_ARG_STRING, &choices->choose_by,
      "What --keep and --patience go by on validation: labels or consistency (labels)", "WHAT" },
    { "checkpoint-every", 0, 0, G_OPTION_ARG_DOUBLE, &choices->checkpoint_seconds,
      "Seconds between checkpoints, besides each epoch's (60)", "X" },
    { "resume", 0, 0, G_OPTION_ARG_NONE, &self.resume,
      "Go on with the run in --output, from its last checkpoint", NULL },
    { "config", 0, 0, G_OPTION_ARG_FILENAME, &self.config_path,
      "Repeat the run of this config.json; other options win over it", "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  FvCliStatus status;

  fv_cli_train_choices_init (choices);
  status = fv_cli_parse (arguments, "train PROJECT --model MODEL --output RUN",
                         FV_CLI_TAKES_MODEL | FV_CLI_TAKES_OUTPUT | FV_CLI_TAKES_FEWER, extra, 1,
                         &self.options);
  return status == FV_CLI_DONE ? run (&self) : status;
}
