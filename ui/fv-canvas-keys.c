/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The keyboard on the canvas: named actions with their shortcuts, and the keys that are held. */

#include "fv-canvas-private.h"

#define RADIUS_MIN_STEP 0.5

/* Unit: screen pixels. */
#define PAN_STEP 48

/* Share of the image's width by which an arrow key moves the divider. */
#define DIVIDER_STEP 0.02

static gboolean
on_key_pressed (GtkEventControllerKey *controller, guint keyval, guint keycode,
                GdkModifierType state, FvCanvas *self)
{
  if (keyval != GDK_KEY_space)
    return GDK_EVENT_PROPAGATE;
  self->input.space_held = TRUE;
  fv_canvas_update_pointer (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  return GDK_EVENT_STOP;
}

static void
on_key_released (GtkEventControllerKey *controller, guint keyval, guint keycode,
                 GdkModifierType state, FvCanvas *self)
{
  if (keyval != GDK_KEY_space)
    return;
  self->input.space_held = FALSE;
  fv_canvas_update_pointer (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
on_modifiers (GtkEventControllerKey *controller, GdkModifierType state, FvCanvas *self)
{
  self->input.ctrl_held = (state & GDK_CONTROL_MASK) != 0;
  if (fv_canvas_tool_paints (self))
    gtk_widget_queue_draw (GTK_WIDGET (self));
  return GDK_EVENT_PROPAGATE;
}

static void
on_focus_leave (GtkEventControllerFocus *controller, FvCanvas *self)
{
  self->input.space_held = FALSE;
  self->input.ctrl_held = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
zoom_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FvCanvas *self = FV_CANVAS (widget);

  if (g_str_equal (name, "canvas.zoom-in"))
    fv_canvas_zoom_in (self);
  else if (g_str_equal (name, "canvas.zoom-out"))
    fv_canvas_zoom_out (self);
  else if (g_str_equal (name, "canvas.zoom-fit"))
    fv_canvas_zoom_fit (self);
  else
    fv_canvas_zoom_actual (self);
}

static void
larger_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FvCanvas *self = FV_CANVAS (widget);

  fv_canvas_set_brush_radius (
      self, MAX (self->brush_radius * FV_CANVAS_RADIUS_STEP, self->brush_radius + RADIUS_MIN_STEP));
}

static void
smaller_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FvCanvas *self = FV_CANVAS (widget);

  fv_canvas_set_brush_radius (
      self, MIN (self->brush_radius / FV_CANVAS_RADIUS_STEP, self->brush_radius - RADIUS_MIN_STEP));
}

static void
pan_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  FvCanvas *self = FV_CANVAS (widget);
  int x, y;

  /* The view moves in the arrow's direction, so the image moves against it. */
  g_variant_get (parameter, "(ii)", &x, &y);
  fv_viewport_pan (&self->viewport, -x * PAN_STEP, -y * PAN_STEP);
  fv_canvas_follow_viewport (self);
}

/* ← and →: the divider if there is one, else the view. */
static gboolean
on_horizontal_arrow (GtkWidget *widget, GVariant *parameter, gpointer user_data)
{
  FvCanvas *self = FV_CANVAS (widget);
  int direction = g_variant_get_int32 (parameter);

  if (self->before != NULL)
    fv_canvas_set_swipe (self, self->swipe + direction * DIVIDER_STEP);
  else
    gtk_widget_activate_action (widget, "canvas.pan", "(ii)", direction, 0);
  return GDK_EVENT_STOP;
}

static void
add_arrow_bindings (GtkWidgetClass *klass)
{
  const struct {
    guint key, keypad;
    int x, y;
  } arrows[] = {
    { GDK_KEY_Left, GDK_KEY_KP_Left, -1, 0 },
    { GDK_KEY_Right, GDK_KEY_KP_Right, 1, 0 },
    { GDK_KEY_Up, GDK_KEY_KP_Up, 0, -1 },
    { GDK_KEY_Down, GDK_KEY_KP_Down, 0, 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (arrows); i++) {
    const guint keys[] = { arrows[i].key, arrows[i].keypad };

    for (gsize j = 0; j < G_N_ELEMENTS (keys); j++) {
      if (arrows[i].x != 0)
        gtk_widget_class_add_binding (klass, keys[j], 0, on_horizontal_arrow, "i", arrows[i].x);
      else
        gtk_widget_class_add_binding_action (klass, keys[j], 0, "canvas.pan", "(ii)", 0,
                                             arrows[i].y);
      gtk_widget_class_add_binding_action (klass, keys[j], GDK_SHIFT_MASK, "canvas.pan", "(ii)",
                                           arrows[i].x, arrows[i].y);
    }
  }
}

void
fv_canvas_class_init_keys (GtkWidgetClass *klass)
{
  const struct {
    guint key;
    const char *action;
  } keys[] = {
    { GDK_KEY_plus, "canvas.zoom-in" },
    { GDK_KEY_equal, "canvas.zoom-in" },
    { GDK_KEY_KP_Add, "canvas.zoom-in" },
    { GDK_KEY_minus, "canvas.zoom-out" },
    { GDK_KEY_KP_Subtract, "canvas.zoom-out" },
    { GDK_KEY_0, "canvas.zoom-fit" },
    { GDK_KEY_KP_0, "canvas.zoom-fit" },
    { GDK_KEY_1, "canvas.zoom-actual" },
    { GDK_KEY_KP_1, "canvas.zoom-actual" },
    { GDK_KEY_bracketright, "canvas.brush-larger" },
    { GDK_KEY_bracketleft, "canvas.brush-smaller" },
  };

  gtk_widget_class_install_action (klass, "canvas.zoom-in", NULL, zoom_action);
  gtk_widget_class_install_action (klass, "canvas.zoom-out", NULL, zoom_action);
  gtk_widget_class_install_action (klass, "canvas.zoom-fit", NULL, zoom_action);
  gtk_widget_class_install_action (klass, "canvas.zoom-actual", NULL, zoom_action);
  gtk_widget_class_install_action (klass, "canvas.brush-larger", NULL, larger_action);
  gtk_widget_class_install_action (klass, "canvas.brush-smaller", NULL, smaller_action);
  gtk_widget_class_install_action (klass, "canvas.pan", "(ii)", pan_action);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding_action (klass, keys[i].key, 0, keys[i].action, NULL);
  add_arrow_bindings (klass);
}

void
fv_canvas_init_keys (FvCanvas *self)
{
  GtkEventController *key = gtk_event_controller_key_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  g_signal_connect (key, "key-pressed", G_CALLBACK (on_key_pressed), self);
  g_signal_connect (key, "key-released", G_CALLBACK (on_key_released), self);
  g_signal_connect (key, "modifiers", G_CALLBACK (on_modifiers), self);
  g_signal_connect (focus, "leave", G_CALLBACK (on_focus_leave), self);
  gtk_widget_add_controller (GTK_WIDGET (self), key);
  gtk_widget_add_controller (GTK_WIDGET (self), focus);
}
