/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A stroke is a capsule: all points within the radius of a segment. */

#include "fv-brush.h"

#include <math.h>

/* Below this a line of pixels would have gaps. In pixels. */
#define MIN_RADIUS 0.5

/* The segment from (x0, y0), with what the distance to it needs. */
typedef struct {
  double x0, y0;
  double dx, dy;
  double length_squared;
} Segment;

/* Squared distance from (x, y) to the nearest point of the segment. */
static double
segment_distance_squared (const Segment *segment, double x, double y)
{
  double px = x - segment->x0;
  double py = y - segment->y0;
  double t = 0.0;

  if (segment->length_squared > 0.0)
    t = CLAMP ((px * segment->dx + py * segment->dy) / segment->length_squared, 0.0, 1.0);
  px -= t * segment->dx;
  py -= t * segment->dy;
  return px * px + py * py;
}

static void
paint_point (FvMask *mask, double x, double y, FvMaskState state)
{
  int width = fv_mask_get_width (mask);

  if (x >= 0.0 && y >= 0.0 && x < width && y < fv_mask_get_height (mask))
    fv_mask_get_data (mask)[(gsize) y * width + (gsize) x] = (guint8) state;
}

FvRect
fv_brush_get_extents (int width, int height, double x0, double y0, double x1, double y1,
                      double radius)
{
  double reach = MAX (radius, MIN_RADIUS);
  double left, top, right, bottom;

  if (!isfinite (x0) || !isfinite (y0) || !isfinite (x1) || !isfinite (y1) || !isfinite (radius))
    return (FvRect){ 0, 0, 0, 0 };

  left = CLAMP (floor (MIN (x0, x1) - reach), 0.0, width);
  top = CLAMP (floor (MIN (y0, y1) - reach), 0.0, height);
  right = CLAMP (floor (MAX (x0, x1) + reach) + 1.0, 0.0, width);
  bottom = CLAMP (floor (MAX (y0, y1) + reach) + 1.0, 0.0, height);
  if (left >= right || top >= bottom)
    return (FvRect){ 0, 0, 0, 0 };
  return (FvRect){ (int) left, (int) top, (int) (right - left), (int) (bottom - top) };
}

FvRect
fv_brush_stroke (FvMask *mask, double x0, double y0, double x1, double y1, double radius,
                 FvMaskState state)
{
  Segment segment = { x0, y0, x1 - x0, y1 - y0, 0.0 };
  double reach = MAX (radius, MIN_RADIUS);
  FvRect dirty;
  int width;

  g_return_val_if_fail (mask != NULL, ((FvRect){ 0, 0, 0, 0 }));

  width = fv_mask_get_width (mask);
  dirty = fv_brush_get_extents (width, fv_mask_get_height (mask), x0, y0, x1, y1, radius);
  if (fv_rect_is_empty (dirty))
    return dirty;

  segment.length_squared = segment.dx * segment.dx + segment.dy * segment.dy;
  for (int y = dirty.y; y < dirty.y + dirty.height; y++) {
    guint8 *row = fv_mask_get_data (mask) + (gsize) y * width;

    for (int x = dirty.x; x < dirty.x + dirty.width; x++)
      if (segment_distance_squared (&segment, x + 0.5, y + 0.5) <= reach * reach)
        row[x] = (guint8) state;
  }
  paint_point (mask, x0, y0, state);
  paint_point (mask, x1, y1, state);
  return dirty;
}
