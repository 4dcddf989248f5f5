/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A run folder: everything a training leaves behind. With the same data, starting weights and
 * threads its configuration repeats it.
 *   model.safetensors   the weights after training
 *   card.json           its model card: the folder opens as a MODEL
 *   config.json         what was asked for, and of what (fv-run-config.h)
 *   log.jsonl           one line a step
 *   metrics.json        the evaluation on the test split, when there is one
 *   checkpoint.safetensors   where training stands, until the run is finished
 * Threads: the engine thread. */

#pragma once

#include "fv-evaluation.h"
#include "fv-trainer.h"

G_BEGIN_DECLS

typedef enum {
  FV_RUN_NONE,     /* no config.json: no run has begun there */
  FV_RUN_BEGUN,    /* it was stopped or killed and can go on */
  FV_RUN_FINISHED, /* nothing is left to do */
} FvRunState;

/* How far the run in @folder is. */
FvRunState fv_run_get_state (const char *folder);

/* Trains @model as fv_train_with_checkpoint () does and writes the folder, which is made when it is
 * missing. The weights are written at the end, and also when training is stopped half-way, so that
 * the folder opens as a MODEL; then FALSE is returned all the same. From then on @model's source is
 * the folder. A folder that holds a run is refused; one in which not one step was taken, or where
 * training failed before its first checkpoint, is removed again.
 * @evaluate: also measure the test split afterwards and write metrics.json. */
gboolean fv_run_train (FvModel *model, const FvDataset *dataset, const FvTrainConfig *config,
                       const char *folder, gboolean evaluate, FvTrainCallback callback,
                       gpointer user_data, GCancellable *cancellable, GError **error);

/* Goes on with the run in @folder from its checkpoint, to the bits of one that was never
 * interrupted; log.jsonl is cut back to where it stood. Where no run has begun one is begun, and a
 * finished one stays as it is. Settings or a dataset that are not those of its config.json are an
 * error that names the option.
 * @model: of the run's form (fv_run_open_model ()); its values are set. */
gboolean fv_run_resume (FvModel *model, const FvDataset *dataset, const FvTrainConfig *config,
                        const char *folder, gboolean evaluate, FvTrainCallback callback,
                        gpointer user_data, GCancellable *cancellable, GError **error);

/* The network of a run that has begun, without its values, whatever has become of the files that
 * it began with; NULL without @error when there is no checkpoint yet. (transfer full) */
FvModel *fv_run_open_model (const char *folder, GError **error);

/* Writes FOLDER/metrics.json: what `fovea-cli evaluate --json` prints. */
gboolean fv_run_save_metrics (const FvEvaluation *evaluation, const char *folder, GError **error);

/* The path of what the run in @folder was trained on, from its config.json. (transfer full): NULL
 * with @error */
char *fv_run_get_data (const char *folder, GError **error);

/* Whether the run in @folder was trained on @dataset, which was cut by chance, but by another seed
 * than the @seed that @dataset was opened with: its test split then has pictures that the run
 * learned from. @own_seed gets the run's. FALSE for what is no run. */
gboolean fv_run_learned_from_other_split (const char *folder, const FvDataset *dataset,
                                          guint64 seed, guint64 *own_seed);

/* One line of log.jsonl. Values that are not numbers are left out. (transfer full) */
JsonNode *fv_train_progress_to_json (const FvTrainProgress *progress);

G_END_DECLS
