/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Bilinear resizing with half-pixel centres, edges clamped: torch's interpolate with
 * align_corners = false. */

#include "fv-resample.h"

/* Where an output pixel lies between two source pixels. */
typedef struct {
  int near, far;
  float weight; /* of far */
} Tap;

/* The taps of @n output pixels over @n_source source pixels. */
static Tap *
make_taps (int n_source, int n)
{
  Tap *taps = g_new (Tap, n);
  double step = (double) n_source / n;

  for (int i = 0; i < n; i++) {
    double position = MAX ((i + 0.5) * step - 0.5, 0.0);
    int near = MIN ((int) position, n_source - 1);

    taps[i].near = near;
    taps[i].far = MIN (near + 1, n_source - 1);
    taps[i].weight = (float) (position - near);
  }
  return taps;
}

float *
fv_resample_bilinear (const float *map, int map_width, int map_height, int width, int height)
{
  g_autofree Tap *columns = NULL;
  g_autofree Tap *rows = NULL;
  float *upsampled;

  g_return_val_if_fail (map != NULL && map_width > 0 && map_height > 0, NULL);
  g_return_val_if_fail (width > 0 && height > 0, NULL);

  columns = make_taps (map_width, width);
  rows = make_taps (map_height, height);
  upsampled = g_new (float, (gsize) width *height);
  for (int y = 0; y < height; y++) {
    const float *above = map + (gsize) rows[y].near * map_width;
    const float *below = map + (gsize) rows[y].far * map_width;
    float *out = upsampled + (gsize) y * width;

    for (int x = 0; x < width; x++) {
      Tap tap = columns[x];
      float top = above[tap.near] + tap.weight * (above[tap.far] - above[tap.near]);
      float bottom = below[tap.near] + tap.weight * (below[tap.far] - below[tap.near]);

      out[x] = top + rows[y].weight * (bottom - top);
    }
  }
  return upsampled;
}
