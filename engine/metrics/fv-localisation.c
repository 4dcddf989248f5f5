/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Regions and boxes from maps. */

#include "fv-localisation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fv-rect.h"
#include "fv-resample.h"

/* ATCON evaluates at this size. */
#define SIDE 256
#define N_CELLS ((gsize) SIDE * SIDE)

/* Share of the maximum from which on a map counts for its box. */
#define BOX_SHARE 0.2f

static const FvMetricInfo metrics[FV_LOCALISATION_N] = {
  [FV_LOCALISATION_MASK] = { "miou_mask", "Region against mask", TRUE, 0, 1 },
  [FV_LOCALISATION_BOX] = { "miou_box", "Region against box", TRUE, 0, 1 },
  [FV_LOCALISATION_CAM_BOX] = { "cam_box_iou", "Box against box", TRUE, 0, 1 },
};

const FvMetricInfo *
fv_localisation_metric_info (FvLocalisationMetric metric)
{
  g_return_val_if_fail (metric < FV_LOCALISATION_N, NULL);
  return &metrics[metric];
}

FvLocalisation
fv_localisation_undefined (void)
{
  FvLocalisation result;

  for (int i = 0; i < FV_LOCALISATION_N; i++)
    result.values[i] = NAN;
  return result;
}

/* The smallest rectangle around the pixels that are @state; empty without any. */
static FvRect
find_box (const guint8 *states, int width, int height, guint8 state)
{
  FvRect box = { 0 };

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      if (states[(gsize) y * (gsize) width + (gsize) x] == state)
        box = fv_rect_union (box, (FvRect){ x, y, 1, 1 });
  return box;
}

/* -- regions, as ATCON makes them ----------------------------------------------------------- */

static int
compare_floats (const void *a, const void *b)
{
  float first = *(const float *) a;
  float second = *(const float *) b;

  return (first > second) - (first < second);
}

/* The mean of the two middle values of @n; one of them when n is odd. */
static double
median (const float *values, gsize n)
{
  g_autofree float *sorted = g_memdup2 (values, n * sizeof *values);

  qsort (sorted, n, sizeof *sorted, compare_floats);
  return ((double) sorted[(n - 1) / 2] + (double) sorted[n / 2]) / 2;
}

/* Scales to 0 … 1; FALSE when that is impossible. */
static gboolean
scale (const float *map, gsize n, float *scaled)
{
  float low = INFINITY, high = -INFINITY;

  for (gsize i = 0; i < n; i++) {
    if (!isfinite (map[i]))
      return FALSE;
    low = MIN (low, map[i]);
    high = MAX (high, map[i]);
  }
  if (!(high > low) || !isfinite (high - low))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    scaled[i] = (map[i] - low) / (high - low);
  return TRUE;
}

/* Shifts, clips and binarises @values, N_CELLS of them in 0 … 1, into @on. FALSE when nothing is
 * left of them. */
static gboolean
binarise (const float *values, guint8 *on)
{
  double shift = median (values, N_CELLS) - 0.5;
  double sum = 0, squares = 0, limit, peak = 0, mean;

  for (gsize i = 0; i < N_CELLS; i++)
    sum += (double) values[i] - shift;
  mean = sum / (double) N_CELLS;
  for (gsize i = 0; i < N_CELLS; i++)
    squares += ((double) values[i] - shift - mean) * ((double) values[i] - shift - mean);
  limit = mean + 2 * sqrt (squares / (double) N_CELLS);
  for (gsize i = 0; i < N_CELLS; i++)
    peak = fmax (peak, CLAMP ((double) values[i] - shift, 0, limit));
  if (!(peak > 0))
    return FALSE;
  for (gsize i = 0; i < N_CELLS; i++)
    on[i] = CLAMP ((double) values[i] - shift, 0, limit) / peak > 0.5;
  return TRUE;
}

static double
mask_iou (const guint8 *on, const guint8 *states)
{
  gsize n_both = 0, n_either = 0;

  for (gsize i = 0; i < N_CELLS; i++) {
    gboolean inside = states[i] == FV_MASK_INSIDE;

    if (states[i] == FV_MASK_NO_OPINION)
      continue;
    n_both += on[i] && inside;
    n_either += on[i] || inside;
  }
  return (double) n_both / (double) n_either;
}

static double
region_box_iou (const guint8 *on, FvRect box)
{
  gsize n_on = 0, n_both = 0, area = (gsize) box.width * (gsize) box.height;

  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++) {
      gboolean in_box = x >= box.x && x < box.x + box.width && y >= box.y && y < box.y + box.height;

      n_on += on[y * SIDE + x];
      n_both += on[y * SIDE + x] && in_box;
    }
  return (double) n_both / (double) (n_on + area - n_both);
}

static void
measure_regions (const float *map, int map_width, int map_height, const FvMask *mask,
                 FvLocalisation *result)
{
  g_autofree float *scaled = g_new (float, (gsize) map_width *(gsize) map_height);
  g_autofree float *values = g_new (float, N_CELLS);
  g_autofree guint8 *on = g_new (guint8, N_CELLS);
  g_autoptr (FvMask) sampled = fv_mask_resize_nearest (mask, SIDE, SIDE);
  const guint8 *states = fv_mask_peek (sampled);

  if (!scale (map, (gsize) map_width * (gsize) map_height, scaled) || fv_mask_is_empty (sampled))
    return;
  for (int y = 0; y < SIDE; y++)
    for (int x = 0; x < SIDE; x++)
      values[y * SIDE + x]
          = scaled[(gsize) fv_mask_nearest_source (y, SIDE, map_height) * (gsize) map_width
                   + (gsize) fv_mask_nearest_source (x, SIDE, map_width)];
  if (!binarise (values, on))
    return;
  result->values[FV_LOCALISATION_MASK] = mask_iou (on, states);
  result->values[FV_LOCALISATION_BOX]
      = region_box_iou (on, find_box (states, SIDE, SIDE, FV_MASK_INSIDE));
}

/* -- boxes ---------------------------------------------------------------------------------- */

/* Visits the 4-connected region of 1s around @start in @on and makes them 2. @stack has room for
 * every pixel. Returns: the region's size; @box gets its box */
static gsize
fill_region (guint8 *on, int width, int height, gsize start, gsize *stack, FvRect *box)
{
  static const int steps[4][2] = { { 1, 0 }, { -1, 0 }, { 0, 1 }, { 0, -1 } };
  gsize n_stack = 0, n = 0;

  *box = (FvRect){ 0 };
  stack[n_stack++] = start;
  on[start] = 2;
  while (n_stack > 0) {
    gsize pixel = stack[--n_stack];
    int x = (int) (pixel % (gsize) width), y = (int) (pixel / (gsize) width);

    n++;
    *box = fv_rect_union (*box, (FvRect){ x, y, 1, 1 });
    for (int i = 0; i < 4; i++) {
      int column = x + steps[i][0], row = y + steps[i][1];
      gsize next = (gsize) row * (gsize) width + (gsize) column;

      if (column < 0 || column >= width || row < 0 || row >= height || on[next] != 1)
        continue;
      on[next] = 2;
      stack[n_stack++] = next;
    }
  }
  return n;
}

/* The box of the largest region of 1s; empty without any. Changes @on. */
static FvRect
find_largest_region (guint8 *on, int width, int height)
{
  gsize n = (gsize) width * (gsize) height, n_best = 0;
  g_autofree gsize *stack = g_new (gsize, n);
  FvRect best = { 0 };

  for (gsize i = 0; i < n; i++) {
    FvRect box;
    gsize n_region = on[i] == 1 ? fill_region (on, width, height, i, stack, &box) : 0;

    if (n_region > n_best) {
      n_best = n_region;
      best = box;
    }
  }
  return best;
}

static double
area (FvRect rect)
{
  return (double) rect.width * (double) rect.height;
}

static void
measure_box (const float *map, int map_width, int map_height, const FvMask *mask, int width,
             int height, FvLocalisation *result)
{
  gsize n = (gsize) width * (gsize) height;
  g_autofree float *upsampled = fv_resample_bilinear (map, map_width, map_height, width, height);
  g_autofree guint8 *on = g_new (guint8, n);
  g_autoptr (FvMask) sampled = fv_mask_resize_nearest (mask, width, height);
  FvRect truth = find_box (fv_mask_peek (sampled), width, height, FV_MASK_INSIDE), found, both;
  float peak = 0;

  for (gsize i = 0; i < n; i++)
    peak = upsampled[i] > peak ? upsampled[i] : peak;
  if (!(peak > 0) || !isfinite (peak) || fv_rect_is_empty (truth))
    return;
  for (gsize i = 0; i < n; i++)
    on[i] = upsampled[i] >= BOX_SHARE * peak;
  found = find_largest_region (on, width, height);
  both = fv_rect_intersect (found, truth);
  result->values[FV_LOCALISATION_CAM_BOX]
      = area (both) / (area (found) + area (truth) - area (both));
}

FvLocalisation
fv_localisation_measure (const float *map, int map_width, int map_height, const FvMask *mask,
                         int width, int height)
{
  FvLocalisation result = fv_localisation_undefined ();

  g_return_val_if_fail (map != NULL && mask != NULL, result);
  g_return_val_if_fail (map_width > 0 && map_height > 0 && width > 0 && height > 0, result);

  measure_regions (map, map_width, map_height, mask, &result);
  measure_box (map, map_width, map_height, mask, width, height, &result);
  return result;
}
