/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Eight drawn test pictures and a small network with random weights to evaluate on them. */

#pragma once

#include "fv-evaluation.h"
#include "fv-scenes.h"
#include "temporary-folder.h"

#define SIDE 32
#define N_TEST 8

typedef struct {
  char *folder;
  FvDataset *dataset;
  FvModel *model;
} Fixture;

static inline void
set_up (Fixture *fixture, gconstpointer unused)
{
  FvScenesOptions options = fv_scenes_options_default ();
  g_autoptr (FvCard) card = fv_card_new ("small_cnn");

  options.n_train = 4;
  options.n_validation = 0;
  options.n_test = N_TEST;
  options.size = SIDE;
  fixture->folder = temporary_folder_new ();
  g_assert_true (fv_scenes_build (fixture->folder, &options, NULL, NULL));
  fixture->dataset = fv_dataset_open (fixture->folder, 0, NULL);
  card->width = card->height = SIDE;
  fixture->model = fv_model_new (card, 4, 7, NULL);
  g_assert_nonnull (fixture->dataset);
  g_assert_nonnull (fixture->model);
}

static inline void
tear_down (Fixture *fixture, gconstpointer unused)
{
  fv_model_unref (fixture->model);
  fv_dataset_unref (fixture->dataset);
  temporary_folder_remove (fixture->folder);
  g_free (fixture->folder);
}

static inline FvEvaluation *
evaluate (const Fixture *fixture, FvSplit split, const FvEvaluationOptions *options)
{
  g_autoptr (GError) error = NULL;
  FvEvaluation *evaluation
      = fv_evaluate (fixture->model, fixture->dataset, split, options, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return evaluation;
}
