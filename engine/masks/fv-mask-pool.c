/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A mask brought to the grid of a map by area, exactly.
 *
 * Along one axis, measure in units of 1 / (pixels · cells) of the side: a pixel is `cells` units
 * long and a cell `pixels` units. Every overlap is then a whole number, sums are exact, and the
 * only rounding is the last division. */

#include "fv-mask.h"

#include <string.h>

/* Area of the row or cell that has an opinion, and that is INSIDE, in the units above. */
typedef struct {
  gint64 inside;
  gint64 opinion;
} Area;

/* The pixels first … last that cell @cell touches. */
static int
first_pixel (int cell, int n_cells, int n_pixels)
{
  return (int) ((gint64) cell * n_pixels / n_cells);
}

static int
last_pixel (int cell, int n_cells, int n_pixels)
{
  return (int) ((((gint64) cell + 1) * n_pixels - 1) / n_cells);
}

static gint64
overlap (int cell, int n_cells, int pixel, int n_pixels)
{
  gint64 start = MAX ((gint64) cell * n_pixels, (gint64) pixel * n_cells);
  gint64 end = MIN (((gint64) cell + 1) * n_pixels, ((gint64) pixel + 1) * n_cells);

  return end - start;
}

static void
area_add_pixel (Area *area, guint8 state, gint64 length)
{
  area->inside += state == FV_MASK_INSIDE ? length : 0;
  area->opinion += state != FV_MASK_NO_OPINION ? length : 0;
}

/* What cell @cell of @n_cells covers of one row of pixels. Only the pixels at its two ends can be
 * cut; between them counting is enough. */
static Area
pool_row (const guint8 *states, int n_pixels, int cell, int n_cells)
{
  int first = first_pixel (cell, n_cells, n_pixels);
  int last = last_pixel (cell, n_cells, n_pixels);
  Area area = { 0, 0 };

  for (int i = first + 1; i < last; i++)
    area_add_pixel (&area, states[i], 1);
  area.inside *= n_cells;
  area.opinion *= n_cells;
  area_add_pixel (&area, states[first], overlap (cell, n_cells, first, n_pixels));
  if (last > first)
    area_add_pixel (&area, states[last], overlap (cell, n_cells, last, n_pixels));
  return area;
}

void
fv_mask_pool (const FvMask *mask, int width, int height, float *inside, float *opinion)
{
  int mask_width, mask_height;
  double cell_area;
  g_autofree Area *sums = NULL;

  g_return_if_fail (mask != NULL && inside != NULL && opinion != NULL);
  g_return_if_fail (width > 0 && height > 0);

  mask_width = fv_mask_get_width (mask);
  mask_height = fv_mask_get_height (mask);
  cell_area = (double) mask_width * mask_height;
  sums = g_new (Area, width);
  for (int y = 0; y < height; y++) {
    int last = last_pixel (y, height, mask_height);

    memset (sums, 0, width * sizeof *sums);
    for (int row = first_pixel (y, height, mask_height); row <= last; row++) {
      const guint8 *states = fv_mask_peek (mask) + (gsize) row * mask_width;
      gint64 length = overlap (y, height, row, mask_height);

      for (int x = 0; x < width; x++) {
        Area area = pool_row (states, mask_width, x, width);

        sums[x].inside += area.inside * length;
        sums[x].opinion += area.opinion * length;
      }
    }
    for (int x = 0; x < width; x++) {
      gsize cell = (gsize) y * width + x;

      opinion[cell] = (float) (sums[x].opinion / cell_area);
      inside[cell]
          = sums[x].opinion > 0 ? (float) ((double) sums[x].inside / sums[x].opinion) : 0.0f;
    }
  }
}
