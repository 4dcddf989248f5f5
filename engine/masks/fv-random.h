/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Draws that a seed repeats to the bit. Threads: any, one at a time for a generator. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A generator for @purpose, any number: draws for one purpose do not depend on how many were made
 * for another. (transfer full) */
GRand *fv_random_new (guint64 seed, guint32 purpose);
/* 0 … @n − 1, for n ≤ 2³². */
gsize fv_random_index (GRand *self, gsize n);
/* Standard normal. */
double fv_random_normal (GRand *self);
/* The first @n_first of @items get a draw without replacement of all @n items; n_first = n shuffles
 * them. */
void fv_random_draw (GRand *self, guint32 *items, gsize n, gsize n_first);

G_END_DECLS
