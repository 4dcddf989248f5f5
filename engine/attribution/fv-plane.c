/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-plane.h"

#include <math.h>

static void
find_range (FvPlane *self)
{
  float low = INFINITY, high = -INFINITY;

  for (gsize i = 0; i < fv_plane_get_size (self); i++) {
    if (!isfinite (self->values[i]))
      continue;
    low = MIN (low, self->values[i]);
    high = MAX (high, self->values[i]);
  }
  self->low = low <= high ? low : 0;
  self->high = low <= high ? high : 0;
}

FvPlane *
fv_plane_new (int width, int height, float *values)
{
  FvPlane *self = g_new (FvPlane, 1);

  *self = (FvPlane){ .width = width, .height = height, .values = values };
  find_range (self);
  return self;
}

void
fv_plane_free (FvPlane *self)
{
  if (self == NULL)
    return;
  g_free (self->values);
  g_free (self);
}

gsize
fv_plane_get_size (const FvPlane *self)
{
  return (gsize) self->width * (gsize) self->height;
}

double
fv_plane_get_share (const FvPlane *self, float value)
{
  double range = (double) self->high - (double) self->low;

  if (isnan (value) || !(range > 0))
    return 0;
  return CLAMP (((double) value - (double) self->low) / range, 0, 1);
}
