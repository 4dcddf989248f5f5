/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A network that forgets: which modules, in what order, and what stays. */

#include "fv-randomise.h"

#include <stdlib.h>

static FvModel *
new_model (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (FvCard) card = fv_card_new ("resnet18");
  FvModel *model = fv_model_new (card, 5, 1, &error);

  g_assert_no_error (error);
  return model;
}

static void
test_modules (void)
{
  g_autoptr (FvModel) model = new_model ();
  g_autoptr (GPtrArray) modules = fv_randomise_list_modules (model);

  g_assert_cmpuint (modules->len, ==, 1 + 2 * 20); /* fc, and 20 convolutions with their norms */
  g_assert_cmpstr (g_ptr_array_index (modules, 0), ==, "fc");
  g_assert_cmpstr (g_ptr_array_index (modules, modules->len - 1), ==, "conv1");
  g_assert_cmpstr (g_ptr_array_index (modules, modules->len - 2), ==, "bn1");
}

static FvTensor *
parameter_of (const FvModel *model, const char *name)
{
  FvGraph *graph = fv_model_get_graph (model);

  return fv_graph_get_parameter (graph, fv_graph_find_parameter (graph, name));
}

static int
compare (const void *a, const void *b)
{
  const float *x = a, *y = b;

  return (*x > *y) - (*x < *y);
}

/* The same numbers in another order. */
static void
assert_shuffled (const FvTensor *a, const FvTensor *b)
{
  gsize n = 0;
  g_autofree float *x = fv_tensor_to_floats (a, &n, NULL);
  g_autofree float *y = fv_tensor_to_floats (b, NULL, NULL);

  g_assert_false (fv_tensor_equal (a, b));
  qsort (x, n, sizeof *x, compare);
  qsort (y, n, sizeof *y, compare);
  g_assert_cmpmem (x, n * sizeof *x, y, n * sizeof *y);
}

static void
test_shuffle (void)
{
  g_autoptr (FvModel) model = new_model ();
  g_autoptr (FvModel) untouched = new_model ();
  g_autoptr (FvModel) copy = fv_randomise_copy (model, NULL);
  g_autoptr (FvModel) again = fv_randomise_copy (model, NULL);

  g_assert_true (fv_randomise_modules (copy, 0, 1, 7, NULL));
  assert_shuffled (parameter_of (model, "fc.weight"), parameter_of (copy, "fc.weight"));
  g_assert_true (
      fv_tensor_equal (parameter_of (model, "fc.weight"), parameter_of (untouched, "fc.weight")));
  g_assert_true (fv_tensor_equal (parameter_of (model, "layer4.1.conv2.weight"),
                                  parameter_of (copy, "layer4.1.conv2.weight")));
  g_assert_true (fv_randomise_modules (again, 0, G_MAXUINT, 7, NULL));
  g_assert_true (
      fv_tensor_equal (parameter_of (copy, "fc.weight"), parameter_of (again, "fc.weight")));
  assert_shuffled (parameter_of (model, "conv1.weight"), parameter_of (again, "conv1.weight"));
  g_assert_true (fv_tensor_equal (parameter_of (model, "bn1.running_var"),
                                  parameter_of (again, "bn1.running_var")));
}

static void
test_seeds (void)
{
  g_autoptr (FvModel) model = new_model ();
  g_autoptr (FvModel) first = fv_randomise_copy (model, NULL);
  g_autoptr (FvModel) second = fv_randomise_copy (model, NULL);

  g_assert_true (fv_randomise_modules (first, 0, 1, 1, NULL));
  g_assert_true (fv_randomise_modules (second, 0, 1, 2, NULL));
  g_assert_false (
      fv_tensor_equal (parameter_of (first, "fc.weight"), parameter_of (second, "fc.weight")));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/randomise/modules", test_modules);
  g_test_add_func ("/randomise/shuffle", test_shuffle);
  g_test_add_func ("/randomise/seeds", test_seeds);
  return g_test_run ();
}
