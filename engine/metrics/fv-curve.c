/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Steps of curves and the area below them. */

#include "fv-curve.h"

static gsize
step_length (gsize n_items, int steps)
{
  return (n_items + (gsize) steps - 1) / (gsize) steps;
}

int
fv_curve_get_n_steps (gsize n_items, int steps)
{
  gsize length = step_length (n_items, steps);

  return (int) ((n_items + length - 1) / length);
}

gsize
fv_curve_get_end (gsize n_items, int steps, int k)
{
  return MIN (n_items, (gsize) k * step_length (n_items, steps));
}

double
fv_curve_get_area (const double *positions, const double *values, gsize n_points)
{
  double area = 0;

  for (gsize i = 1; i < n_points; i++)
    area += (positions[i] - positions[i - 1]) * (values[i] + values[i - 1]) / 2;
  return area;
}
