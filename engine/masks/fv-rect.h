/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A rectangle of whole pixels: what a stroke made dirty, what a repaint needs. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Pixels x … x + width − 1 by y … y + height − 1. Empty when a side is 0 or less. */
typedef struct {
  int x, y, width, height;
} FvRect;

/* Whether @rect holds no pixel. */
gboolean fv_rect_is_empty (FvRect rect);

/* The pixels in both @a and @b; an all-zero rectangle when there are none. */
FvRect fv_rect_intersect (FvRect a, FvRect b);

/* The smallest rectangle around @a and @b; an empty one does not count. */
FvRect fv_rect_union (FvRect a, FvRect b);

G_END_DECLS
