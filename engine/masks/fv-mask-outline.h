/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The line around what a mask says to look at, for drawing over the photo. */

#pragma once

#include "fv-mask.h"
#include "fv-rect.h"

G_BEGIN_DECLS

/* A horizontal (y0 = y1, x0 < x1) or vertical (x0 = x1, y0 < y1) piece of the outline. Unit: pixel
 * corners, so that pixel (x, y) is the square from (x, y) to (x + 1, y + 1). */
typedef struct {
  int x0, y0, x1, y1;
} FvSegment;

/* The boundary between INSIDE pixels and all others, in segments as long as they can be. The edge
 * of the mask counts as a boundary. Of @region (clipped to the mask) you get the edges of its own
 * INSIDE pixels, against their true neighbours: the outlines of two regions that touch join
 * without a gap, a false line or an edge twice. The order of the segments means nothing.
 * Returns: (transfer full) (element-type FvSegment): to be freed with g_array_unref () */
GArray *fv_mask_outline (const FvMask *mask, FvRect region);

G_END_DECLS
