/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How alike two maps are, and how concentrated one is. */

#include "fv-sanity.h"

#include <math.h>
#include <stdlib.h>

/* The side of a window of structural similarity, in pixels. */
#define SSIM_WINDOW 7

static const FvMetricInfo table[FV_SANITY_N] = {
  [FV_SANITY_RANDOMISED_RANK] = { "randomised_rank", "Rank after randomising", FALSE, -1, 1 },
  [FV_SANITY_RANDOMISED_SSIM] = { "randomised_ssim", "SSIM after randomising", FALSE, -1, 1 },
  [FV_SANITY_SINGLE_LAYER_RANK]
  = { "single_layer_rank", "Rank, one part randomised", FALSE, -1, 1 },
  [FV_SANITY_SINGLE_LAYER_SSIM]
  = { "single_layer_ssim", "SSIM, one part randomised", FALSE, -1, 1 },
  [FV_SANITY_SPARSENESS] = { "sparseness", "Sparseness", TRUE, 0, 1 },
  [FV_SANITY_COMPLEXITY] = { "complexity", "Complexity", FALSE, 0, 1 },
};

const FvMetricInfo *
fv_sanity_metric_info (FvSanityMetric metric)
{
  g_return_val_if_fail (metric < FV_SANITY_N, NULL);
  return &table[metric];
}

FvSanity
fv_sanity_undefined (void)
{
  FvSanity sanity;

  for (int i = 0; i < FV_SANITY_N; i++)
    sanity.values[i] = NAN;
  return sanity;
}

FvSanityOptions
fv_sanity_options_default (void)
{
  return (FvSanityOptions){ .n_stages = 5, .seed = 0 };
}

gsize
fv_sanity_estimate (FvSanitySet metrics, const FvSanityOptions *options)
{
  gsize n_orders
      = ((metrics & FV_SANITY_RANDOMISED) != 0) + ((metrics & FV_SANITY_SINGLE_LAYER) != 0);

  return n_orders * options->n_stages;
}

/* -- ranks ---------------------------------------------------------------------------------- */

static int
compare_values (const void *a, const void *b, gpointer user_data)
{
  const float *values = user_data;
  float x = values[*(const gsize *) a], y = values[*(const gsize *) b];

  return (x > y) - (x < y);
}

/* Ranks 0 … n − 1, the mean for equal values. (transfer full) */
static double *
rank (const float *values, gsize n)
{
  g_autofree gsize *order = g_new (gsize, n);
  double *ranks = g_new (double, n);

  for (gsize i = 0; i < n; i++)
    order[i] = i;
  g_qsort_with_data (order, (int) n, sizeof *order, compare_values, (gpointer) values);
  for (gsize first = 0, next; first < n; first = next) {
    for (next = first + 1; next < n && values[order[next]] == values[order[first]];)
      next++;
    for (gsize i = first; i < next; i++)
      ranks[order[i]] = (double) (first + next - 1) / 2;
  }
  return ranks;
}

static gboolean
is_finite (const float *values, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (!isfinite (values[i]))
      return FALSE;
  return TRUE;
}

double
fv_spearman (const float *a, const float *b, gsize n)
{
  g_autofree double *rank_a = NULL;
  g_autofree double *rank_b = NULL;
  double mean = ((double) n - 1) / 2, aa = 0, bb = 0, ab = 0;

  if (n < 2 || n > G_MAXINT || !is_finite (a, n) || !is_finite (b, n))
    return NAN;
  rank_a = rank (a, n);
  rank_b = rank (b, n);
  for (gsize i = 0; i < n; i++) {
    aa += (rank_a[i] - mean) * (rank_a[i] - mean);
    bb += (rank_b[i] - mean) * (rank_b[i] - mean);
    ab += (rank_a[i] - mean) * (rank_b[i] - mean);
  }
  return aa > 0 && bb > 0 ? ab / sqrt (aa * bb) : NAN;
}

/* -- structural similarity ------------------------------------------------------------------ */

/* The similarity of one square window whose upper left pixel is at @offset. */
static double
window_similarity (const float *a, const float *b, gsize offset, int width, int side, double range)
{
  double c1 = 0.01 * range * 0.01 * range, c2 = 0.03 * range * 0.03 * range;
  double n = (double) side * side, free = n > 1 ? n - 1 : 1;
  double mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0;

  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++) {
      mean_a += a[offset + (gsize) y * width + x] / n;
      mean_b += b[offset + (gsize) y * width + x] / n;
    }
  for (int y = 0; y < side; y++)
    for (int x = 0; x < side; x++) {
      double da = a[offset + (gsize) y * width + x] - mean_a;
      double db = b[offset + (gsize) y * width + x] - mean_b;

      aa += da * da / free;
      bb += db * db / free;
      ab += da * db / free;
    }
  return (2 * mean_a * mean_b + c1) * (2 * ab + c2)
         / ((mean_a * mean_a + mean_b * mean_b + c1) * (aa + bb + c2));
}

double
fv_ssim (const float *a, const float *b, int width, int height, double range)
{
  int shorter = MIN (width, height);
  int side = shorter >= SSIM_WINDOW ? SSIM_WINDOW : shorter - 1 + shorter % 2;
  double sum = 0;

  g_return_val_if_fail (width > 0 && height > 0 && range > 0, NAN);

  if (!is_finite (a, (gsize) width * height) || !is_finite (b, (gsize) width * height))
    return NAN;
  for (int y = 0; y + side <= height; y++)
    for (int x = 0; x + side <= width; x++)
      sum += window_similarity (a, b, (gsize) y * width + x, width, side, range);
  return sum / ((double) (width - side + 1) * (height - side + 1));
}

/* The map divided by its greatest |value|; NULL for a map of zeros. (transfer full) */
static float *
scale (const float *map, gsize n)
{
  float peak = 0;
  float *scaled;

  for (gsize i = 0; i < n; i++)
    peak = MAX (peak, fabsf (map[i]));
  if (!(peak > 0) || !isfinite (peak))
    return NULL;
  scaled = g_new (float, n);
  for (gsize i = 0; i < n; i++)
    scaled[i] = map[i] / peak;
  return scaled;
}

double
fv_map_ssim (const float *a, const float *b, int width, int height)
{
  g_autofree float *scaled_a = scale (a, (gsize) width * height);
  g_autofree float *scaled_b = scale (b, (gsize) width * height);

  if (scaled_a == NULL || scaled_b == NULL)
    return NAN;
  return fv_ssim (scaled_a, scaled_b, width, height, 1);
}

/* -- concentration -------------------------------------------------------------------------- */

static int
compare_doubles (const void *a, const void *b)
{
  const double *x = a, *y = b;

  return (*x > *y) - (*x < *y);
}

/* Σ |A|, NaN unless it is above 0 and finite. */
static double
total_of (const float *map, gsize n)
{
  double total = 0;

  for (gsize i = 0; i < n; i++)
    total += fabs ((double) map[i]);
  return total > 0 && isfinite (total) ? total : NAN;
}

double
fv_sparseness (const float *map, gsize n)
{
  double total = total_of (map, n), weighted = 0;
  g_autofree double *sorted = g_new (double, MAX (n, 1));

  if (isnan (total))
    return NAN;
  for (gsize i = 0; i < n; i++)
    sorted[i] = fabs ((double) map[i]);
  qsort (sorted, n, sizeof *sorted, compare_doubles);
  for (gsize i = 0; i < n; i++)
    weighted += sorted[i] * ((double) n - (double) i - 0.5);
  return 1 - 2 * weighted / (total * (double) n);
}

double
fv_complexity (const float *map, gsize n)
{
  double total = total_of (map, n), entropy = 0;

  if (isnan (total) || n < 2)
    return NAN;
  for (gsize i = 0; i < n; i++) {
    double share = fabs ((double) map[i]) / total;

    entropy -= share > 0 ? share * log (share) : 0;
  }
  return entropy / log ((double) n);
}
