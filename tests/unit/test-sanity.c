/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Similarity and concentration of maps against numbers computed with numpy from the definitions. */

#include "fv-sanity.h"

#include <math.h>
#include <string.h>

#define assert_near(a, b) g_assert_cmpfloat_with_epsilon (a, b, 1e-6)

static void
test_table (void)
{
  for (int i = 0; i < FV_SANITY_N; i++) {
    const FvMetricInfo *info = fv_sanity_metric_info ((FvSanityMetric) i);

    g_assert_nonnull (info->key);
    g_assert_nonnull (info->name);
    g_assert_cmpfloat (info->low, <, info->high);
  }
}

/* Each order of forgetting is paid for once, however many of its numbers are wanted. */
static void
test_estimate (void)
{
  const FvSanityOptions options = { .n_stages = 4 };

  g_assert_cmpuint (fv_sanity_estimate (FV_SANITY_ALL, &options), ==, 8);
  g_assert_cmpuint (fv_sanity_estimate (FV_SANITY_RANDOMISED, &options), ==, 4);
  g_assert_cmpuint (fv_sanity_estimate (FV_SANITY_BIT (FV_SANITY_SINGLE_LAYER_SSIM), &options), ==,
                    4);
  g_assert_cmpuint (fv_sanity_estimate (FV_SANITY_BIT (FV_SANITY_SPARSENESS), &options), ==, 0);
}

static void
test_spearman (void)
{
  const float a[] = { 3, 1, 4, 1, 5, 9, 2, 6, 5, 3 }, b[] = { 2, 7, 1, 8, 2, 8, 1, 8, 2, 8 };
  const float rising[] = { 1, 2, 3, 4, 5 }, other[] = { 5, 6, 7, 8, 7 };
  const float cubes[] = { 1, 8, 27, 64, 125 }, falling[] = { 5, 4, 3, 2, 1 };
  const float flat[] = { 2, 2, 2, 2, 2 }, infinite[] = { 1, 2, INFINITY, 4, 5 };

  assert_near (fv_spearman (a, b, 10), 0.13471506281091267); /* ties on both sides */
  assert_near (fv_spearman (rising, other, 5), 0.8207826816681234);
  assert_near (fv_spearman (rising, cubes, 5), 1);
  assert_near (fv_spearman (rising, falling, 5), -1);
  g_assert_true (isnan (fv_spearman (rising, flat, 5)));
  g_assert_true (isnan (fv_spearman (infinite, rising, 5)));
  g_assert_true (isnan (fv_spearman (rising, falling, 1)));
}

static void
fill (float *a, float *b)
{
  for (int y = 0; y < 8; y++)
    for (int x = 0; x < 9; x++) {
      a[9 * y + x] = (float) ((3 * y * y + 7 * x) % 11) / 10;
      b[9 * y + x] = (float) ((5 * y + 2 * x * x) % 13) / 12;
    }
}

static void
test_ssim (void)
{
  float a[72], b[72], nan[72];

  fill (a, b);
  memcpy (nan, a, sizeof nan);
  nan[5] = NAN;
  assert_near (fv_ssim (a, b, 9, 8, 1), -0.17926370345557072);
  assert_near (fv_ssim (a, b, 9, 4, 2), -0.062460164831083596); /* windows of 3 */
  assert_near (fv_ssim (a, b, 9, 1, 1), 0.7140342386552666);    /* of 1: means alone */
  assert_near (fv_ssim (a, a, 9, 8, 1), 1);
  g_assert_true (isnan (fv_ssim (a, nan, 9, 8, 1)));
}

static void
test_map_ssim_ignores_scale (void)
{
  float a[72], b[72], tenfold[72];
  const float zeros[72] = { 0 };

  fill (a, b);
  for (int i = 0; i < 72; i++)
    tenfold[i] = 10 * b[i];
  assert_near (fv_map_ssim (a, b, 9, 8), -0.17926370345557072); /* both reach 1 */
  assert_near (fv_map_ssim (a, tenfold, 9, 8), fv_map_ssim (a, b, 9, 8));
  g_assert_true (isnan (fv_map_ssim (a, zeros, 9, 8)));
}

static void
test_concentration (void)
{
  const float map[] = { 0, 1, -3, 2, 2, 8 }, one[] = { 0, 0, 0, 5 }, flat[] = { 2, 2, -2, 2 };
  const float zeros[4] = { 0 }, nan[] = { 1, NAN };

  assert_near (fv_sparseness (map, 6), 0.4791666666666667);
  assert_near (fv_complexity (map, 6), 0.7554537176341951);
  assert_near (fv_sparseness (one, 4), 0.75);
  assert_near (fv_complexity (one, 4), 0);
  assert_near (fv_sparseness (flat, 4), 0);
  assert_near (fv_complexity (flat, 4), 1);
  g_assert_true (isnan (fv_sparseness (zeros, 4)) && isnan (fv_complexity (zeros, 4)));
  g_assert_true (isnan (fv_sparseness (nan, 2)) && isnan (fv_complexity (nan, 2)));
  g_assert_true (isnan (fv_complexity (one + 3, 1)));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sanity/table", test_table);
  g_test_add_func ("/sanity/estimate", test_estimate);
  g_test_add_func ("/sanity/spearman", test_spearman);
  g_test_add_func ("/sanity/ssim", test_ssim);
  g_test_add_func ("/sanity/map-ssim", test_map_ssim_ignores_scale);
  g_test_add_func ("/sanity/concentration", test_concentration);
  return g_test_run ();
}
