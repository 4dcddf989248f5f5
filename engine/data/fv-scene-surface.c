/* SPDX-License-Identifier: GPL-3.0-or-later */

/* 32 bits a pixel become 24. */

#include "fv-scene-surface.h"

FvImage *
fv_scene_surface_to_image (cairo_surface_t *surface)
{
  int width = cairo_image_surface_get_width (surface);
  int height = cairo_image_surface_get_height (surface);
  gsize stride = cairo_image_surface_get_stride (surface);
  FvImage *image = fv_image_new (width, height);
  guint8 *to = fv_image_get_data (image);
  const guint8 *data;

  cairo_surface_flush (surface);
  data = cairo_image_surface_get_data (surface);
  for (int y = 0; y < height; y++) {
    const guint32 *row = (const guint32 *) (gconstpointer) (data + y * stride);

    for (int x = 0; x < width; x++) {
      *to++ = row[x] >> 16 & 0xff;
      *to++ = row[x] >> 8 & 0xff;
      *to++ = row[x] & 0xff;
    }
  }
  return image;
}
