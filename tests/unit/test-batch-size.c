/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The peak of a graph's values by hand, and batches that fit into memory. */

#include "fv-batch-size.h"
#include "fv-model.h"
#include "fv-runtime.h"
#include "fv-sample.h"
#include "tensor-fixture.h"

/* x → a = relu (x) → b = relu (a) → a + b: x, a and b have the same size; when b is made a and b
 * are held (x is gone), when the sum is made a, b and it. */
static void
test_peak (void)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();
  g_autoptr (FvTensor) input = new_waves ((const gint64[]){ 2, 3, 4, 5 }, 4);
  FvNodeId x = fv_graph_add_input (graph);
  FvNodeId a = fv_op_node (graph, "a", "aten::relu", fv_from (x));
  FvNodeId b = fv_op_node (graph, "b", "aten::relu", fv_from (a));
  FvNodeId unused = fv_op_node (graph, "c", "aten::relu", fv_from (x));
  FvNodeId sum = fv_op_node (graph, "", "aten::add.Tensor", fv_from (a), fv_from (b));
  g_autoptr (FvActivations) sample = NULL;
  g_autoptr (GError) error = NULL;

  fv_graph_set_output (graph, sum);
  sample = fv_graph_run_sample (graph, input, &sum, 1, NULL, &error);
  g_assert_no_error (error);
  g_assert_null (fv_activations_get (sample, unused));
  g_assert_cmpint (fv_tensor_get_size (fv_activations_get (sample, sum), 0), ==, 1);
  g_assert_cmpuint (fv_graph_estimate_peak (graph, sample), ==, 3 * 3 * 4 * 5 * sizeof (float));
}

static void
test_fit (void)
{
  const gsize megabyte = 1 << 20;

  g_assert_cmpint (fv_batch_size_fit (megabyte, 4096 * megabyte), ==, FV_BATCH_SIZE_MAX);
  g_assert_cmpint (fv_batch_size_fit (100 * megabyte, 4000 * megabyte), ==, 8);
  g_assert_cmpint (fv_batch_size_fit (100 * megabyte, 1600 * megabyte), ==, 4);
  g_assert_cmpint (fv_batch_size_fit (4096 * megabyte, megabyte), ==, 1);
  g_assert_cmpint (fv_batch_size_fit (0, 0), ==, FV_BATCH_SIZE_MAX);
}

static void
test_choose (void)
{
  g_autoptr (FvCard) card = fv_card_new ("small_cnn");
  g_autoptr (FvModel) model = fv_model_new (card, 4, 5, NULL);
  g_autoptr (GError) error = NULL;
  int size = fv_model_get_batch_size (model, 32, 32, &error);

  g_assert_no_error (error);
  g_assert_cmpint (size, >=, 1);
  g_assert_cmpint (size, <=, FV_BATCH_SIZE_MAX);
  g_assert_cmpint (fv_model_get_batch_size (model, 32, 32, &error), ==, size);
  g_assert_cmpint (fv_model_get_batch_size (model, 1, 1, &error), ==, 0);
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/batch-size/peak", test_peak);
  g_test_add_func ("/batch-size/fit", test_fit);
  g_test_add_func ("/batch-size/choose", test_choose);
  return g_test_run ();
}
