/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-step-texture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fv-colormap.h"

#define MAP_OPACITY 0.65
#define TOP_SHARE 0.99
#define MIN_SIDE 192 /* pixels */

/* Takes @rgb. R8G8B8, which GTK's renderers draw fastest. */
static GdkTexture *
make_texture (guint8 *rgb, int width, int height)
{
  gsize stride = 3 * (gsize) width;
  g_autoptr (GBytes) bytes = g_bytes_new_take (rgb, stride * (gsize) height);

  return gdk_memory_texture_new (width, height, GDK_MEMORY_R8G8B8, bytes, stride);
}

GdkTexture *
fv_step_texture_new_picture (const guint8 *rgb, int width, int height)
{
  return make_texture (g_memdup2 (rgb, 3 * (gsize) width * (gsize) height), width, height);
}

/* -- maps ----------------------------------------------------------------------------------- */

/* Between which two cells a pixel is, and how near to the second. */
typedef struct {
  int low, high;
  double share;
} Tap;

static Tap
tap_at (int pixel, int n_pixels, int n_cells)
{
  double position = (pixel + 0.5) * n_cells / n_pixels - 0.5;
  double below = floor (position);

  return (Tap){ (int) CLAMP (below, 0, n_cells - 1), (int) CLAMP (below + 1, 0, n_cells - 1),
                position - below };
}

static double
mix_row (const FvPlane *map, int row, Tap x)
{
  const float *values = map->values + (gsize) row * (gsize) map->width;

  return (1 - x.share) * fv_plane_get_share (map, values[x.low])
         + x.share * fv_plane_get_share (map, values[x.high]);
}

static void
blend (guint8 pixel[3], const guint8 color[3])
{
  for (int k = 0; k < 3; k++)
    pixel[k] = (guint8) ((1 - MAP_OPACITY) * pixel[k] + MAP_OPACITY * color[k] + 0.5);
}

GdkTexture *
fv_step_texture_new_map (const FvPlane *map, const guint8 *rgb, int width, int height)
{
  guint8 *pixels = g_memdup2 (rgb, 3 * (gsize) width * (gsize) height);
  guint8 colors[FV_COLORMAP_SIZE][3];

  fv_colormap_fill (FV_COLORMAP_VIRIDIS, colors);
  for (int y = 0; y < height; y++) {
    Tap row = tap_at (y, height, map->height);

    for (int x = 0; x < width; x++) {
      Tap column = tap_at (x, width, map->width);
      double share = (1 - row.share) * mix_row (map, row.low, column)
                     + row.share * mix_row (map, row.high, column);

      blend (pixels + 3 * ((gsize) y * (gsize) width + (gsize) x),
             colors[lround (share * (FV_COLORMAP_SIZE - 1))]);
    }
  }
  return make_texture (pixels, width, height);
}

/* -- values: few of them become squares, which a picture would blur --------------------------- */

static GdkTexture *
color_values (const FvPlane *plane, double low, double high, guint8 colors[FV_COLORMAP_SIZE][3])
{
  int scale = MAX (MIN_SIDE / MAX (plane->width, plane->height), 1);
  int width = plane->width * scale, height = plane->height * scale;
  guint8 *pixels = g_new (guint8, 3 * (gsize) width * (gsize) height), *pixel = pixels;

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++, pixel += 3) {
      gsize cell = (gsize) (y / scale) * (gsize) plane->width + (gsize) (x / scale);
      double share = high > low ? ((double) plane->values[cell] - low) / (high - low) : 0;
      int level = isnan (share) ? 0 : (int) lround (CLAMP (share, 0, 1) * (FV_COLORMAP_SIZE - 1));

      memcpy (pixel, colors[level], 3);
    }
  return make_texture (pixels, width, height);
}

GdkTexture *
fv_step_texture_new_values (const FvPlane *plane, double low, double high)
{
  guint8 colors[FV_COLORMAP_SIZE][3];

  fv_colormap_fill (FV_COLORMAP_VIRIDIS, colors);
  return color_values (plane, low, high, colors);
}

GdkTexture *
fv_step_texture_new_mask (const FvPlane *mask)
{
  guint8 grays[FV_COLORMAP_SIZE][3];

  for (int i = 0; i < FV_COLORMAP_SIZE; i++)
    for (int k = 0; k < 3; k++)
      grays[i][k] = (guint8) (i * 255 / (FV_COLORMAP_SIZE - 1));
  return color_values (mask, 0, 1, grays);
}

static int
compare_floats (gconstpointer a, gconstpointer b)
{
  float first = *(const float *) a, second = *(const float *) b;

  return (first > second) - (first < second);
}

double
fv_step_texture_find_top (const FvPlane *plane)
{
  gsize n = fv_plane_get_size (plane);
  g_autofree float *sorted = g_memdup2 (plane->values, n * sizeof (float));
  double top;

  qsort (sorted, n, sizeof (float), compare_floats);
  top = (double) sorted[(gsize) (TOP_SHARE * (double) (n - 1))];
  return top > (double) plane->low ? top : (double) plane->high;
}
