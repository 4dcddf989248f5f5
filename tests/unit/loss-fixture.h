/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Losses on maps of 3 × 3 cells: their values, and their gradients against central differences. */

#pragma once

#include "fv-autograd.h"
#include "tensor-fixture.h"

#define SIDE 3
#define CELLS (SIDE * SIDE)

typedef struct {
  const double *maps;    /* [n,channels,3,3], or [n,3,3] for channels 0 */
  const double *inside;  /* [n,3,3] */
  const double *opinion; /* [n,3,3] */
  const double *weight;  /* [n] */
  gint64 n, channels;
} LossCase;

typedef FvTensor *(*LossFunction) (FvScope *scope, FvTensor *maps, FvTensor *inside,
                                   FvTensor *opinion, FvTensor *weight, gconstpointer data);

static inline gsize
count_values (const LossCase *c)
{
  return (gsize) (c->n * MAX (c->channels, 1) * CELLS);
}

static inline FvTensor *
new_cells (FvScope *scope, const double *values, gint64 n, gint64 channels)
{
  const gint64 planes[] = { n, channels, SIDE, SIDE }, plain[] = { n, SIDE, SIDE };

  return new_doubles (scope, values, channels > 0 ? planes : plain, channels > 0 ? 4 : 3);
}

/* The loss, and its gradient with respect to the maps unless @gradient is NULL. */
static inline double
evaluate (const LossCase *c, LossFunction loss, gconstpointer data, double *gradient)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *maps = fv_detach (scope, new_cells (scope, c->maps, c->n, c->channels), TRUE);
  FvTensor *value = loss (scope, maps, new_cells (scope, c->inside, c->n, 0),
                          new_cells (scope, c->opinion, c->n, 0),
                          new_doubles (scope, c->weight, &c->n, 1), data);
  FvTensor *found;

  if (gradient != NULL && fv_gradient (scope, value, NULL, &maps, 1, FALSE, &found))
    g_assert_true (fv_tensor_read (found, FV_DTYPE_FLOAT64, gradient,
                                   count_values (c) * sizeof (double), NULL));
  assert_scope_sound (scope);
  return fv_tensor_to_double (value);
}

static inline void
assert_gradient (const LossCase *c, LossFunction loss, gconstpointer data)
{
  gsize n = count_values (c);
  g_autofree double *gradient = g_new (double, n);
  g_autofree double *moved = g_memdup2 (c->maps, n * sizeof (double));
  LossCase other = *c;
  const double step = 1e-6;

  other.maps = moved;
  evaluate (c, loss, data, gradient);
  for (gsize i = 0; i < n; i++) {
    double up, down;

    moved[i] = c->maps[i] + step;
    up = evaluate (&other, loss, data, NULL);
    moved[i] = c->maps[i] - step;
    down = evaluate (&other, loss, data, NULL);
    moved[i] = c->maps[i];
    g_assert_cmpfloat_with_epsilon (gradient[i], (up - down) / (2 * step), 1e-7);
  }
}

/* The loss is 0 and so is its gradient: nobody has a say. */
static inline void
assert_silent (const LossCase *c, LossFunction loss, gconstpointer data)
{
  gsize n = count_values (c);
  g_autofree double *gradient = g_new (double, n);

  g_assert_cmpfloat (evaluate (c, loss, data, gradient), ==, 0);
  for (gsize i = 0; i < n; i++)
    g_assert_cmpfloat (gradient[i], ==, 0);
}
