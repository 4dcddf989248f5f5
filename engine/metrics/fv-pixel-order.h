/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The order in which pixels are removed. Pure functions: any thread. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Numbers 0 … n − 1 by decreasing @values; equal ones (0 and −0 too) by increasing number, NaN
 * last.
 * @n ≤ 2³². (transfer full) */
guint32 *fv_pixel_order (const float *values, gsize n);

/* Square blocks of @side pixels that cover a picture from its upper left corner; those at the right
 * and bottom are cut. */
typedef struct {
  int width, height; /* of the picture */
  int side;          /* of a block */
  int columns, rows; /* blocks */
} FvBlocks;

/* Blocks of 1/@per_side of the picture's shorter side, rounded up to whole pixels. */
FvBlocks fv_blocks_new (int width, int height, int per_side);
/* Writes the pixels of block @block, in row order, to @pixels; returns how many. */
gsize fv_blocks_list (const FvBlocks *self, guint32 block, guint32 *pixels);

/* Copies @n pixels of all three channels of @source [3,area] to @picture. */
void fv_pixels_copy (float *picture, const float *source, gsize area, const guint32 *pixels,
                     gsize n);

G_END_DECLS
