/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sanity as an evaluation measures it: of every picture, by every key, told as JSON, and stopped.
 */

#include <math.h>

#include "evaluation-fixture.h"
#include "fv-explain.h"
#include "fv-image.h"
#include "fv-input.h"
#include "fv-runtime.h"
#include "fv-sanity-run.h"

/* Explains the picture as an evaluation does. (transfer full) */
static FvMap *
explain (const Fixture *fixture, gsize sample, const char *method)
{
  const FvSample *photo = fv_dataset_get_sample (fixture->dataset, sample);
  g_autoptr (FvImage) image = fv_image_load (photo->path, NULL);
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *input = fv_input_from_image (scope, fv_model_get_card (fixture->model), image, FALSE);
  g_autoptr (FvInspection) inspection = fv_inspection_new (fixture->model, input, NULL, NULL, NULL);
  FvExplainOptions options = fv_explain_options_default (method);
  g_autoptr (GPtrArray) maps = NULL;

  options.seed = sample;
  maps = fv_explain (inspection, input, &options, NULL, NULL);
  return fv_map_copy (g_ptr_array_index (maps, 0));
}

/* Both ways of forgetting, each alike for all pictures, and what the map is by itself; a control is
 * compared with itself. */
static void
test_sanity (Fixture *fixture, gconstpointer unused)
{
  const FvMetricSelection metrics = { .sanity = FV_SANITY_ALL };
  const FvEvaluationOptions options = { .metrics = &metrics };
  const FvEvaluationOptions control = { .metrics = &metrics, .method = "sobel" };
  g_autoptr (FvEvaluation) plain = evaluate (fixture, FV_SPLIT_TEST, &options);
  g_autoptr (FvEvaluation) again = evaluate (fixture, FV_SPLIT_TEST, &options);
  g_autoptr (FvEvaluation) sobel = evaluate (fixture, FV_SPLIT_TEST, &control);

  for (gsize i = 0; i < N_TEST; i++) {
    const FvImageResult *result = fv_evaluation_get_result (plain, i);
    g_autoptr (FvMap) map = explain (fixture, result->sample, "gradcam");
    gsize n = (gsize) map->width * (gsize) map->height;

    g_assert_cmpmem (&result->sanity, sizeof (FvSanity),
                     &fv_evaluation_get_result (again, i)->sanity, sizeof (FvSanity));
    if (result->dead)
      continue;
    g_assert_cmpfloat (result->sanity.values[FV_SANITY_SPARSENESS], ==,
                       fv_sparseness (map->values, n));
    g_assert_cmpfloat (result->sanity.values[FV_SANITY_COMPLEXITY], ==,
                       fv_complexity (map->values, n));
    g_assert_cmpfloat (fabs (result->sanity.values[FV_SANITY_RANDOMISED_RANK]), <, 1);
    g_assert_cmpfloat (fabs (result->sanity.values[FV_SANITY_SINGLE_LAYER_RANK]), <, 1);
  }
  g_assert_cmpuint (fv_evaluation_get_sanity (plain, FV_SANITY_RANDOMISED_RANK).n, >, 0);
  for (int i = FV_SANITY_RANDOMISED_RANK; i <= FV_SANITY_SINGLE_LAYER_SSIM; i++) {
    FvEstimate estimate = fv_evaluation_get_sanity (sobel, (FvSanityMetric) i);

    g_assert_cmpuint (estimate.n, ==, N_TEST);
    g_assert_cmpfloat_with_epsilon (estimate.value, 1, 1e-6);
  }
}

/* What was not asked for costs nothing and is not told. */
static void
test_sanity_by_key (Fixture *fixture, gconstpointer unused)
{
  FvMetricSelection metrics;
  const FvEvaluationOptions options = { .metrics = &metrics };
  g_autoptr (FvEvaluation) evaluation = NULL;
  g_autoptr (JsonNode) root = NULL;
  JsonObject *sanity;

  g_assert_true (fv_metric_selection_parse ("single_layer_rank,complexity", &metrics, NULL));
  g_assert_cmpuint (metrics.sanity, ==,
                    FV_SANITY_BIT (FV_SANITY_SINGLE_LAYER_RANK)
                        | FV_SANITY_BIT (FV_SANITY_COMPLEXITY));
  evaluation = evaluate (fixture, FV_SPLIT_TEST, &options);
  g_assert_cmpuint (fv_evaluation_get_sanity (evaluation, FV_SANITY_COMPLEXITY).n, >, 0);
  g_assert_cmpuint (fv_evaluation_get_sanity (evaluation, FV_SANITY_RANDOMISED_RANK).n, ==, 0);
  g_assert_cmpuint (fv_evaluation_get_sanity (evaluation, FV_SANITY_SPARSENESS).n, ==, 0);
  root = fv_evaluation_to_json (evaluation);
  sanity = json_object_get_object_member (json_node_get_object (root), "sanity");
  g_assert_cmpuint (json_object_get_size (sanity), ==, 2);
  g_assert_true (fv_metric_selection_parse ("all", &metrics, NULL));
  g_assert_cmpuint (metrics.sanity, ==, FV_SANITY_ALL);
}

/* Asked to stop, it does so before the network forgets anything. */
static void
test_cancel (Fixture *fixture, gconstpointer unused)
{
  const FvSanityOptions options = fv_sanity_options_default ();
  const FvSample *photo = fv_dataset_get_sample (fixture->dataset, 0);
  g_autoptr (FvMap) map = explain (fixture, 0, "random");
  g_autoptr (FvImage) image = fv_image_load (photo->path, NULL);
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *input = fv_input_from_image (scope, fv_model_get_card (fixture->model), image, FALSE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  FvSanity sanity;

  g_cancellable_cancel (cancellable);
  g_assert_false (fv_sanity_run (fixture->model, input, map, 0, FV_SANITY_ALL, &options, &sanity,
                                 cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (fv_sanity_run (fixture->model, input, map, 0, FV_SANITY_BIT (FV_SANITY_SPARSENESS),
                                &options, &sanity, cancellable, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/sanity-run/evaluation", test_sanity);
  ADD ("/sanity-run/by-key", test_sanity_by_key);
  ADD ("/sanity-run/cancel", test_cancel);
#undef ADD
  return g_test_run ();
}
