/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A separable filter: each output position has a run of source positions with weights, worked out
 * once an axis. */

#include "fv-resize.h"

#include <math.h>
#include <string.h>

/* The source positions of every output position along one axis. */
typedef struct {
  int n_taps;     /* room for each output position */
  int *first;     /* [n] */
  int *count;     /* [n] */
  float *weights; /* [n, n_taps] */
} Axis;

static void
axis_clear (Axis *axis)
{
  g_free (axis->first);
  g_free (axis->count);
  g_free (axis->weights);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Axis, axis_clear)

static double
tent (double x)
{
  return MAX (1.0 - fabs (x), 0.0);
}

static double
cubic (double x)
{
  const double a = -0.5;

  x = fabs (x);
  if (x < 1.0)
    return ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
  return x < 2.0 ? ((a * x - 5.0 * a) * x + 8.0 * a) * x - 4.0 * a : 0.0;
}

/* The weights of output position @i, which add up to 1. */
static void
fill_taps (Axis *axis, int i, int n_from, double scale, FvResizeFilter filter)
{
  double widened = MAX (scale, 1.0);
  double reach = (filter == FV_RESIZE_BICUBIC ? 2.0 : 1.0) * widened;
  double centre = scale * (i + 0.5);
  int first = MAX ((int) (centre - reach + 0.5), 0);
  int end = MIN ((int) (centre + reach + 0.5), n_from);
  float *weights = axis->weights + (gsize) i * (gsize) axis->n_taps;
  double sum = 0;

  axis->first[i] = first;
  axis->count[i] = end - first;
  for (int j = first; j < end; j++) {
    double x = (j - centre + 0.5) / widened;
    double weight = filter == FV_RESIZE_BICUBIC ? cubic (x) : tent (x);

    weights[j - first] = (float) weight;
    sum += weight;
  }
  for (int j = 0; j < end - first; j++)
    weights[j] = (float) (weights[j] / sum);
}

static Axis
axis_make (int n_from, int n, FvResizeFilter filter)
{
  double scale = (double) n_from / n;
  double reach = (filter == FV_RESIZE_BICUBIC ? 2.0 : 1.0) * MAX (scale, 1.0);
  Axis axis
      = { .n_taps = 2 * (int) ceil (reach) + 2, .first = g_new (int, n), .count = g_new (int, n) };

  axis.weights = g_new (float, (gsize) n *(gsize) axis.n_taps);
  for (int i = 0; i < n; i++)
    fill_taps (&axis, i, n_from, scale, filter);
  return axis;
}

/* One row of pixels onto @n positions: [n, channels] floats. Inlined for each number of channels,
 * which is some three times faster. */
static inline void
resize_row_of (const guint8 *from, const int n_channels, const Axis *axis, int n, float *to)
{
  for (int i = 0; i < n; i++, to += n_channels) {
    const guint8 *pixel = from + (gsize) axis->first[i] * (gsize) n_channels;
    const float *weights = axis->weights + (gsize) i * (gsize) axis->n_taps;
    float sums[4] = { 0 };

    for (int j = 0; j < axis->count[i]; j++, pixel += n_channels)
      for (int c = 0; c < n_channels; c++)
        sums[c] += weights[j] * (float) pixel[c];
    for (int c = 0; c < n_channels; c++)
      to[c] = sums[c];
  }
}

static void
resize_row (const guint8 *from, int n_channels, const Axis *axis, int n, float *to)
{
  if (n_channels == 3)
    resize_row_of (from, 3, axis, n, to);
  else if (n_channels == 4)
    resize_row_of (from, 4, axis, n, to);
  else
    resize_row_of (from, n_channels, axis, n, to);
}

/* Adds up the rows of one output row; @n is its length in values. */
static void
resize_column (const float *rows, gsize n, const Axis *axis, int row, float *sums, guint8 *to)
{
  const float *weights = axis->weights + (gsize) row * (gsize) axis->n_taps;

  memset (sums, 0, n * sizeof *sums);
  for (int j = 0; j < axis->count[row]; j++) {
    const float *from = rows + (gsize) (axis->first[row] + j) * n;

    for (gsize i = 0; i < n; i++)
      sums[i] += weights[j] * from[i];
  }
  for (gsize i = 0; i < n; i++)
    to[i] = (guint8) rintf (CLAMP (sums[i], 0.0f, 255.0f));
}

static void
copy_rows (const FvPixels *from, guint8 *to)
{
  gsize n = (gsize) from->width * (gsize) from->n_channels;

  for (int y = 0; y < from->height; y++)
    memcpy (to + (gsize) y * n, from->pixels + (gsize) y * from->stride, n);
}

void
fv_resize (const FvPixels *from, FvResizeFilter filter, int width, int height, guint8 *to)
{
  g_auto (Axis) columns = { 0 };
  g_auto (Axis) lines = { 0 };
  g_autofree float *rows = NULL;
  g_autofree float *sums = NULL;
  gsize n;

  g_return_if_fail (from != NULL && to != NULL && width > 0 && height > 0);
  g_return_if_fail (from->n_channels >= 1 && from->n_channels <= 4);

  if (width == from->width && height == from->height) {
    copy_rows (from, to);
    return;
  }
  n = (gsize) width * (gsize) from->n_channels;
  columns = axis_make (from->width, width, filter);
  lines = axis_make (from->height, height, filter);
  rows = g_new (float, n *(gsize) from->height);
  sums = g_new (float, n);
  for (int y = 0; y < from->height; y++)
    resize_row (from->pixels + (gsize) y * from->stride, from->n_channels, &columns, width,
                rows + (gsize) y * n);
  for (int y = 0; y < height; y++)
    resize_column (rows, n, &lines, y, sums, to + (gsize) y * n);
}

void
fv_mirror (guint8 *pixels, int width, int height, int n_channels)
{
  g_return_if_fail (pixels != NULL);

  for (int y = 0; y < height; y++, pixels += (gsize) width * (gsize) n_channels)
    for (int x = 0; x < width / 2; x++)
      for (int c = 0; c < n_channels; c++) {
        guint8 *left = pixels + x * n_channels + c;
        guint8 *right = pixels + (width - 1 - x) * n_channels + c;
        guint8 moved = *left;

        *left = *right;
        *right = moved;
      }
}
