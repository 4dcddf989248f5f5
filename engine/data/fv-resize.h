/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Photos at another size, in plain C so that any thread may do it. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  FV_RESIZE_BILINEAR, /* a tent of one pixel's reach */
  FV_RESIZE_BICUBIC,  /* Keys' cubic with a = −½, two pixels' reach */
} FvResizeFilter;

/* A rectangle of a picture of 8-bit channels, interleaved. A plain record that owns nothing. */
typedef struct {
  const guint8 *pixels; /* its first pixel */
  int width, height;    /* in pixels, ≥ 1 */
  gsize stride;         /* bytes from one row to the next */
  int n_channels;       /* 1 … 4 */
} FvPixels;

/* Writes @from, resized to @width × @height, to @to: [height, width, n_channels] without padding.
 * Shrinking widens the filter by the same factor (antialiasing), as PIL and torchvision do:
 * pixel i of n looks at N/n (i + ½); what lies beyond the edge has no weight; rows and columns one
 * after the other in float32, rounded once to the nearest, halves to even. */
void fv_resize (const FvPixels *from, FvResizeFilter filter, int width, int height, guint8 *to);

/* Mirrors the [@height, @width, @n_channels] bytes at @pixels left to right, in place. */
void fv_mirror (guint8 *pixels, int width, int height, int n_channels);

G_END_DECLS
