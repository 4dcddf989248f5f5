/* SPDX-License-Identifier: GPL-3.0-or-later */

/* PNG pixels as they are in the file: palette indices stay indices. The one place that knows
 * libpng and its setjmp. */

#pragma once

#include "fv-output-file.h"

G_BEGIN_DECLS

/* @pixels is [height, width, channels] bytes without padding. */
typedef struct {
  int width, height;
  int channels;        /* 1: grey or index; 3: RGB */
  gboolean is_indexed; /* pixels are indices into a palette */
  guint8 *pixels;
} FvPng;

/* Reads the PNG @path. Grey and RGB are brought to 8 bits (the high byte of 16), alpha and
 * transparent colours are ignored. At most FV_IMAGE_MAX_SIDE by FV_IMAGE_MAX_PIXELS.
 * Returns: (transfer full): NULL with @error */
FvPng *fv_png_load (const char *path, GError **error);

/* Writes @png, atomically. @palette: 256 × RGB for an indexed picture, else NULL. Equal pixels give
 * equal bytes. */
gboolean fv_png_save (const FvPng *png, const guint8 *palette, const char *path,
                      FvOutputSafety safety, GError **error);

void fv_png_free (FvPng *png);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvPng, fv_png_free)

G_END_DECLS
