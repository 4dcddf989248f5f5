/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Random values on a grid, joined smoothly. Hashed, not drawn from a generator, so that a pixel's
 * noise does not depend on the order of pixels. */

#include "fv-scene-noise.h"

#include <math.h>

/* A value in 0 … 1 for a grid point. */
static double
grid_value (guint32 seed, gint32 x, gint32 y)
{
  guint32 hash = seed ^ (guint32) x * 0x9e3779b1u ^ (guint32) y * 0x85ebca77u;

  hash = (hash ^ hash >> 15) * 0x2c1b3c6du;
  hash = (hash ^ hash >> 12) * 0x297a2d39u;
  return (double) (hash ^ hash >> 15) / 4294967295.0;
}

static double
smooth (double t)
{
  return t * t * (3.0 - 2.0 * t);
}

static double
mix (double a, double b, double t)
{
  return a + t * (b - a);
}

double
fv_scene_noise (guint32 seed, double x, double y)
{
  gint32 column = (gint32) floor (x);
  gint32 row = (gint32) floor (y);
  double u = smooth (x - column);
  double v = smooth (y - row);
  double top = mix (grid_value (seed, column, row), grid_value (seed, column + 1, row), u);
  double bottom
      = mix (grid_value (seed, column, row + 1), grid_value (seed, column + 1, row + 1), u);

  return mix (top, bottom, v);
}

double
fv_scene_fractal_noise (guint32 seed, double x, double y)
{
  return (4.0 * fv_scene_noise (seed, x, y) + 2.0 * fv_scene_noise (seed + 1, 2.0 * x, 2.0 * y)
          + fv_scene_noise (seed + 2, 4.0 * x, 4.0 * y))
         / 7.0;
}
