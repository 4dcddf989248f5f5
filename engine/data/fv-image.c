/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Photos through GdkPixbuf. The file is read once into memory, looked at, and only then decoded. */

#include "fv-image.h"

#include <gdk-pixbuf/gdk-pixbuf.h>
#include <string.h>

#include "fv-data-error.h"
#include "fv-image-check.h"
#include "fv-input-file.h"
#include "fv-png.h"

#define MAX_FILE_BYTES (G_GINT64_CONSTANT (1) << 30)
#define N_CHANNELS 3
#define WHITE 255

struct _FvImage {
  gatomicrefcount references;
  int width;
  int height;
  guint8 *pixels; /* [height, width, 3] */
};

FvImage *
fv_image_new (int width, int height)
{
  FvImage *image;

  g_return_val_if_fail (width > 0 && width <= FV_IMAGE_MAX_SIDE, NULL);
  g_return_val_if_fail (height > 0 && height <= FV_IMAGE_MAX_SIDE, NULL);

  image = g_new (FvImage, 1);
  g_atomic_ref_count_init (&image->references);
  image->width = width;
  image->height = height;
  image->pixels = g_malloc0_n ((gsize) width * height, N_CHANNELS);
  return image;
}

FvImage *
fv_image_ref (FvImage *image)
{
  g_return_val_if_fail (image != NULL, NULL);

  g_atomic_ref_count_inc (&image->references);
  return image;
}

void
fv_image_unref (FvImage *image)
{
  g_return_if_fail (image != NULL);

  if (!g_atomic_ref_count_dec (&image->references))
    return;
  g_free (image->pixels);
  g_free (image);
}

int
fv_image_get_width (const FvImage *image)
{
  g_return_val_if_fail (image != NULL, 0);
  return image->width;
}

int
fv_image_get_height (const FvImage *image)
{
  g_return_val_if_fail (image != NULL, 0);
  return image->height;
}

const guint8 *
fv_image_peek (const FvImage *image)
{
  g_return_val_if_fail (image != NULL, NULL);
  return image->pixels;
}

guint8 *
fv_image_get_data (FvImage *image)
{
  g_return_val_if_fail (image != NULL, NULL);
  return image->pixels;
}

/* One row of a pixbuf, RGB or RGB with alpha, onto white. */
static void
copy_row (const guint8 *from, int n_channels, int width, guint8 *to)
{
  for (int x = 0; x < width; x++, from += n_channels, to += N_CHANNELS) {
    int alpha = n_channels > N_CHANNELS ? from[N_CHANNELS] : 255;

    for (int c = 0; c < N_CHANNELS; c++)
      to[c] = (guint8) ((from[c] * alpha + WHITE * (255 - alpha) + 127) / 255);
  }
}

static FvImage *
image_from_pixbuf (const GdkPixbuf *pixbuf)
{
  FvImage *image = fv_image_new (gdk_pixbuf_get_width (pixbuf), gdk_pixbuf_get_height (pixbuf));
  const guint8 *from = gdk_pixbuf_read_pixels (pixbuf);
  gsize stride = gdk_pixbuf_get_rowstride (pixbuf);

  for (int y = 0; y < image->height; y++)
    copy_row (from + y * stride, gdk_pixbuf_get_n_channels (pixbuf), image->width,
              image->pixels + (gsize) y * image->width * N_CHANNELS);
  return image;
}

static gboolean
check_size (const char *path, int width, int height, GError **error)
{
  if (MIN (width, height) < FV_IMAGE_MIN_SIDE)
    fv_data_error_set (error, FV_DATA_ERROR_SIZE, path,
                       "has %d × %d pixels; each side must have at least %d", width, height,
                       FV_IMAGE_MIN_SIDE);
  else if (MAX (width, height) > FV_IMAGE_MAX_SIDE)
    fv_data_error_set (error, FV_DATA_ERROR_SIZE, path,
                       "has %d × %d pixels; a side may have at most %d", width, height,
                       FV_IMAGE_MAX_SIDE);
  else if ((gint64) width * height > FV_IMAGE_MAX_PIXELS)
    fv_data_error_set (error, FV_DATA_ERROR_SIZE, path,
                       "has %d × %d pixels; at most %d megapixels can be opened", width, height,
                       FV_IMAGE_MAX_PIXELS / 1000000);
  else
    return TRUE;
  return FALSE;
}

/* Reads only the head of the file: its format and size, before anything is decoded. @format gets
 * GdkPixbuf's name of it. */
static gboolean
check_header (const char *path, char **format, int *width, int *height, GError **error)
{
  static const char *const formats[] = { "jpeg", "png", "bmp", "gif", "tiff", "webp", NULL };
  GdkPixbufFormat *info = gdk_pixbuf_get_file_info (path, width, height);

  if (info != NULL)
    *format = gdk_pixbuf_format_get_name (info);
  if (info == NULL || !g_strv_contains (formats, *format)) {
    fv_data_error_set (error, FV_DATA_ERROR_FORMAT, path,
                       "is not a JPEG, PNG, BMP, GIF, TIFF or WebP image, or is damaged");
    return FALSE;
  }
  return check_size (path, *width, *height, error);
}

/* Decodes, upright. @max_side: 0 for full size. */
static GdkPixbuf *
decode (const char *bytes, gsize n_bytes, int max_side, GError **error)
{
  g_autoptr (GInputStream) stream
      = g_memory_input_stream_new_from_data (bytes, (gssize) n_bytes, NULL);
  g_autoptr (GdkPixbuf) pixbuf = NULL;

  if (max_side > 0)
    pixbuf = gdk_pixbuf_new_from_stream_at_scale (stream, max_side, max_side, TRUE, NULL, error);
  else
    pixbuf = gdk_pixbuf_new_from_stream (stream, NULL, error);
  if (pixbuf == NULL)
    return NULL;
  return gdk_pixbuf_apply_embedded_orientation (pixbuf);
}

/* The bytes of the photo at @path, looked at but not decoded. (transfer full) */
static char *
read_photo (const char *path, gsize *n_bytes, int *width, int *height, GError **error)
{
  g_autofree char *bytes = NULL;
  g_autofree char *format = NULL;

  bytes = fv_input_file_read (path, MAX_FILE_BYTES, n_bytes, error);
  if (bytes == NULL || !check_header (path, &format, width, height, error))
    return NULL;
  if (fv_image_check_complete ((const guint8 *) bytes, *n_bytes, format))
    return g_steal_pointer (&bytes);
  fv_data_error_set (error, FV_DATA_ERROR_FORMAT, path,
                     "is truncated: the file ends before its picture does");
  return NULL;
}

gboolean
fv_image_check (const char *path, int *width, int *height, GError **error)
{
  g_autofree char *bytes = NULL;
  gsize n_bytes;

  g_return_val_if_fail (path != NULL && width != NULL && height != NULL, FALSE);

  *width = *height = 0;
  bytes = read_photo (path, &n_bytes, width, height, error);
  return bytes != NULL;
}

/* @max_side: 0 for full size. */
static GdkPixbuf *
load_pixbuf (const char *path, int max_side, GError **error)
{
  g_autofree char *bytes = NULL;
  g_autoptr (GError) local_error = NULL;
  GdkPixbuf *pixbuf;
  int width = 0, height = 0;
  gsize n_bytes;

  bytes = read_photo (path, &n_bytes, &width, &height, error);
  if (bytes == NULL)
    return NULL;
  pixbuf = decode (bytes, n_bytes, MAX (width, height) > max_side ? max_side : 0, &local_error);
  if (pixbuf == NULL)
    fv_data_error_set (error, FV_DATA_ERROR_FORMAT, path, "cannot be decoded: %s",
                       local_error->message);
  return pixbuf;
}

FvImage *
fv_image_load (const char *path, GError **error)
{
  g_autoptr (GdkPixbuf) pixbuf = NULL;

  g_return_val_if_fail (path != NULL, NULL);

  pixbuf = load_pixbuf (path, 0, error);
  return pixbuf != NULL ? image_from_pixbuf (pixbuf) : NULL;
}

FvImage *
fv_image_load_at_size (const char *path, int max_side, GError **error)
{
  g_autoptr (GdkPixbuf) pixbuf = NULL;

  g_return_val_if_fail (path != NULL && max_side > 0, NULL);

  pixbuf = load_pixbuf (path, max_side, error);
  return pixbuf != NULL ? image_from_pixbuf (pixbuf) : NULL;
}

/* The colours of a pixbuf, whatever their alpha, and the alpha by itself. */
static FvImage *
split_pixbuf (const GdkPixbuf *pixbuf, guint8 **alpha)
{
  FvImage *image = fv_image_new (gdk_pixbuf_get_width (pixbuf), gdk_pixbuf_get_height (pixbuf));
  gsize n_channels = (gsize) gdk_pixbuf_get_n_channels (pixbuf);
  gsize stride = (gsize) gdk_pixbuf_get_rowstride (pixbuf);
  guint8 *to = image->pixels;
  guint8 *coverage = *alpha = g_malloc ((gsize) image->width * (gsize) image->height);

  for (int y = 0; y < image->height; y++) {
    const guint8 *from = gdk_pixbuf_read_pixels (pixbuf) + (gsize) y * stride;

    for (int x = 0; x < image->width; x++, from += n_channels, to += N_CHANNELS) {
      memcpy (to, from, N_CHANNELS);
      *coverage++ = n_channels > N_CHANNELS ? from[N_CHANNELS] : 255;
    }
  }
  return image;
}

FvImage *
fv_image_load_with_alpha (const char *path, guint8 **alpha, GError **error)
{
  g_autoptr (GdkPixbuf) pixbuf = NULL;

  g_return_val_if_fail (path != NULL && alpha != NULL, NULL);

  pixbuf = load_pixbuf (path, 0, error);
  return pixbuf != NULL ? split_pixbuf (pixbuf, alpha) : NULL;
}

gboolean
fv_image_save_png (const FvImage *image, const char *path, GError **error)
{
  FvPng png = { .channels = N_CHANNELS };

  g_return_val_if_fail (image != NULL && path != NULL, FALSE);

  png.width = image->width;
  png.height = image->height;
  png.pixels = image->pixels;
  return fv_png_save (&png, NULL, path, FV_OUTPUT_ATOMIC, error);
}
