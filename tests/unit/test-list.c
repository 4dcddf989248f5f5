/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lists of values, and values that own what they hold. */

#include "fv-list.h"

static void
test_kinds (void)
{
  const FvValue ints[] = { fv_int (3), fv_int (-1) };
  const FvValue reals[] = { fv_real (0.5), fv_real (2) };
  const FvValue bools[] = { fv_bool (TRUE), fv_bool (FALSE), fv_bool (TRUE) };
  g_auto (FvValue) a = fv_none ();
  g_auto (FvValue) b = fv_none ();
  g_auto (FvValue) c = fv_none ();

  g_assert_true (fv_list_make (ints, 2, &a, NULL));
  g_assert_true (fv_list_make (reals, 2, &b, NULL));
  g_assert_true (fv_list_make (bools, 3, &c, NULL));
  g_assert_cmpint (a.kind, ==, FV_VALUE_INTS);
  g_assert_cmpint (a.ints[1], ==, -1);
  g_assert_cmpint (b.kind, ==, FV_VALUE_REALS);
  g_assert_cmpfloat (b.reals[0], ==, 0.5);
  g_assert_cmpint (c.kind, ==, FV_VALUE_BOOLS);
  g_assert_cmpuint (fv_list_get_length (&c), ==, 3);
}

static void
test_optional_tensors (void)
{
  const gint64 shape = 1;
  const float one = 1;
  g_autoptr (FvTensor) tensor = fv_tensor_new (FV_DTYPE_FLOAT32, &shape, 1, &one, 4, NULL);
  const FvValue items[] = { fv_none (), fv_of (tensor) };
  g_auto (FvValue) list = fv_none ();
  g_auto (FvValue) copy = fv_none ();
  g_auto (FvValue) item = fv_none ();

  g_assert_true (fv_list_make (items, 2, &list, NULL));
  g_assert_cmpint (list.kind, ==, FV_VALUE_TENSORS);
  g_assert_null (list.tensors[0]);
  copy = fv_value_copy (&list);
  g_assert_true (fv_value_equal (&copy, &list));
  g_assert_true (fv_list_get_item (&copy, -1, &item, NULL));
  g_assert_true (item.tensor == tensor);
}

static void
test_mixed_is_refused (void)
{
  const FvValue items[] = { fv_int (1), fv_real (1) };
  g_auto (FvValue) list = fv_none ();
  g_autoptr (GError) error = NULL;

  g_assert_false (fv_list_make (items, 2, &list, &error));
  g_assert_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT);
}

static void
test_item_beyond (void)
{
  const FvValue list = fv_ints (5, 6);
  const FvValue number = fv_int (5);
  g_auto (FvValue) item = fv_none ();

  g_assert_true (fv_list_get_item (&list, -2, &item, NULL));
  g_assert_cmpint (item.integer, ==, 5);
  g_assert_false (fv_list_get_item (&list, 2, &item, NULL));
  g_assert_false (fv_list_get_item (&list, -3, &item, NULL));
  g_assert_false (fv_list_get_item (&number, 0, &item, NULL));
}

static void
test_equal (void)
{
  const FvValue values[]
      = { fv_none (),      fv_int (1),      fv_int (2),     fv_real (1),   fv_bool (1),
          fv_string ("a"), fv_string ("b"), fv_ints (1, 2), fv_ints (1, 3) };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (values); j++)
      g_assert_true (fv_value_equal (&values[i], &values[j]) == (i == j));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/list/kinds", test_kinds);
  g_test_add_func ("/list/optional-tensors", test_optional_tensors);
  g_test_add_func ("/list/mixed-is-refused", test_mixed_is_refused);
  g_test_add_func ("/list/item-beyond", test_item_beyond);
  g_test_add_func ("/list/equal", test_equal);
  return g_test_run ();
}
