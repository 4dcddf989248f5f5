/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Faithfulness correlation and infidelity: random sets of cells removed, what the map says of each
 * set against what the network does. The sets are drawn anew from their seed when answers are read,
 * instead of being kept. */

#include "fv-faithfulness-private.h"

#include <math.h>

#include "fv-random.h"

/* Cells across each side of the picture, and one in so many is in a set. */
#define CELLS_PER_SIDE 9
#define CELLS_PER_MEMBER 5

#define PURPOSE_SUBSETS 4

/* Draws sets of cells of a grid over the picture. */
typedef struct {
  int width, height;        /* of the picture */
  int columns, rows;        /* cells */
  gsize n_cells, n_members; /* of the grid, and of a set */
  guint32 *cells;           /* the first n_members are the set */
  GRand *rand;
} Sets;

static void
sets_clear (Sets *sets)
{
  g_free (sets->cells);
  g_clear_pointer (&sets->rand, g_rand_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Sets, sets_clear)

static void
sets_init (Sets *sets, const FvMeasurement *m)
{
  sets->width = m->subject->width;
  sets->height = m->subject->height;
  sets->columns = MIN (CELLS_PER_SIDE, sets->width);
  sets->rows = MIN (CELLS_PER_SIDE, sets->height);
  sets->n_cells = (gsize) sets->columns * (gsize) sets->rows;
  sets->n_members = MAX (1, sets->n_cells / CELLS_PER_MEMBER);
  sets->cells = g_new (guint32, sets->n_cells);
  for (gsize i = 0; i < sets->n_cells; i++)
    sets->cells[i] = (guint32) i;
  sets->rand = fv_random_new (m->options->seed, PURPOSE_SUBSETS);
}

static void
sets_draw (Sets *sets)
{
  fv_random_draw (sets->rand, sets->cells, sets->n_cells, sets->n_members);
}

/* Writes the pixels of @cell, in row order; returns how many. */
static gsize
list_cell (const Sets *sets, guint32 cell, guint32 *pixels)
{
  int column = (int) cell % sets->columns, row = (int) cell / sets->columns;
  gsize n = 0;

  for (int y = row * sets->height / sets->rows; y < (row + 1) * sets->height / sets->rows; y++)
    for (int x = column * sets->width / sets->columns;
         x < (column + 1) * sets->width / sets->columns; x++)
      pixels[n++] = (guint32) y * (guint32) sets->width + (guint32) x;
  return n;
}

static gsize
count (const FvMeasurement *m)
{
  return (gsize) m->options->subsets;
}

static void
ask (FvMeasurement *m, FvScore *scores)
{
  g_auto (Sets) sets = { 0 };
  g_autofree guint32 *pixels = g_new (guint32, m->area);
  g_autofree float *picture = fv_measurement_copy (m, m->subject->image);

  sets_init (&sets, m);
  for (gsize i = 0; i < count (m); i++) {
    gsize n = 0;

    sets_draw (&sets);
    for (gsize k = 0; k < sets.n_members; k++)
      n += list_cell (&sets, sets.cells[k], pixels + n);
    fv_pixels_copy (picture, m->baseline, m->area, pixels, n);
    if (!fv_measurement_ask (m, picture, &scores[i]))
      return;
    fv_pixels_copy (picture, m->subject->image, m->area, pixels, n);
  }
}

/* The map's sum over each cell. (transfer full) */
static double *
sum_cells (const Sets *sets, const FvMeasurement *m)
{
  g_autofree guint32 *pixels = g_new (guint32, m->area);
  double *sums = g_new0 (double, sets->n_cells);

  for (gsize cell = 0; cell < sets->n_cells; cell++) {
    gsize n = list_cell (sets, (guint32) cell, pixels);

    for (gsize i = 0; i < n; i++)
      sums[cell] += m->map[pixels[i]];
  }
  return sums;
}

/* Pearson's correlation; NaN where a side is constant but for rounding. */
static double
correlate (const double *a, const double *b, gsize n)
{
  double mean_a = 0, mean_b = 0, aa = 0, bb = 0, ab = 0, size_a = 0, size_b = 0;

  for (gsize i = 0; i < n; i++) {
    mean_a += a[i] / (double) n;
    mean_b += b[i] / (double) n;
    size_a = fmax (size_a, fabs (a[i]));
    size_b = fmax (size_b, fabs (b[i]));
  }
  for (gsize i = 0; i < n; i++) {
    aa += (a[i] - mean_a) * (a[i] - mean_a);
    bb += (b[i] - mean_b) * (b[i] - mean_b);
    ab += (a[i] - mean_a) * (b[i] - mean_b);
  }
  /* Deviations of a thousandth of a millionth are what sums of floats leave. */
  if (sqrt (aa / (double) n) <= 1e-9 * size_a || sqrt (bb / (double) n) <= 1e-9 * size_b)
    return NAN;
  return ab / sqrt (aa * bb);
}

/* Mean of (β a − b)² with the best β ≥ 0. */
static double
infidelity (const double *a, const double *b, gsize n)
{
  double aa = 0, ab = 0, sum = 0, beta;

  for (gsize i = 0; i < n; i++) {
    aa += a[i] * a[i];
    ab += a[i] * b[i];
  }
  beta = aa > 0 ? fmax (0, ab / aa) : 0;
  for (gsize i = 0; i < n; i++)
    sum += (beta * a[i] - b[i]) * (beta * a[i] - b[i]);
  return sum / (double) n;
}

static void
answer (const FvMeasurement *m, const FvScore *scores, double *values)
{
  gsize n = count (m);
  g_auto (Sets) sets = { 0 };
  g_autofree double *cells = NULL;
  g_autofree double *said = g_new0 (double, n);
  g_autofree double *done = g_new (double, n);

  sets_init (&sets, m);
  cells = sum_cells (&sets, m);
  for (gsize i = 0; i < n; i++) {
    sets_draw (&sets);
    for (gsize k = 0; k < sets.n_members; k++)
      said[i] += cells[sets.cells[k]];
    done[i] = m->clean.logit - scores[i].logit;
  }
  values[FV_FAITHFULNESS_CORRELATION] = correlate (said, done, n);
  values[FV_FAITHFULNESS_INFIDELITY] = infidelity (said, done, n);
}

const FvFaithfulnessFamily fv_family_subsets = {
  .metrics = FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_CORRELATION)
             | FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_INFIDELITY),
  .needs_map = TRUE,
  .count = count,
  .ask = ask,
  .answer = answer,
};
