/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Zoom, position and the way between screen and image. */

#include "fv-viewport.h"

#include <math.h>

static FvViewport
make_viewport (int width, int height, int image_width, int image_height)
{
  FvViewport viewport;

  fv_viewport_init (&viewport);
  fv_viewport_resize (&viewport, width, height);
  fv_viewport_set_image_size (&viewport, image_width, image_height);
  return viewport;
}

static void
test_fit_shows_all_in_the_middle (void)
{
  FvViewport viewport = make_viewport (432, 232, 200, 50);

  /* 400 × 200 are free inside the margin. */
  g_assert_cmpfloat (viewport.zoom, ==, 2);
  g_assert_cmpfloat (viewport.x, ==, FV_VIEWPORT_MARGIN);
  g_assert_cmpfloat (viewport.y, ==, 66);
  g_assert_true (viewport.fitted);

  FvRect rect = fv_viewport_get_image_rect (&viewport);
  g_assert_cmpint (rect.x, ==, 16);
  g_assert_cmpint (rect.y, ==, 66);
  g_assert_cmpint (rect.width, ==, 400);
  g_assert_cmpint (rect.height, ==, 100);
}

static void
test_fit_does_not_need_an_order (void)
{
  FvViewport first = make_viewport (432, 232, 200, 50);
  FvViewport second;

  fv_viewport_init (&second);
  fv_viewport_set_image_size (&second, 200, 50);
  fv_viewport_resize (&second, 432, 232);
  g_assert_cmpfloat (first.zoom, ==, second.zoom);
  g_assert_cmpfloat (first.x, ==, second.x);
  g_assert_cmpfloat (first.y, ==, second.y);
}

static void
test_zoom_keeps_the_point_under_the_pointer (void)
{
  FvViewport viewport = make_viewport (800, 600, 640, 480);
  const double zooms[] = { 0.3, 1, 1.7, 3, 20, 64 };
  double before_x, before_y, after_x, after_y;

  for (gsize i = 0; i < G_N_ELEMENTS (zooms); i++) {
    fv_viewport_to_image (&viewport, 333, 222, &before_x, &before_y);
    fv_viewport_zoom_to (&viewport, 333, 222, zooms[i]);
    fv_viewport_to_image (&viewport, 333, 222, &after_x, &after_y);
    g_assert_cmpfloat (viewport.zoom, ==, zooms[i]);
    g_assert_cmpfloat (fabs (before_x - after_x) * viewport.zoom, <=, 0.5 + 1e-9);
    g_assert_cmpfloat (fabs (before_y - after_y) * viewport.zoom, <=, 0.5 + 1e-9);
    g_assert_cmpfloat (viewport.x, ==, floor (viewport.x));
    g_assert_cmpfloat (viewport.y, ==, floor (viewport.y));
    g_assert_false (viewport.fitted);
  }
}

static void
test_zoom_is_limited (void)
{
  FvViewport viewport = make_viewport (800, 600, 640, 480);

  fv_viewport_zoom_to (&viewport, 400, 300, 1e9);
  g_assert_cmpfloat (viewport.zoom, ==, FV_VIEWPORT_ZOOM_MAX);
  fv_viewport_zoom_to (&viewport, 400, 300, 0);
  g_assert_cmpfloat (viewport.zoom, ==, FV_VIEWPORT_ZOOM_MIN);
  fv_viewport_zoom_to (&viewport, 400, 300, NAN);
  g_assert_cmpfloat (viewport.zoom, ==, FV_VIEWPORT_ZOOM_MIN);
}

static void
test_screen_and_image_are_inverse (void)
{
  FvViewport viewport = make_viewport (801, 603, 641, 487);
  double image_x, image_y, x, y;

  fv_viewport_zoom_to (&viewport, 10, 20, 2.37);
  fv_viewport_to_image (&viewport, 123.25, 456.5, &image_x, &image_y);
  fv_viewport_to_screen (&viewport, image_x, image_y, &x, &y);
  g_assert_cmpfloat_with_epsilon (x, 123.25, 1e-9);
  g_assert_cmpfloat_with_epsilon (y, 456.5, 1e-9);
}

static void
test_pan_leaves_a_grip (void)
{
  FvViewport viewport = make_viewport (800, 600, 640, 480);

  fv_viewport_zoom_to (&viewport, 400, 300, 1);
  fv_viewport_pan (&viewport, -1e7, 1e7);
  g_assert_cmpfloat (viewport.x, ==, FV_VIEWPORT_GRIP - 640);
  g_assert_cmpfloat (viewport.y, ==, 600 - FV_VIEWPORT_GRIP);
}

static void
test_resize_keeps_the_middle (void)
{
  FvViewport viewport = make_viewport (800, 600, 640, 480);
  double x, y;

  fv_viewport_zoom_to (&viewport, 400, 300, 1);
  fv_viewport_resize (&viewport, 1000, 500);
  fv_viewport_to_image (&viewport, 500, 250, &x, &y);
  g_assert_cmpfloat (x, ==, 320);
  g_assert_cmpfloat (y, ==, 240);
}

static void
test_an_image_of_the_same_size_stays_where_it_was (void)
{
  FvViewport viewport = make_viewport (800, 600, 640, 480);

  fv_viewport_zoom_to (&viewport, 100, 100, 3);
  FvViewport kept = viewport;
  fv_viewport_set_image_size (&viewport, 640, 480);
  g_assert_cmpfloat (viewport.zoom, ==, kept.zoom);
  g_assert_cmpfloat (viewport.x, ==, kept.x);
  fv_viewport_set_image_size (&viewport, 480, 640);
  g_assert_true (viewport.fitted);
  g_assert_cmpfloat (viewport.zoom, ==, 568.0 / 640);
}

static void
test_nothing_to_show (void)
{
  FvViewport viewport = make_viewport (800, 600, 0, 0);

  fv_viewport_zoom_to (&viewport, 1, 1, 4);
  fv_viewport_pan (&viewport, 5, 5);
  fv_viewport_fit (&viewport);
  g_assert_true (fv_rect_is_empty (fv_viewport_get_image_rect (&viewport)));
  g_assert_cmpfloat (viewport.zoom, ==, 1);
}

/* The thinnest photo that Fovea opens still has a place on the screen. */
static void
test_extreme_shapes (void)
{
  FvViewport viewport = make_viewport (800, 600, 20000, 8);
  FvRect rect = fv_viewport_get_image_rect (&viewport);

  g_assert_cmpint (rect.width, ==, 768);
  g_assert_cmpint (rect.height, ==, 1);
  viewport = make_viewport (1, 1, 20000, 20000);
  rect = fv_viewport_get_image_rect (&viewport);
  g_assert_cmpfloat (viewport.zoom, ==, FV_VIEWPORT_ZOOM_MIN);
  g_assert_cmpint (rect.width, ==, 200);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/viewport/fit", test_fit_shows_all_in_the_middle);
  g_test_add_func ("/viewport/fit-order", test_fit_does_not_need_an_order);
  g_test_add_func ("/viewport/zoom-at-pointer", test_zoom_keeps_the_point_under_the_pointer);
  g_test_add_func ("/viewport/zoom-limits", test_zoom_is_limited);
  g_test_add_func ("/viewport/inverse", test_screen_and_image_are_inverse);
  g_test_add_func ("/viewport/pan", test_pan_leaves_a_grip);
  g_test_add_func ("/viewport/resize", test_resize_keeps_the_middle);
  g_test_add_func ("/viewport/same-size", test_an_image_of_the_same_size_stays_where_it_was);
  g_test_add_func ("/viewport/nothing", test_nothing_to_show);
  g_test_add_func ("/viewport/extreme-shapes", test_extreme_shapes);
  return g_test_run ();
}
