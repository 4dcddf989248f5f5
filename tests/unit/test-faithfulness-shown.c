/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Faithfulness where it is undefined, what the network is shown and what that costs, and failures.
 */

#include "faithfulness-fixture.h"

static gboolean
fail (const float *images, int n, float *logits, gpointer user_data, GError **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "the network broke");
  return FALSE;
}

static double
broken (const Toy *toy, const float *picture)
{
  return picture[0] == 1.0f ? 0.5 : NAN;
}

/* -- what is undefined ---------------------------------------------------------------------- */

static const FvFaithfulnessSet of_the_map
    = BIT (EXCESS_DROP) | BIT (EXCESS_DROP_10) | BIT (EXCESS_DROP_20) | BIT (EXCESS_DROP_30)
      | BIT (DROP) | BIT (DROP_10) | BIT (DROP_20) | BIT (DROP_30) | BIT (DELETION)
      | BIT (INSERTION) | BIT (AVERAGE_DROP) | BIT (INCREASE) | BIT (GAIN) | BIT (ROAD)
      | BIT (PIXEL_FLIPPING) | BIT (CORRELATION) | BIT (INFIDELITY) | BIT (MAX_SENSITIVITY);

static void
test_dead_maps (void)
{
  const guint8 states[] = { 1, 1, 0, 0 };
  const float dead[][4] = { { 0, -1, 0, 0 }, { 1, 2, INFINITY, 0 }, { 1, NAN, 0, 0 } };
  g_autoptr (FvMask) mask = mask_of (4, 1, states);
  Explainer explainer = { dead[0], 4, 1, 0 };
  Toy toy = { .n_pixels = 4, .value = mean };
  FvFaithfulnessNetwork network = network_of (&toy);
  FvFaithfulnessOptions options = options_with_zero ();
  g_autofree float *image = flat_picture (4, 1);
  FvFaithfulnessSubject subject = subject_of (image, NULL, 4, 1);

  network.explainer = explain;
  network.explainer_data = &explainer;
  subject.mask = mask;
  for (gsize k = 0; k < G_N_ELEMENTS (dead); k++) {
    FvFaithfulness result;

    subject.map = dead[k];
    result = measure (&subject, &network, FV_FAITHFULNESS_ALL, &options);
    for (int i = 0; i < FV_FAITHFULNESS_N; i++)
      if ((of_the_map & FV_FAITHFULNESS_BIT (i)) != 0)
        g_assert_true (isnan (result.values[i]));
    assert_near (result.values[FV_FAITHFULNESS_FOREGROUND_ONLY], 0.5, 1e-6);
  }
  g_assert_cmpint (explainer.calls, ==, 0);
}

static void
test_missing_masks (void)
{
  const guint8 empty[] = { 0, 2, 0, 0 };
  const guint8 full[] = { 1, 1, 1, 1 };
  g_autoptr (FvMask) empty_mask = mask_of (4, 1, empty);
  g_autoptr (FvMask) full_mask = mask_of (4, 1, full);
  const FvMask *masks[] = { NULL, empty_mask, full_mask };
  FvDonor donor;
  Toy toy = { .n_pixels = 4, .value = mean };
  FvFaithfulnessNetwork network = network_of (&toy);
  FvFaithfulnessOptions options = options_with_zero ();
  g_autofree float *image = flat_picture (4, 1);
  FvFaithfulnessSubject subject = subject_of (image, image, 4, 1);
  FvMarginEvidence margin = { image, 4, 1, 5 };

  donor = (FvDonor){ image, full_mask };
  subject.donors = &donor;
  subject.n_donors = 1;
  subject.margin = &margin;
  for (gsize k = 0; k < G_N_ELEMENTS (masks); k++) {
    FvFaithfulness result;

    subject.mask = masks[k];
    result = measure (&subject, &network, FV_FAITHFULNESS_ALL, &options);
    g_assert_cmpint (isnan (result.values[FV_FAITHFULNESS_FOREGROUND_ONLY]), ==, k < 2);
    g_assert_true (isnan (result.values[FV_FAITHFULNESS_BACKGROUND_ONLY]));
    g_assert_cmpint (isnan (result.values[FV_FAITHFULNESS_BACKGROUND_SWAP]), ==, k < 2);
    g_assert_cmpint (isnan (result.values[FV_FAITHFULNESS_BACKGROUND_SWAP_KEPT]), ==, k < 2);
    g_assert_cmpint (isnan (result.values[FV_FAITHFULNESS_MARGIN_OUTSIDE]), ==, k < 2);
    g_assert_false (isnan (result.values[FV_FAITHFULNESS_DELETION]));
  }
}

/* All sets have the same sum under a flat map: there is nothing to correlate. */
static void
test_flat_map_has_no_correlation (void)
{
  g_autofree float *weights = random_values (324, 2);
  g_autofree float *image = flat_picture (324, 1);
  Toy toy = { .n_pixels = 324, .value = weighted, .value_is_logit = TRUE, .weights = weights };
  FvFaithfulnessNetwork network = network_of (&toy);
  FvFaithfulnessOptions options = options_with_zero ();
  FvFaithfulnessSubject subject = subject_of (image, image, 18, 18);

  g_assert_true (isnan (measure (&subject, &network, BIT (CORRELATION), &options)
                            .values[FV_FAITHFULNESS_CORRELATION]));
  subject.map = weights;
  toy.value = constant;
  g_assert_true (isnan (measure (&subject, &network, BIT (CORRELATION), &options)
                            .values[FV_FAITHFULNESS_CORRELATION]));
}

/* -- what the network is shown -------------------------------------------------------------- */

#define SIDE 28

/* Everything at once on a random picture: the checksum of what was shown, and the result. */
static char *
show_all (int batch, guint64 seed, FvFaithfulness *result, Toy *toy)
{
  g_autofree float *image = random_values (3 * SIDE * SIDE, 7);
  g_autofree float *other = random_values (3 * SIDE * SIDE, 8);
  g_autofree float *map = random_values (49, 9);
  g_autoptr (FvMask) mask = fv_mask_new (2 * SIDE, SIDE);
  g_autoptr (GChecksum) shown = g_checksum_new (G_CHECKSUM_SHA256);
  FvDonor donor = { other, mask };
  FvFaithfulnessNetwork network = network_of (toy);
  FvFaithfulnessOptions options = fv_faithfulness_options_default ();
  FvFaithfulnessSubject subject = subject_of (image, map, SIDE, SIDE);

  memset (fv_mask_get_data (mask), FV_MASK_INSIDE, SIDE * SIDE);
  subject.map_width = subject.map_height = 7;
  subject.mask = mask;
  subject.donors = &donor;
  subject.n_donors = 1;
  options.batch = batch;
  options.seed = seed;
  toy->n_pixels = SIDE * SIDE;
  toy->value = mean;
  toy->value_is_logit = TRUE;
  toy->shown = shown;
  *result = measure (&subject, &network, FV_FAITHFULNESS_ALL, &options);
  return g_strdup (g_checksum_get_string (shown));
}

static void
test_batches_change_nothing (void)
{
  FvFaithfulness first, result;
  Toy toy = { 0 };
  g_autofree char *shown = show_all (1, 3, &first, &toy);

  for (int batch = 2; batch <= 64; batch = 3 * batch + 1) {
    Toy other = { 0 };
    g_autofree char *again = show_all (batch, 3, &result, &other);

    g_assert_cmpstr (again, ==, shown);
    g_assert_cmpmem (&result, sizeof result, &first, sizeof first);
    g_assert_cmpint (other.largest, ==, batch);
  }
}

static void
test_seeds (void)
{
  FvFaithfulness a, b;
  Toy toy = { 0 }, other = { 0 };
  g_autofree char *first = show_all (16, 3, &a, &toy);
  g_autofree char *second = show_all (16, 4, &b, &other);

  g_assert_cmpstr (first, !=, second);
  g_assert_cmpfloat (a.values[FV_FAITHFULNESS_DELETION], ==, b.values[FV_FAITHFULNESS_DELETION]);
  g_assert_cmpfloat (a.values[FV_FAITHFULNESS_ROAD], !=, b.values[FV_FAITHFULNESS_ROAD]);
}

/* Alone each metric costs what was foreseen, to the picture. */
static void
test_costs (void)
{
  const guint8 states[] = { 1, 0 };
  g_autofree float *image = random_values (3 * 196, 7);
  g_autoptr (FvMask) mask = mask_of (2, 1, states);
  FvDonor donor = { image, mask };
  Explainer explainer = { image, 196, 1, 0 };
  Toy toy = { .n_pixels = 196, .value = mean, .value_is_logit = TRUE };
  FvFaithfulnessNetwork network = network_of (&toy);
  FvFaithfulnessOptions options = fv_faithfulness_options_default ();
  FvFaithfulnessSubject subject = subject_of (image, image, 14, 14);
  const gsize expected[]
      = { 18, 18, 18, 18, 3, 3, 3, 3, 20, 20, 1, 1, 1, 18, 20, 100, 100, 0, 1, 1, 1, 1, 0 };

  network.explainer = explain;
  network.explainer_data = &explainer;
  subject.mask = mask;
  subject.donors = &donor;
  subject.n_donors = 1;
  g_assert_cmpuint (G_N_ELEMENTS (expected), ==, FV_FAITHFULNESS_N);
  for (int i = 0; i <= FV_FAITHFULNESS_N; i++) {
    FvFaithfulnessSet metrics
        = i < FV_FAITHFULNESS_N ? FV_FAITHFULNESS_BIT (i) : FV_FAITHFULNESS_ALL;
    FvFaithfulnessCost estimate = fv_faithfulness_estimate (&subject, &network, metrics, &options);
    FvFaithfulnessCost cost;
    FvFaithfulness result;

    toy.buffer = NULL;
    fv_faithfulness_measure (&subject, &network, metrics, &options, &result, &cost, NULL, NULL);
    g_assert_cmpuint (cost.forwards, ==, estimate.forwards);
    g_assert_cmpuint (cost.explanations, ==, estimate.explanations);
    if (i < FV_FAITHFULNESS_N)
      g_assert_cmpuint (cost.forwards, ==, 1 + expected[i]);
    else
      g_assert_cmpuint (cost.forwards, ==, 1 + 18 + 39 + 1 + 18 + 20 + 100 + 3);
  }
}

/* Without a target the first answer decides what all others are asked about. */
static void
test_target_is_the_prediction (void)
{
  const float map[] = { 4, 3, 2, 1 };
  Toy toy = { .n_pixels = 4, .value = falling_mean };
  FvFaithfulnessNetwork network = network_of (&toy);
  FvFaithfulnessOptions options = options_with_zero ();
  g_autofree float *image = flat_picture (4, 2); /* 0 for the first class, 1 for the second */
  FvFaithfulnessSubject subject = subject_of (image, map, 4, 1);
  FvFaithfulness result;

  subject.target = -1;
  options.steps = 4;
  result = measure (&subject, &network, BIT (DELETION), &options);
  assert_near (result.values[FV_FAITHFULNESS_DELETION], 0.5, 1e-6);
  subject.target = 1;
  assert_near (
      measure (&subject, &network, BIT (DELETION), &options).values[FV_FAITHFULNESS_DELETION], 0.5,
      1e-6);
  options.steps = 1;
  image[0] = 0; /* ¼ and ¾ */
  subject.target = 0;
  assert_near (
      measure (&subject, &network, BIT (DELETION), &options).values[FV_FAITHFULNESS_DELETION],
      (0.25 + 1) / 2, 1e-6);
}

/* -- failures ------------------------------------------------------------------------------- */

static void
assert_fails (FvFaithfulnessNetwork *network, Toy *toy, GCancellable *cancellable, int code,
              const char *message)
{
  g_autofree float *image = flat_picture (400, 1);
  FvFaithfulnessSubject subject = subject_of (image, image, 20, 20);
  FvFaithfulnessOptions options = options_with_zero ();
  g_autoptr (GError) error = NULL;
  FvFaithfulness result;

  toy->buffer = NULL;
  g_assert_false (fv_faithfulness_measure (&subject, network, FV_FAITHFULNESS_ALL, &options,
                                           &result, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, code);
  if (message != NULL)
    g_assert_nonnull (strstr (error->message, message));
}

static void
test_failures (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Toy toy = { .n_pixels = 400, .value = broken, .value_is_logit = TRUE };
  FvFaithfulnessNetwork network = network_of (&toy);

  assert_fails (&network, &toy, NULL, G_IO_ERROR_INVALID_DATA, "not finite");
  network.scorer = fail;
  assert_fails (&network, &toy, NULL, G_IO_ERROR_FAILED, "the network broke");
  network.scorer = score;
  toy = (Toy){ .n_pixels = 400, .value = mean, .cancelled_by_first = cancellable };
  assert_fails (&network, &toy, cancellable, G_IO_ERROR_CANCELLED, NULL);
  g_assert_cmpint (toy.calls, ==, 2);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/faithfulness/undefined/dead-maps", test_dead_maps);
  g_test_add_func ("/faithfulness/undefined/masks", test_missing_masks);
  g_test_add_func ("/faithfulness/undefined/correlation", test_flat_map_has_no_correlation);
  g_test_add_func ("/faithfulness/shown/batches-change-nothing", test_batches_change_nothing);
  g_test_add_func ("/faithfulness/shown/seeds", test_seeds);
  g_test_add_func ("/faithfulness/shown/costs", test_costs);
  g_test_add_func ("/faithfulness/shown/target", test_target_is_the_prediction);
  g_test_add_func ("/faithfulness/failures", test_failures);
  return g_test_run ();
}
