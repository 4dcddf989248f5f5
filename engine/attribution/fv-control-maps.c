/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Maps that know nothing of the network. */

#include "fv-control-maps.h"

#include <math.h>

#define RANDOM "random"
#define SOBEL "sobel"

gboolean
fv_control_map_is_method (const char *method)
{
  return g_strcmp0 (method, RANDOM) == 0 || g_strcmp0 (method, SOBEL) == 0;
}

static void
fill_random (FvMap *map, guint64 seed)
{
  const guint32 words[] = { (guint32) seed, (guint32) (seed >> 32) };
  g_autoptr (GRand) rand = g_rand_new_with_seed_array (words, G_N_ELEMENTS (words));

  for (int i = 0; i < map->width * map->height; i++)
    map->values[i] = (float) g_rand_double (rand);
}

/* Mean over the channels: [height,width]. (transfer full) */
static float *
make_grey (const float *image, gsize area)
{
  float *grey = g_new (float, area);

  for (gsize i = 0; i < area; i++)
    grey[i] = (image[i] + image[area + i] + image[2 * area + i]) / 3;
  return grey;
}

/* Length of the gradient at (x, y). */
static float
sobel_at (const float *grey, int width, int height, int x, int y)
{
  const float *above = grey + (gsize) MAX (y - 1, 0) * width;
  const float *here = grey + (gsize) y * width;
  const float *below = grey + (gsize) MIN (y + 1, height - 1) * width;
  int left = MAX (x - 1, 0), right = MIN (x + 1, width - 1);
  float across
      = above[right] - above[left] + 2 * (here[right] - here[left]) + below[right] - below[left];
  float down = below[left] - above[left] + 2 * (below[x] - above[x]) + below[right] - above[right];

  return sqrtf (across * across + down * down);
}

static void
fill_sobel (FvMap *map, const float *image, int width, int height)
{
  g_autofree float *grey = make_grey (image, (gsize) width * (gsize) height);

  for (int row = 0; row < map->height; row++)
    for (int column = 0; column < map->width; column++) {
      int top = (int) ((gint64) row * height / map->height);
      int bottom = MAX (top + 1, (int) (((gint64) row + 1) * height / map->height));
      int left = (int) ((gint64) column * width / map->width);
      int right = MAX (left + 1, (int) (((gint64) column + 1) * width / map->width));
      double sum = 0;

      for (int y = top; y < bottom; y++)
        for (int x = left; x < right; x++)
          sum += sobel_at (grey, width, height, x, y);
      map->values[row * map->width + column]
          = (float) (sum / ((double) (bottom - top) * (right - left)));
    }
}

FvMap *
fv_control_map_new (const char *method, const float *image, int width, int height, int map_width,
                    int map_height, const char *layer, int target, guint64 seed)
{
  FvMap *map;

  g_return_val_if_fail (fv_control_map_is_method (method), NULL);
  g_return_val_if_fail (width > 0 && height > 0 && map_width > 0 && map_height > 0, NULL);

  map = fv_map_new (map_width, map_height, method, layer, target);
  if (g_str_equal (method, RANDOM))
    fill_random (map, seed);
  else
    fill_sobel (map, image, width, height);
  return map;
}
