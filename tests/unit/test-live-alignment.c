/* SPDX-License-Identifier: GPL-3.0-or-later */

/* However a mask was painted, the live numbers are those of a full measurement, to the last bit. */

#include "fv-brush.h"
#include "fv-live-alignment.h"

#include <math.h>

static const FvAlignmentMetric live_metrics[]
    = { FV_ALIGNMENT_ENERGY,    FV_ALIGNMENT_IOU,    FV_ALIGNMENT_POINTING, FV_ALIGNMENT_OUTSIDE,
        FV_ALIGNMENT_PRECISION, FV_ALIGNMENT_RECALL, FV_ALIGNMENT_F1 };

static void
assert_same (const FvLiveAlignment *live, const float *map, int width, int height,
             const FvMask *mask)
{
  FvAlignment now = fv_live_alignment_get (live);
  FvAlignment full = fv_alignment_measure_upsampled (map, width, height, mask);

  g_assert_cmpint (now.defined, ==, full.defined);
  if (!full.defined)
    return;
  g_assert_cmpfloat (now.area, ==, full.area);
  for (gsize i = 0; i < G_N_ELEMENTS (live_metrics); i++) {
    g_assert_cmpfloat (now.values[live_metrics[i]], ==, full.values[live_metrics[i]]);
    if (live_metrics[i] != FV_ALIGNMENT_POINTING)
      g_assert_cmpfloat (now.chance[live_metrics[i]], ==, full.chance[live_metrics[i]]);
  }
}

static float *
random_map (GRand *rand, int width, int height)
{
  float *map = g_new (float, width *height);

  for (int i = 0; i < width * height; i++) /* over many orders of magnitude */
    map[i]
        = (float) (g_rand_double_range (rand, -0.2, 1) * exp (g_rand_double_range (rand, -25, 0)));
  return map;
}

/* Dabs of all three states on a mask of @mask_width × @mask_height. */
static void
paint (int width, int height, int mask_width, int mask_height, int n_dabs)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  g_autofree float *map = random_map (rand, width, height);
  g_autoptr (FvMask) mask = fv_mask_new (mask_width, mask_height);
  g_autoptr (FvLiveAlignment) live = fv_live_alignment_new (map, width, height, mask);
  int n_defined = 0;

  assert_same (live, map, width, height, mask);
  for (int i = 0; i < n_dabs; i++) {
    double x = g_rand_double_range (rand, -9, mask_width + 9);
    double y = g_rand_double_range (rand, -9, mask_height + 9);
    FvRect dirty = fv_brush_stroke (mask, x, y, x + g_rand_double_range (rand, -5, 5), y,
                                    g_rand_double_range (rand, 0.5, mask_width / 3.0),
                                    (FvMaskState) g_rand_int_range (rand, 0, 3));

    fv_live_alignment_update (live, mask, dirty);
    assert_same (live, map, width, height, mask);
    n_defined += fv_live_alignment_get (live).defined;
  }
  g_assert_cmpint (n_defined, >, n_dabs / 5);
}

static void
test_same_size (void)
{
  paint (100, 75, 100, 75, 150);
}

static void
test_mask_is_larger (void)
{
  paint (64, 96, 333, 211, 150);
}

static void
test_mask_is_smaller (void)
{
  paint (130, 97, 41, 29, 150);
}

static void
test_one_pixel (void)
{
  const float map[] = { 2.0f };
  g_autoptr (FvMask) mask = fv_mask_new (1, 1);
  g_autoptr (FvLiveAlignment) live = fv_live_alignment_new (map, 1, 1, mask);

  for (int state = FV_MASK_OUTSIDE; state <= FV_MASK_NO_OPINION; state++) {
    fv_mask_get_data (mask)[0] = (guint8) state;
    fv_live_alignment_update (live, mask, (FvRect){ 0, 0, 1, 1 });
    g_assert_cmpint (fv_live_alignment_get (live).defined, ==, state == FV_MASK_INSIDE);
    assert_same (live, map, 1, 1, mask);
  }
}

/* Painting over the peak changes what is “on” everywhere; only the painted corner is told of. */
static void
test_peak_is_hidden (void)
{
  g_autofree float *map = g_new0 (float, 200 * 200);
  g_autoptr (FvMask) mask = fv_mask_new (200, 200);
  g_autoptr (FvLiveAlignment) live = NULL;

  map[0] = 10.0f;
  map[199 * 200 + 199] = 2.0f;
  fv_mask_get_data (mask)[199 * 200 + 199] = FV_MASK_INSIDE;
  live = fv_live_alignment_new (map, 200, 200, mask);
  g_assert_cmpfloat (fv_live_alignment_get (live).values[FV_ALIGNMENT_IOU], ==, 0);
  g_assert_cmpfloat (fv_live_alignment_get (live).values[FV_ALIGNMENT_POINTING], ==, 0);
  fv_mask_get_data (mask)[0] = FV_MASK_NO_OPINION;
  fv_live_alignment_update (live, mask, (FvRect){ 0, 0, 1, 1 });
  g_assert_cmpfloat (fv_live_alignment_get (live).values[FV_ALIGNMENT_IOU], ==, 1);
  g_assert_cmpfloat (fv_live_alignment_get (live).values[FV_ALIGNMENT_POINTING], ==, 1);
}

/* What is not told is not seen: the update looks at the rectangle alone. */
static void
test_only_the_rectangle (void)
{
  g_autofree float *map = g_new0 (float, 200 * 200);
  g_autoptr (FvMask) mask = fv_mask_new (200, 200);
  g_autoptr (FvLiveAlignment) live = NULL;

  map[0] = map[199 * 200 + 199] = 1.0f;
  fv_mask_get_data (mask)[0] = FV_MASK_INSIDE;
  live = fv_live_alignment_new (map, 200, 200, mask);
  fv_mask_get_data (mask)[0] = FV_MASK_OUTSIDE;
  fv_mask_get_data (mask)[199 * 200 + 199] = FV_MASK_INSIDE;
  fv_live_alignment_update (live, mask, (FvRect){ 300, 0, 5, 5 });
  fv_live_alignment_update (live, mask, (FvRect){ 190, 190, 99, 99 });
  g_assert_cmpfloat (fv_live_alignment_get (live).values[FV_ALIGNMENT_ENERGY], ==, 1);
  g_assert_true (isnan (fv_live_alignment_get (live).values[FV_ALIGNMENT_AUC]));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/live-alignment/same-size", test_same_size);
  g_test_add_func ("/live-alignment/mask-is-larger", test_mask_is_larger);
  g_test_add_func ("/live-alignment/mask-is-smaller", test_mask_is_smaller);
  g_test_add_func ("/live-alignment/one-pixel", test_one_pixel);
  g_test_add_func ("/live-alignment/peak-is-hidden", test_peak_is_hidden);
  g_test_add_func ("/live-alignment/only-the-rectangle", test_only_the_rectangle);
  return g_test_run ();
}
