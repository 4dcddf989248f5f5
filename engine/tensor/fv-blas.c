/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The OpenBLAS trap, closed. */

#include "fv-blas.h"

#include <cblas.h>
#include <errno.h>
#include <math.h>
#include <unistd.h>

#include "fv-tensor.h"

#define CORE_TYPE "OPENBLAS_CORETYPE"
/* Set before executing anew, so that it happens once at most. */
#define GUARD "FOVEA_BLAS_CHOSEN"

#define SIDE 33 /* no multiple of any kernel's block */

static void
fill (float *matrix, double step)
{
  for (int i = 0; i < SIDE * SIDE; i++)
    matrix[i] = (float) sin (step * i);
}

static gboolean
product_is_right (void)
{
  static float a[SIDE * SIDE], b[SIDE * SIDE], c[SIDE * SIDE];

  fill (a, 0.7);
  fill (b, 1.3);
  cblas_sgemm (CblasRowMajor, CblasNoTrans, CblasNoTrans, SIDE, SIDE, SIDE, 1, a, SIDE, b, SIDE, 0,
               c, SIDE);
  for (int row = 0; row < SIDE; row++)
    for (int column = 0; column < SIDE; column++) {
      double sum = 0;

      for (int k = 0; k < SIDE; k++)
        sum += (double) a[row * SIDE + k] * b[k * SIDE + column];
      if (!(fabs (sum - c[row * SIDE + column]) < 1e-4))
        return FALSE;
    }
  return TRUE;
}

gboolean
fv_blas_choose_kernel (char **argv, GError **error)
{
  const char *better = fv_blas_suggest_for_this_processor ();

  if (better != NULL && g_getenv (CORE_TYPE) == NULL && g_getenv (GUARD) == NULL) {
    g_setenv (CORE_TYPE, better, TRUE);
    g_setenv (GUARD, "1", TRUE);
    execv ("/proc/self/exe", argv);
    g_debug ("cannot execute anew: %s", g_strerror (errno)); /* slower, not wrong */
  }
  if (product_is_right ())
    return TRUE;
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_TORCH,
               "OpenBLAS multiplies wrongly with its %s kernels on this processor; set %s to "
               "another family, for example Haswell",
               fv_blas_get_kernel (), CORE_TYPE);
  return FALSE;
}
