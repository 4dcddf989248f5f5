/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The path from the baseline to the picture, and the gradients along it. */

#include "fv-integrated-gradients.h"

#include <math.h>

#include "fv-quadrature.h"

typedef struct {
  guint steps;
  FvBaseline baseline;
  guint64 seed;
} Choices;

typedef struct {
  const float *picture, *baseline;
  const double *points, *weights;
  gsize size;
} Path;

static double
sample (guint number, float *slot, gpointer user_data)
{
  const Path *path = user_data;
  double point = path->points[number];

  for (gsize i = 0; i < path->size; i++)
    slot[i] = (float) (path->baseline[i] + point * (path->picture[i] - path->baseline[i]));
  return path->weights[number];
}

/* How far the sum of @values is from what the logit gains. */
static gboolean
check_completeness (const FvInputs *inputs, int index, const Path *path, const float *values,
                    FvMap *map, GError **error)
{
  gint64 target = inputs->targets[index];
  int n_classes = fv_inspection_get_n_classes (inputs->inspection);
  const float *logits
      = fv_inspection_get_logits (inputs->inspection) + (gsize) index * (gsize) n_classes;
  double sum = 0, start;

  if (!fv_inputs_get_logit (inputs, index, path->baseline, &start, error))
    return FALSE;
  for (gsize i = 0; i < path->size; i++)
    sum += values[i];
  map->gain = logits[target] - start;
  map->residual = fabs (sum - map->gain);
  return TRUE;
}

static FvMap *
follow (const FvInputs *inputs, int index, Path *path, guint steps, GError **error)
{
  g_autofree double *gradient
      = fv_inputs_sum_gradients (inputs, index, NULL, steps, sample, path, error);
  g_autofree float *values = NULL;
  g_autoptr (FvMap) map = NULL;

  if (gradient == NULL)
    return NULL;
  values = g_new (float, path->size);
  for (gsize i = 0; i < path->size; i++)
    values[i] = (float) (gradient[i] * (path->picture[i] - path->baseline[i]));
  map = fv_map_new_at_input (values, inputs->channels, inputs->width, inputs->height,
                             FV_REDUCTION_SUM, FV_INTEGRATED_GRADIENTS,
                             (int) inputs->targets[index]);
  map->forwards = (int) steps + 2;
  map->backwards = (int) steps;
  return check_completeness (inputs, index, path, values, map, error) ? g_steal_pointer (&map)
                                                                      : NULL;
}

static FvMap *
make_map (const FvInputs *inputs, int index, gpointer user_data, GError **error)
{
  const Choices *choices = user_data;
  gsize size = fv_inputs_get_size (inputs);
  const float *picture = fv_inputs_peek (inputs, index);
  g_autofree float *baseline = g_new (float, size);
  g_autofree double *points = g_new (double, choices->steps);
  g_autofree double *weights = g_new (double, choices->steps);
  Path path = { picture, baseline, points, weights, size };

  fv_baseline_fill (choices->baseline, picture, inputs->width, inputs->height,
                    choices->seed + (guint64) index, baseline);
  fv_quadrature_fill (choices->steps, points, weights);
  return follow (inputs, index, &path, choices->steps, error);
}

GPtrArray *
fv_integrated_gradients (const FvInputs *inputs, guint steps, FvBaseline baseline, guint64 seed,
                         GError **error)
{
  Choices choices = { steps, baseline, seed };

  g_return_val_if_fail (inputs->channels == 3, NULL);
  g_return_val_if_fail (steps > 0, NULL);

  return fv_inputs_make_maps (inputs, make_map, &choices, error);
}
