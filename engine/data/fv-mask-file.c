/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Between the numbers in a PNG and the three states of a mask. */

#include "fv-mask-file.h"

#include "fv-data-error.h"
#include "fv-png.h"

/* Half of full scale, rounded up: also the high byte of 16-bit values of at least half. */
#define HALF_SCALE 128

/* The class number that stands for INSIDE in files that Fovea writes. */
#define INSIDE_INDEX 1

static FvMaskState
state_of_index (guint8 index)
{
  if (index == 0)
    return FV_MASK_OUTSIDE;
  return index == FV_MASK_FILE_NO_OPINION ? FV_MASK_NO_OPINION : FV_MASK_INSIDE;
}

static FvMaskState
state_of_color (const guint8 *channels, int n_channels)
{
  for (int i = 0; i < n_channels; i++)
    if (channels[i] >= HALF_SCALE)
      return FV_MASK_INSIDE;
  return FV_MASK_OUTSIDE;
}

static guint8
index_of_state (guint8 state)
{
  if (state == FV_MASK_OUTSIDE)
    return 0;
  return state == FV_MASK_INSIDE ? INSIDE_INDEX : FV_MASK_FILE_NO_OPINION;
}

FvMask *
fv_mask_file_load (const char *path, GError **error)
{
  g_autoptr (FvPng) png = NULL;
  FvMask *mask;
  guint8 *states;
  gsize n;

  g_return_val_if_fail (path != NULL, NULL);

  png = fv_png_load (path, error);
  if (png == NULL)
    return NULL;
  mask = fv_mask_new (png->width, png->height);
  states = fv_mask_get_data (mask);
  n = (gsize) png->width * png->height;
  for (gsize i = 0; i < n; i++)
    states[i] = (guint8) (png->is_indexed
                              ? state_of_index (png->pixels[i])
                              : state_of_color (png->pixels + i * png->channels, png->channels));
  return mask;
}

FvMask *
fv_mask_file_load_for (const char *path, int width, int height, GError **error)
{
  g_autoptr (FvMask) mask = fv_mask_file_load (path, error);

  if (mask == NULL)
    return NULL;
  if (fv_mask_get_width (mask) != width || fv_mask_get_height (mask) != height) {
    fv_data_error_set (error, FV_DATA_ERROR_SIZE, path,
                       "is a mask of %d × %d pixels, but its image has %d × %d",
                       fv_mask_get_width (mask), fv_mask_get_height (mask), width, height);
    return NULL;
  }
  return g_steal_pointer (&mask);
}

gboolean
fv_mask_file_write (const FvMask *mask, const char *path, FvOutputSafety safety, GError **error)
{
  const guint8 palette[3 * 256] = {
    [3 * INSIDE_INDEX] = 200,
    [3 * FV_MASK_FILE_NO_OPINION] = 224,
    [3 * FV_MASK_FILE_NO_OPINION + 1] = 224,
    [3 * FV_MASK_FILE_NO_OPINION + 2] = 192,
  };
  g_autofree guint8 *indices = NULL;
  FvPng png = { .channels = 1, .is_indexed = TRUE };
  gsize n;

  g_return_val_if_fail (mask != NULL && path != NULL, FALSE);

  png.width = fv_mask_get_width (mask);
  png.height = fv_mask_get_height (mask);
  n = (gsize) png.width * png.height;
  indices = g_malloc (n);
  for (gsize i = 0; i < n; i++)
    indices[i] = index_of_state (fv_mask_peek (mask)[i]);
  png.pixels = indices;
  return fv_png_save (&png, palette, path, safety, error);
}

gboolean
fv_mask_file_save (const FvMask *mask, const char *path, GError **error)
{
  return fv_mask_file_write (mask, path, FV_OUTPUT_DURABLE, error);
}
