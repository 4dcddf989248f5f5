/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The wall to libtorch: operators by name, scopes and their sticky error, and tensors of shapes
 * that must be refused. */

#include "fv-op.h"
#include "fv-runtime.h"
#include "tensor-fixture.h"

#define HUGE_SIZE (G_GINT64_CONSTANT (1) << 60)

static void
test_nested_calls (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *x = doubles (scope, -1, 2, 3);

  assert_values (fv_call (scope, "aten::mul.Tensor",
                          fv_of (fv_call (scope, "aten::relu", fv_of (x))), fv_of (x)),
                 0, 4, 9);
  assert_scope_sound (scope);
}

static void
test_first_error_sticks (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  const double values[6] = { 0 };
  FvTensor *x = new_doubles (scope, values, (const gint64[]){ 2, 3 }, 2);
  g_autoptr (GError) error = NULL;

  g_assert_null (fv_call (scope, "aten::mm", fv_of (x), fv_of (x)));
  g_assert_true (fv_scope_has_failed (scope));
  g_assert_null (fv_call (scope, "aten::relu", fv_of (x)));
  g_assert_null (fv_call (scope, "aten::no_such_operator", fv_of (x)));
  g_assert_false (fv_scope_check (scope, &error));
  g_assert_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_TORCH);
  assert_says (error, "aten::mm (float64 [2, 3], float64 [2, 3]): ");
}

static void
test_missing_tensor (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (fv_call (scope, "aten::relu", fv_of (NULL)));
  g_assert_false (fv_scope_check (scope, &error));
  assert_says (error, "aten::relu");
  assert_says (error, "a tensor is missing");
}

static void
test_keep_outlives_its_scope (void)
{
  FvScope *scope = fv_scope_new ();
  g_autoptr (FvTensor) kept = NULL;

  kept = fv_scope_keep (scope, fv_call (scope, "aten::neg", fv_of (doubles (scope, 1, -2))));
  g_assert_null (fv_scope_keep (scope, NULL));
  fv_scope_free (scope);
  assert_values (kept, -1, 2);
}

static void
assert_unknown (const char *name)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (fv_op_find (name, &error));
  g_assert_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_NO_OP);
  assert_says (error, name);
}

static void
test_unknown_operators (void)
{
  assert_unknown ("aten::no_such_operator");
  assert_unknown ("aten::add.NoSuchOverload");
  assert_unknown ("no namespace");
  assert_unknown ("relu");
  assert_unknown ("aten::");
  assert_unknown ("");
}

static void
test_overloads_and_defaults (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *x = doubles (scope, 1, 2);
  FvTensor *y = doubles (scope, 10, 20);

  assert_values (fv_call (scope, "aten::add.Tensor", fv_of (x), fv_of (y)), 11, 22);
  assert_values (fv_call (scope, "aten::add.Tensor", fv_of (x), fv_of (y), fv_int (3)), 31, 62);
  assert_values (fv_call (scope, "aten::add.Scalar", fv_of (x), fv_real (0.5)), 1.5, 2.5);
  assert_scope_sound (scope);
}

static FvValue
run_one (const char *name, const FvValue *arguments, gsize n)
{
  g_autoptr (GError) error = NULL;
  const FvOp *op = fv_op_find (name, &error);
  FvValue result = fv_none ();

  g_assert_no_error (error);
  g_assert_cmpstr (fv_op_get_name (op), ==, name);
  fv_op_run (op, arguments, n, &result, 1, &error);
  g_assert_no_error (error);
  return result;
}

#define RUN(name, ...)                                                                             \
  run_one (name, (const FvValue[]){ __VA_ARGS__ },                                                 \
           G_N_ELEMENTS (((const FvValue[]){ __VA_ARGS__ })))

/* Operators that only the interpreter has, not the dispatcher. */
static void
test_interpreter_operators (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvValue rest = RUN ("aten::remainder.int", fv_int (-7), fv_int (3));
  FvValue length = RUN ("aten::len.Tensor", fv_of (doubles (scope, 5, 6, 7)));
  FvValue number = RUN ("prim::NumToTensor.Scalar", fv_int (9));

  g_assert_cmpint (rest.kind, ==, FV_VALUE_INT);
  g_assert_cmpint (rest.integer, ==, 2);
  g_assert_cmpint (length.integer, ==, 3);
  g_assert_cmpint (number.kind, ==, FV_VALUE_TENSOR);
  assert_values (number.tensor, 9);
  fv_value_clear (&number);
}

static void
test_lists (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *parts[] = { doubles (scope, 1, 2), doubles (scope, 3) };
  FvTensor *row = fv_call (scope, "aten::cat", fv_tensor_list (parts, 2));
  FvValue halves = RUN ("aten::split.Tensor", fv_of (row), fv_int (2));
  FvValue size = RUN ("aten::size", fv_of (row));
  FvValue copy = fv_value_copy (&halves);

  assert_values (row, 1, 2, 3);
  g_assert_cmpint (halves.kind, ==, FV_VALUE_TENSORS);
  g_assert_cmpuint (halves.n, ==, 2);
  assert_values (halves.tensors[1], 3);
  g_assert_cmpint (size.kind, ==, FV_VALUE_INTS);
  g_assert_cmpuint (size.n, ==, 1);
  g_assert_cmpint (size.ints[0], ==, 3);
  fv_value_clear (&halves);
  assert_values (copy.tensors[0], 1, 2);
  fv_value_clear (&copy);
  fv_value_clear (&size);
  g_assert_cmpint (size.kind, ==, FV_VALUE_NONE);
}

static void
assert_refused (const char *name, const char *phrase, const FvValue *arguments, gsize n)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (fv_call_values (scope, name, arguments, n));
  g_assert_false (fv_scope_check (scope, &error));
  assert_says (error, name);
  assert_says (error, phrase);
}

#define REFUSED(name, phrase, ...)                                                                 \
  assert_refused (name, phrase, (const FvValue[]){ __VA_ARGS__ },                                  \
                  G_N_ELEMENTS (((const FvValue[]){ __VA_ARGS__ })))

static void
test_wrong_arguments (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *x = doubles (scope, 1, 2);
  FvTensor *missing[] = { x, NULL };

  REFUSED ("aten::relu", "", fv_int (1));
  REFUSED ("aten::relu", "too many", fv_of (x), fv_of (x));
  REFUSED ("aten::add.Tensor", "“other” is missing", fv_of (x));
  REFUSED ("aten::flatten.using_ints", "", fv_of (x), fv_string ("one"));
  REFUSED ("aten::sum.dim_IntList", "", fv_of (x), fv_real (1.5));
  REFUSED ("aten::cat", "a tensor is missing", fv_tensor_list (missing, 2));
  REFUSED ("aten::cat", "", fv_ints (1, 2));
  REFUSED ("aten::relu", "unknown kind", (FvValue){ .kind = (FvValueKind) 77 });
  REFUSED ("aten::len.Tensor", "no tensor", fv_of (x));
}

/* Nothing is allocated, nothing escapes; the program goes on. */
static void
test_huge_allocations (void)
{
  REFUSED ("aten::zeros", "", fv_ints (HUGE_SIZE));
  REFUSED ("aten::zeros", "", fv_ints (HUGE_SIZE, HUGE_SIZE));
  REFUSED ("aten::zeros", "", fv_ints (-1));
}

/* FvDtype has no complex numbers: such a result is refused, not a handle that later aborts. */
static void
test_unknown_types (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *x = doubles (scope, 1, 2);

  REFUSED ("aten::complex", "Complex", fv_of (x), fv_of (x));
}

/* On failure nothing is written, whatever had been computed. */
static void
test_too_many_results (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  const FvOp *op = fv_op_find ("aten::max.dim", NULL);
  const FvValue arguments[] = { fv_of (doubles (scope, 4, 9, 2)), fv_int (0) };
  FvValue results[2] = { fv_none (), fv_none () };
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (fv_op_get_n_results (op), ==, 2);
  g_assert_false (fv_op_run (op, arguments, 2, results, 1, &error));
  assert_says (error, "aten::max.dim (float64 [3]): ");
  g_assert_cmpint (results[0].kind, ==, FV_VALUE_NONE);
  g_clear_error (&error);
  g_assert_true (fv_op_run (op, arguments, 2, results, 2, &error));
  assert_values (results[0].tensor, 9);
  assert_values (results[1].tensor, 1);
  fv_value_clear (&results[0]);
  fv_value_clear (&results[1]);
}

static void
assert_no_tensor (const gint64 *shape, int n_dims, gsize n_bytes)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (fv_tensor_new (FV_DTYPE_FLOAT32, shape, n_dims, "some bytes", n_bytes, &error));
  g_assert_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT);
}

/* A size of 0 does not excuse sizes whose product no machine can hold. */
static void
test_impossible_shapes (void)
{
  const gint64 huge = G_GINT64_CONSTANT (1) << 62;
  const gint64 empty_shape[] = { 3, 0, 2 };
  g_autoptr (FvTensor) empty = NULL;

  assert_no_tensor ((const gint64[]){ 0, huge, huge }, 3, 0);
  assert_no_tensor ((const gint64[]){ huge, huge, 0 }, 3, 0);
  assert_no_tensor ((const gint64[]){ huge, 4 }, 2, 0);
  assert_no_tensor ((const gint64[]){ -1 }, 1, 4);
  assert_no_tensor ((const gint64[]){ -1, -1 }, 2, 4);
  assert_no_tensor ((const gint64[]){ 2 }, 1, 4);
  empty = fv_tensor_new (FV_DTYPE_FLOAT32, empty_shape, 3, NULL, 0, NULL);
  g_assert_cmpint (fv_tensor_get_n_elements (empty), ==, 0);
  g_assert_cmpint (fv_tensor_get_size (empty, -1), ==, 2);
  g_assert_cmpint (fv_tensor_get_size (empty, 3), ==, 0);
}

static void
test_reading (void)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *x = doubles (scope, 1.5, -2);
  FvTensor *other = doubles (scope, 1, 2, 3);
  float floats[3] = { 7, 7, 7 };
  g_autoptr (GError) small = NULL;
  g_autoptr (GError) shape = NULL;
  g_autofree char *description = fv_tensor_describe (x);

  g_assert_cmpstr (description, ==, "float64 [2]");
  g_assert_true (fv_tensor_read (x, FV_DTYPE_FLOAT32, floats, 2 * sizeof *floats, NULL));
  g_assert_cmpfloat (floats[0], ==, 1.5f);
  g_assert_cmpfloat (floats[2], ==, 7);
  g_assert_false (fv_tensor_read (x, FV_DTYPE_FLOAT32, floats, sizeof *floats, &small));
  assert_says (small, "float64 [2]");
  g_assert_false (fv_tensor_copy_from (x, other, &shape));
  assert_says (shape, "float64 [3] cannot be copied into float64 [2]");
  g_assert_true (isnan (fv_tensor_to_double (x)));
  g_assert_true (isnan (fv_tensor_to_double (NULL)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fv_runtime_start (1);
  g_test_add_func ("/scope/nested-calls", test_nested_calls);
  g_test_add_func ("/scope/first-error-sticks", test_first_error_sticks);
  g_test_add_func ("/scope/missing-tensor", test_missing_tensor);
  g_test_add_func ("/scope/keep-outlives-its-scope", test_keep_outlives_its_scope);
  g_test_add_func ("/op/unknown-operators", test_unknown_operators);
  g_test_add_func ("/op/overloads-and-defaults", test_overloads_and_defaults);
  g_test_add_func ("/op/interpreter-operators", test_interpreter_operators);
  g_test_add_func ("/op/lists", test_lists);
  g_test_add_func ("/op/wrong-arguments", test_wrong_arguments);
  g_test_add_func ("/op/huge-allocations", test_huge_allocations);
  g_test_add_func ("/op/unknown-types", test_unknown_types);
  g_test_add_func ("/op/too-many-results", test_too_many_results);
  g_test_add_func ("/tensor/impossible-shapes", test_impossible_shapes);
  g_test_add_func ("/tensor/reading", test_reading);
  return g_test_run ();
}
