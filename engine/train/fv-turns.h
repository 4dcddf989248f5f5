/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whose turn a step is: that of labels, of consistency, or of both. Pure functions of the step, so
 * that a training that goes on takes the turns it would have taken. Threads: any. */

#pragma once

#include "fv-train-config.h"

G_BEGIN_DECLS

typedef struct {
  FvTrainMode mode;
  int n_labelled, n_pool; /* batches in a pass over the labelled pictures, and over the pool */
  double alternation;     /* how often labels come, see FvTrainConfig */
  guint64 seed;
} FvTurns;

/* How many batches of each kind. */
typedef struct {
  int labelled, pool;
} FvTurnCount;

/* Steps of an epoch: supervised, a pass over the labelled pictures; unsupervised, one over the
 * pool; combined, one over whichever is larger, while the other goes round; alternating, the sum of
 * @alternation passes over the labelled and one over the pool. At least one. */
int fv_turns_per_epoch (const FvTurns *self);

/* What @step, which counts from 0, takes: 0 or 1 of each. Alternating draws it by (seed, step), the
 * labelled with probability alternation · n_labelled / (alternation · n_labelled + n_pool). */
FvTurnCount fv_turns_take (const FvTurns *self, int step);

/* What the first @n_steps take together. */
FvTurnCount fv_turns_count (const FvTurns *self, int n_steps);

G_END_DECLS
