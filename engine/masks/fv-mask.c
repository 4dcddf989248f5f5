/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pixels of a mask and how they are counted and sampled. Pooling is in fv-mask-pool.c. */

#include "fv-mask.h"

#include <string.h>

struct _FvMask {
  gatomicrefcount references;
  int width;
  int height;
  guint8 *states; /* [height, width], FvMaskState */
};

static gsize
n_pixels (const FvMask *mask)
{
  return (gsize) mask->width * mask->height;
}

/* In integers, so that no rounding can leave the row. */
int
fv_mask_nearest_source (int i, int n, int size)
{
  return (int) ((2 * (gint64) i + 1) * size / (2 * (gint64) n));
}

FvMask *
fv_mask_new (int width, int height)
{
  FvMask *mask;

  g_return_val_if_fail (width > 0 && width <= FV_MASK_MAX_SIDE, NULL);
  g_return_val_if_fail (height > 0 && height <= FV_MASK_MAX_SIDE, NULL);

  mask = g_new (FvMask, 1);
  g_atomic_ref_count_init (&mask->references);
  mask->width = width;
  mask->height = height;
  mask->states = g_malloc0 (n_pixels (mask));
  return mask;
}

FvMask *
fv_mask_ref (FvMask *mask)
{
  g_return_val_if_fail (mask != NULL, NULL);

  g_atomic_ref_count_inc (&mask->references);
  return mask;
}

void
fv_mask_unref (FvMask *mask)
{
  g_return_if_fail (mask != NULL);

  if (!g_atomic_ref_count_dec (&mask->references))
    return;
  g_free (mask->states);
  g_free (mask);
}

FvMask *
fv_mask_copy (const FvMask *mask)
{
  FvMask *copy;

  g_return_val_if_fail (mask != NULL, NULL);

  copy = fv_mask_new (mask->width, mask->height);
  memcpy (copy->states, mask->states, n_pixels (mask));
  return copy;
}

int
fv_mask_get_width (const FvMask *mask)
{
  g_return_val_if_fail (mask != NULL, 0);
  return mask->width;
}

int
fv_mask_get_height (const FvMask *mask)
{
  g_return_val_if_fail (mask != NULL, 0);
  return mask->height;
}

const guint8 *
fv_mask_peek (const FvMask *mask)
{
  g_return_val_if_fail (mask != NULL, NULL);
  return mask->states;
}

guint8 *
fv_mask_get_data (FvMask *mask)
{
  g_return_val_if_fail (mask != NULL, NULL);
  return mask->states;
}

gsize
fv_mask_count (const FvMask *mask, FvMaskState state)
{
  gsize count = 0;

  g_return_val_if_fail (mask != NULL, 0);

  for (gsize i = 0; i < n_pixels (mask); i++)
    count += mask->states[i] == state;
  return count;
}

gboolean
fv_mask_is_empty (const FvMask *mask)
{
  g_return_val_if_fail (mask != NULL, TRUE);
  return memchr (mask->states, FV_MASK_INSIDE, n_pixels (mask)) == NULL;
}

FvMask *
fv_mask_resize_nearest (const FvMask *mask, int width, int height)
{
  FvMask *resized;
  g_autofree int *columns = NULL;

  g_return_val_if_fail (mask != NULL, NULL);
  resized = fv_mask_new (width, height);
  if (resized == NULL)
    return NULL;

  columns = g_new (int, width);
  for (int x = 0; x < width; x++)
    columns[x] = fv_mask_nearest_source (x, width, mask->width);
  for (int y = 0; y < height; y++) {
    gsize row = fv_mask_nearest_source (y, height, mask->height);
    const guint8 *from = mask->states + row * mask->width;
    guint8 *to = resized->states + (gsize) y * width;

    for (int x = 0; x < width; x++)
      to[x] = from[columns[x]];
  }
  return resized;
}
