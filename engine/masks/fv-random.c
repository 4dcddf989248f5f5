/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Seeded draws on top of GLib's Mersenne twister. */

#include "fv-random.h"

#include <math.h>

GRand *
fv_random_new (guint64 seed, guint32 purpose)
{
  const guint32 words[] = { (guint32) seed, (guint32) (seed >> 32), purpose };

  return g_rand_new_with_seed_array (words, G_N_ELEMENTS (words));
}

gsize
fv_random_index (GRand *self, gsize n)
{
  return (gsize) ((guint64) g_rand_int (self) * n >> 32);
}

double
fv_random_normal (GRand *self)
{
  double radius = sqrt (-2 * log (1 - g_rand_double (self)));

  return radius * cos (2 * G_PI * g_rand_double (self));
}

void
fv_random_draw (GRand *self, guint32 *items, gsize n, gsize n_first)
{
  for (gsize i = 0; i < MIN (n_first, n); i++) {
    gsize other = i + fv_random_index (self, n - i);
    guint32 item = items[i];

    items[i] = items[other];
    items[other] = item;
  }
}
