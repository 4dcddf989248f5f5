/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The optimisers against their published update rules, worked out here in double precision on the
 * loss p², whose gradient is 2 p. */

#include "fv-autograd.h"
#include "fv-op.h"
#include "fv-optimizer.h"
#include "fv-runtime.h"
#include "tensor-fixture.h"

#define START 0.8
#define N_STEPS 3
#define RATE 0.05
#define DECAY 0.1
#define MOMENTUM 0.9
#define BETA1 0.9
#define BETA2 0.999
#define EPSILON 1e-8

static FvTensor *
parameter_of (FvScope *scope, double value)
{
  FvTensor *parameter = doubles (scope, value);

  fv_tensor_set_requires_grad (parameter, TRUE);
  return parameter;
}

static void
step (FvOptimizer *optimizer, FvScope *scope, FvTensor *const *parameters, gsize n)
{
  g_autoptr (GError) error = NULL;

  fv_optimizer_zero_gradients (optimizer);
  for (gsize i = 0; i < n; i++) {
    FvTensor *square
        = fv_call (scope, "aten::mul.Tensor", fv_of (parameters[i]), fv_of (parameters[i]));

    fv_backward (fv_call (scope, "aten::sum", fv_of (square)), &error);
    g_assert_no_error (error);
  }
  fv_optimizer_step (optimizer, &error);
  g_assert_no_error (error);
}

static double
train (FvOptimizerKind kind)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *p = parameter_of (scope, START);
  const FvParameterGroup group = { &p, 1, RATE, DECAY };
  g_autoptr (GError) error = NULL;
  g_autoptr (FvOptimizer) optimizer = fv_optimizer_new (kind, &group, 1, MOMENTUM, &error);

  g_assert_no_error (error);
  for (int i = 0; i < N_STEPS; i++)
    step (optimizer, scope, &p, 1);
  return fv_tensor_to_double (p);
}

static void
test_sgd (void)
{
  double p = START;
  double velocity = 0;

  for (int i = 0; i < N_STEPS; i++) {
    double g = 2 * p + DECAY * p;

    velocity = i == 0 ? g : MOMENTUM * velocity + g;
    p -= RATE * velocity;
  }
  g_assert_cmpfloat_with_epsilon (train (FV_OPTIMIZER_SGD), p, 1e-14);
}

static double
adam_step (double g, double *m, double *v, int i)
{
  *m = BETA1 * *m + (1 - BETA1) * g;
  *v = BETA2 * *v + (1 - BETA2) * g * g;
  return RATE * (*m / (1 - pow (BETA1, i))) / (sqrt (*v / (1 - pow (BETA2, i))) + EPSILON);
}

/* Weight decay is part of the gradient. */
static void
test_adam (void)
{
  double p = START;
  double m = 0;
  double v = 0;

  for (int i = 1; i <= N_STEPS; i++)
    p -= adam_step (2 * p + DECAY * p, &m, &v, i);
  g_assert_cmpfloat_with_epsilon (train (FV_OPTIMIZER_ADAM), p, 1e-14);
}

/* Weight decay shrinks the parameter and leaves the moments alone. */
static void
test_adamw (void)
{
  double p = START;
  double m = 0;
  double v = 0;

  for (int i = 1; i <= N_STEPS; i++) {
    double g = 2 * p;

    p *= 1 - RATE * DECAY;
    p -= adam_step (g, &m, &v, i);
  }
  g_assert_cmpfloat_with_epsilon (train (FV_OPTIMIZER_ADAMW), p, 1e-14);
}

static void
test_groups (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *parameters[] = { parameter_of (scope, 1), parameter_of (scope, 1) };
  const FvParameterGroup groups[]
      = { { &parameters[0], 1, 0.1, 0 }, { &parameters[1], 1, 0.01, 0.5 } };
  g_autoptr (FvOptimizer) optimizer = fv_optimizer_new (FV_OPTIMIZER_SGD, groups, 2, 0, NULL);

  step (optimizer, scope, parameters, 2);
  assert_near (parameters[0], (const double[]){ 1 - 0.1 * 2 }, 1, 1e-15);
  assert_near (parameters[1], (const double[]){ 1 - 0.01 * 2.5 }, 1, 1e-15);
  fv_optimizer_set_learning_rate (optimizer, 0, 0);
  step (optimizer, scope, parameters, 2);
  assert_near (parameters[0], (const double[]){ 0.8 }, 1, 1e-15);
  assert_near (parameters[1], (const double[]){ 0.975 * (1 - 0.01 * 2.5) }, 1, 1e-15);
}

/* The joint norm of (3) and (4) is 5. */
static void
test_clipping (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *parameters[] = { parameter_of (scope, 1.5), parameter_of (scope, 2) };
  const FvParameterGroup groups[] = { { &parameters[0], 1, 0, 0 }, { &parameters[1], 1, 0, 0 } };
  g_autoptr (FvOptimizer) optimizer = fv_optimizer_new (FV_OPTIMIZER_SGD, groups, 2, 0, NULL);

  step (optimizer, scope, parameters, 2);
  g_assert_cmpfloat (fv_optimizer_clip_gradients (optimizer, 10), ==, 5);
  assert_values (fv_tensor_get_gradient (scope, parameters[0]), 3);
  g_assert_cmpfloat (fv_optimizer_clip_gradients (optimizer, 1), ==, 5);
  assert_near (fv_tensor_get_gradient (scope, parameters[0]), (const double[]){ 0.6 }, 1, 1e-6);
  assert_near (fv_tensor_get_gradient (scope, parameters[1]), (const double[]){ 0.8 }, 1, 1e-6);
  fv_optimizer_zero_gradients (optimizer);
  g_assert_null (fv_tensor_get_gradient (scope, parameters[0]));
}

/* Two groups of one parameter each. */
static FvOptimizer *
new_pair (FvOptimizerKind kind, FvTensor **parameters)
{
  const FvParameterGroup groups[]
      = { { &parameters[0], 1, RATE, DECAY }, { &parameters[1], 1, RATE / 2, 0 } };

  return fv_optimizer_new (kind, groups, 2, MOMENTUM, NULL);
}

/* An optimiser that takes over after two steps ends where one that took all five does. */
static void
assert_continues (FvOptimizerKind kind, gsize n_used)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *straight[] = { parameter_of (scope, START), parameter_of (scope, 2) };
  FvTensor *first[] = { parameter_of (scope, START), parameter_of (scope, 2) };
  FvTensor *second[] = { parameter_of (scope, 0), parameter_of (scope, 0) };
  g_autoptr (FvOptimizer) whole = new_pair (kind, straight);
  g_autoptr (FvOptimizer) begun = new_pair (kind, first);
  g_autoptr (FvOptimizer) taken_over = new_pair (kind, second);
  g_autoptr (FvStateDict) state = NULL;
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 5; i++)
    step (whole, scope, straight, n_used);
  for (int i = 0; i < 2; i++)
    step (begun, scope, first, n_used);
  state = fv_optimizer_get_state (begun, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fv_state_dict_get_length (state), ==,
                    n_used * (kind == FV_OPTIMIZER_SGD ? 1 : 3));
  fv_optimizer_set_state (taken_over, state, "file", &error);
  g_assert_no_error (error);
  for (gsize i = 0; i < 2; i++)
    g_assert_true (fv_tensor_copy_from (second[i], first[i], NULL));
  step (begun, scope, first, n_used); /* what was taken over is a copy */
  for (int i = 0; i < 3; i++)
    step (taken_over, scope, second, n_used);
  for (gsize i = 0; i < 2; i++)
    g_assert_true (fv_tensor_equal (straight[i], second[i]));
}

static void
test_state (void)
{
  for (gsize n_used = 1; n_used <= 2; n_used++) {
    assert_continues (FV_OPTIMIZER_SGD, n_used);
    assert_continues (FV_OPTIMIZER_ADAM, n_used);
    assert_continues (FV_OPTIMIZER_ADAMW, n_used);
  }
}

static void
assert_state_refused (FvOptimizer *optimizer, const FvStateDict *state, const char *phrase)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (fv_optimizer_set_state (optimizer, state, "the-file", &error));
  assert_says (error, "the-file");
  assert_says (error, phrase);
}

static void
test_state_of_another (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *parameters[] = { parameter_of (scope, 1), parameter_of (scope, 2) };
  g_autoptr (FvOptimizer) optimizer = new_pair (FV_OPTIMIZER_ADAM, parameters);
  g_autoptr (FvStateDict) stranger = fv_state_dict_new ();
  g_autoptr (FvStateDict) half = fv_state_dict_new ();
  g_autoptr (FvStateDict) kept = NULL;
  g_autoptr (FvTensor) count = fv_tensor_new (FV_DTYPE_INT64, NULL, 0, (gint64[]){ 3 }, 8, NULL);

  step (optimizer, scope, parameters, 2);
  fv_state_dict_add (stranger, "7.exp_avg", parameters[0]);
  assert_state_refused (optimizer, stranger, "more values");
  fv_state_dict_add (half, "0.step", count);
  assert_state_refused (optimizer, half, "“0.exp_avg” is missing");
  fv_state_dict_add (half, "0.exp_avg", count);
  assert_state_refused (optimizer, half, "“0.exp_avg” has another type or shape");
  kept = fv_optimizer_get_state (optimizer, NULL);
  g_assert_cmpuint (fv_state_dict_get_length (kept), ==, 6);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/optimizer/sgd", test_sgd);
  g_test_add_func ("/optimizer/adam", test_adam);
  g_test_add_func ("/optimizer/adamw", test_adamw);
  g_test_add_func ("/optimizer/groups", test_groups);
  g_test_add_func ("/optimizer/clipping", test_clipping);
  g_test_add_func ("/optimizer/state", test_state);
  g_test_add_func ("/optimizer/state-of-another", test_state_of_another);
  return g_test_run ();
}
