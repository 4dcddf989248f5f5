/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the canvas looks like: a pure function of a scene. The widget calls it, and so does a test
 * without a display (after gtk_init_check (), which registers the render node types).
 *
 * Layers from below: ground, photo and map, mask, divider, brush, legend. A cache keeps the layers
 * that did not change; with or without one the picture is the same.
 * Threads: the main thread, or any single one without a display. */

#pragma once

#include <gtk/gtk.h>

#include "fv-colormap.h"
#include "fv-image.h"
#include "fv-map.h"
#include "fv-mask.h"
#include "fv-viewport.h"

G_BEGIN_DECLS

/* The circle that shows where and how large the brush is. */
typedef struct {
  gboolean visible;
  gboolean erases; /* red */
  double x, y;     /* screen pixels */
  double radius;   /* screen pixels */
} FvCanvasCursor;

/* A plain record; the caller owns everything it points to. */
typedef struct {
  FvViewport viewport;
  int scale_factor;    /* device pixels per screen pixel, ≥ 1 */
  FvImage *image;      /* NULL: only the ground is drawn */
  const FvMap *map;    /* NULL: none */
  const FvMap *before; /* non-NULL: left of the divider */
  FvColormap colormap;
  double map_opacity; /* 0 … 1 */
  double swipe;       /* the divider, 0 … 1 of the image's width */
  const FvMask *mask; /* NULL: none; one of another size than the image is not drawn */
  gboolean show_outline;
  gboolean tint_mask;
  const char *legend_text; /* the lines of the legend, which is drawn with a map; NULL: none */
  PangoContext *pango;     /* the font of the legend; NULL: Pango's default */
  FvCanvasCursor cursor;
} FvCanvasScene;

typedef struct _FvCanvasCache FvCanvasCache;

/* Returns: (transfer full) */
FvCanvasCache *fv_canvas_cache_new (void);
void fv_canvas_cache_free (FvCanvasCache *self);

/* To be called when the map, before, colormap or map_opacity of the scene changed. (Image, zoom,
 * size and divider are noticed.) */
void fv_canvas_cache_damage_map (FvCanvasCache *self);

/* To be called when the legend's text or font changed. */
void fv_canvas_cache_damage_legend (FvCanvasCache *self);

/* To be called when show_outline or tint_mask changed, or there is another mask. */
void fv_canvas_cache_damage_mask (FvCanvasCache *self);

/* To be called when pixels of the mask in @rect (image pixels) changed; @viewport is today's. */
void fv_canvas_cache_damage_mask_rect (FvCanvasCache *self, const FvViewport *viewport,
                                       FvRect rect);

/* Adds the picture of @scene, viewport.width × viewport.height at the origin, to @snapshot.
 * @cache: what was kept of earlier pictures; NULL: draw all. */
void fv_canvas_paint (const FvCanvasScene *scene, FvCanvasCache *cache, GtkSnapshot *snapshot);

/* The end of the scale that the scene's maps share: the largest value of both, 0 when neither has
 * positive evidence. */
double fv_canvas_scene_get_map_max (const FvCanvasScene *scene);

/* Where the divider stands. Unit: screen pixels. */
double fv_canvas_scene_get_divider (const FvCanvasScene *scene);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvCanvasCache, fv_canvas_cache_free)

G_END_DECLS
