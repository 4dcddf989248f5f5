/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which kernels OpenBLAS should use instead of those that it falls back to. */

#include "fv-blas.h"

static void
test_suggestions (void)
{
  g_assert_cmpstr (fv_blas_suggest_kernel ("Prescott", TRUE, TRUE), ==, "SkylakeX");
  g_assert_cmpstr (fv_blas_suggest_kernel ("Prescott", TRUE, FALSE), ==, "Haswell");
  g_assert_null (fv_blas_suggest_kernel ("Prescott", FALSE, FALSE));
  g_assert_null (fv_blas_suggest_kernel ("Zen", TRUE, FALSE));
  g_assert_null (fv_blas_suggest_kernel ("Haswell", TRUE, TRUE));
}

/* A second execution would be one without end: the guard and the user's choice both forbid it. */
static void
test_never_twice (void)
{
  g_autoptr (GError) error = NULL;

  g_setenv ("FOVEA_BLAS_CHOSEN", "1", TRUE);
  g_assert_true (fv_blas_choose_kernel (NULL, &error));
  g_assert_no_error (error);
  g_assert_nonnull (fv_blas_get_kernel ());
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/blas/suggestions", test_suggestions);
  g_test_add_func ("/blas/never-twice", test_never_twice);
  return g_test_run ();
}
