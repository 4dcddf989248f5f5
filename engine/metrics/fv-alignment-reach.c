/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Exact dilation by a disc, one axis after the other: first each pixel's distance to the mask along
 * its column, then each row is covered by the intervals that these distances leave of the disc. */

#include "fv-alignment-reach.h"

#include <math.h>

#include "fv-mask.h"

/* half[d]: how far a disc of @radius reaches along a row that is d away from its centre, for
 * d = 0 … ⌊radius⌋; then one −1 for all that is too far. (transfer full) */
static int *
make_half_widths (double radius)
{
  int n = (int) radius + 1;
  int *half = g_new (int, n + 1);

  for (int d = 0; d < n; d++)
    half[d] = (int) sqrt (radius * radius - (double) d * d);
  half[n] = -1;
  return half;
}

gboolean
fv_alignment_reaches (const guint8 *states, int width, int height, gsize index, double radius)
{
  g_autofree int *half = make_half_widths (radius);
  int x = (int) (index % (gsize) width), y = (int) (index / (gsize) width);
  int top = MAX (y - (int) radius, 0), bottom = MIN (y + (int) radius, height - 1);

  for (int row = top; row <= bottom; row++) {
    int reach = half[ABS (row - y)];
    int first = MAX (x - reach, 0), last = MIN (x + reach, width - 1);

    for (int column = first; column <= last; column++)
      if (states[(gsize) row * width + column] == FV_MASK_INSIDE)
        return TRUE;
  }
  return FALSE;
}

/* One step along the columns: the distance grows by one, up to @far, or is 0 on the mask. */
static void
step_distances (guint16 *restrict to, const guint16 *restrict from, const guint8 *restrict states,
                int width, guint16 far)
{
  for (int x = 0; x < width; x++) {
    guint16 next = (guint16) MIN (from[x] + 1, far);

    to[x] = states[x] == FV_MASK_INSIDE ? 0 : next;
  }
}

/* Distances along each column to the nearest INSIDE pixel, at most @far. (transfer full) */
static guint16 *
measure_columns (const guint8 *states, int width, int height, guint16 far)
{
  guint16 *distances = g_new (guint16, (gsize) width * height);
  g_autofree guint16 *row = g_new (guint16, width);
  g_autofree guint16 *next = g_new (guint16, width);

  for (int x = 0; x < width; x++)
    row[x] = far;
  for (int y = 0; y < height; y++) {
    guint16 *to = distances + (gsize) y * width;

    step_distances (to, y > 0 ? to - width : row, states + (gsize) y * width, width, far);
  }
  for (int y = height - 1; y >= 0; y--) {
    guint16 *to = distances + (gsize) y * width;

    step_distances (next, row, states + (gsize) y * width, width, far);
    for (int x = 0; x < width; x++)
      to[x] = row[x] = MIN (next[x], to[x]);
  }
  return distances;
}

/* How many pixels of a row have an opinion and are covered. */
static gsize
count_covered (const guint16 *distances, const guint8 *states, const int *half, guint8 *covered,
               int width)
{
  gsize count = 0;
  int left = -1;

  for (int x = 0, reach = -1; x < width; x++) {
    reach = MAX (reach - 1, half[distances[x]]);
    covered[x] = reach >= 0;
  }
  for (int x = width - 1; x >= 0; x--) {
    left = MAX (left - 1, half[distances[x]]);
    count += (covered[x] | (left >= 0)) & (states[x] != FV_MASK_NO_OPINION);
  }
  return count;
}

double
fv_alignment_measure_reach (const guint8 *states, int width, int height, double radius)
{
  g_autofree int *half = make_half_widths (radius);
  g_autofree guint8 *covered = g_new (guint8, width);
  g_autofree guint16 *distances
      = measure_columns (states, width, height, (guint16) ((int) radius + 1));
  gsize n_covered = 0, n_opinion = 0;

  for (int y = 0; y < height; y++) {
    gsize row = (gsize) y * width;

    n_covered += count_covered (distances + row, states + row, half, covered, width);
  }
  for (gsize i = 0; i < (gsize) width * height; i++)
    n_opinion += states[i] != FV_MASK_NO_OPINION;
  return (double) n_covered / (double) n_opinion;
}
