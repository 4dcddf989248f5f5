/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Alignment numbers worked out by hand, and the maps and masks for which they do not exist. */

#include "fv-alignment.h"
#include "fv-resample.h"

#include <math.h>
#include <string.h>

#define assert_near(a, b) g_assert_cmpfloat_with_epsilon (a, b, 1e-9)

static FvMask *
mask_from_states (int width, int height, const guint8 *states)
{
  FvMask *mask = fv_mask_new (width, height);

  memcpy (fv_mask_get_data (mask), states, (gsize) width * height);
  return mask;
}

static void
assert_undefined (FvAlignment alignment)
{
  g_assert_false (alignment.defined);
  g_assert_true (isnan (alignment.energy) && isnan (alignment.iou));
  g_assert_true (isnan (alignment.pointing) && isnan (alignment.chance));
}

/* torch.nn.functional.interpolate (…, mode="bilinear", align_corners=False) of [0, 1] to 4. */
static void
test_upsample_line (void)
{
  const float map[] = { 0.0f, 1.0f };
  const float expected[] = { 0.0f, 0.25f, 0.75f, 1.0f };
  g_autofree float *up = fv_resample_bilinear (map, 2, 1, 4, 1);

  for (int i = 0; i < 4; i++)
    assert_near (up[i], expected[i]);
}

/* The same of [[1, 2], [3, 4]] to 3 × 3: centres at −1/6 (clamped to 0), ½ and 7/6 (clamped to 1).
 */
static void
test_upsample_square (void)
{
  const float map[] = { 1.0f, 2.0f, 3.0f, 4.0f };
  const float expected[] = { 1.0f, 1.5f, 2.0f, 2.0f, 2.5f, 3.0f, 3.0f, 3.5f, 4.0f };
  g_autofree float *up = fv_resample_bilinear (map, 2, 2, 3, 3);

  for (int i = 0; i < 9; i++)
    g_assert_cmpfloat_with_epsilon (up[i], expected[i], 1e-6);
}

static void
test_upsample_same_size_and_one_pixel (void)
{
  const float map[] = { -1.0f, 2.5f, 3.0f, -4.0f, 5.0f, 6.0f };
  g_autofree float *same = fv_resample_bilinear (map, 3, 2, 3, 2);
  g_autofree float *flat = fv_resample_bilinear (map + 1, 1, 1, 5, 4);

  g_assert_cmpmem (same, sizeof map, map, sizeof map);
  for (int i = 0; i < 20; i++)
    g_assert_cmpfloat (flat[i], ==, 2.5f);
}

/* INSIDE has 3 + 1 of 3 + 1 + 2 + 0; above half of 3 are one INSIDE and one OUTSIDE pixel. */
static void
test_by_hand (void)
{
  const float map[] = { 3.0f, 1.0f, 2.0f, -5.0f };
  const guint8 states[] = { FV_MASK_INSIDE, FV_MASK_INSIDE, FV_MASK_OUTSIDE, FV_MASK_OUTSIDE };
  g_autoptr (FvMask) mask = mask_from_states (2, 2, states);
  FvAlignment alignment = fv_alignment_measure (map, 2, 2, mask, 2, 2);

  g_assert_true (alignment.defined);
  assert_near (alignment.energy, 4.0 / 6.0);
  assert_near (alignment.iou, 1.0 / 3.0);
  assert_near (alignment.pointing, 1.0);
  assert_near (alignment.chance, 0.5);
}

/* The peak of 9 and its energy are under NO_OPINION: nothing of them may be seen. */
static void
test_no_opinion_does_not_exist (void)
{
  const float map[] = { 9.0f, 2.0f, 1.0f, 1.0f };
  const guint8 states[] = { FV_MASK_NO_OPINION, FV_MASK_OUTSIDE, FV_MASK_INSIDE, FV_MASK_INSIDE };
  g_autoptr (FvMask) mask = mask_from_states (4, 1, states);
  FvAlignment alignment = fv_alignment_measure (map, 4, 1, mask, 4, 1);

  assert_near (alignment.energy, 0.5);
  assert_near (alignment.iou, 2.0 / 3.0); /* 1 reaches half of 2 */
  assert_near (alignment.pointing, 0.0);
  assert_near (alignment.chance, 2.0 / 3.0);
}

static void
test_first_of_equal_peaks (void)
{
  const float map[] = { 1.0f, 1.0f };
  const guint8 first[] = { FV_MASK_INSIDE, FV_MASK_OUTSIDE };
  const guint8 second[] = { FV_MASK_OUTSIDE, FV_MASK_INSIDE };
  g_autoptr (FvMask) first_mask = mask_from_states (2, 1, first);
  g_autoptr (FvMask) second_mask = mask_from_states (2, 1, second);

  assert_near (fv_alignment_measure (map, 2, 1, first_mask, 2, 1).pointing, 1.0);
  assert_near (fv_alignment_measure (map, 2, 1, second_mask, 2, 1).pointing, 0.0);
}

static void
test_full_mask (void)
{
  const float map[] = { 0.5f, -1.0f, 2.0f };
  const guint8 states[] = { 1, 1, 1 };
  g_autoptr (FvMask) mask = mask_from_states (3, 1, states);
  FvAlignment alignment = fv_alignment_measure (map, 3, 1, mask, 3, 1);

  assert_near (alignment.energy, 1.0);
  assert_near (alignment.chance, 1.0);
  assert_near (alignment.pointing, 1.0);
  assert_near (alignment.iou, 1.0 / 3.0);
}

static void
test_uniform_map_has_chance_energy (void)
{
  const float map[] = { 7.0f };
  const guint8 states[] = { 1, 0, 0, 2, 1, 0 };
  g_autoptr (FvMask) mask = mask_from_states (3, 2, states);
  FvAlignment alignment = fv_alignment_measure (map, 1, 1, mask, 3, 2);

  assert_near (alignment.chance, 0.4);
  assert_near (alignment.energy, alignment.chance);
  assert_near (alignment.iou, 0.4);
}

static void
test_one_pixel (void)
{
  const float map[] = { 0.25f };
  const guint8 state = FV_MASK_INSIDE;
  g_autoptr (FvMask) mask = mask_from_states (1, 1, &state);
  FvAlignment alignment = fv_alignment_measure (map, 1, 1, mask, 1, 1);

  assert_near (alignment.energy, 1.0);
  assert_near (alignment.iou, 1.0);
}

static void
test_dead_map (void)
{
  const float dead[] = { 0.0f, -1.0f, NAN };
  const float alive_out_of_sight[] = { 0.0f, 0.0f, 4.0f };
  const guint8 states[] = { FV_MASK_INSIDE, FV_MASK_OUTSIDE, FV_MASK_NO_OPINION };
  g_autoptr (FvMask) mask = mask_from_states (3, 1, states);

  assert_undefined (fv_alignment_measure_upsampled (dead, 3, 1, mask));
  assert_undefined (fv_alignment_measure_upsampled (alive_out_of_sight, 3, 1, mask));
}

static void
test_empty_mask (void)
{
  const float map[] = { 1.0f, 2.0f };
  const guint8 states[] = { FV_MASK_OUTSIDE, FV_MASK_NO_OPINION };
  g_autoptr (FvMask) mask = mask_from_states (2, 1, states);

  assert_undefined (fv_alignment_measure_upsampled (map, 2, 1, mask));
}

static void
test_not_finite (void)
{
  const float infinite[] = { 1.0f, INFINITY };
  const float nan[] = { 1.0f, NAN };
  const guint8 states[] = { FV_MASK_INSIDE, FV_MASK_OUTSIDE };
  g_autoptr (FvMask) mask = mask_from_states (2, 1, states);

  assert_undefined (fv_alignment_measure_upsampled (infinite, 2, 1, mask));
  assert_near (fv_alignment_measure_upsampled (nan, 2, 1, mask).energy, 1.0);
}

/* The mask has another size than what is evaluated: it is sampled, the map interpolated. */
static void
test_sizes_differ (void)
{
  const float map[] = { 0.0f, 1.0f };
  const guint8 states[] = { 0, 0, 0, 0, 1, 1, 1, 1 };
  g_autoptr (FvMask) mask = mask_from_states (8, 1, states);
  FvAlignment alignment = fv_alignment_measure (map, 2, 1, mask, 4, 1);

  assert_near (alignment.energy, 1.75 / 2.0);
  assert_near (alignment.iou, 1.0);
}

static void
test_speed (void)
{
  g_autoptr (FvMask) mask = fv_mask_new (640, 480);
  g_autofree float *map = g_new0 (float, 640 * 480);
  double milliseconds;

  memset (fv_mask_get_data (mask), FV_MASK_INSIDE, 640 * 100);
  for (int i = 0; i < 640 * 480; i++)
    map[i] = (float) (i % 1000);
  g_test_timer_start ();
  for (int i = 0; i < 20; i++)
    g_assert_true (fv_alignment_measure_upsampled (map, 640, 480, mask).defined);
  milliseconds = g_test_timer_elapsed () * 1e3 / 20;
  g_test_minimized_result (milliseconds, "alignment at 640 × 480: %.2f ms", milliseconds);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/upsample/line", test_upsample_line);
  g_test_add_func ("/upsample/square", test_upsample_square);
  g_test_add_func ("/upsample/same-size-and-one-pixel", test_upsample_same_size_and_one_pixel);
  g_test_add_func ("/alignment/by-hand", test_by_hand);
  g_test_add_func ("/alignment/no-opinion-does-not-exist", test_no_opinion_does_not_exist);
  g_test_add_func ("/alignment/first-of-equal-peaks", test_first_of_equal_peaks);
  g_test_add_func ("/alignment/full-mask", test_full_mask);
  g_test_add_func ("/alignment/uniform-map", test_uniform_map_has_chance_energy);
  g_test_add_func ("/alignment/one-pixel", test_one_pixel);
  g_test_add_func ("/alignment/dead-map", test_dead_map);
  g_test_add_func ("/alignment/empty-mask", test_empty_mask);
  g_test_add_func ("/alignment/not-finite", test_not_finite);
  g_test_add_func ("/alignment/sizes-differ", test_sizes_differ);
  g_test_add_func ("/alignment/speed", test_speed);
  return g_test_run ();
}
