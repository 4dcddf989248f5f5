/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The options of “train” that say how to learn, as they stand on the command line. */

#pragma once

#include "fv-cli.h"
#include "fv-train-config.h"

G_BEGIN_DECLS

/* What was not given is NULL, FV_CLI_NO_INT or FV_CLI_NO_REAL: it must not undo what a
 * configuration file says. */
typedef struct {
  char **losses;
  char *distance, *normalise, *match_target;
  char **layers;
  char *attention_classes, *map, *freeze_below, *optimizer, *batch_norm, *augment, *keep, *balance,
      *control, *schedule;
  char *mode, *unlabelled, *pixels, *resolution, *similarity, *choose_by;
  gboolean normalise_pixels, detach_mask;
  int epochs, batch, patience, views, labelled;
  double rate, head_rate, weight_decay, checkpoint_seconds, mask_share, warm_up, clip, omega,
      alternation;
} FvCliTrainChoices;

#define FV_CLI_NO_INT G_MININT
#define FV_CLI_NO_REAL (-G_MAXDOUBLE)

void fv_cli_train_choices_init (FvCliTrainChoices *self);
void fv_cli_train_choices_clear (FvCliTrainChoices *self);

/* Changes @config where something was given. */
FvCliStatus fv_cli_train_choices_apply (const FvCliTrainChoices *self, FvTrainConfig *config);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FvCliTrainChoices, fv_cli_train_choices_clear)

G_END_DECLS
