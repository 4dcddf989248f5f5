/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where the image lies on the canvas: zoom and position, and the way between the two.
 *
 * Screen coordinates are the widget's own pixels; image coordinates are image pixels, pixel i
 * reaching from i to i + 1. The image's corner always lies on a whole screen pixel: what was drawn
 * at one position can be drawn at another without a change, and a sharp edge stays sharp.
 * Plain values and mathematics: any thread, no display. */

#pragma once

#include <glib.h>

#include "fv-rect.h"

G_BEGIN_DECLS

/* The free space that fitting leaves around the image, and the part of the image that panning
 * always leaves in view. Unit: screen pixels. */
#define FV_VIEWPORT_MARGIN 16
#define FV_VIEWPORT_GRIP 48

/* Screen pixels per image pixel. */
#define FV_VIEWPORT_ZOOM_MIN 0.01
#define FV_VIEWPORT_ZOOM_MAX 64.0

typedef struct {
  int width, height;             /* of the canvas; 0: not known yet */
  int image_width, image_height; /* 0: no image */
  double zoom;                   /* screen pixels per image pixel; 1 = 1:1 */
  double x, y;                   /* the image's top left corner on the screen: whole numbers */
  gboolean fitted;               /* the whole image is shown, also after a resize */
} FvViewport;

/* No image, no size; zoom 1 and fitted. */
void fv_viewport_init (FvViewport *self);

/* The canvas is now @width × @height. A fitted image is fitted again; otherwise the point in the
 * middle stays in the middle. */
void fv_viewport_resize (FvViewport *self, int width, int height);

/* Another image of @width × @height (0 × 0: none). One of the same size keeps zoom and position, so
 * that two photos can be compared; any other is fitted. */
void fv_viewport_set_image_size (FvViewport *self, int width, int height);

/* Shows the whole image, as large as fits. */
void fv_viewport_fit (FvViewport *self);

/* Sets the zoom (clamped to the limits above); the image point at screen (@x, @y) stays there, to
 * within half a screen pixel. */
void fv_viewport_zoom_to (FvViewport *self, double x, double y, double zoom);

/* Moves the image by screen pixels; FV_VIEWPORT_GRIP pixels of it stay in view. */
void fv_viewport_pan (FvViewport *self, double dx, double dy);

void fv_viewport_to_image (const FvViewport *self, double x, double y, double *image_x,
                           double *image_y);
void fv_viewport_to_screen (const FvViewport *self, double image_x, double image_y, double *x,
                            double *y);

/* The pixels that the whole image covers on the screen, inside the canvas or not; at least 1 × 1,
 * and empty without an image. */
FvRect fv_viewport_get_image_rect (const FvViewport *self);

G_END_DECLS
