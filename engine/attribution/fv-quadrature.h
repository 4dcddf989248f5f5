/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Gauss-Legendre quadrature on 0 … 1: the n points and weights that integrate polynomials of up to
 * degree 2 n − 1 exactly. Threads: any. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Points rise; weights sum to 1. @points, @weights: room for @n, 1 and up. */
void fv_quadrature_fill (guint n, double *points, double *weights);

G_END_DECLS
