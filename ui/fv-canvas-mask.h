/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pixels of the mask layer: outline, tint and hatching. A pure function of its arguments: no
 * display, no Cairo. */

#pragma once

#include "fv-mask.h"
#include "fv-rect.h"

G_BEGIN_DECLS

/* How far the outline reaches to both sides of the boundary: one light and one dark pixel. */
#define FV_CANVAS_MASK_REACH 2

typedef struct {
  const FvMask *mask;
  double scale;     /* drawn pixels per mask pixel */
  int thickness;    /* drawn pixels per screen pixel: the widget's scale factor */
  gboolean outline; /* a light line with dark edges on the exact boundary of what is INSIDE */
  gboolean tint;    /* INSIDE is tinted */
} FvCanvasMask;

/* Draws @rect (drawn pixels; 0, 0 is the mask's corner) into @pixels: rows of @stride pixels,
 * premultiplied 0xAARRGGBB, every one written. NO_OPINION is hatched.
 * Returns: whether there is anything to see in @rect. */
gboolean fv_canvas_mask_render (const FvCanvasMask *self, FvRect rect, guint32 *pixels, int stride);

G_END_DECLS
