/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is shown of ATCON's five steps is what was computed: each follows from the one before it by
 * the published formula, and r is that of the loss itself. */

#include "fv-agreement-steps.h"

#include <math.h>

#include "fv-image.h"
#include "fv-input.h"
#include "fv-preprocess.h"
#include "fv-probe-agreement.h"
#include "trainer-fixture.h"

typedef struct {
  Fixture pictures;
  FvModel *model;
  FvTrainConfig *config;
  FvScope *scope;
  FvImage *image; /* of sample 0 */
  FvTensor *input;
} Steps;

static void
set_up_steps (Steps *steps, gconstpointer unused)
{
  set_up (&steps->pictures, NULL);
  steps->model = new_network ("small_cnn", 7, FALSE);
  steps->config = new_config (0);
  steps->config->mode = FV_MODE_UNSUPERVISED;
  steps->config->weights[FV_LOSS_CONSISTENCY] = 1;
  steps->config->agreement.normalised = TRUE;
  steps->config->agreement.omega = 4;
  steps->scope = fv_scope_new ();
  steps->image = fv_image_load (fv_dataset_get_sample (steps->pictures.dataset, 0)->path, NULL);
  steps->input
      = fv_input_from_image (steps->scope, fv_model_get_card (steps->model), steps->image, FALSE);
  g_assert_nonnull (steps->input);
}

static void
tear_down_steps (Steps *steps, gconstpointer unused)
{
  fv_image_unref (steps->image);
  fv_scope_free (steps->scope);
  fv_train_config_free (steps->config);
  fv_model_unref (steps->model);
  tear_down (&steps->pictures, NULL);
}

static FvAgreementSteps *
find (Steps *steps)
{
  GError *error = NULL;
  FvAgreementSteps *found
      = fv_agreement_steps_find (steps->model, steps->input, steps->config, &error);

  g_assert_no_error (error);
  return found;
}

static void
assert_near (double value, double wanted, double tolerance)
{
  g_assert_cmpfloat (fabs (value - wanted), <=, tolerance);
}

static double
get_mean (const FvPlane *plane)
{
  double sum = 0;

  for (gsize i = 0; i < fv_plane_get_size (plane); i++)
    sum += (double) plane->values[i];
  return sum / (double) fv_plane_get_size (plane);
}

/* Σ (a − ā)(b − b̄) */
static double
get_product (const FvPlane *a, const FvPlane *b)
{
  double mean_a = get_mean (a), mean_b = get_mean (b), sum = 0;

  for (gsize i = 0; i < fv_plane_get_size (a); i++)
    sum += ((double) a->values[i] - mean_a) * ((double) b->values[i] - mean_b);
  return sum;
}

static double
get_deviation (const FvPlane *plane)
{
  return sqrt (get_product (plane, plane) / (double) (fv_plane_get_size (plane) - 1));
}

/* The numbers of the loss, bit for bit. */
static void
test_is_the_loss (Steps *steps, gconstpointer unused)
{
  g_autoptr (FvAgreementSteps) found = find (steps);
  g_autoptr (FvAgreementSteps) other = NULL;
  const FvLayer *layer = fv_model_get_default_layer (steps->model, NULL);
  FvAgreement agreement;
  FvTensor *loss;

  g_assert_true (fv_agreement_find (steps->scope, fv_model_get_graph (steps->model), layer,
                                    steps->input, NULL, &steps->config->agreement, FALSE,
                                    &agreement));
  loss = fv_consistency (steps->scope, FV_SIMILARITY_PEARSON, agreement.first, agreement.second);
  g_assert_cmpfloat (found->r, ==, -fv_tensor_to_double (loss));
  g_assert_cmpfloat (found->loss, ==, -found->r);
  g_assert_cmpint (found->target, ==, (int) fv_tensor_to_double (agreement.targets));
  g_assert_cmpint (found->cam->width, ==, layer->width);
  g_assert_cmpint (found->cam->height, ==, layer->height);
  g_assert_cmpmem (found->cam->values, fv_plane_get_size (found->cam) * sizeof (float),
                   found->first->values, fv_plane_get_size (found->first) * sizeof (float));

  steps->config->similarity = FV_SIMILARITY_SSIM;
  other = find (steps);
  g_assert_cmpfloat (other->r, ==, found->r);
  g_assert_cmpfloat (other->loss, !=, found->loss);
}

/* T of g, and r of u and v, by hand. */
static void
test_each_follows_from_the_last (Steps *steps, gconstpointer unused)
{
  g_autoptr (FvAgreementSteps) found = find (steps);
  double mean = get_mean (found->pixels), spread = get_deviation (found->pixels);
  double mean_cam = get_mean (found->second), spread_cam = get_deviation (found->second);

  g_assert_cmpfloat (found->pixels->low, >=, 0);
  for (gsize i = 0; i < fv_plane_get_size (found->mask); i++) {
    double above = ((double) found->pixels->values[i] - mean) / spread - 0.5;

    assert_near ((double) found->mask->values[i], 1 / (1 + exp (-4 * above)), 1e-4);
  }
  for (gsize i = 0; i < fv_plane_get_size (found->v); i++)
    assert_near ((double) found->v->values[i],
                 1 / (1 + exp (-((double) found->second->values[i] - mean_cam) / spread_cam)),
                 1e-4);
  assert_near (found->r,
               get_product (found->u, found->v)
                   / sqrt (get_product (found->u, found->u) * get_product (found->v, found->v)),
               1e-5);
}

/* The picture is the preprocessed one, pixel for pixel, and the masked one T of the way from the
 * mean colour to it. */
static void
test_pictures (Steps *steps, gconstpointer unused)
{
  g_autoptr (FvAgreementSteps) found = find (steps);
  const FvCard *card = fv_model_get_card (steps->model);
  FvTensor *resized = fv_preprocess_resize (steps->scope, card, fv_image_peek (steps->image),
                                            fv_image_get_width (steps->image),
                                            fv_image_get_height (steps->image), FALSE);
  gsize n;
  g_autofree float *wanted = fv_tensor_to_floats (resized, &n, NULL);
  gsize n_pixels = n / 3;

  g_assert_cmpuint (n, ==, (gsize) found->width * (gsize) found->height * 3);
  for (gsize i = 0; i < n; i++) {
    double t = (double) found->mask->values[i / 3], mean = 255 * card->mean[i % 3];

    g_assert_cmpuint (found->picture[i], ==, (guint) wanted[i % 3 * n_pixels + i / 3]);
    assert_near (found->masked[i], mean + t * (found->picture[i] - mean), 0.51);
  }
}

static void
test_flat (Steps *steps, gconstpointer unused)
{
  g_autoptr (FvAgreementSteps) steep = find (steps);
  g_autoptr (FvAgreementSteps) flat = NULL;

  g_assert_false (steep->is_flat);
  steps->config->agreement.omega = 1e-3;
  flat = find (steps);
  g_assert_true (flat->is_flat);
  assert_near ((double) flat->mask->low, 0.5, 0.01);
  g_assert_cmpfloat (flat->r, >, 0.9);
}

/* Other resolutions compare other things; some have no mask. */
static void
test_other_ways (Steps *steps, gconstpointer unused)
{
  for (int way = FV_AGREEMENT_ENLARGED; way <= FV_AGREEMENT_SMOOTH; way++) {
    g_autoptr (FvAgreementSteps) found = NULL;
    gboolean masks = way == FV_AGREEMENT_MASKED || way == FV_AGREEMENT_MASKED_BY_CAM;

    steps->config->agreement.way = (FvAgreementWay) way;
    found = find (steps);
    g_assert_true ((found->mask != NULL) == masks && (found->masked != NULL) == masks);
    g_assert_true (masks || !found->is_flat);
    g_assert_nonnull (found->pixels);
    g_assert_cmpint (found->u->width, ==, found->second->width);
    g_assert_cmpint (found->first->height, ==, found->second->height);
  }
}

static void
ignore (gpointer user_data)
{
  ++*(int *) user_data;
}

static void
test_probes (Steps *steps, gconstpointer unused)
{
  g_autoptr (FvProbes) probes = fv_probes_new (steps->pictures.dataset, FV_SPLIT_TEST, 4);
  const GArray *samples = fv_probes_get_samples (probes);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GArray) values = NULL;
  g_autoptr (GArray) none = NULL;
  int n = 0;
  double sum = 0;

  steps->config->similarity = FV_SIMILARITY_CROSS; /* r all the same */
  values = fv_probe_agreement_measure (probes, steps->model, steps->config, ignore, &n, NULL, NULL);
  g_assert_cmpuint (values->len, ==, 4);
  g_assert_cmpint (n, ==, 1);
  for (guint i = 0; i < values->len; i++) {
    const FvSample *sample
        = fv_dataset_get_sample (steps->pictures.dataset, g_array_index (samples, gsize, i));
    g_autoptr (FvImage) image = fv_image_load (sample->path, NULL);
    g_autoptr (FvAgreementSteps) found = NULL;

    g_assert_cmpint (sample->split, ==, FV_SPLIT_TEST);
    steps->input
        = fv_input_from_image (steps->scope, fv_model_get_card (steps->model), image, FALSE);
    found = find (steps);
    assert_near (g_array_index (values, double, i), found->r, 1e-5);
    sum += found->r;
  }
  assert_near (fv_probe_agreement_get_mean (values), sum / 4, 1e-5);
  g_cancellable_cancel (cancelled);
  none = fv_probe_agreement_measure (probes, steps->model, steps->config, ignore, &n, cancelled,
                                     NULL);
  g_assert_true (isnan (fv_probe_agreement_get_mean (none)));
}

static void
test_plane (void)
{
  const float values[] = { NAN, -1, 3, 1 };
  g_autoptr (FvPlane) plane = fv_plane_new (2, 2, g_memdup2 (values, sizeof values));
  g_autoptr (FvPlane) flat = fv_plane_new (1, 1, g_memdup2 (values + 2, sizeof (float)));

  g_assert_cmpfloat (plane->low, ==, -1);
  g_assert_cmpfloat (plane->high, ==, 3);
  g_assert_cmpfloat (fv_plane_get_share (plane, 1), ==, 0.5);
  g_assert_cmpfloat (fv_plane_get_share (plane, NAN), ==, 0);
  g_assert_cmpfloat (fv_plane_get_share (flat, 3), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/agreement-steps/plane", test_plane);
#define ADD(name, test) g_test_add (name, Steps, NULL, set_up_steps, test, tear_down_steps)
  ADD ("/agreement-steps/is-the-loss", test_is_the_loss);
  ADD ("/agreement-steps/each-follows-from-the-last", test_each_follows_from_the_last);
  ADD ("/agreement-steps/pictures", test_pictures);
  ADD ("/agreement-steps/flat", test_flat);
  ADD ("/agreement-steps/other-ways", test_other_ways);
  ADD ("/agreement-steps/probes", test_probes);
  return g_test_run ();
}
