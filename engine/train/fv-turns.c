/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Turns by mode. */

#include "fv-turns.h"

#include "fv-random.h"

/* So that the turns do not hang on other draws from the seed. */
#define PURPOSE 0x7475726e

int
fv_turns_per_epoch (const FvTurns *self)
{
  switch (self->mode) {
  case FV_MODE_UNSUPERVISED:
    return self->n_pool;
  case FV_MODE_COMBINED:
    return MAX (self->n_labelled, self->n_pool);
  case FV_MODE_ALTERNATING:
    return (int) CLAMP (self->alternation * self->n_labelled + self->n_pool, 1, G_MAXINT);
  case FV_MODE_SUPERVISED:
  default:
    return self->n_labelled;
  }
}

static FvTurnCount
draw (const FvTurns *self, int step)
{
  double labelled = self->alternation * self->n_labelled;
  g_autoptr (GRand) random = fv_random_new (self->seed + (guint64) step, PURPOSE);
  gboolean is_labelled = g_rand_double (random) * (labelled + self->n_pool) < labelled;

  return (FvTurnCount){ is_labelled, !is_labelled };
}

FvTurnCount
fv_turns_take (const FvTurns *self, int step)
{
  switch (self->mode) {
  case FV_MODE_UNSUPERVISED:
    return (FvTurnCount){ 0, 1 };
  case FV_MODE_COMBINED:
    return (FvTurnCount){ 1, 1 };
  case FV_MODE_ALTERNATING:
    return draw (self, step);
  case FV_MODE_SUPERVISED:
  default:
    return (FvTurnCount){ 1, 0 };
  }
}

FvTurnCount
fv_turns_count (const FvTurns *self, int n_steps)
{
  FvTurnCount each = fv_turns_take (self, 0), sum = { 0, 0 };

  if (self->mode != FV_MODE_ALTERNATING)
    return (FvTurnCount){ n_steps * each.labelled, n_steps * each.pool };
  for (int step = 0; step < n_steps; step++) {
    FvTurnCount taken = draw (self, step);

    sum.labelled += taken.labelled;
    sum.pool += taken.pool;
  }
  return sum;
}
