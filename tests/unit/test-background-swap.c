/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Objects on other pictures' backgrounds. */

#include <glib.h>
#include <string.h>

#include "fv-background-swap.h"

#define SIDE 16

static FvImage *
make_image (guint8 level)
{
  FvImage *image = fv_image_new (SIDE, SIDE);

  memset (fv_image_get_data (image), level, SIDE * SIDE * 3);
  return image;
}

/* INSIDE in the middle, and one pixel without opinion. */
static FvMask *
make_mask (void)
{
  FvMask *mask = fv_mask_new (SIDE, SIDE);

  for (int y = 5; y < 9; y++)
    for (int x = 5; x < 9; x++)
      fv_mask_get_data (mask)[y * SIDE + x] = FV_MASK_INSIDE;
  fv_mask_get_data (mask)[0] = FV_MASK_NO_OPINION;
  return mask;
}

static guint8
get_level (const FvImage *image, int x, int y)
{
  return fv_image_peek (image)[(y * SIDE + x) * 3];
}

/* A spot on an even ground vanishes without a trace. */
static void
test_without_object (void)
{
  g_autoptr (FvImage) image = make_image (100);
  g_autoptr (FvMask) mask = make_mask ();
  g_autoptr (FvImage) background = NULL;

  for (int y = 5; y < 9; y++)
    for (int x = 5; x < 9; x++)
      memset (fv_image_get_data (image) + (y * SIDE + x) * 3, 255, 3);
  background = fv_background_without_object (image, mask);
  for (int i = 0; i < SIDE * SIDE * 3; i++)
    g_assert_cmpint (ABS (fv_image_peek (background)[i] - 100), <=, 1);
}

/* A ramp goes on where the object stood. */
static void
test_goes_on (void)
{
  g_autoptr (FvImage) image = make_image (0);
  g_autoptr (FvMask) mask = make_mask ();
  g_autoptr (FvImage) background = NULL;

  for (int i = 0; i < SIDE * SIDE * 3; i++)
    fv_image_get_data (image)[i] = (guint8) (10 * (i / 3 % SIDE));
  background = fv_background_without_object (image, mask);
  for (int x = 5; x < 9; x++)
    g_assert_cmpint (ABS (get_level (background, x, 7) - 10 * x), <=, 6);
}

static void
test_swap (void)
{
  g_autoptr (FvImage) image = make_image (200);
  g_autoptr (FvImage) background = make_image (50);
  g_autoptr (FvMask) mask = make_mask ();
  g_autoptr (FvImage) swapped = fv_background_swap (image, mask, background);

  g_assert_cmpint (get_level (swapped, 6, 6), ==, 200);
  g_assert_cmpint (get_level (swapped, 4, 6), ==, 50);
  g_assert_cmpint (get_level (swapped, 0, 0), ==, 200); /* no opinion stays */
  g_assert_cmpint (get_level (swapped, 15, 15), ==, 50);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/background-swap/without-object", test_without_object);
  g_test_add_func ("/background-swap/goes-on", test_goes_on);
  g_test_add_func ("/background-swap/swap", test_swap);
  return g_test_run ();
}
