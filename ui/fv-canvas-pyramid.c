/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Level 0 is the photo itself, not a copy of it. */

#include "fv-canvas-pyramid.h"

/* 2^15 is more than the longest side of an image. */
#define MAX_LEVELS 16

struct _FvCanvasPyramid {
  FvImage *image;
  FvCanvasLevel levels[MAX_LEVELS];
  guint8 *halved[MAX_LEVELS]; /* owns the pixels of levels 1 … */
  int n_levels;
};

FvCanvasPyramid *
fv_canvas_pyramid_new (FvImage *image)
{
  FvCanvasPyramid *self = g_new0 (FvCanvasPyramid, 1);

  self->image = fv_image_ref (image);
  self->n_levels = 1;
  self->levels[0] = (FvCanvasLevel){
    .pixels = fv_image_peek (image),
    .width = fv_image_get_width (image),
    .height = fv_image_get_height (image),
  };
  return self;
}

void
fv_canvas_pyramid_free (FvCanvasPyramid *self)
{
  if (self == NULL)
    return;
  for (int i = 1; i < self->n_levels; i++)
    g_free (self->halved[i]);
  fv_image_unref (self->image);
  g_free (self);
}

FvImage *
fv_canvas_pyramid_get_image (const FvCanvasPyramid *self)
{
  return self->image;
}

/* Averages two rows into one of half their length; the last pixel of an odd row stands twice. */
static void
halve_rows (const guint8 *top, const guint8 *bottom, int width, guint8 *halved)
{
  for (int x = 0; x < width; x += 2) {
    int right = x + 1 < width ? 3 : 0;

    for (int channel = 0; channel < 3; channel++) {
      *halved++
          = (top[channel] + top[channel + right] + bottom[channel] + bottom[channel + right] + 2)
            / 4;
    }
    top += 6;
    bottom += 6;
  }
}

static void
add_level (FvCanvasPyramid *self)
{
  const FvCanvasLevel *above = &self->levels[self->n_levels - 1];
  FvCanvasLevel level = {
    .width = (above->width + 1) / 2,
    .height = (above->height + 1) / 2,
    .shift = above->shift + 1,
  };
  guint8 *pixels = g_malloc_n ((gsize) level.width * level.height, 3);
  gsize from_row = (gsize) above->width * 3;
  gsize to_row = (gsize) level.width * 3;

  for (int y = 0; y < level.height; y++) {
    const guint8 *top = above->pixels + 2 * y * from_row;
    const guint8 *bottom = 2 * y + 1 < above->height ? top + from_row : top;

    halve_rows (top, bottom, above->width, pixels + y * to_row);
  }

  level.pixels = pixels;
  self->halved[self->n_levels] = pixels;
  self->levels[self->n_levels++] = level;
}

FvCanvasLevel
fv_canvas_pyramid_get_level (FvCanvasPyramid *self, double scale)
{
  int wanted = 0;

  while (scale <= 0.5 && wanted < MAX_LEVELS - 1) {
    scale *= 2;
    wanted++;
  }
  while (self->n_levels <= wanted)
    add_level (self);
  return self->levels[wanted];
}
