/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Masks as PNG files, read through libpng because GdkPixbuf loses the class numbers. */

#pragma once

#include "fv-mask.h"
#include "fv-output-file.h"

G_BEGIN_DECLS

/* The index in a palette PNG that means “no opinion”, as in Pascal VOC. */
#define FV_MASK_FILE_NO_OPINION 255

/* The mask in the PNG @path.
 *
 * With a palette, pixels are class numbers: 0 = OUTSIDE, 255 = NO_OPINION, all others = INSIDE.
 * Grey and RGB of any depth: INSIDE where the largest channel is at least half of full scale, else
 * OUTSIDE. Alpha is ignored. Files from anyone are safe: sizes are limited as for images.
 * Returns: (transfer full): NULL with @error */
FvMask *fv_mask_file_load (const char *path, GError **error);

/* The same, and an error that names both sizes unless the mask is @width × @height.
 * Returns: (transfer full): NULL with @error */
FvMask *fv_mask_file_load_for (const char *path, int width, int height, GError **error);

/* Writes @mask as an 8-bit palette PNG of the indices 0 (black), 1 (red) and 255 (pale), whole or
 * not at all (fv-output-file.h): on any failure the old file stays and no temporary file is left.
 * Equal masks give equal bytes. May be called from any thread that owns @mask. */
gboolean fv_mask_file_write (const FvMask *mask, const char *path, FvOutputSafety safety,
                             GError **error);

/* The same, FV_OUTPUT_DURABLE: what a person painted. */
gboolean fv_mask_file_save (const FvMask *mask, const char *path, GError **error);

G_END_DECLS
