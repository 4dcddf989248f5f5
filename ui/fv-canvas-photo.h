/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pixels of the photo with the map laid over it. A pure function of its arguments: no display,
 * no Cairo. */

#pragma once

#include "fv-canvas-pyramid.h"
#include "fv-colormap.h"
#include "fv-map.h"
#include "fv-rect.h"

G_BEGIN_DECLS

/* What one level of evidence does to a photo's channel: (photo · keep + add) / 256, rounded. */
typedef struct {
  guint16 keep;
  guint16 add[3];
} FvCanvasBlend;

typedef struct {
  FvCanvasPyramid *pyramid;
  double scale;        /* drawn pixels per photo pixel */
  gboolean sharp;      /* photo pixels are shown as squares */
  const FvMap *before; /* drawn left of column @split; NULL: no map there */
  const FvMap *now;    /* drawn from column @split on; NULL: no map there */
  int split;           /* drawn pixels from the photo's left edge */
  double map_max;      /* the value at the end of the scale; 0 or less: no map is drawn */
  FvCanvasBlend blends[FV_COLORMAP_SIZE];
} FvCanvasPhoto;

/* Fills @blends for a scale of colours drawn with @opacity (0 … 1). */
void fv_canvas_photo_fill_blends (FvCanvasBlend blends[FV_COLORMAP_SIZE], FvColormap colormap,
                                  double opacity);

/* Draws @rect (drawn pixels; 0, 0 is the photo's corner) into @pixels: rows of @stride pixels,
 * 0xffRRGGBB. The map covers the whole photo: bilinear with half-pixel centres and repeated edges
 * (align_corners = false); below 0 and NaN count as no evidence. */
void fv_canvas_photo_render (const FvCanvasPhoto *self, FvRect rect, guint32 *pixels, int stride);

G_END_DECLS
