/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Times the metrics; benchmarks report, they never gate.
 *
 *   bench-metrics alignment SIDE ROUNDS    milliseconds of the whole alignment set, of setting up
 *                                          the live one and of one dab of the brush
 *   bench-metrics bootstrap N ROUNDS       milliseconds of one interval
 * Prints one JSON object. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fv-brush.h"
#include "fv-live-alignment.h"
#include "fv-resample.h"
#include "fv-runtime.h"
#include "fv-statistics.h"

#define GRID 7
#define BRUSH_RADIUS 20

static int
compare (const void *a, const void *b)
{
  const double *x = a;
  const double *y = b;

  return (*x > *y) - (*x < *y);
}

static double
median (GArray *values)
{
  qsort (values->data, values->len, sizeof (double), compare);
  return g_array_index (values, double, values->len / 2);
}

/* Milliseconds, wall-clock: the whole set uses two threads. */
static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return (double) time.tv_sec * 1e3 + (double) time.tv_nsec / 1e6;
}

static void
add_elapsed (GArray *values, double began)
{
  double milliseconds = now () - began;

  g_array_append_val (values, milliseconds);
}

/* A map as a network gives it: a small grid, a third of it negative, brought to @side. */
static float *
make_map (GRand *rand, int side)
{
  float grid[GRID * GRID];

  for (int i = 0; i < GRID * GRID; i++)
    grid[i] = (float) g_rand_double_range (rand, -0.5, 1);
  return fv_resample_bilinear (grid, GRID, GRID, side, side);
}

static FvRect
dab (FvMask *mask, GRand *rand, int side, FvMaskState state)
{
  double x = g_rand_double_range (rand, 0, side), y = g_rand_double_range (rand, 0, side);

  return fv_brush_stroke (mask, x, y, x, y, BRUSH_RADIUS, state);
}

static void
bench_alignment (int side, int rounds)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autofree float *map = make_map (rand, side);
  g_autoptr (FvMask) mask = fv_mask_new (side, side);
  g_autoptr (GArray) full = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) set_up = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) dabs = g_array_new (FALSE, FALSE, sizeof (double));

  fv_brush_stroke (mask, side * 0.4, side * 0.4, side * 0.6, side * 0.5, side * 0.2,
                   FV_MASK_INSIDE);
  for (int i = 0; i < rounds; i++) {
    g_autoptr (FvLiveAlignment) live = NULL;
    double began = now ();

    fv_alignment_measure_upsampled (map, side, side, mask);
    add_elapsed (full, began);
    began = now ();
    live = fv_live_alignment_new (map, side, side, mask);
    fv_live_alignment_get (live);
    add_elapsed (set_up, began);
    for (int j = 0; j < 20; j++) {
      FvRect dirty = dab (mask, rand, side, (FvMaskState) (j % 3));

      began = now ();
      fv_live_alignment_update (live, mask, dirty);
      fv_live_alignment_get (live);
      add_elapsed (dabs, began);
    }
  }
  median (dabs); /* sorts them */
  printf ("{\"full_ms\": %.3f, \"live_set_up_ms\": %.3f, \"dab_ms\": %.4f, \"worst_dab_ms\": "
          "%.4f}\n",
          median (full), median (set_up), median (dabs),
          g_array_index (dabs, double, dabs->len - 1));
}

static void
bench_bootstrap (int n, int rounds)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  g_autofree double *values = g_new (double, n);
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (double));

  for (int i = 0; i < n; i++)
    values[i] = g_rand_double (rand);
  for (int i = 0; i < rounds; i++) {
    double began = now ();

    fv_estimate_mean (values, (gsize) n, (guint64) i);
    add_elapsed (times, began);
  }
  printf ("{\"interval_ms\": %.3f}\n", median (times));
}

int
main (int argc, char **argv)
{
  int size = argc == 4 ? atoi (argv[2]) : 0;
  int rounds = argc == 4 ? atoi (argv[3]) : 0;

  fv_runtime_start (1); /* memory is kept as in the programs */
  if (size > 0 && rounds > 0 && g_str_equal (argv[1], "alignment")) {
    bench_alignment (size, rounds);
    return 0;
  }
  if (size > 0 && rounds > 0 && g_str_equal (argv[1], "bootstrap")) {
    bench_bootstrap (size, rounds);
    return 0;
  }
  fprintf (stderr, "usage: bench-metrics alignment SIDE ROUNDS\n"
                   "       bench-metrics bootstrap N ROUNDS\n");
  return 2;
}
