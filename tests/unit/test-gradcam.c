/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Grad-CAM against exact values: the toy network of Captum's tests, the closed form against the
 * cut, and what must be refused. */

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "fv-executor.h"
#include "fv-gradcam.h"
#include "fv-linear-head.h"
#include "fv-runtime.h"
#include "toy-network.h"

static void
assert_toy_map (const char *layer, gboolean relu, const float expected[4])
{
  g_autoptr (FvModel) model = new_toy ();
  g_autoptr (FvTensor) input = new_ramp (1, 1, 4, 4);
  g_autoptr (GError) error = NULL;
  g_autoptr (FvInspection) inspection = fv_inspection_new (model, input, layer, NULL, &error);
  g_autoptr (GPtrArray) maps = NULL;
  const int target = 0;
  FvMap *map;

  g_assert_no_error (error);
  g_assert_cmpfloat (fv_inspection_get_logits (inspection)[0], ==, 54);
  maps = fv_gradcam (inspection, &target, relu, &error);
  g_assert_no_error (error);
  map = g_ptr_array_index (maps, 0);
  g_assert_cmpint (map->width, ==, 2);
  g_assert_cmpint (map->height, ==, 2);
  g_assert_cmpint (map->backwards, ==, 1);
  for (int i = 0; i < 4; i++)
    g_assert_cmpfloat (map->values[i], ==, expected[i]);
}

static void
test_toy_at_convolution (void)
{
  assert_toy_map ("conv", FALSE, (const float[]){ 11.25f, 13.5f, 20.25f, 22.5f });
}

static void
test_toy_at_rectifier (void)
{
  assert_toy_map ("relu1", TRUE, (const float[]){ 0, 4, 28, 32.5f });
}

/* relu(mean pooling → linear) and the same with a pooling the detector does not know: a cut. */
static FvModel *
new_pooled (gboolean disguised)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();
  g_autoptr (FvCard) card = fv_card_new ("toy");
  const gint64 conv_shape[] = { 5, 2, 3, 3 };
  const gint64 linear_shape[] = { 3, 5 };
  const gint64 bias_shape[] = { 3 };
  float conv[90], linear[15];
  FvNodeId x = fv_graph_add_input (graph);
  guint w = fv_graph_add_parameter (graph, "conv.weight", FV_DTYPE_FLOAT32, conv_shape, 4,
                                    FV_PARAMETER_WEIGHT);
  guint l = fv_graph_add_parameter (graph, "fc.weight", FV_DTYPE_FLOAT32, linear_shape, 2,
                                    FV_PARAMETER_WEIGHT);
  guint b = fv_graph_add_parameter (graph, "fc.bias", FV_DTYPE_FLOAT32, bias_shape, 1,
                                    FV_PARAMETER_WEIGHT);

  for (int i = 0; i < 90; i++)
    conv[i] = (float) sin (i) / 10;
  for (int i = 0; i < 15; i++)
    linear[i] = (float) cos (3 * i);
  toy_fill (graph, w, conv, 90);
  toy_fill (graph, l, linear, 15);
  x = fv_op_node (graph, "conv", "aten::conv2d", fv_from (x), fv_parameter (w));
  x = fv_op_node (graph, "relu", "aten::relu", fv_from (x));
  if (disguised)
    x = fv_op_node (graph, "pool", "aten::mul.Scalar", fv_from (x), fv_constant (fv_real (1)));
  x = fv_op_node (graph, "pool", "aten::adaptive_avg_pool2d", fv_from (x),
                  fv_constant (fv_ints (1, 1)));
  x = fv_op_node (graph, "", "aten::flatten.using_ints", fv_from (x), fv_constant (fv_int (1)));
  x = fv_op_node (graph, "fc", "aten::linear", fv_from (x), fv_parameter (l), fv_parameter (b));
  fv_graph_set_output (graph, x);
  return fv_model_new_for_graph (graph, card, 3);
}

static GPtrArray *
maps_of (FvModel *model, const char *layer, const int *targets, int backwards)
{
  g_autoptr (FvTensor) input = new_ramp (3, 2, 6, 7);
  g_autoptr (GError) error = NULL;
  g_autoptr (FvInspection) inspection = fv_inspection_new (model, input, layer, NULL, &error);
  g_autoptr (GPtrArray) maps = NULL;

  g_assert_no_error (error);
  maps = fv_gradcam (inspection, targets, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (maps->len, ==, 3);
  g_assert_cmpint (((FvMap *) maps->pdata[0])->backwards, ==, backwards);
  return g_steal_pointer (&maps);
}

static void
test_closed_form_equals_cut (void)
{
  g_autoptr (FvModel) plain = new_pooled (FALSE);
  g_autoptr (FvModel) disguised = new_pooled (TRUE);
  const int targets[] = { 2, 0, 1 };
  g_autoptr (GPtrArray) closed = maps_of (plain, "relu", targets, 0);
  g_autoptr (GPtrArray) cut = maps_of (disguised, "relu", targets, 1);

  for (guint n = 0; n < 3; n++) {
    const FvMap *a = closed->pdata[n];
    const FvMap *b = cut->pdata[n];

    g_assert_cmpint (a->width, ==, 5);
    g_assert_cmpint (a->height, ==, 4);
    g_assert_cmpint (a->target, ==, targets[n]);
    for (int i = 0; i < 20; i++)
      g_assert_cmpfloat_with_epsilon (a->values[i], b->values[i],
                                      1e-5 * fabs (b->values[i]) + 1e-6);
  }
}

/* Σ over cells of the closed form's map, plus the bias, is the logit. */
static void
test_closed_form_is_complete (void)
{
  g_autoptr (FvModel) model = new_pooled (FALSE);
  g_autoptr (FvTensor) input = new_ramp (1, 2, 6, 7);
  g_autoptr (FvInspection) inspection = fv_inspection_new (model, input, "relu", NULL, NULL);

  for (int c = 0; c < 3; c++) {
    g_autoptr (GPtrArray) maps = fv_gradcam (inspection, &c, FALSE, NULL);
    const FvMap *map = maps->pdata[0];
    double sum = 0;

    for (int i = 0; i < 20; i++)
      sum += map->values[i];
    g_assert_cmpfloat_with_epsilon (sum, fv_inspection_get_logits (inspection)[c],
                                    1e-5 * fabs (sum));
  }
}

static void
test_target_defaults_to_prediction (void)
{
  g_autoptr (FvModel) model = new_pooled (FALSE);
  g_autoptr (FvTensor) input = new_ramp (3, 2, 6, 7);
  g_autoptr (FvInspection) inspection = fv_inspection_new (model, input, "relu", NULL, NULL);
  const int mixed[] = { -1, 1, -1 };
  g_autoptr (GPtrArray) maps = fv_gradcam (inspection, mixed, TRUE, NULL);

  g_assert_cmpint (((FvMap *) maps->pdata[0])->target, ==,
                   fv_inspection_get_prediction (inspection, 0));
  g_assert_cmpint (((FvMap *) maps->pdata[1])->target, ==, 1);
}

static void
test_refusals (void)
{
  g_autoptr (FvModel) model = new_pooled (FALSE);
  g_autoptr (FvTensor) input = new_ramp (1, 2, 6, 7);
  g_autoptr (FvInspection) good = fv_inspection_new (model, input, "relu", NULL, NULL);
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  const int target = 3;
  g_autoptr (GError) no_space = NULL;
  g_autoptr (GError) no_layer = NULL;
  g_autoptr (GError) no_class = NULL;
  g_autoptr (GError) stopped = NULL;

  g_assert_null (fv_inspection_new (model, input, "fc", NULL, &no_space));
  g_assert_error (no_space, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT);
  g_assert_null (fv_inspection_new (model, input, "layer9", NULL, &no_layer));
  g_assert_nonnull (strstr (no_layer->message, "layer9"));
  g_assert_null (fv_gradcam (good, &target, TRUE, &no_class));
  g_assert_nonnull (strstr (no_class->message, "classes 0 to 2"));
  g_cancellable_cancel (cancelled);
  g_assert_null (fv_inspection_new (model, input, "relu", cancelled, &stopped));
  g_assert_error (stopped, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static glong
resident_kilobytes (void)
{
  g_autofree char *text = NULL;
  glong pages = 0;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  sscanf (text, "%*d %ld", &pages);
  return pages * (sysconf (_SC_PAGESIZE) / 1024);
}

static void
explain_once (FvModel *model, FvTensor *input, const char *layer)
{
  g_autoptr (FvInspection) inspection = fv_inspection_new (model, input, layer, NULL, NULL);
  g_autoptr (GPtrArray) maps = fv_gradcam (inspection, NULL, TRUE, NULL);

  g_assert_cmpuint (maps->len, ==, 1);
}

/* 200 explanations, closed form and cut, leave memory where 20 left it. One of these networks'
 * activations that leaked would show as 100 times the allowance. */
static void
test_memory_stays_flat (void)
{
  g_autoptr (FvCard) card = fv_card_new ("cifar_resnet20");
  g_autoptr (FvModel) model = fv_model_new (card, 10, 1, NULL);
  g_autoptr (FvTensor) input = new_ramp (1, 3, 64, 64);
  glong before = 0;

#ifdef __SANITIZE_ADDRESS__
  g_test_skip ("AddressSanitizer keeps freed memory for a while");
  return;
#endif
  for (int i = 0; i < 200; i++) {
    if (i == 20)
      before = resident_kilobytes ();
    explain_once (model, input, i % 2 == 0 ? "layer3" : "layer2");
  }
  g_assert_cmpint (resident_kilobytes () - before, <, 4096);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/gradcam/toy-at-convolution", test_toy_at_convolution);
  g_test_add_func ("/gradcam/toy-at-rectifier", test_toy_at_rectifier);
  g_test_add_func ("/gradcam/closed-form-equals-cut", test_closed_form_equals_cut);
  g_test_add_func ("/gradcam/closed-form-is-complete", test_closed_form_is_complete);
  g_test_add_func ("/gradcam/target-defaults-to-prediction", test_target_defaults_to_prediction);
  g_test_add_func ("/gradcam/refusals", test_refusals);
  g_test_add_func ("/gradcam/memory-stays-flat", test_memory_stays_flat);
  return g_test_run ();
}
