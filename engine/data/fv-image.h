/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A photo in memory: RGB, 8 bits a channel, upright.
 *
 * Loading is the only door for pictures from outside, so every check of an untrusted file is
 * behind it. All calls work on any thread; an image is not changed any more once it is shared. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _FvImage FvImage;

/* The sides and the area that an image may have, in pixels. */
#define FV_IMAGE_MIN_SIDE 8
#define FV_IMAGE_MAX_SIDE 20000
#define FV_IMAGE_MAX_PIXELS 200000000

/* A black image of @width × @height (1 … FV_IMAGE_MAX_SIDE). Returns: (transfer full) */
FvImage *fv_image_new (int width, int height);

/* The photo in @path: JPEG, PNG, BMP, GIF (its first frame), TIFF or WebP where GdkPixbuf has a
 * decoder. The EXIF orientation is applied once, transparency is put on white, grey becomes RGB.
 * Refused, each with a sentence of its own: what is no regular file, is empty, is no such image, is
 * truncated, or breaks the limits above. Returns: (transfer full): NULL with @error */
FvImage *fv_image_load (const char *path, GError **error);

/* The same, scaled down (never up) so that the longer side is at most @max_side (≥ 1). JPEGs are
 * decoded at a reduced size, which is several times faster: for thumbnails.
 * Returns: (transfer full): NULL with @error */
FvImage *fv_image_load_at_size (const char *path, int max_side, GError **error);

/* The same photo with its transparency apart: colours as the file has them, not put on white, and
 * @alpha (out, transfer full): [height, width] bytes, 255 everywhere in a photo without.
 * Returns: (transfer full): NULL with @error */
FvImage *fv_image_load_with_alpha (const char *path, guint8 **alpha, GError **error);

/* Whether @path looks like such a photo, without decoding it: its kind, its limits, and that the
 * file does not end before its picture does. @width and @height get what its header says, before
 * any turning. Damage inside the picture is only found by loading it. */
gboolean fv_image_check (const char *path, int *width, int *height, GError **error);

FvImage *fv_image_ref (FvImage *image);
void fv_image_unref (FvImage *image);

int fv_image_get_width (const FvImage *image);
int fv_image_get_height (const FvImage *image);

/* The pixels, [height, width, 3] bytes without padding; valid as long as the image.
 * Returns: (transfer none) */
const guint8 *fv_image_peek (const FvImage *image);

/* The same bytes to write to, before the image is shared. Returns: (transfer none) */
guint8 *fv_image_get_data (FvImage *image);

/* Writes the image as an RGB PNG, whole or not at all; equal pixels give equal bytes. */
gboolean fv_image_save_png (const FvImage *image, const char *path, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvImage, fv_image_unref)

G_END_DECLS
