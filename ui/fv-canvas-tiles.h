/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One layer of the canvas as retained tiles, so that GTK repaints only what changed.
 *
 * A tile is a square of whole screen pixels, counted from the image's corner, and not of image
 * pixels: no seam at any zoom, and panning moves finished tiles. Each is a render node around a
 * picture of its own; GTK sees by the node's address that a tile has not changed.
 * Threads: the main thread, or any single one without a display. */

#pragma once

#include <gtk/gtk.h>

#include "fv-rect.h"

G_BEGIN_DECLS

/* Unit: screen pixels. */
#define FV_CANVAS_TILE_SIDE 256

typedef struct _FvCanvasTiles FvCanvasTiles;

/* Draws @rect (device pixels from the image's corner) into @pixels: rows of @stride pixels,
 * premultiplied 0xAARRGGBB, to be written completely. Returns: FALSE when all is transparent. */
typedef gboolean (*FvCanvasTileFunc) (FvRect rect, guint32 *pixels, int stride, gpointer user_data);

/* Returns: (transfer full) */
FvCanvasTiles *fv_canvas_tiles_new (void);
void fv_canvas_tiles_free (FvCanvasTiles *self);

/* What was drawn in @rect (screen pixels from the image's corner) is no longer true. */
void fv_canvas_tiles_damage (FvCanvasTiles *self, FvRect rect);

/* Adds the layer to @snapshot, whose origin is the image's corner: the tiles of an image of
 * @image_size (its rectangle on the screen; x and y do not matter) that touch @visible, all in
 * screen pixels. Missing ones are drawn with @draw; those out of sight are forgotten, and all when
 * the image has another size on the screen or @scale_factor (device pixels per screen pixel)
 * changed. */
void fv_canvas_tiles_snapshot (FvCanvasTiles *self, GtkSnapshot *snapshot, FvRect image_size,
                               FvRect visible, int scale_factor, FvCanvasTileFunc draw,
                               gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvCanvasTiles, fv_canvas_tiles_free)

G_END_DECLS
