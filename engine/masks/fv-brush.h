/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The round brush that paints on a mask. */

#pragma once

#include "fv-mask.h"
#include "fv-rect.h"

G_BEGIN_DECLS

/* The pixels that fv_brush_stroke () with the same arguments could change, clipped to a mask of
 * @width × @height: what a history must save before the stroke. Empty when the stroke misses. */
FvRect fv_brush_get_extents (int width, int height, double x0, double y0, double x1, double y1,
                             double radius);

/* Paints @state along a brush of @radius dragged from (@x0, @y0) to (@x1, @y1): every pixel whose
 * centre lies at most @radius from the segment. Unit: image pixels; the centre of pixel i is at
 * i + 0.5. A radius below 0.5 counts as 0.5, and the pixels under the two ends are always painted,
 * so that the thinnest brush leaves a mark and no gap. The points may lie outside the mask; a
 * coordinate or radius that is not finite paints nothing.
 *
 * Cost: proportional to the rectangle around the stroke, whatever the mask's size.
 * Returns: the rectangle that may have changed, clipped to the mask; empty when it missed. */
FvRect fv_brush_stroke (FvMask *mask, double x0, double y0, double x1, double y1, double radius,
                        FvMaskState state);

G_END_DECLS
