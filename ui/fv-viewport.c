/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Zoom and position, in plain arithmetic. */

#include "fv-viewport.h"

#include <math.h>

void
fv_viewport_init (FvViewport *self)
{
  *self = (FvViewport){ .zoom = 1, .fitted = TRUE };
}

static gboolean
is_known (const FvViewport *self)
{
  return self->width > 0 && self->height > 0 && self->image_width > 0 && self->image_height > 0;
}

/* Moves the corner @position of an image @size long so that a grip of it stays in 0 … @available,
 * and puts it on a whole pixel. */
static double
settle (double position, double size, int available)
{
  double grip = MIN (FV_VIEWPORT_GRIP, MIN (size, available));

  return round (CLAMP (position, grip - size, available - grip));
}

static void
place (FvViewport *self, double x, double y)
{
  self->x = settle (x, self->image_width * self->zoom, self->width);
  self->y = settle (y, self->image_height * self->zoom, self->height);
}

void
fv_viewport_fit (FvViewport *self)
{
  self->fitted = TRUE;
  if (!is_known (self))
    return;

  double free_width = MAX (self->width - 2 * FV_VIEWPORT_MARGIN, 1);
  double free_height = MAX (self->height - 2 * FV_VIEWPORT_MARGIN, 1);
  double zoom = MIN (free_width / self->image_width, free_height / self->image_height);

  self->zoom = CLAMP (zoom, FV_VIEWPORT_ZOOM_MIN, FV_VIEWPORT_ZOOM_MAX);
  place (self, (self->width - self->image_width * self->zoom) / 2,
         (self->height - self->image_height * self->zoom) / 2);
}

void
fv_viewport_resize (FvViewport *self, int width, int height)
{
  double dx = (width - self->width) / 2.0;
  double dy = (height - self->height) / 2.0;

  self->width = width;
  self->height = height;
  if (self->fitted)
    fv_viewport_fit (self);
  else
    place (self, self->x + dx, self->y + dy);
}

void
fv_viewport_set_image_size (FvViewport *self, int width, int height)
{
  gboolean same = width == self->image_width && height == self->image_height;

  self->image_width = width;
  self->image_height = height;
  if (!same)
    fv_viewport_fit (self);
}

void
fv_viewport_zoom_to (FvViewport *self, double x, double y, double zoom)
{
  double image_x, image_y;

  if (!is_known (self) || !isfinite (zoom))
    return;

  fv_viewport_to_image (self, x, y, &image_x, &image_y);
  self->zoom = CLAMP (zoom, FV_VIEWPORT_ZOOM_MIN, FV_VIEWPORT_ZOOM_MAX);
  self->fitted = FALSE;
  place (self, x - image_x * self->zoom, y - image_y * self->zoom);
}

void
fv_viewport_pan (FvViewport *self, double dx, double dy)
{
  if (!is_known (self))
    return;

  self->fitted = FALSE;
  place (self, self->x + dx, self->y + dy);
}

void
fv_viewport_to_image (const FvViewport *self, double x, double y, double *image_x, double *image_y)
{
  *image_x = (x - self->x) / self->zoom;
  *image_y = (y - self->y) / self->zoom;
}

void
fv_viewport_to_screen (const FvViewport *self, double image_x, double image_y, double *x, double *y)
{
  *x = image_x * self->zoom + self->x;
  *y = image_y * self->zoom + self->y;
}

FvRect
fv_viewport_get_image_rect (const FvViewport *self)
{
  if (self->image_width <= 0 || self->image_height <= 0)
    return (FvRect){ 0, 0, 0, 0 };

  return (FvRect){
    .x = (int) self->x,
    .y = (int) self->y,
    .width = MAX ((int) lround (self->image_width * self->zoom), 1),
    .height = MAX ((int) lround (self->image_height * self->zoom), 1),
  };
}
