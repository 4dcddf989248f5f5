/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The product of a fine map and a coarse one. */

#include "fv-guided-gradcam.h"

#include "fv-gradcam.h"
#include "fv-gradient-maps.h"
#include "fv-resample.h"

/* (transfer full): [height,width] */
static float *
enlarge_nearest (const FvMap *map, int width, int height)
{
  float *large = g_new (float, (gsize) width *(gsize) height);

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      int row = (int) ((gint64) y * map->height / height);
      int column = (int) ((gint64) x * map->width / width);

      large[(gsize) y * (gsize) width + (gsize) x] = map->values[row * map->width + column];
    }
  return large;
}

static FvMap *
multiply (const FvMap *guided, const FvMap *coarse, gboolean nearest)
{
  gsize area = (gsize) guided->width * (gsize) guided->height;
  g_autofree float *large
      = nearest ? enlarge_nearest (coarse, guided->width, guided->height)
                : fv_resample_bilinear (coarse->values, coarse->width, coarse->height,
                                        guided->width, guided->height);
  g_autofree float *values = g_new (float, area *(gsize) guided->n_channels);
  FvMap *map;

  for (gsize i = 0; i < area * (gsize) guided->n_channels; i++)
    values[i] = guided->channels[i] * large[i % area];
  map = fv_map_new_at_input (values, guided->n_channels, guided->width, guided->height,
                             FV_REDUCTION_SUM_ABSOLUTE, FV_GUIDED_GRADCAM, guided->target);
  map->layer = g_strdup (coarse->layer);
  map->forwards = guided->forwards;
  map->backwards = guided->backwards + coarse->backwards;
  return map;
}

GPtrArray *
fv_guided_gradcam (const FvInputs *inputs, gboolean nearest, GError **error)
{
  g_autofree int *targets = g_new (int, inputs->n);
  g_autoptr (GPtrArray) coarse = NULL, guided = NULL;
  g_autoptr (GPtrArray) maps = NULL;

  g_return_val_if_fail (fv_inspection_get_layer (inputs->inspection) != NULL, NULL);

  for (int i = 0; i < inputs->n; i++)
    targets[i] = (int) inputs->targets[i];
  coarse = fv_gradcam (inputs->inspection, targets, TRUE, error);
  if (coarse != NULL)
    guided = fv_gradient_maps (inputs, FV_GRADIENT_GUIDED_BACKPROP, error);
  if (guided == NULL)
    return NULL;
  maps = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_map_free);
  for (guint i = 0; i < guided->len; i++) {
    FvMap *map = multiply (g_ptr_array_index (guided, i), g_ptr_array_index (coarse, i), nearest);

    g_ptr_array_add (maps, map);
    if (!fv_map_check_finite (map, error))
      return NULL;
  }
  return g_steal_pointer (&maps);
}
