/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rectangles of pixels. Far edges are computed in 64 bits, so that no caller can overflow them. */

#include "fv-rect.h"

static gint64
far_x (FvRect rect)
{
  return (gint64) rect.x + rect.width;
}

static gint64
far_y (FvRect rect)
{
  return (gint64) rect.y + rect.height;
}

gboolean
fv_rect_is_empty (FvRect rect)
{
  return rect.width <= 0 || rect.height <= 0;
}

FvRect
fv_rect_intersect (FvRect a, FvRect b)
{
  int x = MAX (a.x, b.x);
  int y = MAX (a.y, b.y);
  gint64 width = MIN (far_x (a), far_x (b)) - x;
  gint64 height = MIN (far_y (a), far_y (b)) - y;

  if (width <= 0 || height <= 0)
    return (FvRect){ 0, 0, 0, 0 };
  return (FvRect){ x, y, (int) width, (int) height };
}

FvRect
fv_rect_union (FvRect a, FvRect b)
{
  int x = MIN (a.x, b.x);
  int y = MIN (a.y, b.y);

  if (fv_rect_is_empty (a))
    return b;
  if (fv_rect_is_empty (b))
    return a;
  return (FvRect){
    .x = x,
    .y = y,
    .width = (int) MIN (MAX (far_x (a), far_x (b)) - x, G_MAXINT),
    .height = (int) MIN (MAX (far_y (a), far_y (b)) - y, G_MAXINT),
  };
}
