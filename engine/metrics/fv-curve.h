/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Curves of a score over the share of a picture that was changed. Pure functions: any thread. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @n_items changed in at most @steps steps of ⌈n / steps⌉ items, the last one perhaps shorter: the
 * number of steps it takes. Both 1 and up. */
int fv_curve_get_n_steps (gsize n_items, int steps);
/* The items changed after step @k, 0 … the number of steps. */
gsize fv_curve_get_end (gsize n_items, int steps, int k);

/* Area under the points (@positions, @values) by trapezoids; @positions grow from 0 to 1. */
double fv_curve_get_area (const double *positions, const double *values, gsize n_points);

G_END_DECLS
