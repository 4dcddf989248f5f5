/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Resizing against hand-worked values. */

#include "fv-resize.h"

#include <string.h>

/* Hand-worked: 4 pixels to 2 with a tent of reach 2, 2 to 4, and an even grey that stays. */
static void
test_resize (void)
{
  const guint8 ramp[] = { 0, 70, 140, 210 };
  const FvPixels wide = { ramp, 4, 1, 4, 1 };
  const FvPixels narrow = { ramp, 2, 1, 2, 1 };
  guint8 even[7 * 5 * 3], out[31 * 17 * 3];
  const FvPixels grey = { even, 7, 5, 7 * 3, 3 };

  /* Centre 1: weights ¾, ¾, ¼ over 0, 70, 140, sum 7/4. */
  fv_resize (&wide, FV_RESIZE_BILINEAR, 2, 1, out);
  g_assert_cmpint (out[0], ==, 50);
  g_assert_cmpint (out[1], ==, 160);
  fv_resize (&narrow, FV_RESIZE_BILINEAR, 4, 1, out);
  g_assert_cmpint (out[0], ==, 0);
  g_assert_cmpint (out[1], ==, 18); /* 17.5, halves to even */
  g_assert_cmpint (out[2], ==, 52); /* 52.5 */
  g_assert_cmpint (out[3], ==, 70);
  memset (even, 77, sizeof even);
  for (int filter = FV_RESIZE_BILINEAR; filter <= FV_RESIZE_BICUBIC; filter++) {
    fv_resize (&grey, (FvResizeFilter) filter, 31, 17, out);
    for (gsize i = 0; i < sizeof out; i++)
      g_assert_cmpint (out[i], ==, 77);
    fv_resize (&wide, (FvResizeFilter) filter, 4, 1, out);
    g_assert_cmpmem (out, 4, ramp, 4);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/resize/known-values", test_resize);
  return g_test_run ();
}
