/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Alignment numbers worked out by hand, and the maps and masks for which they do not exist; the
 * fast ones against their definitions, pixel by pixel. */

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
  g_assert_true (isnan (alignment.area) && isnan (alignment.best_threshold));
  for (int i = 0; i < FV_ALIGNMENT_N; i++)
    g_assert_true (isnan (alignment.values[i]) && isnan (alignment.chance[i]));
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
  assert_near (alignment.values[FV_ALIGNMENT_ENERGY], 4.0 / 6.0);
  assert_near (alignment.values[FV_ALIGNMENT_IOU], 1.0 / 3.0);
  assert_near (alignment.values[FV_ALIGNMENT_POINTING], 1.0);
  assert_near (alignment.area, 0.5);
}

/* The peak of 9 and its energy are under NO_OPINION: nothing of them may be seen. */
static void
test_no_opinion_does_not_exist (void)
{
  const float map[] = { 9.0f, 2.0f, 1.0f, 1.0f };
  const guint8 states[] = { FV_MASK_NO_OPINION, FV_MASK_OUTSIDE, FV_MASK_INSIDE, FV_MASK_INSIDE };
  g_autoptr (FvMask) mask = mask_from_states (4, 1, states);
  FvAlignment alignment = fv_alignment_measure (map, 4, 1, mask, 4, 1);

  assert_near (alignment.values[FV_ALIGNMENT_ENERGY], 0.5);
  assert_near (alignment.values[FV_ALIGNMENT_IOU], 2.0 / 3.0); /* 1 reaches half of 2 */
  assert_near (alignment.values[FV_ALIGNMENT_POINTING], 0.0);
  assert_near (alignment.area, 2.0 / 3.0);
}

static void
test_first_of_equal_peaks (void)
{
  const float map[] = { 1.0f, 1.0f };
  const guint8 first[] = { FV_MASK_INSIDE, FV_MASK_OUTSIDE };
  const guint8 second[] = { FV_MASK_OUTSIDE, FV_MASK_INSIDE };
  g_autoptr (FvMask) first_mask = mask_from_states (2, 1, first);
  g_autoptr (FvMask) second_mask = mask_from_states (2, 1, second);

  assert_near (fv_alignment_measure (map, 2, 1, first_mask, 2, 1).values[FV_ALIGNMENT_POINTING],
               1.0);
  assert_near (fv_alignment_measure (map, 2, 1, second_mask, 2, 1).values[FV_ALIGNMENT_POINTING],
               0.0);
}

static void
test_full_mask (void)
{
  const float map[] = { 0.5f, -1.0f, 2.0f };
  const guint8 states[] = { 1, 1, 1 };
  g_autoptr (FvMask) mask = mask_from_states (3, 1, states);
  FvAlignment alignment = fv_alignment_measure (map, 3, 1, mask, 3, 1);

  assert_near (alignment.values[FV_ALIGNMENT_ENERGY], 1.0);
  assert_near (alignment.area, 1.0);
  assert_near (alignment.values[FV_ALIGNMENT_POINTING], 1.0);
  assert_near (alignment.values[FV_ALIGNMENT_IOU], 1.0 / 3.0);
}

static void
test_uniform_map_has_chance_energy (void)
{
  const float map[] = { 7.0f };
  const guint8 states[] = { 1, 0, 0, 2, 1, 0 };
  g_autoptr (FvMask) mask = mask_from_states (3, 2, states);
  FvAlignment alignment = fv_alignment_measure (map, 1, 1, mask, 3, 2);

  assert_near (alignment.area, 0.4);
  assert_near (alignment.values[FV_ALIGNMENT_ENERGY], alignment.area);
  assert_near (alignment.values[FV_ALIGNMENT_IOU], 0.4);
}

static void
test_one_pixel (void)
{
  const float map[] = { 0.25f };
  const guint8 state = FV_MASK_INSIDE;
  g_autoptr (FvMask) mask = mask_from_states (1, 1, &state);
  FvAlignment alignment = fv_alignment_measure (map, 1, 1, mask, 1, 1);

  assert_near (alignment.values[FV_ALIGNMENT_ENERGY], 1.0);
  assert_near (alignment.values[FV_ALIGNMENT_IOU], 1.0);
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
  assert_near (fv_alignment_measure_upsampled (nan, 2, 1, mask).values[FV_ALIGNMENT_ENERGY], 1.0);
}

/* The mask has another size than what is evaluated: it is sampled, the map interpolated. */
static void
test_sizes_differ (void)
{
  const float map[] = { 0.0f, 1.0f };
  const guint8 states[] = { 0, 0, 0, 0, 1, 1, 1, 1 };
  g_autoptr (FvMask) mask = mask_from_states (8, 1, states);
  FvAlignment alignment = fv_alignment_measure (map, 2, 1, mask, 4, 1);

  assert_near (alignment.values[FV_ALIGNMENT_ENERGY], 1.75 / 2.0);
  assert_near (alignment.values[FV_ALIGNMENT_IOU], 1.0);
}

/* One pixel each, in order of A: 8 inside, 6 outside, 4 and 4 one of each, 2 outside, 0 inside. */
static void
test_ranks_by_hand (void)
{
  const float map[] = { 4.0f, 8.0f, 0.0f, 6.0f, 2.0f, 4.0f, 7.0f };
  const guint8 states[] = { 1, 1, 1, 0, 0, 0, 2 };
  g_autoptr (FvMask) mask = mask_from_states (7, 1, states);
  FvAlignment alignment = fv_alignment_measure (map, 7, 1, mask, 7, 1);
  const double *values = alignment.values;

  /* The third place is shared by an inside and an outside pixel. */
  assert_near (values[FV_ALIGNMENT_RANK], 1.5 / 3);
  /* 5 % of 6 is less than a pixel: the one of 8. */
  assert_near (values[FV_ALIGNMENT_TOP_K], 1.0);
  /* 8 beats all three, 4 beats 2 and ties with 4, 0 beats none. */
  assert_near (values[FV_ALIGNMENT_AUC], (3 + 1.5) / 9);
  /* { 8 }: 1/3; { 8, 6 }: 1/4; { 8, 6, 4, 4 }: 2/5; with 2: 2/6; all: 3/6. */
  assert_near (values[FV_ALIGNMENT_IOU_BEST], 0.5);
  assert_near (alignment.best_threshold, 0.0);
  /* { 8, 6, 4, 4 } is on, two of them inside. */
  assert_near (values[FV_ALIGNMENT_IOU], 2.0 / 5);
  assert_near (values[FV_ALIGNMENT_PRECISION], 2.0 / 4);
  assert_near (values[FV_ALIGNMENT_RECALL], 2.0 / 3);
  assert_near (values[FV_ALIGNMENT_F1], 4.0 / 7);
  /* Σ A = 24: min (4/24, 1/3) + min (8/24, 1/3) + 0. */
  assert_near (values[FV_ALIGNMENT_SIM], 0.5);
  assert_near (values[FV_ALIGNMENT_OUTSIDE], 0.5);
}

/* A map that is its mask has the best value everywhere; one that is the opposite, the worst of
 * all that do not count area. */
static void
test_perfect_and_worst_map (void)
{
  const guint8 states[] = { 0, 1, 1, 2, 0, 1, 0, 0, 0, 0, 0, 0 };
  g_autoptr (FvMask) mask = mask_from_states (12, 1, states);
  float perfect[12], worst[12];
  FvAlignment best, poor;

  for (int i = 0; i < 12; i++) {
    perfect[i] = states[i] == FV_MASK_INSIDE ? 3.0f : 0.0f;
    worst[i] = states[i] == FV_MASK_OUTSIDE ? 3.0f : 0.0f;
  }
  best = fv_alignment_measure (perfect, 12, 1, mask, 12, 1);
  poor = fv_alignment_measure (worst, 12, 1, mask, 12, 1);
  for (int i = 0; i < FV_ALIGNMENT_N; i++) {
    gboolean high = fv_alignment_metric_info ((FvAlignmentMetric) i)->higher_is_better;

    g_assert_cmpfloat (best.values[i], ==, high ? 1.0 : 0.0);
    if (i != FV_ALIGNMENT_IOU_BEST)
      g_assert_cmpfloat (poor.values[i], ==, high ? 0.0 : 1.0);
  }
  assert_near (best.best_threshold, 1.0);
  assert_near (poor.values[FV_ALIGNMENT_IOU_BEST], 3.0 / 11); /* all pixels on */
}

/* What chance means: a map that is the same everywhere has it, in every metric but the pointing
 * game, whose peak is then the first pixel. */
static void
test_uniform_map_is_chance (void)
{
  const float map[] = { 7.0f };
  const guint8 states[]
      = { 1, 0, 0, 2, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 0 };
  g_autoptr (FvMask) mask = mask_from_states (6, 4, states);
  FvAlignment alignment = fv_alignment_measure (map, 1, 1, mask, 6, 4);

  for (int i = 0; i < FV_ALIGNMENT_N; i++)
    if (i != FV_ALIGNMENT_POINTING)
      assert_near (alignment.values[i], alignment.chance[i]);
  assert_near (alignment.area, 3.0 / 21);
  assert_near (alignment.chance[FV_ALIGNMENT_POINTING], 3.0 / 21); /* tolerance 0.27 pixels */
}

static void
test_full_mask_has_no_auc (void)
{
  const float map[] = { 1.0f, 2.0f };
  const guint8 states[] = { 1, 1 };
  g_autoptr (FvMask) mask = mask_from_states (2, 1, states);
  FvAlignment alignment = fv_alignment_measure (map, 2, 1, mask, 2, 1);

  g_assert_true (alignment.defined);
  g_assert_true (isnan (alignment.values[FV_ALIGNMENT_AUC]));
  g_assert_true (isnan (alignment.chance[FV_ALIGNMENT_AUC]));
  assert_near (alignment.values[FV_ALIGNMENT_RANK], 1.0);
}

/* At 224 pixels a peak 15 from the only mask pixel hits and one 15.03 from it does not. */
static void
test_tolerance (void)
{
  g_autoptr (FvMask) mask = fv_mask_new (224, 224);
  g_autofree float *map = g_new0 (float, 224 * 224);
  const int hits[][2] = { { 100, 115 }, { 109, 112 }, { 91, 88 } }; /* 15; 9² + 12² = 15² */
  const int misses[][2] = { { 100, 116 }, { 101, 115 }, { 90, 112 } };

  fv_mask_get_data (mask)[100 * 224 + 100] = FV_MASK_INSIDE;
  for (int i = 0; i < 3; i++) {
    map[hits[i][1] * 224 + hits[i][0]] = 1.0f;
    assert_near (fv_alignment_measure (map, 224, 224, mask, 224, 224).values[FV_ALIGNMENT_POINTING],
                 1.0);
    map[hits[i][1] * 224 + hits[i][0]] = 0.0f;
    map[misses[i][1] * 224 + misses[i][0]] = 1.0f;
    assert_near (fv_alignment_measure (map, 224, 224, mask, 224, 224).values[FV_ALIGNMENT_POINTING],
                 0.0);
    map[misses[i][1] * 224 + misses[i][0]] = 0.0f;
  }
  assert_near (fv_alignment_get_tolerance (448, 600), 30.0);
}

static void
test_metrics_have_names (void)
{
  for (int i = 0; i < FV_ALIGNMENT_N; i++) {
    const FvMetricInfo *info = fv_alignment_metric_info ((FvAlignmentMetric) i);

    g_assert_nonnull (info->name);
    g_assert_cmpfloat (info->low, <, info->high);
    for (int j = 0; j < i; j++)
      g_assert_cmpstr (info->key, !=, fv_alignment_metric_info ((FvAlignmentMetric) j)->key);
  }
}

/* -- against the definitions ---------------------------------------------------------------- */

/* A random mask, and a map of few values, so that many are equal. */
static FvMask *
random_scene (GRand *rand, int width, int height, float *map)
{
  FvMask *mask = fv_mask_new (width, height);

  for (int i = 0; i < width * height; i++) {
    int state = g_rand_int_range (rand, -3, 3);

    fv_mask_get_data (mask)[i] = (guint8) MAX (state, FV_MASK_OUTSIDE);
    map[i] = (float) g_rand_int_range (rand, -4, 9) / 4;
  }
  fv_mask_get_data (mask)[0] = FV_MASK_INSIDE;
  fv_mask_get_data (mask)[1] = FV_MASK_OUTSIDE;
  map[0] = 0.5f;
  return mask;
}

/* Share of pairs (inside, outside) in the right order, a tie counting half. */
static double
define_auc (const float *map, const guint8 *states, int n)
{
  double right = 0, pairs = 0;

  for (int i = 0; i < n; i++)
    for (int j = 0; j < n; j++) {
      float a = MAX (map[i], 0.0f), b = MAX (map[j], 0.0f);

      if (states[i] != FV_MASK_INSIDE || states[j] != FV_MASK_OUTSIDE)
        continue;
      right += a > b ? 1 : a == b ? 0.5 : 0;
      pairs++;
    }
  return right / pairs;
}

static double
define_iou (const float *map, const guint8 *states, int n, float threshold)
{
  double both = 0, either = 0;

  for (int i = 0; i < n; i++) {
    gboolean on = MAX (map[i], 0.0f) >= threshold;
    gboolean inside = states[i] == FV_MASK_INSIDE;

    if (states[i] == FV_MASK_NO_OPINION)
      continue;
    both += on && inside;
    either += on || inside;
  }
  return both / either;
}

static double
define_best_iou (const float *map, const guint8 *states, int n)
{
  double best = 0;

  for (int i = 0; i < n; i++)
    best = MAX (best, define_iou (map, states, n, MAX (map[i], 0.0f)));
  return best;
}

/* Each pixel's probability to be among the @k largest, summed over the INSIDE ones. */
static double
define_top (const float *map, const guint8 *states, int n, int k)
{
  double hits = 0;

  for (int i = 0; i < n; i++) {
    int n_larger = 0, n_equal = 0;

    if (states[i] != FV_MASK_INSIDE)
      continue;
    for (int j = 0; j < n; j++) {
      n_larger += states[j] != FV_MASK_NO_OPINION && MAX (map[j], 0.0f) > MAX (map[i], 0.0f);
      n_equal += states[j] != FV_MASK_NO_OPINION && MAX (map[j], 0.0f) == MAX (map[i], 0.0f);
    }
    hits += CLAMP ((double) (k - n_larger) / n_equal, 0, 1);
  }
  return hits / k;
}

static double
define_pointing_chance (const guint8 *states, int width, int height, double radius)
{
  double hits = 0, n = 0;

  for (int i = 0; i < width * height; i++) {
    gboolean hit = FALSE;

    if (states[i] == FV_MASK_NO_OPINION)
      continue;
    for (int j = 0; j < width * height; j++)
      hit = hit
            || (states[j] == FV_MASK_INSIDE
                && hypot (i % width - j % width, i / width - j / width) <= radius);
    hits += hit;
    n++;
  }
  return hits / n;
}

static void
test_definitions (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  float map[40 * 33];

  for (int trial = 0; trial < 12; trial++) {
    int width = g_rand_int_range (rand, 2, 41), height = g_rand_int_range (rand, 2, 34);
    int n = width * height;
    g_autoptr (FvMask) mask = random_scene (rand, width, height, map);
    const guint8 *states = fv_mask_peek (mask);
    FvAlignment alignment = fv_alignment_measure_upsampled (map, width, height, mask);
    int n_inside = (int) fv_mask_count (mask, FV_MASK_INSIDE);
    int n_opinion = n - (int) fv_mask_count (mask, FV_MASK_NO_OPINION);
    int n_top = MIN (MAX ((int) round (0.05 * n_opinion), 1), n_inside);

    g_assert_true (alignment.defined);
    assert_near (alignment.values[FV_ALIGNMENT_AUC], define_auc (map, states, n));
    assert_near (alignment.values[FV_ALIGNMENT_IOU_BEST], define_best_iou (map, states, n));
    assert_near (alignment.values[FV_ALIGNMENT_RANK], define_top (map, states, n, n_inside));
    assert_near (alignment.values[FV_ALIGNMENT_TOP_K], define_top (map, states, n, n_top));
  }
}

/* The chance of the pointing game, with tolerances of up to 5 pixels and masks of few pixels. */
static void
test_pointing_chance (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  g_autofree float *map = g_new (float, 80 * 90);

  for (int trial = 0; trial < 6; trial++) {
    int width = g_rand_int_range (rand, 16, 80), height = g_rand_int_range (rand, 16, 90);
    double radius = fv_alignment_get_tolerance (width, height);
    g_autoptr (FvMask) mask = fv_mask_new (width, height);
    guint8 *states = fv_mask_get_data (mask);

    for (int i = 0; i < width * height; i++) {
      states[i] = g_rand_int_range (rand, 0, 5) == 0 ? FV_MASK_NO_OPINION : FV_MASK_OUTSIDE;
      map[i] = 1.0f;
    }
    for (int i = 0; i < 12; i++)
      states[g_rand_int_range (rand, 0, width * height)] = FV_MASK_INSIDE;
    assert_near (
        fv_alignment_measure_upsampled (map, width, height, mask).chance[FV_ALIGNMENT_POINTING],
        define_pointing_chance (states, width, height, radius));
  }
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
  g_test_add_func ("/alignment/ranks-by-hand", test_ranks_by_hand);
  g_test_add_func ("/alignment/perfect-and-worst-map", test_perfect_and_worst_map);
  g_test_add_func ("/alignment/uniform-map-is-chance", test_uniform_map_is_chance);
  g_test_add_func ("/alignment/full-mask-has-no-auc", test_full_mask_has_no_auc);
  g_test_add_func ("/alignment/tolerance", test_tolerance);
  g_test_add_func ("/alignment/metrics-have-names", test_metrics_have_names);
  g_test_add_func ("/alignment/definitions", test_definitions);
  g_test_add_func ("/alignment/pointing-chance", test_pointing_chance);
  g_test_add_func ("/alignment/speed", test_speed);
  return g_test_run ();
}
