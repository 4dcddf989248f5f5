/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Maps at the input against values known by hand: the toy networks of Captum's tests, Gauss and
 * Legendre's points, and identities that need no reference. */

#include <gio/gio.h>
#include <math.h>

#include "fv-explain.h"
#include "fv-method.h"
#include "fv-quadrature.h"
#include "fv-runtime.h"
#include "tensor-fixture.h"
#include "toy-network.h"

/* The map of the first picture for class 0. (transfer full) */
static FvMap *
explain (FvModel *model, FvTensor *input, FvExplainOptions options, const char *layer)
{
  const int targets[2] = { 0, 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (FvInspection) inspection
      = fv_explain_inspect (model, input, options.method, layer, NULL, &error);
  g_autoptr (GPtrArray) maps = NULL;

  g_assert_no_error (error);
  options.targets = targets;
  maps = fv_explain (inspection, input, &options, NULL, &error);
  g_assert_no_error (error);
  return fv_map_copy (g_ptr_array_index (maps, 0));
}

static FvMap *
explain_simply (FvModel *model, FvTensor *input, const char *method)
{
  return explain (model, input, fv_explain_options_default (method), NULL);
}

/* -- the toy with 4 × 4 pixels -------------------------------------------------------------- */

static void
assert_toy (FvExplainOptions options, const char *layer, const float expected[16])
{
  g_autoptr (FvModel) model = new_toy ();
  g_autoptr (FvTensor) input = new_ramp (1, 1, 4, 4);
  g_autoptr (FvMap) map = explain (model, input, options, layer);

  g_assert_cmpint (map->width, ==, 4);
  g_assert_cmpint (map->height, ==, 4);
  g_assert_cmpint (map->n_channels, ==, 1);
  g_assert_cmpstr (map->layer, ==, layer);
  for (int i = 0; i < 16; i++) {
    g_assert_cmpfloat (map->channels[i], ==, expected[i]);
    g_assert_cmpfloat (map->values[i], ==, fabsf (expected[i]));
  }
}

static void
test_toy (void)
{
  FvExplainOptions guided = fv_explain_options_default ("guided_gradcam");

  guided.nearest = TRUE;
  assert_toy (fv_explain_options_default ("saliency"), NULL,
              (const float[]){ 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0 });
  assert_toy (fv_explain_options_default ("guided_backprop"), NULL,
              (const float[]){ 0, 1, 1, 1, 1, 3, 3, 2, 1, 3, 3, 2, 1, 2, 2, 1 });
  assert_toy (fv_explain_options_default ("deconvnet"), NULL,
              (const float[]){ 2, 3, 3, 1, 3, 5, 5, 2, 3, 5, 5, 2, 1, 2, 2, 1 });
  assert_toy (guided, "relu1",
              (const float[]){ 0, 0, 4, 4, 0, 0, 12, 8, 28, 84, 97.5f, 65, 28, 56, 65, 32.5f });
}

/* On a bias-free part of the network the products with the input sum to its logit. */
static void
test_toy_input_x_gradient (void)
{
  g_autoptr (FvModel) model = new_toy ();
  g_autoptr (FvTensor) input = new_ramp (1, 1, 4, 4);
  g_autoptr (FvMap) map = explain_simply (model, input, "input_x_gradient");
  const float gradient[16] = { 0, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 0 };

  for (int i = 0; i < 16; i++)
    g_assert_cmpfloat (fabsf (map->values[i]), ==, (float) i * gradient[i]);
}

/* -- integrated gradients ------------------------------------------------------------------- */

static void
test_quadrature (void)
{
  const double roots[3][4]
      = { { -sqrt (1 / 3.), sqrt (1 / 3.) },
          { -sqrt (3 / 5.), 0, sqrt (3 / 5.) },
          { -sqrt (3 / 7. + 2 / 7. * sqrt (6 / 5.)), -sqrt (3 / 7. - 2 / 7. * sqrt (6 / 5.)),
            sqrt (3 / 7. - 2 / 7. * sqrt (6 / 5.)), sqrt (3 / 7. + 2 / 7. * sqrt (6 / 5.)) } };
  const double twice[3][4] = { { 1, 1 },
                               { 5 / 9., 8 / 9., 5 / 9. },
                               { (18 - sqrt (30)) / 36, (18 + sqrt (30)) / 36,
                                 (18 + sqrt (30)) / 36, (18 - sqrt (30)) / 36 } };
  double points[4], weights[4];

  for (guint n = 2; n <= 4; n++) {
    fv_quadrature_fill (n, points, weights);
    for (guint i = 0; i < n; i++) {
      g_assert_cmpfloat_with_epsilon (points[i], (1 + roots[n - 2][i]) / 2, 1e-15);
      g_assert_cmpfloat_with_epsilon (weights[i], twice[n - 2][i] / 2, 1e-15);
    }
  }
}

/* ∫ of x^(2n − 1) over 0 … 1 is 1 / 2n. */
static void
test_quadrature_is_exact (void)
{
  for (guint n = 1; n <= 300; n += 13) {
    g_autofree double *points = g_new (double, n);
    g_autofree double *weights = g_new (double, n);
    double sum = 0, whole = 0;

    fv_quadrature_fill (n, points, weights);
    for (guint i = 0; i < n; i++) {
      g_assert_true (points[i] > (i > 0 ? points[i - 1] : 0) && points[i] < 1);
      sum += weights[i] * pow (points[i], 2 * n - 1);
      whole += weights[i];
    }
    g_assert_cmpfloat_with_epsilon (whole, 1, 1e-12);
    g_assert_cmpfloat_with_epsilon (sum * 2 * n, 1, 1e-11);
  }
}

static FvNodeId
pick (FvGraph *graph, FvNodeId x, gint64 index)
{
  return fv_op_node (graph, "", "aten::select.int", fv_from (x), fv_constant (fv_int (1)),
                     fv_constant (fv_int (index)));
}

static FvNodeId
subtract (FvGraph *graph, FvNodeId x, gboolean from, FvNodeId other)
{
  if (from)
    return fv_op_node (graph, "", "aten::sub.Tensor", fv_from (x), fv_from (other));
  return fv_op_node (graph, "", "aten::sub.Scalar", fv_from (x), fv_constant (fv_int (1)));
}

static FvNodeId
rectify (FvGraph *graph, FvNodeId x)
{
  return fv_op_node (graph, "", "aten::relu", fv_from (x));
}

/* Of a picture [3,1,2], the first channel alone: relu (relu (x1) − 1 − relu (x2)), or, early, relu
 * (relu (x1 − 1) − relu (x2)), which is the same function. (transfer full) */
static FvModel *
new_invariance (gboolean early)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();
  g_autoptr (FvCard) card = fv_card_new ("toy");
  FvNodeId x = fv_graph_add_input (graph), row = pick (graph, pick (graph, x, 0), 0);
  FvNodeId a = pick (graph, row, 0), b = rectify (graph, pick (graph, row, 1));

  a = early ? rectify (graph, subtract (graph, a, FALSE, 0))
            : subtract (graph, rectify (graph, a), FALSE, 0);
  a = rectify (graph, subtract (graph, a, TRUE, b));
  fv_graph_set_output (
      graph, fv_op_node (graph, "", "aten::unsqueeze", fv_from (a), fv_constant (fv_int (1))));
  g_assert_true (fv_graph_check (graph, NULL));
  return fv_model_new_for_graph (graph, card, 1);
}

static void
test_implementation_invariance (void)
{
  const gint64 shape[] = { 1, 3, 1, 2 };
  const float values[6] = { 3, 1, 7, 7, 7, 7 };
  g_autoptr (FvTensor) input
      = fv_tensor_new (FV_DTYPE_FLOAT32, shape, 4, values, sizeof values, NULL);

  for (int early = 0; early < 2; early++) {
    g_autoptr (FvModel) model = new_invariance (early != 0);
    g_autoptr (FvMap) map = explain_simply (model, input, "integrated_gradients");

    g_assert_cmpfloat_with_epsilon (map->values[0], 1.5, 1e-6);
    g_assert_cmpfloat_with_epsilon (map->values[1], -0.5, 1e-6);
    for (int i = 2; i < 6; i++)
      g_assert_cmpfloat (map->channels[i], ==, 0);
    g_assert_cmpfloat (map->gain, ==, 1);
    g_assert_cmpfloat (map->residual, <, 1e-6);
    g_assert_cmpint (map->backwards, ==, 50);
  }
}

/* A convolution with the whole picture, to two classes. (transfer full) */
static FvModel *
new_linear (int side)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();
  g_autoptr (FvCard) card = fv_card_new ("toy");
  const gint64 shape[] = { 2, 3, side, side };
  g_autoptr (FvTensor) weight = new_waves (shape, 4);
  FvNodeId x = fv_graph_add_input (graph);
  guint w = fv_graph_add_parameter_tensor (graph, "weight", weight, FV_PARAMETER_WEIGHT);

  x = fv_op_node (graph, "conv", "aten::conv2d", fv_from (x), fv_parameter (w));
  fv_graph_set_output (graph, fv_op_node (graph, "", "aten::flatten.using_ints", fv_from (x),
                                          fv_constant (fv_int (1))));
  g_assert_true (fv_graph_check (graph, NULL));
  return fv_model_new_for_graph (graph, card, 2);
}

/* One step is enough for a line, from every baseline. */
static void
test_complete_on_lines (void)
{
  g_autoptr (FvModel) model = new_linear (64);
  g_autoptr (FvTensor) input = new_waves ((const gint64[]){ 1, 3, 64, 64 }, 4);

  for (int baseline = 0; baseline < FV_BASELINE_N; baseline++) {
    FvExplainOptions options = fv_explain_options_default ("integrated_gradients");
    g_autoptr (FvMap) map = NULL;
    double sum = 0;

    options.steps = 1;
    options.baseline = (FvBaseline) baseline;
    map = explain (model, input, options, NULL);
    for (int i = 0; i < 64 * 64; i++)
      sum += map->values[i];
    g_assert_cmpfloat (fabs (map->gain), >, 10);
    g_assert_cmpfloat_with_epsilon (sum, map->gain, 1e-4 * fabs (map->gain));
    g_assert_cmpfloat_with_epsilon (map->residual, fabs (sum - map->gain), 1e-3);
  }
}

/* A network with many rectifiers: hundreds of steps come close. */
static void
test_complete_on_rectifiers (void)
{
  g_autoptr (FvCard) card = fv_card_new ("cifar_resnet20");
  g_autoptr (FvModel) model = fv_model_new (card, 10, 1, NULL);
  g_autoptr (FvTensor) input = new_waves ((const gint64[]){ 2, 3, 32, 32 }, 4);
  FvExplainOptions options = fv_explain_options_default ("integrated_gradients");
  double residuals[2];

  for (int i = 0; i < 2; i++) {
    g_autoptr (FvMap) map = NULL;

    options.steps = i == 0 ? 2 : 300;
    options.baseline = FV_BASELINE_NOISE; /* from zero this network is a line */
    map = explain (model, input, options, NULL);
    residuals[i] = map->residual / fabs (map->gain);
  }
  g_test_message ("residual / gain: %.1e at 2 steps, %.1e at 300", residuals[0], residuals[1]);
  g_assert_cmpfloat (residuals[1], <, 0.05);
  g_assert_cmpfloat (residuals[1], <, residuals[0]);
}

/* -- SmoothGrad ----------------------------------------------------------------------------- */

static void
assert_equal_maps (const FvMap *a, const FvMap *b, gboolean equal)
{
  gsize n = (gsize) a->n_channels * (gsize) a->width * (gsize) a->height;

  g_assert_cmpint (memcmp (a->channels, b->channels, n * sizeof (float)) == 0, ==, equal);
}

static void
test_smoothgrad_repeats (void)
{
  g_autoptr (FvCard) card = fv_card_new ("cifar_resnet20");
  g_autoptr (FvModel) model = fv_model_new (card, 10, 1, NULL);
  g_autoptr (FvTensor) input = new_waves ((const gint64[]){ 1, 3, 32, 32 }, 4);
  FvExplainOptions options = fv_explain_options_default ("smoothgrad");
  g_autoptr (FvMap) first = explain (model, input, options, NULL);
  g_autoptr (FvMap) again = explain (model, input, options, NULL);
  g_autoptr (FvMap) other = NULL;

  options.seed = 1;
  other = explain (model, input, options, NULL);
  assert_equal_maps (first, again, TRUE);
  assert_equal_maps (first, other, FALSE);
  g_assert_cmpint (first->backwards, ==, 50);
}

/* Without noise it is the gradient; on a line it is that with any noise. */
static void
test_smoothgrad_without_noise (void)
{
  g_autoptr (FvCard) card = fv_card_new ("cifar_resnet20");
  g_autoptr (FvModel) bent = fv_model_new (card, 10, 1, NULL);
  g_autoptr (FvModel) straight = new_linear (32);

  for (int i = 0; i < 2; i++) {
    FvModel *model = i == 0 ? bent : straight;
    g_autoptr (FvTensor) input = new_waves ((const gint64[]){ 1, 3, 32, 32 }, 4);
    FvExplainOptions options = fv_explain_options_default ("smoothgrad");
    g_autoptr (FvMap) gradient = explain_simply (model, input, "saliency");
    g_autoptr (FvMap) map = NULL;

    options.noise = i == 0 ? 0 : 0.5;
    options.samples = 3;
    map = explain (model, input, options, NULL);
    for (int j = 0; j < 3 * 32 * 32; j++)
      g_assert_cmpfloat_with_epsilon (fabsf (map->channels[j]), gradient->channels[j],
                                      1e-6 + 1e-5 * gradient->channels[j]);
  }
}

/* -- all ------------------------------------------------------------------------------------ */

static void
test_reductions (void)
{
  const float channels[] = { 1, 0, -2, 0, -3, 2 }; /* three channels of two pixels */
  const struct {
    FvReduction reduction;
    float first, second;
  } cases[] = { { FV_REDUCTION_SUM, -4, 2 },
                { FV_REDUCTION_SUM_ABSOLUTE, 6, 2 },
                { FV_REDUCTION_MAX_ABSOLUTE, 3, 2 } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (FvMap) map
        = fv_map_new_at_input (channels, 3, 2, 1, cases[i].reduction, "saliency", 0);
    g_autoptr (FvMap) copy = fv_map_copy (map);

    g_assert_cmpfloat (copy->values[0], ==, cases[i].first);
    g_assert_cmpfloat (copy->values[1], ==, cases[i].second);
    assert_equal_maps (map, copy, TRUE);
    g_assert_null (copy->layer);
  }
}

/* Colours end where one pixel in a hundred goes on, unless there is nothing below that. */
static void
test_top (void)
{
  float channels[400] = { 0 };

  for (int i = 0; i < 2; i++) {
    g_autoptr (FvMap) map = NULL;

    for (int j = 0; j < 400; j++)
      channels[j] = i == 0 ? (float) (j * 7 % 400) : j == 5 ? 2 : 0;
    map = fv_map_new_at_input (channels, 1, 20, 20, FV_REDUCTION_SUM, "saliency", 0);
    g_assert_cmpfloat (fv_map_get_max (map), ==, i == 0 ? 399 : 2);
    g_assert_cmpfloat (fv_map_get_top (map), ==, i == 0 ? 395 : 2);
  }
}

/* Each picture of a batch is explained as it is alone, for its own class; by attention too, in
 * test-attention.c. */
static void
test_batch (void)
{
  g_autoptr (FvCard) card = fv_card_new ("cifar_resnet20");
  g_autoptr (FvModel) model = fv_model_new (card, 10, 1, NULL);
  g_autoptr (FvTensor) both = new_waves ((const gint64[]){ 2, 3, 32, 32 }, 4);
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *second
      = fv_call (scope, "aten::narrow", fv_of (both), fv_int (0), fv_int (1), fv_int (1));
  const int targets[] = { 3, 5 };

  for (guint m = 0; m < fv_method_get_n (); m++) {
    const FvMethodInfo *method = fv_method_get (m);
    FvExplainOptions options = fv_explain_options_default (method->key);
    g_autoptr (FvInspection) all = fv_explain_inspect (model, both, method->key, NULL, NULL, NULL);
    g_autoptr (FvInspection) one
        = fv_explain_inspect (model, second, method->key, NULL, NULL, NULL);
    g_autoptr (GPtrArray) maps = NULL, alone = NULL;
    const FvMap *a, *b;

    if (method->needs_attention)
      continue;
    options.steps = options.samples = 2;
    options.targets = targets;
    maps = fv_explain (all, both, &options, NULL, NULL);
    options.targets = targets + 1;
    options.seed = 1;
    alone = fv_explain (one, second, &options, NULL, NULL);
    g_assert_cmpuint (maps->len, ==, 2);
    a = g_ptr_array_index (maps, 1);
    b = g_ptr_array_index (alone, 0);
    g_assert_cmpint (a->target, ==, 5);
    g_assert_cmpstr (a->method, ==, method->key);
    g_assert_cmpint (a->layer != NULL, ==, method->needs_layer);
    for (int i = 0; i < a->width * a->height; i++)
      g_assert_cmpfloat_with_epsilon (a->values[i], b->values[i], 1e-4 * fv_map_get_max (b) + 1e-6);
  }
}

static void
test_refusals (void)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();
  g_autoptr (FvCard) card = fv_card_new ("toy");
  g_autoptr (FvModel) linear = new_linear (6);
  g_autoptr (FvTensor) input = new_waves ((const gint64[]){ 1, 3, 6, 6 }, 4);
  g_autoptr (FvInspection) inspection = fv_inspection_new_prediction (linear, input, NULL, NULL);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  const char *const ruled[] = { "guided_backprop", "deconvnet" };
  FvExplainOptions options;

  for (gsize i = 0; i < G_N_ELEMENTS (ruled); i++) {
    g_autoptr (GError) error = NULL;

    options = fv_explain_options_default (ruled[i]);
    g_assert_null (fv_explain (inspection, input, &options, NULL, &error));
    assert_says (error, "this network has none");
  }
  {
    g_autoptr (GError) error = NULL;

    options = fv_explain_options_default ("guided_gradcam");
    g_assert_null (fv_explain (inspection, input, &options, NULL, &error));
    assert_says (error, "“guided_gradcam” needs a layer");
  }
  {
    g_autoptr (GError) error = NULL;
    const int target = 2;

    options = fv_explain_options_default ("saliency");
    options.targets = &target;
    g_assert_null (fv_explain (inspection, input, &options, NULL, &error));
    assert_says (error, "classes 0 to 1");
  }
  {
    g_autoptr (GError) error = NULL;

    g_cancellable_cancel (cancelled);
    options = fv_explain_options_default ("integrated_gradients");
    g_assert_null (fv_explain (inspection, input, &options, cancelled, &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/gradient-maps/toy", test_toy);
  g_test_add_func ("/gradient-maps/toy-input-x-gradient", test_toy_input_x_gradient);
  g_test_add_func ("/gradient-maps/quadrature", test_quadrature);
  g_test_add_func ("/gradient-maps/quadrature-is-exact", test_quadrature_is_exact);
  g_test_add_func ("/gradient-maps/implementation-invariance", test_implementation_invariance);
  g_test_add_func ("/gradient-maps/complete-on-lines", test_complete_on_lines);
  g_test_add_func ("/gradient-maps/complete-on-rectifiers", test_complete_on_rectifiers);
  g_test_add_func ("/gradient-maps/smoothgrad-repeats", test_smoothgrad_repeats);
  g_test_add_func ("/gradient-maps/smoothgrad-without-noise", test_smoothgrad_without_noise);
  g_test_add_func ("/gradient-maps/reductions", test_reductions);
  g_test_add_func ("/gradient-maps/top", test_top);
  g_test_add_func ("/gradient-maps/batch", test_batch);
  g_test_add_func ("/gradient-maps/refusals", test_refusals);
  return g_test_run ();
}
