/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Everything that a training needs to go on where it stood, in one safetensors file:
 *   model.NAME       every parameter of the network
 *   optimizer.N.NAME what fv_optimizer_get_state () tells
 *   best.NAME        the parameters that did best on validation, when they are kept
 * and in its metadata "format", "step", "seconds", "best_epoch" and "best_loss". Random numbers
 * need no place: all draws are functions of the seed and the step.
 * Threads: the engine thread. */

#pragma once

#include "fv-state-dict.h"

G_BEGIN_DECLS

typedef struct {
  int step;       /* how many have been taken */
  double seconds; /* that they took */
  FvStateDict *model;
  FvStateDict *optimizer;
  int best_epoch;    /* that did best on validation; 0 when none was measured */
  double best_loss;  /* of that epoch; infinite when it was no number */
  FvStateDict *best; /* its parameters; NULL when they are not kept */
} FvCheckpoint;

void fv_checkpoint_free (FvCheckpoint *self);

/* Replaces the file whole and waits for the disk; on failure, a full disk among them, the older one
 * stays as it was. */
gboolean fv_checkpoint_save (const FvCheckpoint *self, const char *path, GError **error);
/* Reads one; a file that is damaged, or no checkpoint, is refused by name. Whether it fits the
 * network is for those to say who take its parts. (transfer full) */
FvCheckpoint *fv_checkpoint_load (const char *path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvCheckpoint, fv_checkpoint_free)

G_END_DECLS
