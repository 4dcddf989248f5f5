/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Consistency as an evaluation measures it: each picture's r is the agreement's own; equal maps
 * have 1 and constant ones none; what it says of right and wrong is counted by hand; a network that
 * cannot be guided is refused, or left out where nobody named it. */

#include "fv-consistency-run.h"

#include <math.h>

#include "evaluation-fixture.h"
#include "fv-consistency.h"
#include "fv-image.h"
#include "fv-input.h"
#include "fv-op.h"
#include "fv-runtime.h"
#include "fv-soft-mask.h"
#include "tensor-fixture.h"

static const FvMetricSelection all = { .consistency = FV_CONSISTENCY_ALL };

static FvTensor *
load_input (const Fixture *fixture, FvScope *scope, gsize sample)
{
  g_autoptr (FvImage) image
      = fv_image_load (fv_dataset_get_sample (fixture->dataset, sample)->path, NULL);

  return fv_input_from_image (scope, fv_model_get_card (fixture->model), image, FALSE);
}

/* -- single pictures ------------------------------------------------------------------------ */

static void
assert_result (const Fixture *fixture, const FvImageResult *result,
               const FvAgreementOptions *options)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *input = load_input (fixture, scope, result->sample);
  const FvLayer *layer = fv_model_get_default_layer (fixture->model, NULL);
  const double *values = result->consistency.values;
  FvTensor *loss, *low, *high;
  FvAgreement found;

  fv_agreement_find (scope, fv_model_get_graph (fixture->model), layer, input, NULL, options, FALSE,
                     &found);
  loss = fv_consistency (scope, FV_SIMILARITY_PEARSON, found.first, found.second);
  low = fv_call (scope, "aten::min", fv_of (found.mask));
  high = fv_call (scope, "aten::max", fv_of (found.mask));
  assert_scope_sound (scope);
  g_assert_cmpfloat (values[FV_CONSISTENCY_R], ==, -fv_tensor_to_double (loss));
  g_assert_cmpfloat (values[FV_CONSISTENCY_MASK_RANGE], ==,
                     fv_tensor_to_double (high) - fv_tensor_to_double (low));
  g_assert_true (fabs (values[FV_CONSISTENCY_R]) <= 1 + 1e-6);
}

static void
test_agrees_with_agreement (Fixture *fixture, gconstpointer unused)
{
  const FvAgreementOptions usual = fv_agreement_options_default ();
  FvAgreementOptions steep = usual;
  const FvEvaluationOptions plain = { .metrics = &all };
  const FvEvaluationOptions other = { .metrics = &all, .agreement = &steep, .method = "saliency" };
  g_autoptr (FvEvaluation) before = evaluate (fixture, FV_SPLIT_TEST, &plain);
  g_autoptr (FvEvaluation) after = NULL;

  steep.omega = 3;
  steep.normalised = TRUE;
  after = evaluate (fixture, FV_SPLIT_TEST, &other);
  for (gsize i = 0; i < N_TEST; i++) {
    assert_result (fixture, fv_evaluation_get_result (before, i), &usual);
    assert_result (fixture, fv_evaluation_get_result (after, i), &steep);
  }
  g_assert_cmpuint (fv_evaluation_get_n_flat_masks (after), ==, 0);
}

/* x → convolution without bias → ReLU → mean → two logits: half the picture has half the map. */
static FvModel *
new_proportional (const Fixture *fixture, const char *activation, float weight)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();
  FvNodeId x = fv_graph_add_input (graph);
  float values[4 * 3 * 3 * 3];
  g_autoptr (FvTensor) kernel = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    values[i] = weight * (float) sin (1 + 2.3 * (double) i);
  kernel = fv_tensor_new (FV_DTYPE_FLOAT32, (const gint64[]){ 4, 3, 3, 3 }, 4, values,
                          sizeof values, NULL);
  x = fv_op_node (graph, "conv", "aten::conv2d", fv_from (x),
                  fv_parameter (fv_graph_add_parameter_tensor (graph, "conv.weight", kernel,
                                                               FV_PARAMETER_WEIGHT)),
                  fv_constant (fv_none ()), fv_constant (fv_ints (4, 4)));
  x = fv_op_node (graph, "relu", activation, fv_from (x));
  x = fv_op_node (graph, "pool", "aten::mean.dim", fv_from (x), fv_constant (fv_ints (2, 3)));
  fv_graph_set_output (graph, x);
  return fv_model_new_for_graph (graph, fv_model_get_card (fixture->model), 4);
}

static FvConsistencyValues
measure (FvModel *model, FvTensor *input, double omega)
{
  FvAgreementOptions options = fv_agreement_options_default ();
  g_autoptr (GError) error = NULL;
  FvConsistencyValues found;

  options.omega = omega;
  fv_consistency_run (model, input, NULL, &options, FV_CONSISTENCY_ALL, &found, NULL, &error);
  g_assert_no_error (error);
  return found;
}

static void
test_equal_and_constant_maps (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *input = load_input (fixture, scope, 0);
  g_autoptr (FvModel) proportional = new_proportional (fixture, "aten::relu", 1);
  g_autoptr (FvModel) dead = new_proportional (fixture, "aten::relu", 0);
  FvConsistencyValues found = measure (proportional, input, 0); /* T is ½ everywhere */

  g_assert_cmpfloat_with_epsilon (found.values[FV_CONSISTENCY_R], 1, 1e-6);
  g_assert_cmpfloat (found.values[FV_CONSISTENCY_MASK_RANGE], ==, 0);
  found = measure (proportional, input, 1e6);
  g_assert_cmpfloat (found.values[FV_CONSISTENCY_R], <, 0.999);
  g_assert_cmpfloat (found.values[FV_CONSISTENCY_MASK_RANGE], ==, 1);
  found = measure (dead, input, 40);
  g_assert_true (isnan (found.values[FV_CONSISTENCY_R]));
  g_assert_cmpfloat (found.values[FV_CONSISTENCY_MASK_RANGE], ==, 0);
}

/* -- all pictures --------------------------------------------------------------------------- */

static double
remark_value (const FvEvaluation *evaluation, FvConsistencyRemarkKind kind)
{
  FvEstimate estimate = fv_evaluation_get_consistency_remark (evaluation, kind).estimate;

  g_assert_cmpfloat (estimate.low, <=, estimate.value);
  g_assert_cmpfloat (estimate.high, >=, estimate.value);
  return estimate.value;
}

static void
assert_remarks (const FvEvaluation *evaluation)
{
  double sums[2] = { 0 }, counts[2] = { 0 }, n_won = 0;

  for (gsize i = 0; i < N_TEST; i++) {
    const FvImageResult *result = fv_evaluation_get_result (evaluation, i);

    sums[result->right] += result->consistency.values[FV_CONSISTENCY_R];
    counts[result->right]++;
    for (gsize j = 0; result->right && j < N_TEST; j++) {
      const FvImageResult *other = fv_evaluation_get_result (evaluation, j);

      n_won += !other->right
               && result->consistency.values[FV_CONSISTENCY_R]
                      > other->consistency.values[FV_CONSISTENCY_R];
    }
  }
  g_assert_cmpfloat (counts[0], >, 0);
  g_assert_cmpfloat (counts[1], >, 0);
  g_assert_cmpfloat_with_epsilon (remark_value (evaluation, FV_REMARK_RIGHT), sums[1] / counts[1],
                                  1e-6);
  g_assert_cmpfloat_with_epsilon (remark_value (evaluation, FV_REMARK_WRONG), sums[0] / counts[0],
                                  1e-6);
  g_assert_cmpfloat_with_epsilon (remark_value (evaluation, FV_REMARK_DIFFERENCE),
                                  sums[1] / counts[1] - sums[0] / counts[0], 1e-6);
  g_assert_cmpfloat_with_epsilon (remark_value (evaluation, FV_REMARK_AUC),
                                  n_won / (counts[0] * counts[1]), 1e-12);
}

static void
test_right_and_wrong (Fixture *fixture, gconstpointer unused)
{
  static const char *const names[] = { "ant", "bee", "cat", "dog", NULL };
  const FvEvaluationOptions options = { .metrics = &all };
  g_autoptr (FvEvaluation) evaluation = evaluate (fixture, FV_SPLIT_TEST, &options);
  g_autoptr (FvModel) other = fv_model_with_classes (fixture->model, names, 1, NULL);
  g_autoptr (FvEvaluation) foreign = NULL;
  gsize n_flat = 0;

  assert_remarks (evaluation);
  for (gsize i = 0; i < N_TEST; i++)
    n_flat
        += fv_evaluation_get_result (evaluation, i)->consistency.values[FV_CONSISTENCY_MASK_RANGE]
           < FV_SOFT_MASK_FLAT;
  g_assert_cmpuint (fv_evaluation_get_n_flat_masks (evaluation), ==, n_flat);
  foreign = fv_evaluate (other, fixture->dataset, FV_SPLIT_TEST, &options, NULL, NULL, NULL, NULL);
  g_assert_cmpuint (fv_evaluation_get_metric (foreign, FV_FAMILY_CONSISTENCY, FV_CONSISTENCY_R).n,
                    ==, N_TEST);
  for (FvConsistencyRemarkKind kind = 0; kind < FV_N_REMARKS; kind++)
    g_assert_true (isnan (fv_evaluation_get_consistency_remark (foreign, kind).estimate.value));
}

static void
assert_members (JsonObject *object, const char *const *names, gboolean there)
{
  for (; *names != NULL; names++)
    g_assert_cmpint (json_object_has_member (object, *names), ==, there);
}

static void
test_json (Fixture *fixture, gconstpointer unused)
{
  static const char *const of_r[]
      = { "consistency_r", "r_right", "r_wrong", "r_difference", "r_auc", NULL };
  static const char *const of_mask[] = { "soft_mask_range", "n_flat_masks", NULL };
  FvMetricSelection metrics;
  const FvEvaluationOptions options = { .metrics = &metrics };
  g_autoptr (FvEvaluation) evaluation = NULL;
  g_autoptr (JsonNode) root = NULL, line = NULL;
  JsonObject *object;

  g_assert_true (fv_metric_selection_parse ("consistency", &metrics, NULL));
  evaluation = evaluate (fixture, FV_SPLIT_TEST, &options);
  root = fv_evaluation_to_json (evaluation);
  line = fv_evaluation_result_to_json (evaluation, 0);
  object = json_object_get_object_member (json_node_get_object (root), "consistency");
  assert_members (object, of_r, TRUE);
  assert_members (object, of_mask, TRUE);
  g_assert_cmpfloat (
      json_object_get_double_member (json_object_get_object_member (object, "r_auc"), "chance"), ==,
      0.5);
  g_assert_cmpfloat (json_object_get_double_member (object, "omega"), ==, 40);
  g_assert_cmpstr (json_object_get_string_member (object, "layer"), ==, "block4");
  g_assert_cmpfloat (
      json_object_get_double_member (json_node_get_object (line), "consistency_r"), ==,
      fv_evaluation_get_result (evaluation, 0)->consistency.values[FV_CONSISTENCY_R]);
  g_assert_false (json_object_has_member (json_node_get_object (root), "left_out"));

  g_clear_pointer (&evaluation, fv_evaluation_unref);
  g_clear_pointer (&root, json_node_unref);
  g_assert_true (fv_metric_selection_parse ("soft_mask_range", &metrics, NULL));
  evaluation = evaluate (fixture, FV_SPLIT_TEST, &options);
  root = fv_evaluation_to_json (evaluation);
  object = json_object_get_object_member (json_node_get_object (root), "consistency");
  assert_members (object, of_r, FALSE);
  assert_members (object, of_mask, TRUE);
}

/* -- networks that cannot be guided --------------------------------------------------------- */

static void
test_other_activations (Fixture *fixture, gconstpointer unused)
{
  const FvMetricSelection optional
      = { .consistency = FV_CONSISTENCY_ALL, .optional = 1u << FV_FAMILY_CONSISTENCY };
  const FvEvaluationOptions named = { .metrics = &all }, unnamed = { .metrics = &optional };
  g_autoptr (FvModel) model = new_proportional (fixture, "aten::silu", 1);
  g_autoptr (FvEvaluation) evaluation = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *object;

  g_assert_null (
      fv_evaluate (model, fixture->dataset, FV_SPLIT_TEST, &named, NULL, NULL, NULL, &error));
  assert_says (error, "consistency cannot be measured");
  assert_says (error, "aten::silu");
  evaluation
      = fv_evaluate (model, fixture->dataset, FV_SPLIT_TEST, &unnamed, NULL, NULL, NULL, NULL);
  g_assert_cmpuint (fv_evaluation_get_n_results (evaluation), ==, N_TEST);
  g_assert_cmpuint (fv_evaluation_get_metrics (evaluation).consistency, ==, 0);
  g_assert_cmpuint (fv_evaluation_get_n_flat_masks (evaluation), ==, 0);
  g_assert_cmpstr (fv_evaluation_get_left_out (evaluation, FV_FAMILY_CONSISTENCY), ==,
                   error->message);
  root = fv_evaluation_to_json (evaluation);
  object = json_node_get_object (root);
  g_assert_false (json_object_has_member (object, "consistency"));
  g_assert_cmpstr (json_object_get_string_member (
                       json_object_get_object_member (object, "left_out"), "consistency"),
                   ==, error->message);
}

static void
assert_optional (const char *words, gboolean optional)
{
  FvMetricSelection selection;

  g_assert_true (fv_metric_selection_parse (words, &selection, NULL));
  g_assert_cmpuint (selection.consistency, ==, FV_CONSISTENCY_ALL);
  g_assert_cmpint (fv_metric_selection_is_optional (&selection, FV_FAMILY_CONSISTENCY), ==,
                   optional);
}

static void
test_who_named_it (void)
{
  assert_optional ("all", TRUE);
  assert_optional ("energy,all", TRUE);
  assert_optional ("all,consistency", FALSE);
  assert_optional ("consistency_r,all", FALSE);
  assert_optional ("consistency", FALSE);
}

static void
test_cancel (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *input = load_input (fixture, scope, 0);
  const FvAgreementOptions options = fv_agreement_options_default ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  FvConsistencyValues found;

  g_cancellable_cancel (cancellable);
  g_assert_false (fv_consistency_run (fixture->model, input, NULL, &options, FV_CONSISTENCY_ALL,
                                      &found, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (fv_consistency_run (fixture->model, input, "no.such", &options,
                                      FV_CONSISTENCY_ALL, &found, NULL, &error));
  assert_says (error, "no.such");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
  ADD ("/consistency-run/agrees-with-agreement", test_agrees_with_agreement);
  ADD ("/consistency-run/equal-and-constant-maps", test_equal_and_constant_maps);
  ADD ("/consistency-run/right-and-wrong", test_right_and_wrong);
  ADD ("/consistency-run/json", test_json);
  ADD ("/consistency-run/other-activations", test_other_activations);
  ADD ("/consistency-run/cancel", test_cancel);
#undef ADD
  g_test_add_func ("/consistency-run/who-named-it", test_who_named_it);
  return g_test_run ();
}
