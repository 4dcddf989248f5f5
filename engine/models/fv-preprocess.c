/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Preprocessing with libtorch's own antialiased resizing, which is what torchvision uses. */

#include "fv-preprocess.h"

#include "fv-op.h"

/* A ribbon of 20000 x 8 pixels scaled to the input's height would be 500 times its size. */
#define MAX_PIXELS_BEFORE_CROP (64 * 1024 * 1024)

/* float32 [1,3,height,width], 0 … 255. */
static FvTensor *
from_pixels (FvScope *scope, const guint8 *rgb, int width, int height)
{
  const gint64 shape[] = { 1, height, width, 3 };
  GError *error = NULL;
  FvTensor *pixels
      = fv_tensor_new (FV_DTYPE_UINT8, shape, 4, rgb, (gsize) width * (gsize) height * 3, &error);

  if (pixels == NULL)
    fv_scope_fail (scope, error);
  pixels = fv_scope_take (scope, pixels);
  pixels = fv_call (scope, "aten::permute", fv_of (pixels), fv_ints (0, 3, 1, 2));
  return fv_call (scope, "aten::to.dtype", fv_of (pixels), fv_int (FV_TORCH_FLOAT32));
}

static FvTensor *
resize (FvScope *scope, const FvCard *card, FvTensor *image, int width, int height)
{
  const char *op = card->bicubic ? "aten::_upsample_bicubic2d_aa" : "aten::_upsample_bilinear2d_aa";

  image = fv_call_values (
      scope, op, (const FvValue[]){ fv_of (image), fv_ints (height, width), fv_bool (FALSE) }, 3);
  /* A bicubic filter overshoots; rounding is what storing the resized picture would do. */
  image = fv_call (scope, "aten::clamp", fv_of (image), fv_real (0), fv_real (255));
  return fv_call (scope, "aten::round", fv_of (image));
}

/* The shorter side becomes input / crop_pct, then the centre is cut out. */
static FvTensor *
resize_and_crop (FvScope *scope, const FvCard *card, FvTensor *image, int width, int height)
{
  double factor
      = MAX (card->width / card->crop_pct / width, card->height / card->crop_pct / height);
  int new_width = MAX ((int) (width * factor + 0.5), card->width);
  int new_height = MAX ((int) (height * factor + 0.5), card->height);

  if ((gint64) new_width * new_height > MAX_PIXELS_BEFORE_CROP) {
    fv_scope_fail (scope, g_error_new (FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                                       "a picture of %d × %d pixels is too narrow for the card's "
                                       "crop: use it whole",
                                       width, height));
    return NULL;
  }
  image = resize (scope, card, image, new_width, new_height);
  image = fv_call (scope, "aten::narrow", fv_of (image), fv_int (2),
                   fv_int ((new_height - card->height) / 2), fv_int (card->height));
  return fv_call (scope, "aten::narrow", fv_of (image), fv_int (3),
                  fv_int ((new_width - card->width) / 2), fv_int (card->width));
}

static FvTensor *
per_channel (FvScope *scope, const double values[3])
{
  const gint64 shape[] = { 1, 3, 1, 1 };
  const float floats[] = { (float) values[0], (float) values[1], (float) values[2] };

  return fv_scope_take (scope,
                        fv_tensor_new (FV_DTYPE_FLOAT32, shape, 4, floats, sizeof floats, NULL));
}

FvTensor *
fv_preprocess_resize (FvScope *scope, const FvCard *card, const guint8 *rgb, int width, int height,
                      gboolean crop)
{
  FvTensor *image = from_pixels (scope, rgb, width, height);

  image = crop ? resize_and_crop (scope, card, image, width, height)
               : resize (scope, card, image, card->width, card->height);
  return fv_call (scope, "aten::to.dtype", fv_of (image), fv_int (FV_TORCH_UINT8));
}

FvTensor *
fv_preprocess_normalise (FvScope *scope, const FvCard *card, FvTensor *pictures)
{
  FvTensor *x = fv_call (scope, "aten::to.dtype", fv_of (pictures), fv_int (FV_TORCH_FLOAT32));

  if (card->bgr)
    x = fv_call (scope, "aten::flip", fv_of (x), fv_ints (1));
  x = fv_call (scope, "aten::mul.Scalar", fv_of (x), fv_real (card->scale / 255));
  x = fv_call (scope, "aten::sub.Tensor", fv_of (x), fv_of (per_channel (scope, card->mean)));
  x = fv_call (scope, "aten::div.Tensor", fv_of (x), fv_of (per_channel (scope, card->std)));
  return fv_call (scope, "aten::contiguous", fv_of (x));
}
