/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Gradients whose values are known, and the regions where none are recorded. */

#include "fv-autograd.h"
#include "fv-op.h"
#include "fv-runtime.h"
#include "tensor-fixture.h"

static FvTensor *
leaf_of (FvScope *scope, double value)
{
  return fv_detach (scope, doubles (scope, value), TRUE);
}

static FvTensor *
power (FvScope *scope, FvTensor *x, double exponent)
{
  return fv_call (
      scope, "aten::sum",
      fv_of (fv_call (scope, "aten::pow.Tensor_Scalar", fv_of (x), fv_real (exponent))));
}

static void
test_square (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *x = leaf_of (scope, 3);
  FvTensor *gradient = NULL;

  g_assert_true (fv_gradient (scope, power (scope, x, 2), NULL, &x, 1, FALSE, &gradient));
  assert_values (gradient, 6);
  g_assert_false (fv_tensor_requires_grad (gradient));
  g_assert_null (fv_tensor_get_gradient (scope, x)); /* the leaf's own is not touched */
  assert_scope_sound (scope);
}

/* d²/dx² x³ = 6 x. */
static void
test_second_derivative (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *x = leaf_of (scope, 5);
  FvTensor *first = NULL;
  FvTensor *second = NULL;

  g_assert_true (fv_gradient (scope, power (scope, x, 3), NULL, &x, 1, TRUE, &first));
  assert_values (first, 75);
  first = fv_call (scope, "aten::sum", fv_of (first));
  g_assert_true (fv_gradient (scope, first, NULL, &x, 1, FALSE, &second));
  assert_values (second, 30);
}

/* Any shape, weighed by the gradient that comes from above. */
static void
test_output_gradient (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *x = fv_detach (scope, doubles (scope, 1, 2, 3), TRUE);
  FvTensor *y = fv_call (scope, "aten::mul.Tensor", fv_of (x), fv_of (x));
  FvTensor *gradient = NULL;

  g_assert_true (fv_gradient (scope, y, doubles (scope, 1, 0, -1), &x, 1, FALSE, &gradient));
  assert_values (gradient, 2, 0, -6);
}

static void
test_unused_input (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *inputs[] = { leaf_of (scope, 2), fv_detach (scope, doubles (scope, 1, 1, 1), TRUE) };
  FvTensor *gradients[2] = { NULL, NULL };

  g_assert_true (
      fv_gradient (scope, power (scope, inputs[0], 2), NULL, inputs, 2, FALSE, gradients));
  assert_values (gradients[0], 4);
  assert_values (gradients[1], 0, 0, 0);
}

static gboolean
records (FvScope *scope, FvTensor *x)
{
  return fv_tensor_requires_grad (power (scope, x, 2));
}

static void
test_regions_nest (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *x = leaf_of (scope, 2);
  FvNoGrad *outer, *inner;

  g_assert_true (records (scope, x));
  outer = fv_no_grad_enter ();
  g_assert_false (records (scope, x));
  inner = fv_no_grad_enter ();
  g_assert_false (records (scope, x));
  fv_no_grad_leave (inner);
  g_assert_false (records (scope, x));
  fv_no_grad_leave (outer);
  g_assert_true (records (scope, x));
}

static void
test_backward_adds_up (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *x = doubles (scope, 4);
  g_autoptr (GError) error = NULL;

  fv_tensor_set_requires_grad (x, TRUE);
  g_assert_true (fv_backward (power (scope, x, 2), &error));
  assert_values (fv_tensor_get_gradient (scope, x), 8);
  g_assert_true (fv_backward (power (scope, x, 2), &error));
  assert_values (fv_tensor_get_gradient (scope, x), 16);
  fv_tensor_set_requires_grad (x, FALSE);
  g_assert_false (records (scope, x));
  g_assert_false (fv_backward (power (scope, x, 2), &error));
  g_assert_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_TORCH);
}

static void
test_detached_shares_values (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *x = leaf_of (scope, 4);
  FvTensor *cut = fv_detach (scope, x, FALSE);

  g_assert_false (fv_tensor_requires_grad (cut));
  g_assert_true (fv_tensor_copy_from (x, doubles (scope, 9), NULL));
  assert_values (cut, 9);
}

static void
test_missing_tensors (void)
{
  g_autoptr (FvScope) cut = fv_scope_new ();
  g_autoptr (FvScope) output = fv_scope_new ();
  g_autoptr (FvScope) input = fv_scope_new ();
  FvTensor *x = leaf_of (input, 1);
  FvTensor *none = NULL;
  FvTensor *gradient = NULL;

  g_assert_null (fv_detach (cut, NULL, TRUE));
  g_assert_true (fv_scope_has_failed (cut));
  g_assert_false (fv_gradient (output, NULL, NULL, &x, 1, FALSE, &gradient));
  g_assert_true (fv_scope_has_failed (output));
  g_assert_false (fv_gradient (input, power (input, x, 2), NULL, &none, 1, FALSE, &gradient));
  g_assert_true (fv_scope_has_failed (input));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/autograd/square", test_square);
  g_test_add_func ("/autograd/second-derivative", test_second_derivative);
  g_test_add_func ("/autograd/output-gradient", test_output_gradient);
  g_test_add_func ("/autograd/unused-input", test_unused_input);
  g_test_add_func ("/autograd/regions-nest", test_regions_nest);
  g_test_add_func ("/autograd/backward-adds-up", test_backward_adds_up);
  g_test_add_func ("/autograd/detached-shares-values", test_detached_shares_values);
  g_test_add_func ("/autograd/missing-tensors", test_missing_tensors);
  return g_test_run ();
}
