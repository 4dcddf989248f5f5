/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-inspect-result.h"

FvInspectResult *
fv_inspect_result_new (FvMap *map)
{
  FvInspectResult *self = g_atomic_rc_box_new0 (FvInspectResult);

  self->map = map;
  self->target = map == NULL ? -1 : map->target;
  return self;
}

FvInspectResult *
fv_inspect_result_ref (FvInspectResult *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear_inspect_result (FvInspectResult *self)
{
  g_clear_pointer (&self->map, fv_map_free);
  g_clear_pointer (&self->before, fv_map_free);
  for (int i = 0; i < self->n_top; i++)
    g_free (self->names[i]);
  g_free (self->target_name);
  g_free (self->before_name);
}

void
fv_inspect_result_unref (FvInspectResult *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear_inspect_result);
}

void
fv_inspect_result_rank (FvInspectResult *self, const float *probabilities, int n_classes)
{
  self->n_top = 0;
  for (int c = 0; c < n_classes; c++) {
    int rank = self->n_top;

    while (rank > 0 && probabilities[c] > self->probabilities[rank - 1])
      rank--;
    if (rank == FV_INSPECT_N_TOP)
      continue;
    if (self->n_top < FV_INSPECT_N_TOP)
      self->n_top++;
    for (int i = self->n_top - 1; i > rank; i--) {
      self->classes[i] = self->classes[i - 1];
      self->probabilities[i] = self->probabilities[i - 1];
    }
    self->classes[rank] = c;
    self->probabilities[rank] = probabilities[c];
  }
}
