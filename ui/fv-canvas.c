/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The widget and what it shows. How that looks is in fv-canvas-painter.c, its properties are in
 * fv-canvas-properties.c. */

#include "fv-canvas-private.h"

/* Unit: screen pixels. */
#define MIN_SIDE 120
#define NATURAL_WIDTH 480
#define NATURAL_HEIGHT 360

G_DEFINE_FINAL_TYPE (FvCanvas, fv_canvas, GTK_TYPE_WIDGET)

gboolean
fv_canvas_can_paint (FvCanvas *self)
{
  if (self->image == NULL || self->editor == NULL)
    return FALSE;

  FvMask *mask = fv_mask_editor_get_mask (self->editor);

  return fv_mask_get_width (mask) == fv_image_get_width (self->image)
         && fv_mask_get_height (mask) == fv_image_get_height (self->image);
}

static FvCanvasCursor
get_cursor (FvCanvas *self)
{
  const FvCanvasInput *input = &self->input;

  return (FvCanvasCursor){
    .visible = input->has_pointer && fv_canvas_tool_paints (self) && !input->space_held
               && (input->drag == FV_CANVAS_DRAG_NONE || input->drag == FV_CANVAS_DRAG_PAINT),
    .erases = input->drag == FV_CANVAS_DRAG_PAINT
                  ? input->stroke_state == FV_MASK_OUTSIDE
                  : input->ctrl_held || self->tool == FV_CANVAS_TOOL_ERASER,
    .x = input->x,
    .y = input->y,
    .radius = self->brush_radius * self->viewport.zoom,
  };
}

FvCanvasScene
fv_canvas_get_scene (FvCanvas *self)
{
  return (FvCanvasScene){
    .viewport = self->viewport,
    .scale_factor = gtk_widget_get_scale_factor (GTK_WIDGET (self)),
    .image = self->image,
    .map = self->map,
    .before = self->before,
    .colormap = self->colormap,
    .map_opacity = self->map_opacity,
    .swipe = self->swipe,
    .mask = self->editor != NULL ? fv_mask_editor_get_mask (self->editor) : NULL,
    .show_outline = self->show_outline,
    .tint_mask = self->show_mask || self->tool != FV_CANVAS_TOOL_PAN,
    .legend_text = self->legend_text,
    .pango = gtk_widget_get_pango_context (GTK_WIDGET (self)),
    .cursor = get_cursor (self),
  };
}

void
fv_canvas_zoom_by (FvCanvas *self, double x, double y, double factor)
{
  fv_viewport_zoom_to (&self->viewport, x, y, self->viewport.zoom * factor);
  fv_canvas_follow_viewport (self);
}

void
fv_canvas_follow_map (FvCanvas *self)
{
  fv_canvas_cache_damage_map (self->cache);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
fv_canvas_follow_mask (FvCanvas *self)
{
  fv_canvas_cache_damage_mask (self->cache);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_mask_changed (FvMaskEditor *editor, int x, int y, int width, int height, FvCanvas *self)
{
  fv_canvas_cache_damage_mask_rect (self->cache, &self->viewport, (FvRect){ x, y, width, height });
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
fv_canvas_describe (FvCanvas *self)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  self->image != NULL ? "Photo with attention map" : "No photo",
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  self->legend_text != NULL ? self->legend_text : "", -1);
}

static void
fv_canvas_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FvCanvas *self = FV_CANVAS (widget);
  FvCanvasScene scene = fv_canvas_get_scene (self);

  fv_canvas_paint (&scene, self->cache, snapshot);
  if (gtk_widget_has_visible_focus (widget))
    gtk_snapshot_render_focus (snapshot, gtk_widget_get_style_context (widget), 0, 0,
                               gtk_widget_get_width (widget), gtk_widget_get_height (widget));
}

static void
fv_canvas_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                   int *natural, int *minimum_baseline, int *natural_baseline)
{
  *minimum = MIN_SIDE;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? NATURAL_WIDTH : NATURAL_HEIGHT;
}

static void
fv_canvas_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  FvCanvas *self = FV_CANVAS (widget);

  fv_viewport_resize (&self->viewport, width, height);
  fv_canvas_follow_viewport (self);
}

/* The theme's font is part of the legend. */
static void
fv_canvas_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  FvCanvas *self = FV_CANVAS (widget);

  GTK_WIDGET_CLASS (fv_canvas_parent_class)->css_changed (widget, change);
  fv_canvas_cache_damage_legend (self->cache);
}

static void
fv_canvas_dispose (GObject *object)
{
  FvCanvas *self = FV_CANVAS (object);

  fv_canvas_set_editor (self, NULL);
  G_OBJECT_CLASS (fv_canvas_parent_class)->dispose (object);
}

static void
fv_canvas_finalize (GObject *object)
{
  FvCanvas *self = FV_CANVAS (object);

  g_clear_object (&self->editor_signals);
  g_clear_pointer (&self->image, fv_image_unref);
  g_clear_pointer (&self->map, fv_map_free);
  g_clear_pointer (&self->before, fv_map_free);
  g_clear_pointer (&self->legend_text, g_free);
  g_clear_pointer (&self->cache, fv_canvas_cache_free);
  G_OBJECT_CLASS (fv_canvas_parent_class)->finalize (object);
}

static void
fv_canvas_class_init (FvCanvasClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = fv_canvas_dispose;
  object_class->finalize = fv_canvas_finalize;
  widget_class->snapshot = fv_canvas_snapshot;
  widget_class->measure = fv_canvas_measure;
  widget_class->size_allocate = fv_canvas_size_allocate;
  widget_class->css_changed = fv_canvas_css_changed;

  fv_canvas_class_init_properties (object_class);
  fv_canvas_class_init_keys (widget_class);
  gtk_widget_class_set_css_name (widget_class, "fv-canvas");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
fv_canvas_init (FvCanvas *self)
{
  self->cache = fv_canvas_cache_new ();
  fv_viewport_init (&self->viewport);
  self->notified_zoom = self->viewport.zoom;
  self->brush_radius = FV_CANVAS_RADIUS_DEFAULT;
  self->map_opacity = FV_CANVAS_OPACITY_DEFAULT;
  self->swipe = 0.5;
  self->show_outline = TRUE;
  self->editor_signals = g_signal_group_new (FV_TYPE_MASK_EDITOR);
  g_signal_group_connect (self->editor_signals, "changed", G_CALLBACK (on_mask_changed), self);

  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  fv_canvas_init_pointer (self);
  fv_canvas_init_keys (self);
  fv_canvas_describe (self);
}

GtkWidget *
fv_canvas_new (void)
{
  return g_object_new (FV_TYPE_CANVAS, NULL);
}

void
fv_canvas_set_image (FvCanvas *self, FvImage *image)
{
  g_return_if_fail (FV_IS_CANVAS (self));

  if (self->image == image)
    return;
  fv_canvas_end_drag (self);
  g_clear_pointer (&self->image, fv_image_unref);
  self->image = image != NULL ? fv_image_ref (image) : NULL;
  fv_viewport_set_image_size (&self->viewport, image != NULL ? fv_image_get_width (image) : 0,
                              image != NULL ? fv_image_get_height (image) : 0);
  fv_canvas_describe (self);
  fv_canvas_update_pointer (self);
  fv_canvas_follow_viewport (self);
}

static void
replace_map (FvCanvas *self, FvMap **place, const FvMap *map)
{
  /* The copy comes first: it may be the canvas's own map. */
  FvMap *copy = map != NULL ? fv_map_copy (map) : NULL;

  g_clear_pointer (place, fv_map_free);
  *place = copy;
  fv_canvas_follow_map (self);
}

void
fv_canvas_set_map (FvCanvas *self, const FvMap *map)
{
  g_return_if_fail (FV_IS_CANVAS (self));

  replace_map (self, &self->map, map);
}

void
fv_canvas_set_before_map (FvCanvas *self, const FvMap *map)
{
  g_return_if_fail (FV_IS_CANVAS (self));

  replace_map (self, &self->before, map);
}

void
fv_canvas_set_editor (FvCanvas *self, FvMaskEditor *editor)
{
  g_return_if_fail (FV_IS_CANVAS (self));

  if (self->editor == editor)
    return;
  fv_canvas_end_drag (self);
  g_set_object (&self->editor, editor);
  g_signal_group_set_target (self->editor_signals, editor);
  fv_canvas_follow_mask (self);
}

/* Keyboard and buttons zoom where the user looks: at the pointer, or else in the middle. */
static void
zoom_at_focus (FvCanvas *self, double zoom)
{
  double x = self->input.has_pointer ? self->input.x : self->viewport.width / 2.0;
  double y = self->input.has_pointer ? self->input.y : self->viewport.height / 2.0;

  fv_viewport_zoom_to (&self->viewport, x, y, zoom);
  fv_canvas_follow_viewport (self);
}

void
fv_canvas_zoom_in (FvCanvas *self)
{
  g_return_if_fail (FV_IS_CANVAS (self));

  zoom_at_focus (self, self->viewport.zoom * FV_CANVAS_ZOOM_STEP);
}

void
fv_canvas_zoom_out (FvCanvas *self)
{
  g_return_if_fail (FV_IS_CANVAS (self));

  zoom_at_focus (self, self->viewport.zoom / FV_CANVAS_ZOOM_STEP);
}

void
fv_canvas_zoom_fit (FvCanvas *self)
{
  g_return_if_fail (FV_IS_CANVAS (self));

  fv_viewport_fit (&self->viewport);
  fv_canvas_follow_viewport (self);
}

void
fv_canvas_zoom_actual (FvCanvas *self)
{
  g_return_if_fail (FV_IS_CANVAS (self));

  zoom_at_focus (self, 1);
}
