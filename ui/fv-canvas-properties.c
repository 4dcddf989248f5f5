/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The properties of the canvas and their accessors: each setter says what has to be drawn anew. */

#include "fv-canvas-private.h"

enum {
  PROP_0,
  PROP_TOOL,
  PROP_BRUSH_RADIUS,
  PROP_MAP_OPACITY,
  PROP_SHOW_OUTLINE,
  PROP_SHOW_MASK,
  PROP_COLORMAP,
  PROP_ZOOM,
  PROP_SWIPE,
  PROP_LEGEND_TEXT,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_ENUM_TYPE (FvCanvasTool, fv_canvas_tool, G_DEFINE_ENUM_VALUE (FV_CANVAS_TOOL_PAN, "pan"),
                    G_DEFINE_ENUM_VALUE (FV_CANVAS_TOOL_BRUSH, "brush"),
                    G_DEFINE_ENUM_VALUE (FV_CANVAS_TOOL_ERASER, "eraser"),
                    G_DEFINE_ENUM_VALUE (FV_CANVAS_TOOL_NO_OPINION, "no-opinion"))

static void
notify (FvCanvas *self, int property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
fv_canvas_follow_viewport (FvCanvas *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (self->notified_zoom == self->viewport.zoom)
    return;
  self->notified_zoom = self->viewport.zoom;
  notify (self, PROP_ZOOM);
}

static void
fv_canvas_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FvCanvas *self = FV_CANVAS (object);

  switch (id) {
  case PROP_TOOL:
    g_value_set_enum (value, (gint) self->tool);
    break;
  case PROP_BRUSH_RADIUS:
    g_value_set_double (value, self->brush_radius);
    break;
  case PROP_MAP_OPACITY:
    g_value_set_double (value, self->map_opacity);
    break;
  case PROP_SHOW_OUTLINE:
    g_value_set_boolean (value, self->show_outline);
    break;
  case PROP_SHOW_MASK:
    g_value_set_boolean (value, self->show_mask);
    break;
  case PROP_COLORMAP:
    g_value_set_enum (value, (gint) self->colormap);
    break;
  case PROP_ZOOM:
    g_value_set_double (value, self->viewport.zoom);
    break;
  case PROP_SWIPE:
    g_value_set_double (value, self->swipe);
    break;
  case PROP_LEGEND_TEXT:
    g_value_set_string (value, self->legend_text);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
fv_canvas_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FvCanvas *self = FV_CANVAS (object);

  switch (id) {
  case PROP_TOOL:
    fv_canvas_set_tool (self, (FvCanvasTool) g_value_get_enum (value));
    break;
  case PROP_BRUSH_RADIUS:
    fv_canvas_set_brush_radius (self, g_value_get_double (value));
    break;
  case PROP_MAP_OPACITY:
    fv_canvas_set_map_opacity (self, g_value_get_double (value));
    break;
  case PROP_SHOW_OUTLINE:
    fv_canvas_set_show_outline (self, g_value_get_boolean (value));
    break;
  case PROP_SHOW_MASK:
    fv_canvas_set_show_mask (self, g_value_get_boolean (value));
    break;
  case PROP_COLORMAP:
    fv_canvas_set_colormap (self, (FvColormap) g_value_get_enum (value));
    break;
  case PROP_SWIPE:
    fv_canvas_set_swipe (self, g_value_get_double (value));
    break;
  case PROP_LEGEND_TEXT:
    fv_canvas_set_legend_text (self, g_value_get_string (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

FvCanvasTool
fv_canvas_get_tool (FvCanvas *self)
{
  g_return_val_if_fail (FV_IS_CANVAS (self), FV_CANVAS_TOOL_PAN);

  return self->tool;
}

void
fv_canvas_set_tool (FvCanvas *self, FvCanvasTool tool)
{
  g_return_if_fail (FV_IS_CANVAS (self));

  if (self->tool == tool)
    return;
  fv_canvas_end_drag (self);
  self->tool = tool;
  fv_canvas_follow_mask (self);
  fv_canvas_update_pointer (self);
  notify (self, PROP_TOOL);
}

double
fv_canvas_get_brush_radius (FvCanvas *self)
{
  g_return_val_if_fail (FV_IS_CANVAS (self), FV_CANVAS_RADIUS_MIN);

  return self->brush_radius;
}

void
fv_canvas_set_brush_radius (FvCanvas *self, double radius)
{
  g_return_if_fail (FV_IS_CANVAS (self));

  radius = CLAMP (radius, FV_CANVAS_RADIUS_MIN, FV_CANVAS_RADIUS_MAX);
  if (self->brush_radius == radius)
    return;
  self->brush_radius = radius;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  notify (self, PROP_BRUSH_RADIUS);
}

double
fv_canvas_get_map_opacity (FvCanvas *self)
{
  g_return_val_if_fail (FV_IS_CANVAS (self), 0);

  return self->map_opacity;
}

void
fv_canvas_set_map_opacity (FvCanvas *self, double opacity)
{
  g_return_if_fail (FV_IS_CANVAS (self));

  opacity = CLAMP (opacity, 0, 1);
  if (self->map_opacity == opacity)
    return;
  self->map_opacity = opacity;
  fv_canvas_follow_map (self);
  notify (self, PROP_MAP_OPACITY);
}

gboolean
fv_canvas_get_show_outline (FvCanvas *self)
{
  g_return_val_if_fail (FV_IS_CANVAS (self), FALSE);

  return self->show_outline;
}

void
fv_canvas_set_show_outline (FvCanvas *self, gboolean show)
{
  g_return_if_fail (FV_IS_CANVAS (self));

  if (self->show_outline == show)
    return;
  self->show_outline = show;
  fv_canvas_follow_mask (self);
  notify (self, PROP_SHOW_OUTLINE);
}

gboolean
fv_canvas_get_show_mask (FvCanvas *self)
{
  g_return_val_if_fail (FV_IS_CANVAS (self), FALSE);

  return self->show_mask;
}

void
fv_canvas_set_show_mask (FvCanvas *self, gboolean show)
{
  g_return_if_fail (FV_IS_CANVAS (self));

  if (self->show_mask == show)
    return;
  self->show_mask = show;
  fv_canvas_follow_mask (self);
  notify (self, PROP_SHOW_MASK);
}

FvColormap
fv_canvas_get_colormap (FvCanvas *self)
{
  g_return_val_if_fail (FV_IS_CANVAS (self), FV_COLORMAP_VIRIDIS);

  return self->colormap;
}

void
fv_canvas_set_colormap (FvCanvas *self, FvColormap colormap)
{
  g_return_if_fail (FV_IS_CANVAS (self));

  if (self->colormap == colormap)
    return;
  self->colormap = colormap;
  fv_canvas_follow_map (self);
  notify (self, PROP_COLORMAP);
}

double
fv_canvas_get_zoom (FvCanvas *self)
{
  g_return_val_if_fail (FV_IS_CANVAS (self), 1);

  return self->viewport.zoom;
}

double
fv_canvas_get_swipe (FvCanvas *self)
{
  g_return_val_if_fail (FV_IS_CANVAS (self), 0);

  return self->swipe;
}

void
fv_canvas_set_swipe (FvCanvas *self, double swipe)
{
  g_return_if_fail (FV_IS_CANVAS (self));

  swipe = CLAMP (swipe, 0, 1);
  if (self->swipe == swipe)
    return;
  self->swipe = swipe;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  notify (self, PROP_SWIPE);
}

const char *
fv_canvas_get_legend_text (FvCanvas *self)
{
  g_return_val_if_fail (FV_IS_CANVAS (self), NULL);

  return self->legend_text;
}

void
fv_canvas_set_legend_text (FvCanvas *self, const char *text)
{
  g_return_if_fail (FV_IS_CANVAS (self));

  if (g_strcmp0 (self->legend_text, text) == 0)
    return;
  g_free (self->legend_text);
  self->legend_text = g_strdup (text);
  fv_canvas_describe (self);
  fv_canvas_cache_damage_legend (self->cache);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  notify (self, PROP_LEGEND_TEXT);
}

void
fv_canvas_class_init_properties (GObjectClass *klass)
{
  GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GParamFlags flags = read | G_PARAM_WRITABLE;

  klass->get_property = fv_canvas_get_property;
  klass->set_property = fv_canvas_set_property;

  properties[PROP_TOOL]
      = g_param_spec_enum ("tool", NULL, NULL, FV_TYPE_CANVAS_TOOL, FV_CANVAS_TOOL_PAN, flags);
  properties[PROP_BRUSH_RADIUS]
      = g_param_spec_double ("brush-radius", NULL, NULL, FV_CANVAS_RADIUS_MIN, FV_CANVAS_RADIUS_MAX,
                             FV_CANVAS_RADIUS_DEFAULT, flags);
  properties[PROP_MAP_OPACITY]
      = g_param_spec_double ("map-opacity", NULL, NULL, 0, 1, FV_CANVAS_OPACITY_DEFAULT, flags);
  properties[PROP_SHOW_OUTLINE] = g_param_spec_boolean ("show-outline", NULL, NULL, TRUE, flags);
  properties[PROP_SHOW_MASK] = g_param_spec_boolean ("show-mask", NULL, NULL, FALSE, flags);
  properties[PROP_COLORMAP]
      = g_param_spec_enum ("colormap", NULL, NULL, FV_TYPE_COLORMAP, FV_COLORMAP_VIRIDIS, flags);
  properties[PROP_ZOOM] = g_param_spec_double ("zoom", NULL, NULL, FV_VIEWPORT_ZOOM_MIN,
                                               FV_VIEWPORT_ZOOM_MAX, 1, read);
  properties[PROP_SWIPE] = g_param_spec_double ("swipe", NULL, NULL, 0, 1, 0.5, flags);
  properties[PROP_LEGEND_TEXT] = g_param_spec_string ("legend-text", NULL, NULL, NULL, flags);
  g_object_class_install_properties (klass, N_PROPERTIES, properties);
}
