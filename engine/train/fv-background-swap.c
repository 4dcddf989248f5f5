/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Cutting and pasting. */

#include "fv-background-swap.h"

#include <math.h>
#include <string.h>

#include "fv-imputation.h"

#define N_CHANNELS 3

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

/* [3,h,w] from [h,w,3]. (transfer full) */
static float *
to_planes (const guint8 *pixels, gsize n)
{
  float *planes = g_new (float, N_CHANNELS *n);

  for (gsize i = 0; i < n; i++)
    for (gsize c = 0; c < N_CHANNELS; c++)
      planes[c * n + i] = pixels[i * N_CHANNELS + c];
  return planes;
}

static guint8
to_level (float value)
{
  return (guint8) lrintf (CLAMP (value, 0, 255));
}

FvImage *
fv_background_without_object (const FvImage *image, const FvMask *mask)
{
  gsize n = count_pixels (image);
  const guint8 *states = fv_mask_peek (mask);
  g_autofree float *planes = to_planes (fv_image_peek (image), n);
  g_autofree guint8 *known = g_new (guint8, n);
  FvImage *background = fv_image_new (fv_image_get_width (image), fv_image_get_height (image));
  guint8 *to = fv_image_get_data (background);

  g_return_val_if_fail (is_size_of (mask, image), background);

  for (gsize i = 0; i < n; i++)
    known[i] = states[i] != FV_MASK_INSIDE;
  fv_impute (planes, fv_image_get_width (image), fv_image_get_height (image), known);
  for (gsize i = 0; i < n; i++)
    for (gsize c = 0; c < N_CHANNELS; c++)
      to[i * N_CHANNELS + c] = to_level (planes[c * n + i]);
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
