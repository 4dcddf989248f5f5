/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A run's config.json: the settings, and what they were applied to. With it and the files it names
 * the run repeats to the bit.
 * Threads: the engine thread. */

#pragma once

#include "fv-dataset.h"
#include "fv-model.h"
#include "fv-train-config.h"

G_BEGIN_DECLS

typedef struct {
  FvTrainConfig *settings;
  char *data; /* absolute path of the dataset; NULL when it is not UTF-8 */
  /* The network it began with, as in FvModelSource; all NULL for one that was made otherwise. */
  char *model, *weights, *card, *logits;
  char *weights_sha256; /* of the file that held its values, hexadecimal; NULL: they were drawn */
  int threads;          /* of one operator; 0 when it is not known */
  char *version;        /* Fovea's */
} FvRunConfig;

/* What a training of @model on @dataset is about to be. It reads the whole weights file once.
 * (transfer full) */
FvRunConfig *fv_run_config_new (const FvTrainConfig *settings, const FvDataset *dataset,
                                const FvModel *model, GError **error);
void fv_run_config_free (FvRunConfig *self);

/* Replaces the file whole or leaves it alone. */
gboolean fv_run_config_save (const FvRunConfig *self, const char *path, GError **error);
/* Reads one; members that are missing are NULL, 0 or as fv_train_config_from_json () has them.
 * (transfer full) */
FvRunConfig *fv_run_config_load (const char *path, GError **error);

/* FALSE, with a sentence, when the weights file is another one than the run began with. */
gboolean fv_run_config_check_weights (const FvRunConfig *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvRunConfig, fv_run_config_free)

G_END_DECLS
