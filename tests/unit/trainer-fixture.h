/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A handful of drawn pictures and networks small enough to train in a test. */

#pragma once

#include "fv-dataset.h"
#include "fv-model.h"
#include "fv-scenes.h"
#include "fv-train-config.h"
#include "temporary-folder.h"

#define SIDE 32

typedef struct {
  char *folder;
  FvDataset *dataset;
} Fixture;

static inline void
set_up (Fixture *fixture, gconstpointer unused)
{
  FvScenesOptions options = fv_scenes_options_default ();
  g_autoptr (GError) error = NULL;

  options.n_train = 16;
  options.n_validation = 4;
  options.n_test = 8;
  options.size = SIDE;
  fixture->folder = temporary_folder_new ();
  fv_scenes_build (fixture->folder, &options, NULL, &error);
  g_assert_no_error (error);
  fixture->dataset = fv_dataset_open (fixture->folder, 0, &error);
  g_assert_no_error (error);
}

static inline void
tear_down (Fixture *fixture, gconstpointer unused)
{
  fv_dataset_unref (fixture->dataset);
  temporary_folder_remove (fixture->folder);
  g_free (fixture->folder);
}

static inline FvModel *
new_network (const char *architecture, guint64 seed, gboolean folded)
{
  g_autoptr (FvCard) card = fv_card_new (architecture);
  FvModel *model;

  card->width = card->height = SIDE;
  card->batch_norm_folded = folded;
  model = fv_model_new (card, 4, seed, NULL);
  g_assert_nonnull (model);
  return model;
}

static inline FvTrainConfig *
new_config (double camal)
{
  FvTrainConfig *config = fv_train_config_new ();

  config->weights[FV_LOSS_CAMAL] = camal;
  config->epochs = 2;
  config->batch_size = 6;
  config->learning_rate = config->head_learning_rate = 1e-3;
  config->train_batch_norm = TRUE;
  config->seed = 3;
  return config;
}
