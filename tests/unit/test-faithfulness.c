/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Every metric of faithfulness on toy networks with known answers. */

#include "faithfulness-fixture.h"

/* -- the table ------------------------------------------------------------------------------ */

static void
test_table (void)
{
  g_autoptr (GHashTable) keys = g_hash_table_new (g_str_hash, g_str_equal);

  for (int i = 0; i < FV_FAITHFULNESS_N; i++) {
    const FvMetricInfo *info = fv_faithfulness_metric_info ((FvFaithfulnessMetric) i);

    g_assert_nonnull (info->key);
    g_assert_nonnull (info->name);
    g_assert_cmpfloat (info->low, <, info->high);
    g_assert_true (g_hash_table_add (keys, (gpointer) info->key));
  }
  g_assert_cmpint (FV_FAITHFULNESS_N, <=, 32);
}

/* -- deletion and insertion ----------------------------------------------------------------- */

/* Probability is what is left of the weights, so curves can be read off: 1, 0.3, 0 and back. */
static void
test_curves_in_even_steps (void)
{
  const float weights[] = { 0.3f, 0.1f, 0.4f, 0.2f };
  Toy toy = { .n_pixels = 4, .value = weighted, .weights = weights };
  FvFaithfulnessNetwork network = network_of (&toy);
  FvFaithfulnessOptions options = options_with_zero ();
  g_autofree float *image = flat_picture (4, 1);
  FvFaithfulnessSubject subject = subject_of (image, weights, 4, 1);
  FvFaithfulness result;

  options.steps = 2;
  result = measure (&subject, &network, BIT (DELETION) | BIT (INSERTION), &options);
  assert_near (result.values[FV_FAITHFULNESS_DELETION], 0.4, 1e-6);
  assert_near (result.values[FV_FAITHFULNESS_INSERTION], 0.6, 1e-6);
}

/* Points at 0, 0.4, 0.8 and 1 of the pixels. */
static void
test_curves_with_a_shorter_last_step (void)
{
  const float weights[] = { 0.3f, 0.25f, 0.2f, 0.15f, 0.1f };
  Toy toy = { .n_pixels = 5, .value = weighted, .weights = weights };
  FvFaithfulnessNetwork network = network_of (&toy);
  FvFaithfulnessOptions options = options_with_zero ();
  g_autofree float *image = flat_picture (5, 1);
  FvFaithfulnessSubject subject = subject_of (image, weights, 1, 5);
  FvFaithfulness result;

  options.steps = 3;
  result = measure (&subject, &network, BIT (DELETION) | BIT (INSERTION), &options);
  assert_near (result.values[FV_FAITHFULNESS_DELETION], 0.41, 1e-6);
  assert_near (result.values[FV_FAITHFULNESS_INSERTION], 0.59, 1e-6);
}

/* One pixel decides and the map knows it: only the first trapezoid is left. The worst map finds it
 * last. */
static void
test_perfect_and_worst_curves (void)
{
  Toy toy = { .n_pixels = 100, .value = first_pixel };
  FvFaithfulnessNetwork network = network_of (&toy);
  FvFaithfulnessOptions options = options_with_zero ();
  g_autofree float *image = flat_picture (100, 1);
  float best[100] = { 1 }, worst[100];
  FvFaithfulnessSubject subject = subject_of (image, best, 10, 10);
  FvFaithfulness result;

  options.steps = 100;
  result = measure (&subject, &network, BIT (DELETION) | BIT (INSERTION), &options);
  assert_near (result.values[FV_FAITHFULNESS_DELETION], 0.005, 1e-9);
  assert_near (result.values[FV_FAITHFULNESS_INSERTION], 0.995, 1e-9);
  for (int i = 0; i < 100; i++)
    worst[i] = (float) i;
  subject.map = worst;
  result = measure (&subject, &network, BIT (DELETION) | BIT (INSERTION), &options);
  assert_near (result.values[FV_FAITHFULNESS_DELETION], 0.995, 1e-9);
  assert_near (result.values[FV_FAITHFULNESS_INSERTION], 0.005, 1e-9);
}

static void
test_shared_end_points (void)
{
  Toy toy = { .n_pixels = 100, .value = mean };
  FvFaithfulnessNetwork network = network_of (&toy);
  FvFaithfulnessOptions options = options_with_zero ();
  g_autofree float *image = flat_picture (100, 1);
  FvFaithfulnessSubject subject = subject_of (image, image, 10, 10);
  FvFaithfulnessCost cost;
  FvFaithfulness result;

  fv_faithfulness_measure (&subject, &network, BIT (DELETION) | BIT (INSERTION), &options, &result,
                           &cost, NULL, NULL);
  g_assert_cmpuint (cost.forwards, ==, 1 + 2 * 20 - 1);
  g_assert_cmpuint (cost.explanations, ==, 0);
}

/* -- drop ----------------------------------------------------------------------------------- */

/* Where every pixel counts alike, no map finds more than chance. */
static void
test_drop_without_excess (void)
{
  Toy toy = { .n_pixels = 400, .value = mean };
  FvFaithfulnessNetwork network = network_of (&toy);
  FvFaithfulnessOptions options = options_with_zero ();
  g_autofree float *image = flat_picture (400, 1);
  g_autofree float *map = random_values (400, 1);
  FvFaithfulnessSubject subject = subject_of (image, map, 20, 20);
  FvFaithfulness result
      = measure (&subject, &network,
                 BIT (DROP) | BIT (DROP_10) | BIT (DROP_20) | BIT (DROP_30) | BIT (EXCESS_DROP)
                     | BIT (EXCESS_DROP_10) | BIT (EXCESS_DROP_20) | BIT (EXCESS_DROP_30),
                 &options);

  assert_near (result.values[FV_FAITHFULNESS_DROP_10], 0.1, 1e-6);
  assert_near (result.values[FV_FAITHFULNESS_DROP_20], 0.2, 1e-6);
  assert_near (result.values[FV_FAITHFULNESS_DROP_30], 0.3, 1e-6);
  assert_near (result.values[FV_FAITHFULNESS_DROP], 0.2, 1e-6);
  for (int i = FV_FAITHFULNESS_EXCESS_DROP; i <= FV_FAITHFULNESS_EXCESS_DROP_30; i++)
    assert_near (result.values[i], 0, 1e-6);
}

/* The deciding pixel is found by the map at once, by chance in about q % of the draws. */
static void
test_excess_over_chance (void)
{
  Toy toy = { .n_pixels = 196, .value = first_pixel };
  FvFaithfulnessNetwork network = network_of (&toy);
  FvFaithfulnessOptions options = options_with_zero ();
  g_autofree float *image = flat_picture (196, 1);
  float map[196] = { 1 };
  FvFaithfulnessSubject subject = subject_of (image, map, 14, 14);
  FvFaithfulness result;

  options.random_draws = 2000;
  result = measure (&subject, &network,
                    BIT (EXCESS_DROP_10) | BIT (EXCESS_DROP_20) | BIT (EXCESS_DROP_30)
                        | BIT (EXCESS_DROP),
                    &options);
  assert_near (result.values[FV_FAITHFULNESS_EXCESS_DROP_10], 0.9, 0.03);
  assert_near (result.values[FV_FAITHFULNESS_EXCESS_DROP_20], 0.8, 0.03);
  assert_near (result.values[FV_FAITHFULNESS_EXCESS_DROP_30], 0.7, 0.03);
  assert_near (result.values[FV_FAITHFULNESS_EXCESS_DROP], 0.8, 0.03);
}

/* -- the picture through its map ------------------------------------------------------------ */

static void
test_average_drop (void)
{
  const float map[] = { 2.0f, 0.8f, 0.4f, 0.0f, -3.0f }; /* 1, 0.4, 0.2, 0, 0 of its peak */
  Toy toy = { .n_pixels = 5, .value = mean };
  FvFaithfulnessNetwork network = network_of (&toy);
  FvFaithfulnessOptions options = options_with_zero ();
  g_autofree float *image = flat_picture (5, 1);
  FvFaithfulnessSubject subject = subject_of (image, map, 5, 1);
  FvFaithfulnessSet metrics = BIT (AVERAGE_DROP) | BIT (INCREASE) | BIT (GAIN);
  FvFaithfulness result = measure (&subject, &network, metrics, &options);

  assert_near (result.values[FV_FAITHFULNESS_AVERAGE_DROP], 1 - 1.6 / 5, 1e-6);
  g_assert_cmpfloat (result.values[FV_FAITHFULNESS_INCREASE], ==, 0);
  g_assert_cmpfloat (result.values[FV_FAITHFULNESS_GAIN], ==, 0);
  toy.value = falling_mean; /* ½ before, 0.84 after */
  result = measure (&subject, &network, metrics, &options);
  assert_near (result.values[FV_FAITHFULNESS_AVERAGE_DROP], 0, 1e-6);
  g_assert_cmpfloat (result.values[FV_FAITHFULNESS_INCREASE], ==, 1);
  assert_near (result.values[FV_FAITHFULNESS_GAIN], 0.68, 1e-6);
}

/* -- ROAD and pixel flipping ---------------------------------------------------------------- */

/* One bright pixel on black decides: the most relevant first takes it at every level, the least
 * relevant first at none. Noise of 0.01 is all that is left of it. */
static void
test_road (void)
{
  Toy toy = { .n_pixels = 400, .value = first_pixel_value };
  FvFaithfulnessNetwork network = network_of (&toy);
  FvFaithfulnessOptions options = options_with_zero ();
  g_autofree float *image = flat_picture (400, 0);
  g_autofree float *grey = flat_picture (400, 0.5f);
  float map[400] = { 1 };
  FvFaithfulnessSubject subject = subject_of (image, map, 20, 20);

  image[0] = image[400] = image[800] = 1;
  assert_near (measure (&subject, &network, BIT (ROAD), &options).values[FV_FAITHFULNESS_ROAD], 0.5,
               0.01);
  for (int i = 0; i < 400; i++)
    map[i] = (float) i;
  assert_near (measure (&subject, &network, BIT (ROAD), &options).values[FV_FAITHFULNESS_ROAD],
               -0.5, 0.01);
  subject.image = grey; /* painted over by itself: nothing to find */
  assert_near (measure (&subject, &network, BIT (ROAD), &options).values[FV_FAITHFULNESS_ROAD], 0,
               0.01);
}

/* 196 blocks of one pixel, ten a step: the first trapezoid spans 10/196. */
static void
test_pixel_flipping (void)
{
  Toy toy = { .n_pixels = 196, .value = first_pixel };
  FvFaithfulnessNetwork network = network_of (&toy);
  FvFaithfulnessOptions options = options_with_zero ();
  g_autofree float *image = random_values (3 * 196, 5);
  float map[196] = { 1 };
  FvFaithfulnessSubject subject = subject_of (image, map, 14, 14);
  FvFaithfulness result;

  image[0] = 1;
  result = measure (&subject, &network, BIT (PIXEL_FLIPPING), &options);
  assert_near (result.values[FV_FAITHFULNESS_PIXEL_FLIPPING], 0.5 * 10 / 196, 1e-9);
  toy.value = constant;
  result = measure (&subject, &network, BIT (PIXEL_FLIPPING), &options);
  assert_near (result.values[FV_FAITHFULNESS_PIXEL_FLIPPING], 0.75, 1e-6);
}

/* -- random sets ---------------------------------------------------------------------------- */

/* A linear network is explained exactly by its weights, as badly as can be by minus them. */
static void
test_linear_network (void)
{
  g_autofree float *weights = random_values (324, 2);
  g_autofree float *negative = g_new (float, 324);
  g_autofree float *image = flat_picture (324, 1);
  g_autofree float *other = random_values (324, 3);
  Toy toy = { .n_pixels = 324, .value = weighted, .value_is_logit = TRUE, .weights = weights };
  FvFaithfulnessNetwork network = network_of (&toy);
  FvFaithfulnessOptions options = options_with_zero ();
  FvFaithfulnessSubject subject = subject_of (image, weights, 18, 18);
  FvFaithfulnessSet metrics = BIT (CORRELATION) | BIT (INFIDELITY);
  FvFaithfulness exact = measure (&subject, &network, metrics, &options), opposite, unrelated;

  assert_near (exact.values[FV_FAITHFULNESS_CORRELATION], 1, 1e-9);
  assert_near (exact.values[FV_FAITHFULNESS_INFIDELITY], 0, 1e-9);
  for (int i = 0; i < 324; i++)
    negative[i] = -3 * weights[i];
  subject.map = negative;
  opposite = measure (&subject, &network, metrics, &options);
  assert_near (opposite.values[FV_FAITHFULNESS_CORRELATION], -1, 1e-9);
  g_assert_cmpfloat (opposite.values[FV_FAITHFULNESS_INFIDELITY], >, 1);
  subject.map = other;
  unrelated = measure (&subject, &network, metrics, &options);
  g_assert_cmpfloat (fabs (unrelated.values[FV_FAITHFULNESS_CORRELATION]), <, 0.5);
  g_assert_cmpfloat (unrelated.values[FV_FAITHFULNESS_INFIDELITY], >, 1);
}

/* -- max-sensitivity ------------------------------------------------------------------------ */

/* The picture's first channel explains itself. */
static gboolean
explain_by_itself (const float *images, int n, float *maps, gpointer user_data, GError **error)
{
  memcpy (maps, images, 16 * sizeof (float));
  return n == 1;
}

static void
test_max_sensitivity (void)
{
  const float map[] = { 3, -4, 0, 1 };
  Explainer explainer = { map, 4, 1, 0 };
  Toy toy = { .n_pixels = 16, .value = constant };
  FvFaithfulnessNetwork network = network_of (&toy);
  FvFaithfulnessOptions options = options_with_zero ();
  g_autofree float *image = flat_picture (16, 1);
  FvFaithfulnessSubject subject = subject_of (image, map, 4, 4);
  FvFaithfulnessSet metrics = BIT (MAX_SENSITIVITY);
  double value;

  subject.map_width = subject.map_height = 2;
  value = measure (&subject, &network, metrics, &options).values[FV_FAITHFULNESS_MAX_SENSITIVITY];
  g_assert_true (isnan (value)); /* nobody explains */
  network.explainer = explain;
  network.explainer_data = &explainer;
  options.batch = 3;
  value = measure (&subject, &network, metrics, &options).values[FV_FAITHFULNESS_MAX_SENSITIVITY];
  g_assert_cmpfloat (value, ==, 0);
  g_assert_cmpint (explainer.calls, ==, 10);
  explainer.factor = 2;
  value = measure (&subject, &network, metrics, &options).values[FV_FAITHFULNESS_MAX_SENSITIVITY];
  assert_near (value, 1, 1e-6);
  subject = subject_of (image, image, 4, 4);
  network.explainer = explain_by_itself;
  options.batch = 1;
  options.explanations = 200;
  value = measure (&subject, &network, metrics, &options).values[FV_FAITHFULNESS_MAX_SENSITIVITY];
  g_assert_cmpfloat (value, <=, 0.1); /* the radius over the picture's 1 */
  g_assert_cmpfloat (value, >, 0.1 / sqrt (3));
}

/* -- foreground, background, margin --------------------------------------------------------- */

/* Inside 3, outside 5, no opinion 2 of 10: the latter belongs to neither side. */
static void
test_foreground_and_background (void)
{
  const guint8 states[] = { 1, 1, 1, 2, 2, 0, 0, 0, 0, 0 };
  g_autoptr (FvMask) mask = mask_of (10, 1, states);
  Toy toy = { .n_pixels = 10, .value = mean };
  FvFaithfulnessNetwork network = network_of (&toy);
  FvFaithfulnessOptions options = options_with_zero ();
  g_autofree float *image = flat_picture (10, 1);
  float dead[10] = { 0 }; /* the map does not matter */
  FvFaithfulnessSubject subject = subject_of (image, dead, 10, 1);
  FvFaithfulness result;

  subject.mask = mask;
  result = measure (&subject, &network, BIT (FOREGROUND_ONLY) | BIT (BACKGROUND_ONLY), &options);
  assert_near (result.values[FV_FAITHFULNESS_FOREGROUND_ONLY], 0.3, 1e-6);
  assert_near (result.values[FV_FAITHFULNESS_BACKGROUND_ONLY], 0.5, 1e-6);
}

/* Donors of 0.5 with a bright object, and of 0: objects are painted over with their surroundings.
 */
static void
test_background_swap (void)
{
  const guint8 states[] = { 1, 1, 1, 2, 2, 0, 0, 0, 0, 0 };
  const guint8 donor_states[] = { 0, 0, 0, 0, 0, 1, 1, 2, 0, 0 };
  const guint8 all[] = { 1 };
  g_autoptr (FvMask) mask = mask_of (10, 1, states);
  g_autoptr (FvMask) donor_mask = mask_of (10, 1, donor_states);
  g_autoptr (FvMask) full_mask = mask_of (1, 1, all);
  g_autofree float *image = flat_picture (10, 1);
  g_autofree float *grey = flat_picture (10, 0.5f);
  g_autofree float *black = flat_picture (10, 0);
  FvDonor donors[] = { { grey, donor_mask }, { black, full_mask } };
  Toy toy = { .n_pixels = 10, .value = mean };
  FvFaithfulnessNetwork network = network_of (&toy);
  FvFaithfulnessOptions options = options_with_zero ();
  FvFaithfulnessSubject subject = subject_of (image, image, 10, 1);
  FvFaithfulnessSet metrics = BIT (BACKGROUND_SWAP) | BIT (BACKGROUND_SWAP_KEPT);
  FvFaithfulness result;

  for (int i = 0; i < 30; i++)
    if (donor_states[i % 10] != 0)
      grey[i] = 5;
  subject.mask = mask;
  result = measure (&subject, &network, metrics, &options);
  g_assert_true (isnan (result.values[FV_FAITHFULNESS_BACKGROUND_SWAP]));
  subject.donors = donors;
  subject.n_donors = 2;
  result = measure (&subject, &network, metrics, &options);
  assert_near (result.values[FV_FAITHFULNESS_BACKGROUND_SWAP], (0.65 + 0.3) / 2, 1e-5);
  assert_near (result.values[FV_FAITHFULNESS_BACKGROUND_SWAP_KEPT], 0.5, 1e-9);
}

/* Evidence 3, 1, −1, 1 and a bias of 1: a margin of 5, of which −1 + 1 is outside. */
static void
test_margin_outside (void)
{
  const float difference[] = { 3, 1, -1, 1 };
  const guint8 states[] = { 1, 0, 0, 0 };
  const guint8 unsure[] = { 1, 2, 0, 0 };
  const guint8 half[] = { 1, 0, 1, 0, 1, 0, 1, 0 };
  g_autoptr (FvMask) mask = mask_of (4, 1, states);
  g_autoptr (FvMask) unsure_mask = mask_of (4, 1, unsure);
  g_autoptr (FvMask) half_mask = mask_of (8, 1, half);
  FvMarginEvidence margin = { difference, 4, 1, 5 };
  Toy toy = { .n_pixels = 4, .value = mean };
  FvFaithfulnessNetwork network = network_of (&toy);
  FvFaithfulnessOptions options = options_with_zero ();
  g_autofree float *image = flat_picture (4, 1);
  FvFaithfulnessSubject subject = subject_of (image, image, 4, 1);
  FvFaithfulnessSet metrics = BIT (MARGIN_OUTSIDE);
  const int m = FV_FAITHFULNESS_MARGIN_OUTSIDE;

  subject.mask = mask;
  g_assert_true (isnan (measure (&subject, &network, metrics, &options).values[m]));
  subject.margin = &margin;
  assert_near (measure (&subject, &network, metrics, &options).values[m], 1.0 / 5, 1e-6);
  subject.mask = unsure_mask;
  assert_near (measure (&subject, &network, metrics, &options).values[m], 0.0 / 4, 1e-6);
  subject.mask = half_mask;
  assert_near (measure (&subject, &network, metrics, &options).values[m], 2.0 / 5, 1e-6);
  margin.margin = 0;
  g_assert_true (isnan (measure (&subject, &network, metrics, &options).values[m]));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/faithfulness/table", test_table);
  g_test_add_func ("/faithfulness/curves/even", test_curves_in_even_steps);
  g_test_add_func ("/faithfulness/curves/shorter-last-step", test_curves_with_a_shorter_last_step);
  g_test_add_func ("/faithfulness/curves/perfect-and-worst", test_perfect_and_worst_curves);
  g_test_add_func ("/faithfulness/curves/shared-end-points", test_shared_end_points);
  g_test_add_func ("/faithfulness/drop/no-excess", test_drop_without_excess);
  g_test_add_func ("/faithfulness/drop/excess", test_excess_over_chance);
  g_test_add_func ("/faithfulness/average-drop", test_average_drop);
  g_test_add_func ("/faithfulness/road", test_road);
  g_test_add_func ("/faithfulness/pixel-flipping", test_pixel_flipping);
  g_test_add_func ("/faithfulness/linear-network", test_linear_network);
  g_test_add_func ("/faithfulness/max-sensitivity", test_max_sensitivity);
  g_test_add_func ("/faithfulness/foreground-and-background", test_foreground_and_background);
  g_test_add_func ("/faithfulness/background-swap", test_background_swap);
  g_test_add_func ("/faithfulness/margin-outside", test_margin_outside);
  return g_test_run ();
}
