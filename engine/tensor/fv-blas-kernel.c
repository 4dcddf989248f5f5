/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which kernels OpenBLAS runs, and which it should. Needs GLib's types alone, so that the build can
 * ask the same question for the tests' environment. */

#include <cblas.h>

#include "fv-blas.h"

const char *
fv_blas_get_kernel (void)
{
  return openblas_get_corename ();
}

const char *
fv_blas_suggest_kernel (const char *kernel, gboolean has_avx2, gboolean has_avx512)
{
  static const char *const fallbacks[] = { "Prescott", "Core2", "Generic", "Nehalem", NULL };

  if (!g_strv_contains (fallbacks, kernel))
    return NULL;
  if (has_avx512)
    return "SkylakeX";
  return has_avx2 ? "Haswell" : NULL;
}

const char *
fv_blas_suggest_for_this_processor (void)
{
#if defined(__x86_64__)
  gboolean avx2 = __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma");
  gboolean avx512 = __builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512dq")
                    && __builtin_cpu_supports ("avx512vl") && __builtin_cpu_supports ("avx512bw");

  return fv_blas_suggest_kernel (fv_blas_get_kernel (), avx2, avx512);
#else
  return NULL;
#endif
}
