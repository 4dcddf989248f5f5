/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the parts of the canvas share: the widget (fv-canvas.c), its properties
 * (fv-canvas-properties.c), pointer (fv-canvas-input.c) and keys (fv-canvas-keys.c). Nobody else
 * includes this. */

#pragma once

#include "fv-canvas.h"
#include "fv-canvas-painter.h"
#include "fv-viewport.h"

G_BEGIN_DECLS

/* What the button that is down does. */
typedef enum {
  FV_CANVAS_DRAG_NONE,
  FV_CANVAS_DRAG_PAN,
  FV_CANVAS_DRAG_PAINT,
  FV_CANVAS_DRAG_DIVIDER,
} FvCanvasDrag;

typedef struct {
  gboolean has_pointer;
  double x, y; /* the pointer, screen pixels; valid when there is one */
  gboolean ctrl_held;
  gboolean space_held;
  FvCanvasDrag drag;
  double start_x, start_y; /* where the drag began, screen pixels */
  double drag_x, drag_y;   /* where it was last, screen pixels */
  double image_x, image_y; /* where the stroke was last, image pixels */
  FvMaskState stroke_state;
  double pinch_zoom; /* the zoom when two fingers came down */
} FvCanvasInput;

struct _FvCanvas {
  GtkWidget parent_instance;

  FvCanvasCache *cache;
  FvViewport viewport;
  double notified_zoom;
  FvCanvasInput input;

  FvImage *image;
  FvMap *map;
  FvMap *before;
  FvMaskEditor *editor;
  GSignalGroup *editor_signals;

  FvCanvasTool tool;
  double brush_radius;
  double map_opacity;
  double swipe;
  gboolean show_outline;
  gboolean show_mask;
  FvColormap colormap;
  char *legend_text;
};

/* One step of zooming, and of sizing the brush. */
#define FV_CANVAS_ZOOM_STEP 1.25
#define FV_CANVAS_RADIUS_STEP 1.2

/* For init and class_init: the controllers, the actions and their shortcuts. */
void fv_canvas_init_pointer (FvCanvas *self);
void fv_canvas_init_keys (FvCanvas *self);
void fv_canvas_class_init_keys (GtkWidgetClass *klass);

/* Gives the pointer the shape of what the primary button would do now. */
void fv_canvas_update_pointer (FvCanvas *self);

/* Whether the primary button paints. */
gboolean fv_canvas_tool_paints (FvCanvas *self);

/* Ends what the button that is down does; an open stroke is closed and kept. */
void fv_canvas_end_drag (FvCanvas *self);

/* The properties: for class_init. */
void fv_canvas_class_init_properties (GObjectClass *klass);

/* To be called when the map, or how it is coloured, changed; when the mask, or which of its parts
 * are shown, changed; when what a screen reader says changed. */
void fv_canvas_follow_map (FvCanvas *self);
void fv_canvas_follow_mask (FvCanvas *self);
void fv_canvas_describe (FvCanvas *self);

/* What is on the canvas now, for the painter. Valid until the canvas changes. */
FvCanvasScene fv_canvas_get_scene (FvCanvas *self);

/* Whether there is a mask of the photo's size to paint on. */
gboolean fv_canvas_can_paint (FvCanvas *self);

/* To be called after every change of the viewport. */
void fv_canvas_follow_viewport (FvCanvas *self);

/* Zooms by @factor around the screen point (@x, @y). */
void fv_canvas_zoom_by (FvCanvas *self, double x, double y, double factor);

G_END_DECLS
