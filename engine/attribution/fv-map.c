/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The record of one map. */

#include "fv-map.h"

FvMap *
fv_map_new (int width, int height, const char *method, const char *layer, int target)
{
  FvMap *self = g_new0 (FvMap, 1);

  self->width = width;
  self->height = height;
  self->values = g_new0 (float, (gsize) width *(gsize) height);
  self->method = g_intern_string (method);
  self->layer = g_strdup (layer);
  self->target = target;
  return self;
}

FvMap *
fv_map_copy (const FvMap *self)
{
  FvMap *copy = g_memdup2 (self, sizeof *self);

  copy->layer = g_strdup (self->layer);
  copy->values
      = g_memdup2 (self->values, (gsize) self->width * (gsize) self->height * sizeof (float));
  return copy;
}

void
fv_map_free (FvMap *self)
{
  if (self == NULL)
    return;
  g_free (self->layer);
  g_free (self->values);
  g_free (self);
}

float
fv_map_get_max (const FvMap *self)
{
  float max = self->values[0];

  for (int i = 1; i < self->width * self->height; i++)
    max = MAX (max, self->values[i]);
  return max;
}

float
fv_map_get_min (const FvMap *self)
{
  float min = self->values[0];

  for (int i = 1; i < self->width * self->height; i++)
    min = MIN (min, self->values[i]);
  return min;
}

gboolean
fv_map_is_dead (const FvMap *self)
{
  return !(fv_map_get_max (self) > 0);
}
