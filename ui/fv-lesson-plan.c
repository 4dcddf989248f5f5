/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-lesson-plan.h"

#include <math.h>

#include "fv-augment.h"
#include "fv-recipe.h"

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
/* A head that was replaced must learn faster than the body, which knows a lot already. */
#define HEAD_RATE_FACTOR 10
/* For longer than a network that knows a lot. Measured on the built-in pictures (RESULTS.md). */
#define SMALL_ARCHITECTURE "small_cnn"
#define SMALL_RATE 5e-3
#define SMALL_EPOCHS 12
#define SMALL_BATCH 16
/* Longer than any lesson that somebody waits for. */
#define MAX_SECONDS 359999

gboolean
fv_lesson_plan_is_small (const FvModelInfo *model)
{
  return g_str_equal (model->architecture, SMALL_ARCHITECTURE);
}

double
fv_lesson_plan_get_head_rate (const FvModelInfo *model, double rate)
{
  return (fv_lesson_plan_is_small (model) ? 1 : HEAD_RATE_FACTOR) * rate;
}

FvTrainConfig *
fv_lesson_plan_suggest (const FvModelInfo *model)
{
  FvTrainConfig *config = fv_train_config_new ();

  fv_recipe_apply (fv_recipe_get_recommended (model->can_swap_evidence), 1, config);
  if (fv_lesson_plan_is_small (model)) {
    config->epochs = SMALL_EPOCHS;
    config->batch_size = SMALL_BATCH;
    config->learning_rate = SMALL_RATE;
    config->train_batch_norm = model->can_train_batch_norm;
  } else if (model->can_show) {
    config->freeze_below = g_strdup (model->layers[fv_model_info_get_last_stage (model)].name);
  }
  config->head_learning_rate = fv_lesson_plan_get_head_rate (model, config->learning_rate);
  return config;
}

gsize
fv_lesson_plan_count_steps (const FvTrainConfig *config, gsize n_train)
{
  gsize batch = (gsize) MAX (config->batch_size, 1);

  return (n_train + batch - 1) / batch * (gsize) MAX (config->epochs, 0);
}

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

FvLessonCost
fv_lesson_plan_estimate (const FvTrainConfig *config, const FvModelInfo *model, gsize n_train,
                         double seconds_per_image)
{
  gsize pictures = fv_lesson_plan_count_steps (config, n_train) * (gsize) config->batch_size;

  return (FvLessonCost){
    .preparing = keeps_features (config) ? N_VIEWS * (double) n_train * seconds_per_image : 0,
    .steps = get_forwards_per_picture (config, model) * (double) pictures * seconds_per_image,
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
