/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The dictionary of tensors: order, names that repeat, who owns what. */

#include "fv-state-dict.h"

static FvTensor *
scalar (double value)
{
  g_autoptr (GError) error = NULL;
  FvTensor *tensor = fv_tensor_new (FV_DTYPE_FLOAT64, NULL, 0, &value, sizeof value, &error);

  g_assert_no_error (error);
  return tensor;
}

static void
add_scalar (FvStateDict *dict, const char *name, double value)
{
  g_autoptr (FvTensor) tensor = scalar (value);

  g_assert_true (fv_state_dict_add (dict, name, tensor));
}

static void
test_empty (void)
{
  g_autoptr (FvStateDict) dict = fv_state_dict_new ();

  g_assert_cmpuint (fv_state_dict_get_length (dict), ==, 0);
  g_assert_null (fv_state_dict_lookup (dict, "weight"));
}

static void
test_keeps_order (void)
{
  static const char *const names[] = { "z", "", "layer1.0.conv1.weight", "a" };
  g_autoptr (FvStateDict) dict = fv_state_dict_new ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    add_scalar (dict, names[i], i);
  g_assert_cmpuint (fv_state_dict_get_length (dict), ==, G_N_ELEMENTS (names));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_assert_cmpstr (fv_state_dict_get_name (dict, i), ==, names[i]);
    g_assert_cmpfloat (fv_tensor_to_double (fv_state_dict_get_tensor (dict, i)), ==, i);
    g_assert_true (fv_state_dict_lookup (dict, names[i]) == fv_state_dict_get_tensor (dict, i));
  }
  g_assert_null (fv_state_dict_lookup (dict, "layer1.0.conv1"));
}

static void
test_refuses_a_name_twice (void)
{
  g_autoptr (FvStateDict) dict = fv_state_dict_new ();
  g_autoptr (FvTensor) second = scalar (2);

  add_scalar (dict, "weight", 1);
  g_assert_false (fv_state_dict_add (dict, "weight", second));
  g_assert_cmpuint (fv_state_dict_get_length (dict), ==, 1);
  g_assert_cmpfloat (fv_tensor_to_double (fv_state_dict_lookup (dict, "weight")), ==, 1);
}

static void
test_shares_tensors (void)
{
  FvStateDict *dict = fv_state_dict_new ();
  g_autoptr (FvStateDict) other = fv_state_dict_ref (dict);
  g_autoptr (FvTensor) tensor = scalar (7);
  char name[] = "weight";

  g_assert_true (fv_state_dict_add (dict, name, tensor));
  name[0] = 'W';
  fv_state_dict_unref (dict);
  g_assert_true (fv_state_dict_lookup (other, "weight") == tensor);
  g_clear_pointer (&other, fv_state_dict_unref);
  g_assert_cmpfloat (fv_tensor_to_double (tensor), ==, 7);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/state-dict/empty", test_empty);
  g_test_add_func ("/state-dict/keeps-order", test_keeps_order);
  g_test_add_func ("/state-dict/refuses-a-name-twice", test_refuses_a_name_twice);
  g_test_add_func ("/state-dict/shares-tensors", test_shares_tensors);
  return g_test_run ();
}
