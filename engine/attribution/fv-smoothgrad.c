/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Noise on the picture, and the mean of what it does to the gradient. */

#include "fv-smoothgrad.h"

#include "fv-random.h"

/* Draws of metrics have the numbers before. */
#define PURPOSE_SMOOTHGRAD 6

typedef struct {
  guint samples;
  double noise;
  guint64 seed;
} Choices;

typedef struct {
  const float *picture;
  gsize size;
  double deviation, weight;
  GRand *rand;
} Noise;

static double
sample (guint number, float *slot, gpointer user_data)
{
  const Noise *noise = user_data;

  for (gsize i = 0; i < noise->size; i++)
    slot[i] = (float) (noise->picture[i] + noise->deviation * fv_random_normal (noise->rand));
  return noise->weight;
}

static double
find_range (const float *values, gsize n)
{
  float low = values[0], high = values[0];

  for (gsize i = 1; i < n; i++) {
    low = MIN (low, values[i]);
    high = MAX (high, values[i]);
  }
  return (double) high - low;
}

static FvMap *
make_map (const FvInputs *inputs, int index, gpointer user_data, GError **error)
{
  const Choices *choices = user_data;
  const float *picture = fv_inputs_peek (inputs, index);
  gsize size = fv_inputs_get_size (inputs);
  g_autoptr (GRand) rand = fv_random_new (choices->seed + (guint64) index, PURPOSE_SMOOTHGRAD);
  Noise noise = { picture, size, choices->noise * find_range (picture, size),
                  1.0 / choices->samples, rand };
  g_autofree double *mean
      = fv_inputs_sum_gradients (inputs, index, NULL, choices->samples, sample, &noise, error);
  g_autofree float *values = NULL;
  FvMap *map;

  if (mean == NULL)
    return NULL;
  values = g_new (float, size);
  for (gsize i = 0; i < size; i++)
    values[i] = (float) mean[i];
  map = fv_map_new_at_input (values, inputs->channels, inputs->width, inputs->height,
                             FV_REDUCTION_SUM_ABSOLUTE, FV_SMOOTHGRAD,
                             (int) inputs->targets[index]);
  map->forwards = (int) choices->samples + 1;
  map->backwards = (int) choices->samples;
  return map;
}

GPtrArray *
fv_smoothgrad (const FvInputs *inputs, guint samples, double noise, guint64 seed, GError **error)
{
  Choices choices = { samples, noise, seed };

  g_return_val_if_fail (samples > 0 && noise >= 0, NULL);

  return fv_inputs_make_maps (inputs, make_map, &choices, error);
}
