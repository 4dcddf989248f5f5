/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sorting pixels: a value and its number become one 64-bit key, so the order is total. */

#include "fv-pixel-order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Keys that grow as values fall: an IEEE float's bits sort as integers once negative ones are
 * turned over. */
static guint32
falling_key (float value)
{
  guint32 bits;

  if (isnan (value))
    return G_MAXUINT32;
  value += 0.0f; /* −0 becomes 0 */
  memcpy (&bits, &value, sizeof bits);
  return (bits & 0x80000000u) != 0 ? bits : ~(bits | 0x80000000u);
}

static int
compare_keys (const void *a, const void *b)
{
  guint64 x = *(const guint64 *) a, y = *(const guint64 *) b;

  return (x > y) - (x < y);
}

guint32 *
fv_pixel_order (const float *values, gsize n)
{
  g_autofree guint64 *keys = g_new (guint64, n);
  guint32 *order = g_new (guint32, n);

  for (gsize i = 0; i < n; i++)
    keys[i] = (guint64) falling_key (values[i]) << 32 | i;
  qsort (keys, n, sizeof *keys, compare_keys);
  for (gsize i = 0; i < n; i++)
    order[i] = (guint32) keys[i];
  return order;
}

FvBlocks
fv_blocks_new (int width, int height, int per_side)
{
  int side = (MIN (width, height) + per_side - 1) / per_side;

  return (FvBlocks){ .width = width,
                     .height = height,
                     .side = side,
                     .columns = (width + side - 1) / side,
                     .rows = (height + side - 1) / side };
}

gsize
fv_blocks_list (const FvBlocks *self, guint32 block, guint32 *pixels)
{
  int left = (int) block % self->columns * self->side;
  int top = (int) block / self->columns * self->side;
  gsize n = 0;

  for (int y = top; y < MIN (top + self->side, self->height); y++)
    for (int x = left; x < MIN (left + self->side, self->width); x++)
      pixels[n++] = (guint32) y * (guint32) self->width + (guint32) x;
  return n;
}

void
fv_pixels_copy (float *picture, const float *source, gsize area, const guint32 *pixels, gsize n)
{
  for (gsize c = 0; c < 3; c++)
    for (gsize i = 0; i < n; i++)
      picture[c * area + pixels[i]] = source[c * area + pixels[i]];
}
