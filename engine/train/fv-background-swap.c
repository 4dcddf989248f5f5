/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Cutting and pasting. */

#include "fv-background-swap.h"

#include <math.h>
#include <string.h>

#include "fv-imputation.h"
#include "fv-rect.h"

#define N_CHANNELS 3
#define MAX_LEVEL 255.0f

static gsize
count_pixels (const FvImage *image)
{
  return (gsize) fv_image_get_width (image) * (gsize) fv_image_get_height (image);
}

static gboolean
is_size_of (const FvMask *mask, const FvImage *image)
{
  return fv_mask_get_width (mask) == fv_image_get_width (image)
         && fv_mask_get_height (mask) == fv_image_get_height (image);
}

/* The object and one pixel around it: all that painting over looks at. Empty without an object. */
static FvRect
find_object (const FvMask *mask)
{
  int width = fv_mask_get_width (mask), height = fv_mask_get_height (mask);
  const guint8 *states = fv_mask_peek (mask);
  int left = width, top = height, right = -1, bottom = -1;

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      if (states[(gsize) y * (gsize) width + (gsize) x] == FV_MASK_INSIDE) {
        left = MIN (left, x);
        right = MAX (right, x);
        top = MIN (top, y);
        bottom = y;
      }
  if (right < 0)
    return (FvRect){ 0, 0, 0, 0 };
  return fv_rect_intersect ((FvRect){ left - 1, top - 1, right - left + 3, bottom - top + 3 },
                            (FvRect){ 0, 0, width, height });
}

/* Pixel @index of @part as a pixel of a picture that is @width wide. */
static gsize
locate (FvRect part, gsize index, int width)
{
  gsize x = index % (gsize) part.width, y = index / (gsize) part.width;

  return ((gsize) part.y + y) * (gsize) width + (gsize) part.x + x;
}

static guint8
to_level (float value)
{
  return (guint8) lrintf (CLAMP (value, 0, 1) * MAX_LEVEL);
}

/* Paints over the object in @part of the picture @pixels. */
static void
paint_over (guint8 *pixels, const guint8 *states, int width, FvRect part)
{
  gsize n = (gsize) part.width * (gsize) part.height;
  g_autofree float *planes = g_new (float, N_CHANNELS *n);
  g_autofree guint8 *known = g_new (guint8, n);

  for (gsize i = 0; i < n; i++) {
    gsize at = locate (part, i, width);

    known[i] = states[at] != FV_MASK_INSIDE;
    for (gsize c = 0; c < N_CHANNELS; c++)
      planes[c * n + i] = (float) pixels[at * N_CHANNELS + c] / MAX_LEVEL;
  }
  fv_impute (planes, part.width, part.height, known);
  for (gsize i = 0; i < n; i++)
    for (gsize c = 0; c < N_CHANNELS && !known[i]; c++)
      pixels[locate (part, i, width) * N_CHANNELS + c] = to_level (planes[c * n + i]);
}

FvImage *
fv_background_without_object (const FvImage *image, const FvMask *mask)
{
  int width = fv_image_get_width (image);
  FvImage *background = fv_image_new (width, fv_image_get_height (image));
  FvRect part = find_object (mask);

  g_return_val_if_fail (is_size_of (mask, image), background);

  memcpy (fv_image_get_data (background), fv_image_peek (image), count_pixels (image) * N_CHANNELS);
  if (!fv_rect_is_empty (part))
    paint_over (fv_image_get_data (background), fv_mask_peek (mask), width, part);
  return background;
}

FvImage *
fv_background_swap (const FvImage *image, const FvMask *mask, const FvImage *background)
{
  gsize n = count_pixels (image);
  const guint8 *states = fv_mask_peek (mask);
  FvImage *swapped = fv_image_new (fv_image_get_width (image), fv_image_get_height (image));
  guint8 *to = fv_image_get_data (swapped);

  g_return_val_if_fail (is_size_of (mask, image) && is_size_of (mask, background), swapped);

  for (gsize i = 0; i < n; i++) {
    const FvImage *from = states[i] == FV_MASK_OUTSIDE ? background : image;

    memcpy (to + i * N_CHANNELS, fv_image_peek (from) + i * N_CHANNELS, N_CHANNELS);
  }
  return swapped;
}
