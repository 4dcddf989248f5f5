/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pointer on the canvas: dragging, painting, scrolling, pinching. The brush replays every
 * position that GTK compressed into one motion event: a fast stroke is as round as a slow one. */

#include "fv-canvas-private.h"

#include <math.h>

/* Unit: screen pixels. A touchpad scrolls in pixels where a wheel scrolls in notches. */
#define PIXELS_PER_NOTCH 40.0
#define DIVIDER_REACH 8
#define HANDLE_REACH 16

gboolean
fv_canvas_tool_paints (FvCanvas *self)
{
  return self->tool != FV_CANVAS_TOOL_PAN && fv_canvas_can_paint (self);
}

/* The primary button takes the divider with the PAN tool; while painting, only its handle does. */
static gboolean
hits_divider (FvCanvas *self, double x, double y)
{
  FvCanvasScene scene = fv_canvas_get_scene (self);
  FvRect view = { 0, 0, self->viewport.width, self->viewport.height };
  FvRect shown = fv_rect_intersect (fv_viewport_get_image_rect (&self->viewport), view);
  double dx = x - fv_canvas_scene_get_divider (&scene);
  double dy = y - (shown.y + shown.height / 2.0);

  if (self->before == NULL || self->image == NULL)
    return FALSE;
  if (hypot (dx, dy) <= HANDLE_REACH)
    return TRUE;
  return !fv_canvas_tool_paints (self) && fabs (dx) <= DIVIDER_REACH && y >= shown.y
         && y < shown.y + shown.height;
}

void
fv_canvas_update_pointer (FvCanvas *self)
{
  FvCanvasInput *input = &self->input;
  const char *name = "default";

  if (input->drag == FV_CANVAS_DRAG_DIVIDER
      || (input->drag == FV_CANVAS_DRAG_NONE && hits_divider (self, input->x, input->y)))
    name = "col-resize";
  else if (input->drag == FV_CANVAS_DRAG_PAN)
    name = "grabbing";
  else if (input->space_held || (self->image != NULL && self->tool == FV_CANVAS_TOOL_PAN))
    name = "grab";
  else if (fv_canvas_tool_paints (self))
    name = "none";
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), name);
}

static void
move_pointer (FvCanvas *self, double x, double y, GdkModifierType state)
{
  self->input.has_pointer = TRUE;
  self->input.x = x;
  self->input.y = y;
  self->input.ctrl_held = (state & GDK_CONTROL_MASK) != 0;
  fv_canvas_update_pointer (self);
  if (fv_canvas_tool_paints (self))
    gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
on_motion (GtkEventControllerMotion *controller, double x, double y, FvCanvas *self)
{
  GdkModifierType state
      = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));

  move_pointer (self, x, y, state);
}

static void
on_leave (GtkEventControllerMotion *controller, FvCanvas *self)
{
  self->input.has_pointer = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
on_scroll (GtkEventControllerScroll *controller, double dx, double dy, FvCanvas *self)
{
  GtkEventController *base = GTK_EVENT_CONTROLLER (controller);
  double notches = dy != 0 ? dy : dx;

  if (gtk_event_controller_scroll_get_unit (controller) == GDK_SCROLL_UNIT_SURFACE)
    notches /= PIXELS_PER_NOTCH;

  if (gtk_event_controller_get_current_event_state (base) & GDK_SHIFT_MASK)
    fv_canvas_set_brush_radius (self, self->brush_radius * pow (FV_CANVAS_RADIUS_STEP, -notches));
  else if (self->input.has_pointer)
    fv_canvas_zoom_by (self, self->input.x, self->input.y, pow (FV_CANVAS_ZOOM_STEP, -notches));
  else
    fv_canvas_zoom_by (self, self->viewport.width / 2.0, self->viewport.height / 2.0,
                       pow (FV_CANVAS_ZOOM_STEP, -notches));
  return GDK_EVENT_STOP;
}

/* -- painting -----------------------------------------------------------------------------------
 */

static FvMaskState
state_of_stroke (FvCanvas *self, GtkEventController *controller)
{
  GdkEvent *event = gtk_event_controller_get_current_event (controller);
  GdkDeviceTool *pen = event != NULL ? gdk_event_get_device_tool (event) : NULL;
  gboolean erases
      = self->tool == FV_CANVAS_TOOL_ERASER || self->input.ctrl_held
        || (pen != NULL && gdk_device_tool_get_tool_type (pen) == GDK_DEVICE_TOOL_TYPE_ERASER);

  if (erases)
    return FV_MASK_OUTSIDE;
  return self->tool == FV_CANVAS_TOOL_NO_OPINION ? FV_MASK_NO_OPINION : FV_MASK_INSIDE;
}

static void
paint_to (FvCanvas *self, double x, double y)
{
  FvCanvasInput *input = &self->input;
  double image_x, image_y;

  /* The stroke may have been ended for the user, because its picture goes away. */
  if (!fv_canvas_can_paint (self) || !fv_mask_editor_is_stroking (self->editor))
    return;
  fv_viewport_to_image (&self->viewport, x, y, &image_x, &image_y);
  fv_mask_editor_stroke_to (self->editor, input->image_x, input->image_y, image_x, image_y,
                            self->brush_radius, input->stroke_state);
  input->image_x = image_x;
  input->image_y = image_y;
}

static void
begin_painting (FvCanvas *self, GtkEventController *controller, double x, double y)
{
  FvCanvasInput *input = &self->input;

  input->drag = FV_CANVAS_DRAG_PAINT;
  input->stroke_state = state_of_stroke (self, controller);
  fv_viewport_to_image (&self->viewport, x, y, &input->image_x, &input->image_y);
  fv_mask_editor_begin_stroke (self->editor);
  paint_to (self, x, y);
}

/* Paints through the positions that lie between the last motion event and this one. */
static void
replay_history (FvCanvas *self, GtkGesture *gesture)
{
  GtkWidget *native = GTK_WIDGET (gtk_widget_get_native (GTK_WIDGET (self)));
  GdkEventSequence *sequence = gtk_gesture_get_last_updated_sequence (gesture);
  GdkEvent *event = gtk_gesture_get_last_event (gesture, sequence);
  g_autofree GdkTimeCoord *history = NULL;
  double left, top, x, y;
  guint n = 0;

  if (event == NULL || native == NULL)
    return;
  history = gdk_event_get_history (event, &n);
  gtk_native_get_surface_transform (GTK_NATIVE (native), &left, &top);
  for (guint i = 0; i < n; i++) {
    const double *axes = history[i].axes;

    if ((history[i].flags & GDK_AXIS_FLAG_X) && (history[i].flags & GDK_AXIS_FLAG_Y)
        && gtk_widget_translate_coordinates (native, GTK_WIDGET (self), axes[GDK_AXIS_X] - left,
                                             axes[GDK_AXIS_Y] - top, &x, &y))
      paint_to (self, x, y);
  }
}

/* -- dragging -----------------------------------------------------------------------------------
 */

static FvCanvasDrag
choose_drag (FvCanvas *self, guint button, double x, double y)
{
  if (button == GDK_BUTTON_MIDDLE || self->input.space_held)
    return FV_CANVAS_DRAG_PAN;
  if (button != GDK_BUTTON_PRIMARY)
    return FV_CANVAS_DRAG_NONE;
  if (hits_divider (self, x, y))
    return FV_CANVAS_DRAG_DIVIDER;
  if (fv_canvas_tool_paints (self))
    return FV_CANVAS_DRAG_PAINT;
  return self->tool == FV_CANVAS_TOOL_PAN ? FV_CANVAS_DRAG_PAN : FV_CANVAS_DRAG_NONE;
}

static void
on_drag_begin (GtkGestureDrag *gesture, double x, double y, FvCanvas *self)
{
  GtkEventController *controller = GTK_EVENT_CONTROLLER (gesture);
  guint button = gtk_gesture_single_get_current_button (GTK_GESTURE_SINGLE (gesture));

  gtk_widget_grab_focus (GTK_WIDGET (self));
  fv_canvas_end_drag (self);
  move_pointer (self, x, y, gtk_event_controller_get_current_event_state (controller));
  /* A finger has no button. */
  self->input.drag = choose_drag (self, button != 0 ? button : GDK_BUTTON_PRIMARY, x, y);
  self->input.start_x = self->input.drag_x = x;
  self->input.start_y = self->input.drag_y = y;
  if (self->input.drag == FV_CANVAS_DRAG_PAINT)
    begin_painting (self, controller, x, y);
  fv_canvas_update_pointer (self);
}

static void
move_divider_to (FvCanvas *self, double x)
{
  FvRect image = fv_viewport_get_image_rect (&self->viewport);

  fv_canvas_set_swipe (self, (x - image.x) / image.width);
}

static void
on_drag_update (GtkGestureDrag *gesture, double offset_x, double offset_y, FvCanvas *self)
{
  GtkEventController *controller = GTK_EVENT_CONTROLLER (gesture);
  FvCanvasInput *input = &self->input;
  double x = input->start_x + offset_x;
  double y = input->start_y + offset_y;

  switch (input->drag) {
  case FV_CANVAS_DRAG_PAN:
    fv_viewport_pan (&self->viewport, x - input->drag_x, y - input->drag_y);
    fv_canvas_follow_viewport (self);
    break;
  case FV_CANVAS_DRAG_PAINT:
    replay_history (self, GTK_GESTURE (gesture));
    paint_to (self, x, y);
    break;
  case FV_CANVAS_DRAG_DIVIDER:
    move_divider_to (self, x);
    break;
  case FV_CANVAS_DRAG_NONE:
    break;
  }
  input->drag_x = x;
  input->drag_y = y;
  move_pointer (self, x, y, gtk_event_controller_get_current_event_state (controller));
}

void
fv_canvas_end_drag (FvCanvas *self)
{
  FvCanvasDrag drag = self->input.drag;

  self->input.drag = FV_CANVAS_DRAG_NONE;
  if (drag == FV_CANVAS_DRAG_PAINT && self->editor != NULL
      && fv_mask_editor_is_stroking (self->editor))
    fv_mask_editor_end_stroke (self->editor);
}

static void
on_drag_end (GtkGestureDrag *gesture, double offset_x, double offset_y, FvCanvas *self)
{
  fv_canvas_end_drag (self);
  fv_canvas_update_pointer (self);
}

/* The grab was taken away (a dialog, another gesture): the stroke so far stays. */
static void
on_drag_cancel (GtkGesture *gesture, GdkEventSequence *sequence, FvCanvas *self)
{
  fv_canvas_end_drag (self);
}

/* The first finger of a pinch may have left a dab; that was no stroke. */
static void
on_pinch_begin (GtkGesture *gesture, GdkEventSequence *sequence, FvCanvas *self)
{
  gboolean painting = self->input.drag == FV_CANVAS_DRAG_PAINT;

  fv_canvas_end_drag (self);
  if (painting)
    fv_mask_editor_undo (self->editor);
  self->input.pinch_zoom = self->viewport.zoom;
}

static void
on_pinch_scale (GtkGestureZoom *gesture, double scale, FvCanvas *self)
{
  double x, y;

  if (!gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y))
    return;
  fv_viewport_zoom_to (&self->viewport, x, y, self->input.pinch_zoom * scale);
  fv_canvas_follow_viewport (self);
}

void
fv_canvas_init_pointer (FvCanvas *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *scroll
      = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkGesture *pinch = gtk_gesture_zoom_new ();

  g_signal_connect (motion, "enter", G_CALLBACK (on_motion), self);
  g_signal_connect (motion, "motion", G_CALLBACK (on_motion), self);
  g_signal_connect (motion, "leave", G_CALLBACK (on_leave), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (on_scroll), self);
  gtk_event_controller_set_name (GTK_EVENT_CONTROLLER (drag), "fv-canvas-drag");
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (drag), 0);
  g_signal_connect (drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect (drag, "drag-update", G_CALLBACK (on_drag_update), self);
  g_signal_connect (drag, "drag-end", G_CALLBACK (on_drag_end), self);
  g_signal_connect (drag, "cancel", G_CALLBACK (on_drag_cancel), self);
  g_signal_connect (pinch, "begin", G_CALLBACK (on_pinch_begin), self);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (on_pinch_scale), self);

  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (pinch));
}
