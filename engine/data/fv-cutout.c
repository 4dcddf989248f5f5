/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Colours are multiplied by their coverage before the object is resized, so that what surrounded it
 * in its photo cannot bleed into its edge. */

#include "fv-cutout.h"

#include <math.h>

#include "fv-data-error.h"
#include "fv-mask-file.h"
#include "fv-resize.h"

#define N_CHANNELS 4
#define ALPHA 3
/* Half of full coverage, rounded up. */
#define HALF 128
/* An object thinner than this is a stray pixel of its mask. */
#define MIN_SIDE 4

struct _FvCutout {
  int width, height;
  guint8 *pixels; /* [height, width, 4]: red, green, blue times coverage; coverage */
};

void
fv_cutout_free (FvCutout *self)
{
  if (self == NULL)
    return;
  g_free (self->pixels);
  g_free (self);
}

/* x0 ≤ x < x1, y0 ≤ y < y1 */
typedef struct {
  int x0, y0, x1, y1;
} Box;

/* The box around all that is covered at least by half; empty when nothing is. */
static Box
find_box (const guint8 *coverage, int width, int height)
{
  Box box = { width, height, 0, 0 };

  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      if (coverage[(gsize) y * (gsize) width + (gsize) x] >= HALF)
        box = (Box){ MIN (box.x0, x), MIN (box.y0, y), MAX (box.x1, x + 1), MAX (box.y1, y + 1) };
  return box;
}

static FvCutout *
cut (const FvImage *image, const guint8 *coverage, const Box *box)
{
  FvCutout *self = g_new (FvCutout, 1);
  gsize width = (gsize) fv_image_get_width (image);
  guint8 *to;

  self->width = box->x1 - box->x0;
  self->height = box->y1 - box->y0;
  self->pixels = to = g_malloc ((gsize) self->width * (gsize) self->height * N_CHANNELS);
  for (int y = box->y0; y < box->y1; y++)
    for (int x = box->x0; x < box->x1; x++, to += N_CHANNELS) {
      gsize i = (gsize) y * width + (gsize) x;

      for (int c = 0; c < ALPHA; c++)
        to[c] = (guint8) ((fv_image_peek (image)[i * 3 + (gsize) c] * coverage[i] + 127) / 255);
      to[ALPHA] = coverage[i];
    }
  return self;
}

/* 255 where the mask is INSIDE, else 0: [height, width]. */
static guint8 *
load_coverage (const char *mask_path, int width, int height, GError **error)
{
  g_autoptr (FvMask) mask = fv_mask_file_load_for (mask_path, width, height, error);
  gsize n = (gsize) width * (gsize) height;
  guint8 *coverage;

  if (mask == NULL)
    return NULL;
  coverage = g_malloc (n);
  for (gsize i = 0; i < n; i++)
    coverage[i] = fv_mask_peek (mask)[i] == FV_MASK_INSIDE ? 255 : 0;
  return coverage;
}

FvCutout *
fv_cutout_load (const char *image_path, const char *mask_path, GError **error)
{
  g_autofree guint8 *coverage = NULL;
  g_autoptr (FvImage) image = NULL;
  int width, height;
  Box box;

  g_return_val_if_fail (image_path != NULL, NULL);

  if (mask_path != NULL)
    image = fv_image_load (image_path, error);
  else
    image = fv_image_load_with_alpha (image_path, &coverage, error);
  if (image == NULL)
    return NULL;
  width = fv_image_get_width (image);
  height = fv_image_get_height (image);
  if (mask_path != NULL)
    coverage = load_coverage (mask_path, width, height, error);
  if (coverage == NULL)
    return NULL;
  box = find_box (coverage, width, height);
  if (box.x1 - box.x0 < MIN_SIDE || box.y1 - box.y0 < MIN_SIDE) {
    fv_data_error_set (error, FV_DATA_ERROR_EMPTY, mask_path != NULL ? mask_path : image_path,
                       "covers no object of at least %d × %d pixels", MIN_SIDE, MIN_SIDE);
    return NULL;
  }
  return cut (image, coverage, &box);
}

/* One pixel of the object over one of the picture. Returns: its state in the mask */
static FvMaskState
blend (const guint8 *object, guint8 *pixel)
{
  for (int c = 0; c < ALPHA; c++)
    pixel[c] = (guint8) MIN (object[c] + (pixel[c] * (255 - object[ALPHA]) + 127) / 255, 255);
  return object[ALPHA] >= HALF ? FV_MASK_INSIDE : FV_MASK_OUTSIDE;
}

FvMask *
fv_cutout_paste (const FvCutout *self, const FvCutoutPose *pose, FvImage *image)
{
  const FvPixels whole
      = { self->pixels, self->width, self->height, (gsize) self->width * N_CHANNELS, N_CHANNELS };
  int image_width = fv_image_get_width (image);
  int image_height = fv_image_get_height (image);
  double longest = pose->longest_side * MIN (image_width, image_height);
  double scale = longest / MAX (self->width, self->height);
  int width = CLAMP ((int) round (scale * self->width), 1, image_width);
  int height = CLAMP ((int) round (scale * self->height), 1, image_height);
  int left = (int) round (pose->x * (image_width - width));
  int top = (int) round (pose->y * (image_height - height));
  g_autofree guint8 *resized = g_malloc ((gsize) width * (gsize) height * N_CHANNELS);
  FvMask *mask = fv_mask_new (image_width, image_height);

  fv_resize (&whole, FV_RESIZE_BILINEAR, width, height, resized);
  if (pose->mirrored)
    fv_mirror (resized, width, height, N_CHANNELS);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      gsize place = (gsize) (top + y) * (gsize) image_width + (gsize) (left + x);
      const guint8 *object = resized + ((gsize) y * (gsize) width + (gsize) x) * N_CHANNELS;

      fv_mask_get_data (mask)[place]
          = (guint8) blend (object, fv_image_get_data (image) + place * 3);
    }
  return mask;
}
