/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The brush against the definition of a capsule, and at the edges of what a pointer can do. */

#include "fv-brush.h"

#include <math.h>
#include <string.h>

static void
test_one_pixel (void)
{
  g_autoptr (FvMask) mask = fv_mask_new (10, 10);

  fv_brush_stroke (mask, 3.1, 4.9, 3.1, 4.9, 0.0, FV_MASK_INSIDE);
  g_assert_cmpuint (fv_mask_count (mask, FV_MASK_INSIDE), ==, 1);
  g_assert_cmpint (fv_mask_peek (mask)[43], ==, FV_MASK_INSIDE);
}

/* Centre of a pixel, radius 1: the pixel and its four neighbours. */
static void
test_small_disc (void)
{
  g_autoptr (FvMask) mask = fv_mask_new (5, 5);
  const guint8 cross[25]
      = { 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0 };
  FvRect dirty = fv_brush_stroke (mask, 2.5, 2.5, 2.5, 2.5, 1.0, FV_MASK_INSIDE);

  g_assert_cmpmem (fv_mask_peek (mask), 25, cross, 25);
  g_assert_cmpint (dirty.x, <=, 1);
  g_assert_cmpint (dirty.x + dirty.width, >=, 4);
}

static void
test_eraser (void)
{
  g_autoptr (FvMask) mask = fv_mask_new (8, 8);

  memset (fv_mask_get_data (mask), FV_MASK_NO_OPINION, 64);
  fv_brush_stroke (mask, 0.0, 4.0, 8.0, 4.0, 1.0, FV_MASK_OUTSIDE);
  g_assert_cmpuint (fv_mask_count (mask, FV_MASK_OUTSIDE), ==, 16);
  g_assert_cmpuint (fv_mask_count (mask, FV_MASK_NO_OPINION), ==, 48);
}

static void
test_thin_stroke_has_no_gap (void)
{
  g_autoptr (FvMask) mask = fv_mask_new (64, 64);

  fv_brush_stroke (mask, 1.2, 3.7, 60.9, 41.3, 0.1, FV_MASK_INSIDE);
  for (int x = 1; x < 61; x++) {
    int painted = 0;

    for (int y = 0; y < 64; y++)
      painted += fv_mask_peek (mask)[y * 64 + x];
    g_assert_cmpint (painted, >=, 1);
  }
}

static double
distance (double px, double py, double x0, double y0, double x1, double y1)
{
  double nearest = INFINITY;

  for (int i = 0; i <= 4000; i++) {
    double t = i / 4000.0;

    nearest = fmin (nearest, hypot (px - x0 - t * (x1 - x0), py - y0 - t * (y1 - y0)));
  }
  return nearest;
}

/* Pixels clearly within the capsule are painted, clearly beyond it not, and none outside the
 * dirty rectangle. */
static void
test_capsule (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);

  for (int round = 0; round < 20; round++) {
    g_autoptr (FvMask) mask = fv_mask_new (30, 20);
    double x0 = g_rand_double_range (rand, -8, 38), y0 = g_rand_double_range (rand, -8, 28);
    double x1 = g_rand_double_range (rand, -8, 38), y1 = g_rand_double_range (rand, -8, 28);
    double radius = g_rand_double_range (rand, 1.0, 7.0);
    FvRect dirty = fv_brush_stroke (mask, x0, y0, x1, y1, radius, FV_MASK_INSIDE);

    for (int y = 0; y < 20; y++)
      for (int x = 0; x < 30; x++) {
        double d = distance (x + 0.5, y + 0.5, x0, y0, x1, y1);
        gboolean painted = fv_mask_peek (mask)[y * 30 + x] == FV_MASK_INSIDE;

        if (d < radius - 0.01)
          g_assert_true (painted);
        if (d > radius + 0.01 && hypot (x + 0.5 - x0, y + 0.5 - y0) > 1
            && hypot (x + 0.5 - x1, y + 0.5 - y1) > 1)
          g_assert_false (painted);
        if (painted)
          g_assert_false (fv_rect_is_empty (fv_rect_intersect (dirty, (FvRect){ x, y, 1, 1 })));
      }
  }
}

static void
test_misses (void)
{
  g_autoptr (FvMask) mask = fv_mask_new (10, 10);
  const double strokes[][5] = {
    { -50, -50, -40, -40, 5 },         { 50, 5, 60, 5, 3 }, { NAN, 5, 5, 5, 3 },
    { 5, 5, INFINITY, 5, 3 },          { 5, 5, 5, 5, NAN }, { 5, 5, 5, 5, INFINITY },
    { 1e300, 1e300, 1e300, 1e300, 2 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (strokes); i++) {
    const double *s = strokes[i];
    FvRect dirty = fv_brush_stroke (mask, s[0], s[1], s[2], s[3], s[4], FV_MASK_INSIDE);

    g_assert_true (fv_rect_is_empty (dirty));
    g_assert_true (fv_mask_is_empty (mask));
  }
}

static void
test_covers_everything (void)
{
  g_autoptr (FvMask) mask = fv_mask_new (10, 10);
  FvRect dirty = fv_brush_stroke (mask, 5, 5, 5, 5, 1e9, FV_MASK_INSIDE);

  g_assert_cmpuint (fv_mask_count (mask, FV_MASK_INSIDE), ==, 100);
  g_assert_cmpint (dirty.width, ==, 10);
  g_assert_cmpint (dirty.height, ==, 10);
}

static void
test_speed (void)
{
  g_autoptr (FvMask) mask = fv_mask_new (3840, 2160);
  double milliseconds;

  g_test_timer_start ();
  for (int i = 0; i < 100; i++)
    fv_brush_stroke (mask, 100 + 20 * i, 300 + 5 * i, 120 + 20 * i, 305 + 5 * i, 40,
                     FV_MASK_INSIDE);
  milliseconds = g_test_timer_elapsed () * 1e3 / 100;
  g_test_minimized_result (milliseconds, "20 px drag of a 40 px brush on a 4K mask: %.3f ms",
                           milliseconds);
  g_assert_false (fv_mask_is_empty (mask));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/brush/one-pixel", test_one_pixel);
  g_test_add_func ("/brush/small-disc", test_small_disc);
  g_test_add_func ("/brush/eraser", test_eraser);
  g_test_add_func ("/brush/thin-stroke-has-no-gap", test_thin_stroke_has_no_gap);
  g_test_add_func ("/brush/capsule", test_capsule);
  g_test_add_func ("/brush/misses", test_misses);
  g_test_add_func ("/brush/covers-everything", test_covers_everything);
  g_test_add_func ("/brush/speed", test_speed);
  return g_test_run ();
}
