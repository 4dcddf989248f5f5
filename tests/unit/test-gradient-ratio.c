/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The ratio of two gradients, worked out by hand. */

#include <math.h>

#include "fv-autograd.h"
#include "fv-gradient-ratio.h"
#include "fv-op.h"
#include "fv-runtime.h"
#include "tensor-fixture.h"

/* task = p² + q² at (3, 4): gradient (6, 8), norm 10; the rest is 5 q: norm 5. */
static void
test_by_hand (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *parameters[] = { doubles (scope, 3), doubles (scope, 4) };
  FvTensor *squares[2], *task, *total;

  for (int i = 0; i < 2; i++) {
    fv_tensor_set_requires_grad (parameters[i], TRUE);
    squares[i] = fv_call (
        scope, "aten::sum",
        fv_of (fv_call (scope, "aten::mul.Tensor", fv_of (parameters[i]), fv_of (parameters[i]))));
  }
  task = fv_call (scope, "aten::add.Tensor", fv_of (squares[0]), fv_of (squares[1]));
  total = fv_call (scope, "aten::add.Tensor", fv_of (task),
                   fv_of (fv_call (scope, "aten::sum",
                                   fv_of (fv_call (scope, "aten::mul.Scalar", fv_of (parameters[1]),
                                                   fv_real (5))))));
  g_assert_cmpfloat_with_epsilon (fv_gradient_ratio (scope, task, total, parameters, 2), 0.5,
                                  1e-12);
  assert_scope_sound (scope);
  for (int i = 0; i < 2; i++)
    g_assert_null (fv_tensor_get_gradient (scope, parameters[i]));
  g_assert_true (fv_backward (total, NULL)); /* what was recorded is still there */
}

static void
test_no_task (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *parameter = doubles (scope, 3);
  FvTensor *sum, *nothing;

  fv_tensor_set_requires_grad (parameter, TRUE);
  sum = fv_call (scope, "aten::sum", fv_of (parameter));
  nothing = fv_call (scope, "aten::mul.Scalar", fv_of (sum), fv_real (0));
  g_assert_true (isnan (fv_gradient_ratio (scope, nothing, sum, &parameter, 1)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/gradient-ratio/by-hand", test_by_hand);
  g_test_add_func ("/gradient-ratio/no-task", test_no_task);
  return g_test_run ();
}
