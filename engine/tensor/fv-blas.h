/* SPDX-License-Identifier: GPL-3.0-or-later */

/* OpenBLAS picks its kernels when it is loaded, by a table of processor models. A processor newer
 * than the table gets the slowest ones (Debian 12's 0.3.21 runs newer Intel processors at about a
 * seventh of their speed) although it can do what the fast ones need. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Call first in main (). When OpenBLAS fell back although the processor has AVX2 or AVX-512, sets
 * OPENBLAS_CORETYPE to what it really has and executes the program anew, once. Then checks a small
 * product against a plain loop. The user's own OPENBLAS_CORETYPE is never overridden.
 * @argv: as main () got it. FALSE when the product is wrong: numbers cannot be trusted here. */
gboolean fv_blas_choose_kernel (char **argv, GError **error);

/* The kernel family in use, as OpenBLAS calls it: "SkylakeX". */
const char *fv_blas_get_kernel (void);

/* The family that OpenBLAS should use in place of @kernel on a processor with these features, or
 * NULL when @kernel is right. */
const char *fv_blas_suggest_kernel (const char *kernel, gboolean has_avx2, gboolean has_avx512);
/* The same question for the processor and the OpenBLAS this program runs on. */
const char *fv_blas_suggest_for_this_processor (void);

G_END_DECLS
