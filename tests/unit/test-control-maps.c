/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Control maps: repeatable draws, and edges where they are known. */

#include "fv-control-maps.h"

#include <string.h>

static void
test_names (void)
{
  g_assert_true (fv_control_map_is_method ("random"));
  g_assert_true (fv_control_map_is_method ("sobel"));
  g_assert_false (fv_control_map_is_method ("gradcam"));
  g_assert_false (fv_control_map_is_method (NULL));
}

static void
test_random (void)
{
  const float image[3] = { 0 };
  g_autoptr (FvMap) map = fv_control_map_new ("random", image, 1, 1, 7, 5, "layer4", 3, 1);
  g_autoptr (FvMap) same = fv_control_map_new ("random", image, 1, 1, 7, 5, "layer4", 3, 1);
  g_autoptr (FvMap) other = fv_control_map_new ("random", image, 1, 1, 7, 5, "layer4", 3, 2);

  g_assert_cmpint (map->width, ==, 7);
  g_assert_cmpint (map->height, ==, 5);
  g_assert_cmpstr (map->method, ==, "random");
  g_assert_cmpstr (map->layer, ==, "layer4");
  g_assert_cmpint (map->target, ==, 3);
  g_assert_cmpmem (map->values, 35 * sizeof (float), same->values, 35 * sizeof (float));
  g_assert_cmpint (memcmp (map->values, other->values, 35 * sizeof (float)), !=, 0);
  g_assert_cmpfloat (fv_map_get_min (map), >=, 0);
  g_assert_cmpfloat (fv_map_get_max (map), <, 1);
}

/* Black to white between columns 3 and 4, of 8: both columns have a gradient of 4; in two channels
 * of three that is 8/3. */
static void
test_sobel (void)
{
  float image[3 * 8 * 4] = { 0 };
  const float coarse[] = { 0, 4.0f / 3, 4.0f / 3, 0 };
  g_autoptr (FvMap) map = NULL;
  g_autoptr (FvMap) full = NULL;
  g_autoptr (FvMap) finer = NULL;

  for (int i = 0; i < 2 * 8 * 4; i++)
    image[i] = i % 8 >= 4 ? 1 : 0;
  full = fv_control_map_new ("sobel", image, 8, 4, 8, 4, "", 0, 0);
  map = fv_control_map_new ("sobel", image, 8, 4, 4, 1, "", 0, 0);
  finer = fv_control_map_new ("sobel", image, 8, 4, 16, 4, "", 0, 0);
  for (int i = 0; i < 32; i++) {
    float expected = i % 8 == 3 || i % 8 == 4 ? 8.0f / 3 : 0;

    g_assert_cmpfloat_with_epsilon (full->values[i], expected, 1e-6);
    g_assert_cmpfloat_with_epsilon (finer->values[2 * i], expected, 1e-6);
  }
  for (int i = 0; i < 4; i++)
    g_assert_cmpfloat_with_epsilon (map->values[i], coarse[i], 1e-6);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/control-maps/names", test_names);
  g_test_add_func ("/control-maps/random", test_random);
  g_test_add_func ("/control-maps/sobel", test_sobel);
  return g_test_run ();
}
