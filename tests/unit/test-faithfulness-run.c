/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Faithfulness of the network that Fovea carries with it, on a few drawn pictures: what the model
 * is shown is what the metrics mean, and controls score below Grad-CAM. */

#include <math.h>

#include "fv-dataset.h"
#include "fv-explain.h"
#include "fv-faithfulness-run.h"
#include "fv-image.h"
#include "fv-input.h"
#include "fv-runtime.h"
#include "fv-sanity-run.h"
#include "fv-scenes.h"
#include "temporary-folder.h"

#define N_PICTURES 5
#define BIT(name) FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_##name)

static const char *const methods[] = { "gradcam", "random", "sobel" };

typedef struct {
  char *folder;
  FvDataset *dataset;
  FvModel *model;
  FvScope *scope;
  FvTensor *inputs[N_PICTURES];
  FvMask *masks[N_PICTURES];
} Fixture;

static void
load_pictures (Fixture *fixture)
{
  const FvCard *card = fv_model_get_card (fixture->model);
  int n = 0;

  for (gsize i = 0; i < fv_dataset_get_n_samples (fixture->dataset); i++) {
    const FvSample *sample = fv_dataset_get_sample (fixture->dataset, i);
    g_autoptr (FvImage) image = NULL;

    if (sample->split != FV_SPLIT_TEST)
      continue;
    image = fv_image_load (sample->path, NULL);
    fixture->inputs[n] = fv_input_from_image (fixture->scope, card, image, FALSE);
    fixture->masks[n] = fv_dataset_load_mask (fixture->dataset, i, card->width, card->height, NULL);
    n++;
  }
  g_assert_cmpint (n, ==, N_PICTURES);
  g_assert_true (fv_scope_check (fixture->scope, NULL));
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  FvScenesOptions options = fv_scenes_options_default ();
  g_autofree char *weights
      = g_test_build_filename (G_TEST_DIST, "..", "data", "scenes-small-cnn.safetensors", NULL);
  FvModelSource source = { .weights = weights };
  g_autoptr (GError) error = NULL;

  options.n_train = 4;
  options.n_validation = 0;
  options.n_test = N_PICTURES;
  options.seed = 7;
  fixture->folder = temporary_folder_new ();
  g_assert_true (fv_scenes_build (fixture->folder, &options, NULL, NULL));
  fixture->dataset = fv_dataset_open (fixture->folder, 0, NULL);
  fixture->model = fv_model_open (&source, 1, &error);
  g_assert_no_error (error);
  fixture->scope = fv_scope_new ();
  load_pictures (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  for (int i = 0; i < N_PICTURES; i++)
    fv_mask_unref (fixture->masks[i]);
  fv_scope_free (fixture->scope);
  fv_model_unref (fixture->model);
  fv_dataset_unref (fixture->dataset);
  temporary_folder_remove (fixture->folder);
  g_free (fixture->folder);
}

/* (transfer full) */
static FvMap *
explain (const Fixture *fixture, int picture, const char *method)
{
  g_autoptr (FvInspection) inspection
      = fv_inspection_new (fixture->model, fixture->inputs[picture], NULL, NULL, NULL);
  FvExplainOptions options = fv_explain_options_default (method);
  g_autoptr (GPtrArray) maps = NULL;

  options.seed = (guint64) picture;
  maps = fv_explain (inspection, fixture->inputs[picture], &options, NULL, NULL);
  g_assert_nonnull (maps);
  return fv_map_copy (g_ptr_array_index (maps, 0));
}

static FvFaithfulness
run (const Fixture *fixture, const FvFaithfulnessPicture *picture, FvFaithfulnessSet metrics)
{
  FvFaithfulnessOptions options = fv_faithfulness_options_default ();
  g_autoptr (GError) error = NULL;
  FvFaithfulness result;

  options.subsets = 30;
  fv_faithfulness_run (fixture->model, picture, metrics, &options, &result, NULL, NULL, &error);
  g_assert_no_error (error);
  return result;
}

/* -- the seam ------------------------------------------------------------------------------- */

/* With every pixel inside, the foreground is the picture: the clean probability comes back. */
static void
test_same_probability (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvMap) map = explain (fixture, 0, "gradcam");
  g_autoptr (FvMask) full = fv_mask_new (1, 1);
  g_autoptr (FvInspection) inspection
      = fv_inspection_new_prediction (fixture->model, fixture->inputs[0], NULL, NULL);
  FvTensor *donors[] = { fixture->inputs[1], fixture->inputs[2] };
  const FvMask *donor_masks[] = { fixture->masks[1], fixture->masks[2] };
  FvFaithfulnessPicture picture = { .input = fixture->inputs[0],
                                    .map = map,
                                    .mask = full,
                                    .donors = donors,
                                    .donor_masks = donor_masks,
                                    .n_donors = 2 };
  float probabilities[4];
  FvFaithfulness result;

  fv_mask_get_data (full)[0] = FV_MASK_INSIDE;
  fv_inspection_get_probabilities (inspection, 0, probabilities);
  result = run (fixture, &picture,
                BIT (FOREGROUND_ONLY) | BIT (BACKGROUND_SWAP) | BIT (BACKGROUND_SWAP_KEPT));
  g_assert_cmpfloat_with_epsilon (result.values[FV_FAITHFULNESS_FOREGROUND_ONLY],
                                  probabilities[map->target], 1e-5);
  g_assert_cmpfloat_with_epsilon (result.values[FV_FAITHFULNESS_BACKGROUND_SWAP],
                                  probabilities[map->target], 1e-5);
  g_assert_cmpfloat (result.values[FV_FAITHFULNESS_BACKGROUND_SWAP_KEPT], ==, 1);
}

/* What lies outside a mask and outside its complement is all evidence, the margin but for the
 * biases. */
static void
test_margin_is_exact (Fixture *fixture, gconstpointer unused)
{
  FvGraph *graph = fv_model_get_graph (fixture->model);
  g_autoptr (FvMap) map = explain (fixture, 0, "gradcam");
  g_autoptr (FvInspection) inspection
      = fv_inspection_new_prediction (fixture->model, fixture->inputs[0], NULL, NULL);
  g_autoptr (FvMask) complement = fv_mask_copy (fixture->masks[0]);
  const float *logits = fv_inspection_get_logits (inspection);
  FvFaithfulnessPicture picture
      = { .input = fixture->inputs[0], .map = map, .mask = fixture->masks[0] };
  g_autofree float *bias = NULL;
  double sum, margin;
  int rival = map->target == 0 ? 1 : 0;

  for (guint i = 0; i < fv_graph_get_n_parameters (graph); i++)
    if (g_str_has_suffix (fv_graph_get_parameter_name (graph, i), ".bias")
        && fv_tensor_get_n_elements (fv_graph_get_parameter (graph, i)) == 4)
      bias = fv_tensor_to_floats (fv_graph_get_parameter (graph, i), NULL, NULL);
  g_assert_nonnull (bias);
  for (int c = 0; c < 4; c++)
    if (c != map->target && logits[c] > logits[rival])
      rival = c;
  for (gsize i = 0;
       i < (gsize) fv_mask_get_width (complement) * (gsize) fv_mask_get_height (complement); i++)
    fv_mask_get_data (complement)[i] ^= 1;
  margin = (double) logits[map->target] - logits[rival];
  sum = run (fixture, &picture, BIT (MARGIN_OUTSIDE)).values[FV_FAITHFULNESS_MARGIN_OUTSIDE];
  picture.mask = complement;
  sum += run (fixture, &picture, BIT (MARGIN_OUTSIDE)).values[FV_FAITHFULNESS_MARGIN_OUTSIDE];
  g_assert_cmpfloat_with_epsilon (sum * margin, margin - (bias[map->target] - bias[rival]), 1e-4);
}

static void
test_unknown_method (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvInspection) inspection
      = fv_inspection_new (fixture->model, fixture->inputs[0], NULL, NULL, NULL);
  const FvExplainOptions options = fv_explain_options_default ("tarot");
  g_autoptr (GError) error = NULL;

  g_assert_null (fv_explain (inspection, fixture->inputs[0], &options, NULL, &error));
  g_assert_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT);
  g_assert_nonnull (strstr (error->message, "smoothgrad, random, sobel and transformer"));
}

/* -- controls ------------------------------------------------------------------------------- */

static void
test_controls_score_below (Fixture *fixture, gconstpointer unused)
{
  const FvFaithfulnessSet metrics = BIT (EXCESS_DROP) | BIT (DELETION) | BIT (INSERTION)
                                    | BIT (AVERAGE_DROP) | BIT (GAIN) | BIT (ROAD)
                                    | BIT (CORRELATION);
  double means[G_N_ELEMENTS (methods)][FV_FAITHFULNESS_N] = { 0 };

  for (gsize k = 0; k < G_N_ELEMENTS (methods); k++)
    for (int i = 0; i < N_PICTURES; i++) {
      g_autoptr (FvMap) map = explain (fixture, i, methods[k]);
      FvFaithfulnessPicture picture
          = { .input = fixture->inputs[i], .map = map, .seed = (guint64) i };
      FvFaithfulness result = run (fixture, &picture, metrics);

      for (int v = 0; v < FV_FAITHFULNESS_N; v++)
        means[k][v] += result.values[v] / N_PICTURES;
    }
  for (int v = 0; v < FV_FAITHFULNESS_N; v++) {
    const FvMetricInfo *info = fv_faithfulness_metric_info ((FvFaithfulnessMetric) v);

    if ((metrics & FV_FAITHFULNESS_BIT (v)) == 0)
      continue;
    g_test_message ("%s: %.4f, random %.4f, sobel %.4f", info->key, means[0][v], means[1][v],
                    means[2][v]);
    for (gsize k = 1; k < G_N_ELEMENTS (methods); k++)
      g_assert_cmpfloat (
          info->higher_is_better ? means[0][v] - means[k][v] : means[k][v] - means[0][v], >, 0);
  }
}

/* Controls do not notice that the network forgets; Grad-CAM does. The model stays as it was. */
static void
test_randomisation (Fixture *fixture, gconstpointer unused)
{
  FvSanityOptions options = fv_sanity_options_default ();
  g_autoptr (FvStateDict) before = fv_model_get_state (fixture->model, NULL);
  g_autoptr (FvStateDict) after = NULL;
  double cascading[G_N_ELEMENTS (methods)] = { 0 }, single[G_N_ELEMENTS (methods)] = { 0 };

  for (gsize k = 0; k < G_N_ELEMENTS (methods); k++)
    for (int i = 0; i < 4; i++) {
      g_autoptr (FvMap) map = explain (fixture, i, methods[k]);
      FvSanity sanity;

      g_assert_true (fv_sanity_run (fixture->model, fixture->inputs[i], map, (guint64) i,
                                    FV_SANITY_ALL, &options, &sanity, NULL, NULL));
      cascading[k] += sanity.values[FV_SANITY_RANDOMISED_RANK] / 4;
      single[k] += sanity.values[FV_SANITY_SINGLE_LAYER_RANK] / 4;
      if (k > 0) {
        g_assert_cmpfloat_with_epsilon (sanity.values[FV_SANITY_RANDOMISED_SSIM], 1, 1e-6);
        g_assert_cmpfloat_with_epsilon (sanity.values[FV_SANITY_SINGLE_LAYER_SSIM], 1, 1e-6);
      }
    }
  g_assert_cmpfloat (cascading[0], <, 0.5);
  /* Of five parts one is shuffled, not one to all. */
  g_assert_cmpfloat (single[0], <, 0.9);
  g_assert_cmpfloat (single[0], !=, cascading[0]);
  for (gsize k = 1; k < G_N_ELEMENTS (methods); k++) {
    g_assert_cmpfloat_with_epsilon (cascading[k], 1, 1e-9);
    g_assert_cmpfloat_with_epsilon (single[k], 1, 1e-9);
  }
  after = fv_model_get_state (fixture->model, NULL);
  for (guint i = 0; i < fv_state_dict_get_length (before); i++)
    g_assert_true (fv_tensor_equal (fv_state_dict_get_tensor (before, i),
                                    fv_state_dict_get_tensor (after, i)));
}

/* A little noise on the picture moves Grad-CAM a little, a random map not at all. */
static void
test_sensitivity (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvMap) map = explain (fixture, 0, "gradcam");
  g_autoptr (FvMap) random = explain (fixture, 0, "random");
  FvFaithfulnessPicture picture = { .input = fixture->inputs[0], .map = map };
  const int m = FV_FAITHFULNESS_MAX_SENSITIVITY;
  double value = run (fixture, &picture, BIT (MAX_SENSITIVITY)).values[m];

  g_assert_cmpfloat (value, >, 0);
  g_assert_cmpfloat (value, <, 0.5);
  picture.map = random;
  g_assert_cmpfloat (run (fixture, &picture, BIT (MAX_SENSITIVITY)).values[m], ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
#define ADD(name, test) g_test_add (name, Fixture, NULL, set_up, test, tear_down)
  ADD ("/faithfulness-run/same-probability", test_same_probability);
  ADD ("/faithfulness-run/margin-is-exact", test_margin_is_exact);
  ADD ("/faithfulness-run/unknown-method", test_unknown_method);
  ADD ("/faithfulness-run/controls-score-below", test_controls_score_below);
  ADD ("/faithfulness-run/randomisation", test_randomisation);
  ADD ("/faithfulness-run/sensitivity", test_sensitivity);
  return g_test_run ();
}
