/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The canvas: photo, attention map, mask and legend, with zoom, pan, brush and before/after swipe.
 *
 * Properties (all readable, writable and notified unless said):
 *   "tool"          FvCanvasTool, PAN
 *   "brush-radius"  double, image pixels, 0.5 … 2000
 *   "map-opacity"   double, 0 … 1
 *   "show-outline"  gboolean, TRUE: the line around what the mask says to look at
 *   "show-mask"     gboolean, FALSE: tint the mask's inside; the painting tools always do
 *   "colormap"      FvColormap, viridis
 *   "zoom"          double, read-only: screen pixels per image pixel
 *   "swipe"         double, 0 … 1: where the divider stands, as a share of the image's width
 *   "legend-text"   string, lines separated by \n: method · layer · class; NULL: none
 *
 * Actions, all with shortcuts while the canvas has the focus: canvas.zoom-in (+), canvas.zoom-out
 * (−), canvas.zoom-fit (0), canvas.zoom-actual (1), canvas.brush-larger (]), canvas.brush-smaller
 * ([), canvas.pan (arrows; in swipe mode ← → move the divider and Shift+← → pan).
 *
 * Pointer: wheel zooms at the pointer, Shift+wheel sizes the brush; middle button, Space or the PAN
 * tool drag the photo; pinch zooms. With a painting tool, the primary button paints; Ctrl or the
 * eraser end of a pen erases. A test drives the canvas through its GtkGestureDrag, named
 * "fv-canvas-drag", in widget coordinates.
 * Threads: the main thread. */

#pragma once

#include <gtk/gtk.h>

#include "fv-colormap.h"
#include "fv-image.h"
#include "fv-map.h"
#include "fv-mask-editor.h"

G_BEGIN_DECLS

typedef enum {
  FV_CANVAS_TOOL_PAN,
  FV_CANVAS_TOOL_BRUSH,      /* paints INSIDE */
  FV_CANVAS_TOOL_ERASER,     /* paints OUTSIDE */
  FV_CANVAS_TOOL_NO_OPINION, /* paints NO_OPINION */
} FvCanvasTool;

#define FV_TYPE_CANVAS_TOOL (fv_canvas_tool_get_type ())
GType fv_canvas_tool_get_type (void);

#define FV_CANVAS_RADIUS_MIN 0.5
#define FV_CANVAS_RADIUS_MAX 2000.0
#define FV_CANVAS_RADIUS_DEFAULT 12.0
#define FV_CANVAS_OPACITY_DEFAULT 0.7

#define FV_TYPE_CANVAS (fv_canvas_get_type ())
G_DECLARE_FINAL_TYPE (FvCanvas, fv_canvas, FV, CANVAS, GtkWidget)

GtkWidget *fv_canvas_new (void);

/* Shows @image (a reference is taken; NULL: nothing). Maps and editor stay as they are until they
 * are set; an editor whose mask has another size than the image is neither drawn nor painted on. */
void fv_canvas_set_image (FvCanvas *self, FvImage *image);

/* The map to lay over the photo (copied; NULL: none). It covers the whole photo, whatever its grid.
 */
void fv_canvas_set_map (FvCanvas *self, const FvMap *map);

/* The map from before (copied). While there is one, a divider shows it on its left and the map of
 * today on its right, both on one scale. NULL ends that. */
void fv_canvas_set_before_map (FvCanvas *self, const FvMap *map);

/* Draws and paints on the mask of @editor (a reference is taken; NULL: no mask). A stroke that is
 * open on the old editor is closed. */
void fv_canvas_set_editor (FvCanvas *self, FvMaskEditor *editor);

FvCanvasTool fv_canvas_get_tool (FvCanvas *self);
void fv_canvas_set_tool (FvCanvas *self, FvCanvasTool tool);
double fv_canvas_get_brush_radius (FvCanvas *self);
void fv_canvas_set_brush_radius (FvCanvas *self, double radius);
double fv_canvas_get_map_opacity (FvCanvas *self);
void fv_canvas_set_map_opacity (FvCanvas *self, double opacity);
gboolean fv_canvas_get_show_outline (FvCanvas *self);
void fv_canvas_set_show_outline (FvCanvas *self, gboolean show);
gboolean fv_canvas_get_show_mask (FvCanvas *self);
void fv_canvas_set_show_mask (FvCanvas *self, gboolean show);
FvColormap fv_canvas_get_colormap (FvCanvas *self);
void fv_canvas_set_colormap (FvCanvas *self, FvColormap colormap);
double fv_canvas_get_zoom (FvCanvas *self);
double fv_canvas_get_swipe (FvCanvas *self);
void fv_canvas_set_swipe (FvCanvas *self, double swipe);
/* (transfer none) (nullable) */
const char *fv_canvas_get_legend_text (FvCanvas *self);
void fv_canvas_set_legend_text (FvCanvas *self, const char *text);

/* Zoom by one step around the pointer, or the middle when the pointer is elsewhere. */
void fv_canvas_zoom_in (FvCanvas *self);
void fv_canvas_zoom_out (FvCanvas *self);
/* The whole photo; one image pixel on one screen pixel. */
void fv_canvas_zoom_fit (FvCanvas *self);
void fv_canvas_zoom_actual (FvCanvas *self);

G_END_DECLS
