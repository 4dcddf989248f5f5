/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The record of one map. */

#include "fv-map.h"

#include <math.h>
#include <stdlib.h>

#include "fv-tensor.h"

/* One pixel in so many is above the top of the scale. */
#define EXCEEDED 100

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
  self->gain = self->residual = NAN;
  return self;
}

static float
reduce (const float *values, int n, gsize step, FvReduction reduction)
{
  double sum = 0, absolute = 0, max = 0;

  for (int i = 0; i < n; i++) {
    double value = values[(gsize) i * step];

    sum += value;
    absolute += fabs (value);
    max = isnan (value) ? NAN : fmax (max, fabs (value));
  }
  if (reduction == FV_REDUCTION_MAX_ABSOLUTE)
    return (float) max;
  return (float) (reduction == FV_REDUCTION_SUM ? sum : absolute);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  float first = *(const float *) a, second = *(const float *) b;

  return first < second ? -1 : first > second;
}

static float
find_top (const FvMap *self)
{
  gsize n = (gsize) self->width * (gsize) self->height;
  g_autofree float *sorted = g_memdup2 (self->values, n * sizeof (float));

  qsort (sorted, n, sizeof *sorted, compare);
  return sorted[n - 1 - n / EXCEEDED] > 0 ? sorted[n - 1 - n / EXCEEDED] : sorted[n - 1];
}

FvMap *
fv_map_new_at_input (const float *channels, int n_channels, int width, int height,
                     FvReduction reduction, const char *method, int target)
{
  FvMap *self = fv_map_new (width, height, method, NULL, target);
  gsize area = (gsize) width * (gsize) height;

  self->n_channels = n_channels;
  self->channels = g_memdup2 (channels, (gsize) n_channels * area * sizeof *channels);
  for (gsize i = 0; i < area; i++)
    self->values[i] = reduce (channels + i, n_channels, area, reduction);
  self->top = find_top (self);
  return self;
}

FvMap *
fv_map_copy (const FvMap *self)
{
  FvMap *copy = g_memdup2 (self, sizeof *self);
  gsize area = (gsize) self->width * (gsize) self->height;

  copy->layer = g_strdup (self->layer);
  copy->values = g_memdup2 (self->values, area * sizeof (float));
  copy->channels = g_memdup2 (self->channels, (gsize) self->n_channels * area * sizeof (float));
  return copy;
}

void
fv_map_free (FvMap *self)
{
  if (self == NULL)
    return;
  g_free (self->layer);
  g_free (self->values);
  g_free (self->channels);
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
fv_map_get_top (const FvMap *self)
{
  return self->channels != NULL ? self->top : fv_map_get_max (self);
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

gboolean
fv_map_check_finite (const FvMap *self, GError **error)
{
  for (int i = 0; i < self->width * self->height; i++)
    if (!isfinite (self->values[i])) {
      g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                   "the map holds values that are not finite: the network's weights are damaged");
      return FALSE;
    }
  return TRUE;
}
