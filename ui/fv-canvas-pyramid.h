/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A photo and its halved copies, so that drawing it small costs what is seen, not what was shot,
 * and does not flicker. Threads: one at a time. */

#pragma once

#include "fv-image.h"

G_BEGIN_DECLS

typedef struct _FvCanvasPyramid FvCanvasPyramid;

/* One level: RGB bytes [height, width, 3]. Pixel i of level k covers pixels 2^k · i … of the photo.
 */
typedef struct {
  const guint8 *pixels;
  int width, height;
  int shift; /* k */
} FvCanvasLevel;

/* Keeps a reference of @image. Levels are made when first asked for and need at most a third of
 * the photo's memory. Returns: (transfer full) */
FvCanvasPyramid *fv_canvas_pyramid_new (FvImage *image);
void fv_canvas_pyramid_free (FvCanvasPyramid *self);

/* (transfer none) */
FvImage *fv_canvas_pyramid_get_image (const FvCanvasPyramid *self);

/* The smallest level that still has a pixel for every drawn one, for @scale drawn pixels per photo
 * pixel (> 0). Valid as long as the pyramid. */
FvCanvasLevel fv_canvas_pyramid_get_level (FvCanvasPyramid *self, double scale);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvCanvasPyramid, fv_canvas_pyramid_free)

G_END_DECLS
