/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-lesson-plan.h"

#include <math.h>

#include "fv-augment.h"
#include "fv-recipe.h"
#include "fv-turns.h"

/* What a picture costs in a step, in forward passes: forward and backward, or a short part of both
 * where the lower part is frozen and its features are kept. */
#define FORWARDS_PER_STEP 3.0
#define FORWARDS_PER_KEPT_STEP 0.6
/* Where each epoch changes the pictures anew, the frozen part runs in every step. */
#define FORWARDS_PER_FROZEN_STEP 1.5
/* The loss on the pixels' gradients goes through the whole network twice more, frozen or not. */
#define FORWARDS_PER_GRADIENT_STEP 10.0
/* Each picture and its mirror image are prepared. */
#define N_VIEWS 2
/* Small pictures are slow to open and measure one by one, but fast in a batch. */
#define FORWARDS_PER_SMALL_STEP 1.2
#define SMALL_SHARE (FORWARDS_PER_SMALL_STEP / FORWARDS_PER_STEP)
/* Consistency: two forward passes, guided backprop, and a backward through all of them; each point
 * of integrated gradients, each sample of SmoothGrad is a picture more. Measured on the built-in
 * pictures, beside other work: 5 to 7 with their small share. */
#define FORWARDS_PER_AGREEMENT 12.0
#define FORWARDS_PER_POINT 6.0
#define N_INTEGRATED_POINTS 6
#define N_SMOOTH_SAMPLES 25
/* A head that was replaced must learn faster than the body, which knows a lot already. */
#define HEAD_RATE_FACTOR 10
/* For longer than a network that knows a lot. Measured on the built-in pictures (RESULTS.md). */
#define SMALL_ARCHITECTURE "small_cnn"
#define SMALL_RATE 5e-3
#define SMALL_EPOCHS 12
#define SMALL_BATCH 16
/* ATCON's authors take 1e-6 to 8e-6; at 5e-3 the built-in network named everything one class. */
#define UNSUPERVISED_RATE 1e-5
/* Longer than any lesson that somebody waits for. */
#define MAX_SECONDS 359999

gboolean
fv_lesson_plan_is_small (const FvModelInfo *model)
{
  return g_str_equal (model->architecture, SMALL_ARCHITECTURE);
}

double
fv_lesson_plan_suggest_rate (const FvModelInfo *model, FvTrainMode mode)
{
  g_autoptr (FvTrainConfig) usual = fv_train_config_new ();

  if (mode == FV_MODE_UNSUPERVISED)
    return UNSUPERVISED_RATE;
  return fv_lesson_plan_is_small (model) ? SMALL_RATE : usual->learning_rate;
}

double
fv_lesson_plan_get_head_rate (const FvModelInfo *model, FvTrainMode mode, double rate)
{
  gboolean is_new = mode != FV_MODE_UNSUPERVISED && !fv_lesson_plan_is_small (model);

  return is_new ? HEAD_RATE_FACTOR * rate : rate;
}

FvTrainConfig *
fv_lesson_plan_suggest (const FvModelInfo *model)
{
  FvTrainConfig *config = fv_train_config_new ();

  fv_recipe_apply (fv_recipe_get_recommended (model->can_swap_evidence), 1, config);
  if (fv_lesson_plan_is_small (model)) {
    config->epochs = SMALL_EPOCHS;
    config->batch_size = SMALL_BATCH;
    config->train_batch_norm = model->can_train_batch_norm;
  } else if (model->can_show) {
    config->freeze_below = g_strdup (model->layers[fv_model_info_get_last_stage (model)].name);
  }
  config->learning_rate = fv_lesson_plan_suggest_rate (model, config->mode);
  config->head_learning_rate
      = fv_lesson_plan_get_head_rate (model, config->mode, config->learning_rate);
  return config;
}

/* Batches of @n pictures. */
static int
count_batches (const FvTrainConfig *config, gsize n)
{
  gsize batch = (gsize) MAX (config->batch_size, 1);

  return (int) MIN ((n + batch - 1) / batch, G_MAXINT);
}

static FvTurns
get_turns (const FvTrainConfig *config, FvLessonPictures pictures)
{
  return (FvTurns){ .mode = config->mode,
                    .n_labelled = count_batches (config, pictures.n_labelled),
                    .n_pool = count_batches (config, pictures.n_pool),
                    .alternation = config->alternation,
                    .seed = config->seed };
}

gsize
fv_lesson_plan_count_steps (const FvTrainConfig *config, FvLessonPictures pictures)
{
  FvTurns turns = get_turns (config, pictures);

  return (gsize) fv_turns_per_epoch (&turns) * (gsize) MAX (config->epochs, 0);
}

/* Turns of each kind in a step, on average. */
static void
share_turns (const FvTrainConfig *config, FvLessonPictures pictures, double *labelled, double *pool)
{
  FvTurns turns = get_turns (config, pictures);
  double weight = config->alternation * turns.n_labelled;

  *labelled = config->mode == FV_MODE_UNSUPERVISED ? 0 : 1;
  *pool = config->mode == FV_MODE_SUPERVISED ? 0 : 1;
  if (config->mode != FV_MODE_ALTERNATING || weight + turns.n_pool <= 0)
    return;
  *labelled = weight / (weight + turns.n_pool);
  *pool = 1 - *labelled;
}

/* -- refusals ------------------------------------------------------------------------------- */

static gboolean
has_losses_of_labels (const FvTrainConfig *config)
{
  for (int i = 0; i < FV_N_LOSSES; i++)
    if (fv_loss_is_on_attention ((FvLossKind) i) && config->weights[i] > 0)
      return TRUE;
  return FALSE;
}

const char *
fv_lesson_plan_find_refusal (const FvTrainConfig *config, const FvModelInfo *model,
                             const FvDataset *dataset, FvLessonPictures pictures)
{
  gsize n_train = fv_dataset_get_n_in_split (dataset, FV_SPLIT_TRAIN);
  gboolean unsupervised = config->mode == FV_MODE_UNSUPERVISED;

  if (config->weights[FV_LOSS_CONSISTENCY] <= 0)
    return NULL;
  if (fv_agreement_needs_rectifiers (&config->agreement) && !model->has_rectifiers)
    return "Guided backprop needs a network whose activations are all ReLUs, and this one’s are "
           "not: choose integrated gradients under “Advanced”.";
  if (unsupervised && !fv_model_info_has_classes_of (model, dataset))
    return "The network does not know this folder’s classes, and without labels it cannot learn "
           "them: choose the mode “combined”.";
  if (unsupervised && has_losses_of_labels (config))
    return "The mode “unsupervised” would leave the other losses out: choose “combined”, or set "
           "their weights to 0.";
  if (!unsupervised && config->unlabelled == NULL && pictures.n_labelled == n_train)
    return "No training picture is without a label: let fewer of a class keep theirs, or take the "
           "pictures without labels from elsewhere.";
  return pictures.n_pool == 0 ? "There is no picture without a label to learn from." : NULL;
}

/* -- cost ----------------------------------------------------------------------------------- */

static gboolean
keeps_features (const FvTrainConfig *config)
{
  return config->freeze_below != NULL && config->weights[FV_LOSS_RRR] <= 0
         && ((config->augment & ~(guint) FV_AUGMENT_FLIP) == 0 || config->views > 0);
}

static double
get_forwards_per_picture (const FvTrainConfig *config, const FvModelInfo *model)
{
  if (config->weights[FV_LOSS_RRR] > 0)
    return FORWARDS_PER_GRADIENT_STEP;
  if (fv_lesson_plan_is_small (model))
    return FORWARDS_PER_SMALL_STEP;
  if (keeps_features (config))
    return FORWARDS_PER_KEPT_STEP;
  return config->freeze_below != NULL ? FORWARDS_PER_FROZEN_STEP : FORWARDS_PER_STEP;
}

/* A picture of the pool, whatever is frozen: guided backprop goes through the whole network. */
static double
get_forwards_per_agreement (const FvTrainConfig *config, const FvModelInfo *model)
{
  const FvAgreementOptions *options = &config->agreement;
  double forwards = FORWARDS_PER_AGREEMENT;

  if (options->way == FV_AGREEMENT_SMOOTH)
    forwards += N_SMOOTH_SAMPLES * FORWARDS_PER_POINT;
  else if (options->pixels == FV_AGREEMENT_INTEGRATED)
    forwards += N_INTEGRATED_POINTS * FORWARDS_PER_POINT;
  return fv_lesson_plan_is_small (model) ? forwards * SMALL_SHARE : forwards;
}

FvLessonCost
fv_lesson_plan_estimate (const FvTrainConfig *config, const FvModelInfo *model,
                         FvLessonPictures pictures, double seconds_per_image)
{
  double n_steps = (double) fv_lesson_plan_count_steps (config, pictures);
  double labelled, pool, forwards, prepared;

  share_turns (config, pictures, &labelled, &pool);
  forwards = labelled * get_forwards_per_picture (config, model)
             + (pool > 0 ? pool * get_forwards_per_agreement (config, model) : 0);
  prepared = keeps_features (config) && labelled > 0 ? (double) pictures.n_labelled : 0;
  return (FvLessonCost){
    .preparing = N_VIEWS * prepared * seconds_per_image,
    .steps = forwards * n_steps * config->batch_size * seconds_per_image,
  };
}

char *
fv_lesson_plan_format_seconds (double seconds)
{
  int total = (int) ceil (CLAMP (seconds, 0, MAX_SECONDS));

  if (total >= 3600)
    return g_strdup_printf ("%d:%02d:%02d", total / 3600, total / 60 % 60, total % 60);
  return g_strdup_printf ("%d:%02d", total / 60, total % 60);
}
