/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The canvas as a widget: strokes through its gesture, its actions and properties. */

#include "fv-canvas.h"

#include <math.h>

#define WIDTH 432
#define HEIGHT 332

/* A canvas in a window with a photo of 200 × 150, which fits at 2:1 with its corner at (16, 16). */
typedef struct {
  GtkWidget *window;
  FvCanvas *canvas;
  GtkEventController *drag;
  FvImage *image;
  FvMaskEditor *editor;
  int n_committed;
  int n_notified;
} Fixture;

static void
count (int *n)
{
  (*n)++;
}

static GtkEventController *
find_drag (GtkWidget *canvas)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (canvas);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

    if (g_strcmp0 (gtk_event_controller_get_name (controller), "fv-canvas-drag") == 0)
      return controller;
  }
  g_assert_not_reached ();
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->window = gtk_window_new ();
  fixture->canvas = FV_CANVAS (fv_canvas_new ());
  fixture->image = fv_image_new (200, 150);
  fixture->editor = fv_mask_editor_new (NULL, 200, 150);
  fixture->drag = find_drag (GTK_WIDGET (fixture->canvas));
  g_signal_connect_swapped (fixture->editor, "committed", G_CALLBACK (count),
                            &fixture->n_committed);

  gtk_window_set_decorated (GTK_WINDOW (fixture->window), FALSE);
  gtk_window_set_default_size (GTK_WINDOW (fixture->window), WIDTH, HEIGHT);
  gtk_window_set_child (GTK_WINDOW (fixture->window), GTK_WIDGET (fixture->canvas));
  fv_canvas_set_image (fixture->canvas, fixture->image);
  fv_canvas_set_editor (fixture->canvas, fixture->editor);
  gtk_window_present (GTK_WINDOW (fixture->window));
  gtk_test_widget_wait_for_draw (GTK_WIDGET (fixture->canvas));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_ref (fixture->canvas);
  gtk_window_destroy (GTK_WINDOW (fixture->window));
  g_assert_finalize_object (fixture->canvas);
  g_assert_finalize_object (fixture->editor);
  fv_image_unref (fixture->image);
}

static void
drag (Fixture *fixture, double x, double y, double dx, double dy)
{
  g_signal_emit_by_name (fixture->drag, "drag-begin", x, y);
  g_signal_emit_by_name (fixture->drag, "drag-update", dx / 2, dy / 2);
  g_signal_emit_by_name (fixture->drag, "drag-update", dx, dy);
  g_signal_emit_by_name (fixture->drag, "drag-end", dx, dy);
}

static FvMaskState
state_at (Fixture *fixture, int x, int y)
{
  return (FvMaskState) fv_mask_peek (fv_mask_editor_get_mask (fixture->editor))[y * 200 + x];
}

static void
test_fitted_at_first (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (fixture->canvas)), ==, WIDTH);
  g_assert_cmpint (gtk_widget_get_height (GTK_WIDGET (fixture->canvas)), ==, HEIGHT);
  g_assert_cmpfloat (fv_canvas_get_zoom (fixture->canvas), ==, 2);
  gtk_test_accessible_assert_role (fixture->canvas, GTK_ACCESSIBLE_ROLE_IMG);
}

/* Screen (116, 116) is image (50, 50): see the fixture. */
static void
test_brush_paints_where_the_pointer_is (Fixture *fixture, gconstpointer data)
{
  const guint8 *states = fv_mask_peek (fv_mask_editor_get_mask (fixture->editor));

  fv_canvas_set_tool (fixture->canvas, FV_CANVAS_TOOL_BRUSH);
  fv_canvas_set_brush_radius (fixture->canvas, 5);
  drag (fixture, 116, 116, 80, 0);
  for (int y = 0; y < 150; y++) {
    for (int x = 0; x < 200; x++) {
      double along = CLAMP (x + 0.5, 50, 90);
      gboolean inside = hypot (x + 0.5 - along, y + 0.5 - 50) <= 5;

      g_assert_cmpint (states[y * 200 + x], ==, inside ? FV_MASK_INSIDE : FV_MASK_OUTSIDE);
    }
  }
  g_assert_cmpint (fixture->n_committed, ==, 1);
  g_assert_true (fv_mask_editor_get_can_undo (fixture->editor));
}

static void
test_each_tool_paints_its_state (Fixture *fixture, gconstpointer data)
{
  fv_canvas_set_tool (fixture->canvas, FV_CANVAS_TOOL_NO_OPINION);
  drag (fixture, 116, 116, 40, 0);
  g_assert_cmpint (state_at (fixture, 60, 50), ==, FV_MASK_NO_OPINION);
  fv_canvas_set_tool (fixture->canvas, FV_CANVAS_TOOL_ERASER);
  drag (fixture, 116, 116, 40, 0);
  g_assert_cmpint (state_at (fixture, 60, 50), ==, FV_MASK_OUTSIDE);
  fv_mask_editor_undo (fixture->editor);
  g_assert_cmpint (state_at (fixture, 60, 50), ==, FV_MASK_NO_OPINION);
}

static void
test_pan_tool_does_not_paint (Fixture *fixture, gconstpointer data)
{
  drag (fixture, 116, 116, 40, 0);
  g_assert_false (fv_mask_editor_get_has_mask (fixture->editor));
  g_assert_cmpint (fixture->n_committed, ==, 0);

  /* The photo moved by 40: the same image point is now under x = 156. */
  fv_canvas_set_tool (fixture->canvas, FV_CANVAS_TOOL_BRUSH);
  fv_canvas_set_brush_radius (fixture->canvas, 0.5);
  drag (fixture, 157, 117, 0, 0);
  g_assert_cmpuint (fv_mask_count (fv_mask_editor_get_mask (fixture->editor), FV_MASK_INSIDE), ==,
                    1);
  g_assert_cmpint (state_at (fixture, 50, 50), ==, FV_MASK_INSIDE);
}

static void
test_a_mask_of_another_size_is_left_alone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FvMaskEditor) other = fv_mask_editor_new (NULL, 30, 30);

  fv_canvas_set_editor (fixture->canvas, other);
  fv_canvas_set_tool (fixture->canvas, FV_CANVAS_TOOL_BRUSH);
  drag (fixture, 30, 30, 10, 10);
  g_assert_false (fv_mask_editor_get_has_mask (other));
  fv_canvas_set_editor (fixture->canvas, NULL);
  drag (fixture, 30, 30, 10, 10);
}

/* Choosing the next image in the middle of a stroke loses nothing. */
static void
test_another_editor_closes_the_stroke (Fixture *fixture, gconstpointer data)
{
  fv_canvas_set_tool (fixture->canvas, FV_CANVAS_TOOL_BRUSH);
  g_signal_emit_by_name (fixture->drag, "drag-begin", 116.0, 116.0);
  g_assert_true (fv_mask_editor_is_stroking (fixture->editor));
  fv_canvas_set_editor (fixture->canvas, NULL);
  g_assert_false (fv_mask_editor_is_stroking (fixture->editor));
  g_assert_cmpint (fixture->n_committed, ==, 1);
  g_signal_emit_by_name (fixture->drag, "drag-update", 10.0, 10.0);
  g_signal_emit_by_name (fixture->drag, "drag-end", 10.0, 10.0);
  g_assert_cmpint (fixture->n_committed, ==, 1);
}

static void
test_actions_zoom_and_size (Fixture *fixture, gconstpointer data)
{
  GtkWidget *widget = GTK_WIDGET (fixture->canvas);

  g_signal_connect_swapped (widget, "notify::zoom", G_CALLBACK (count), &fixture->n_notified);
  g_assert_true (gtk_widget_activate_action (widget, "canvas.zoom-in", NULL));
  g_assert_cmpfloat (fv_canvas_get_zoom (fixture->canvas), ==, 2.5);
  g_assert_true (gtk_widget_activate_action (widget, "canvas.zoom-out", NULL));
  g_assert_cmpfloat (fv_canvas_get_zoom (fixture->canvas), ==, 2);
  g_assert_true (gtk_widget_activate_action (widget, "canvas.zoom-actual", NULL));
  g_assert_cmpfloat (fv_canvas_get_zoom (fixture->canvas), ==, 1);
  g_assert_true (gtk_widget_activate_action (widget, "canvas.zoom-fit", NULL));
  g_assert_cmpfloat (fv_canvas_get_zoom (fixture->canvas), ==, 2);
  g_assert_cmpint (fixture->n_notified, ==, 4);
  g_assert_true (gtk_widget_activate_action (widget, "canvas.pan", "(ii)", 1, 0));

  fv_canvas_set_brush_radius (fixture->canvas, 10);
  g_assert_true (gtk_widget_activate_action (widget, "canvas.brush-larger", NULL));
  g_assert_cmpfloat (fv_canvas_get_brush_radius (fixture->canvas), ==, 12);
  g_assert_true (gtk_widget_activate_action (widget, "canvas.brush-smaller", NULL));
  g_assert_cmpfloat (fv_canvas_get_brush_radius (fixture->canvas), ==, 10);
  fv_canvas_set_brush_radius (fixture->canvas, FV_CANVAS_RADIUS_MIN);
  g_assert_true (gtk_widget_activate_action (widget, "canvas.brush-smaller", NULL));
  g_assert_cmpfloat (fv_canvas_get_brush_radius (fixture->canvas), ==, FV_CANVAS_RADIUS_MIN);
}

/* Counts the canvas's own properties, not GtkWidget's. */
static void
on_notify (FvCanvas *canvas, GParamSpec *pspec, int *n)
{
  *n += pspec->owner_type == FV_TYPE_CANVAS;
}

static void
test_properties_notify_once (Fixture *fixture, gconstpointer data)
{
  g_signal_connect (fixture->canvas, "notify", G_CALLBACK (on_notify), &fixture->n_notified);
  for (int i = 0; i < 2; i++)
    g_object_set (fixture->canvas, "tool", FV_CANVAS_TOOL_ERASER, "brush-radius", 7.0,
                  "map-opacity", 0.25, "show-outline", FALSE, "show-mask", TRUE, "colormap",
                  FV_COLORMAP_MAGMA, "swipe", 0.75, "legend-text", "a\nb", NULL);
  g_assert_cmpint (fixture->n_notified, ==, 8);
  g_assert_cmpint (fv_canvas_get_tool (fixture->canvas), ==, FV_CANVAS_TOOL_ERASER);
  g_assert_cmpfloat (fv_canvas_get_brush_radius (fixture->canvas), ==, 7);
  g_assert_cmpfloat (fv_canvas_get_map_opacity (fixture->canvas), ==, 0.25);
  g_assert_false (fv_canvas_get_show_outline (fixture->canvas));
  g_assert_true (fv_canvas_get_show_mask (fixture->canvas));
  g_assert_cmpint (fv_canvas_get_colormap (fixture->canvas), ==, FV_COLORMAP_MAGMA);
  g_assert_cmpfloat (fv_canvas_get_swipe (fixture->canvas), ==, 0.75);
  g_assert_cmpstr (fv_canvas_get_legend_text (fixture->canvas), ==, "a\nb");
  fv_canvas_set_swipe (fixture->canvas, 9);
  g_assert_cmpfloat (fv_canvas_get_swipe (fixture->canvas), ==, 1);
}

/* The photo reaches from x = 16 to 416. */
static void
test_the_divider_is_dragged (Fixture *fixture, gconstpointer data)
{
  g_autoptr (FvMap) map = fv_map_new (2, 2, "gradcam", "features", 0);

  map->values[0] = 1;
  fv_canvas_set_map (fixture->canvas, map);
  fv_canvas_set_before_map (fixture->canvas, map);
  drag (fixture, 216, 30, 100, 0);
  g_assert_cmpfloat (fv_canvas_get_swipe (fixture->canvas), ==, 0.75);
  drag (fixture, 316, 30, 1000, 0);
  g_assert_cmpfloat (fv_canvas_get_swipe (fixture->canvas), ==, 1);

  /* While painting only the handle, in the middle, is the divider's. */
  fv_canvas_set_swipe (fixture->canvas, 0.5);
  fv_canvas_set_tool (fixture->canvas, FV_CANVAS_TOOL_BRUSH);
  drag (fixture, 216, 30, 100, 0);
  g_assert_cmpfloat (fv_canvas_get_swipe (fixture->canvas), ==, 0.5);
  g_assert_cmpint (state_at (fixture, 120, 7), ==, FV_MASK_INSIDE);
  drag (fixture, 216, 166, 100, 0);
  g_assert_cmpfloat (fv_canvas_get_swipe (fixture->canvas), ==, 0.75);
}

/* The frame after a dab shows it. */
static void
test_a_dab_is_seen (Fixture *fixture, gconstpointer data)
{
  GtkWidget *widget = GTK_WIDGET (fixture->canvas);
  GskRenderer *renderer = gtk_native_get_renderer (gtk_widget_get_native (widget));
  guint32 pixels[HEIGHT][WIDTH];

  fv_canvas_set_tool (fixture->canvas, FV_CANVAS_TOOL_BRUSH);
  for (int round = 0; round < 2; round++) {
    GtkSnapshot *snapshot = gtk_snapshot_new ();

    if (round == 1)
      drag (fixture, 116, 116, 0, 0);
    gtk_test_widget_wait_for_draw (widget);
    g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
    gdk_paintable_snapshot (paintable, snapshot, WIDTH, HEIGHT);
    g_autoptr (GskRenderNode) node = gtk_snapshot_free_to_node (snapshot);
    g_autoptr (GdkTexture) texture
        = gsk_renderer_render_texture (renderer, node, &GRAPHENE_RECT_INIT (0, 0, WIDTH, HEIGHT));
    gdk_texture_download (texture, (guchar *) pixels, sizeof pixels[0]);
    /* Black photo, then the tint: only blue is left of it at this brightness. */
    g_assert_cmpint ((pixels[116][120] & 0xff) > 40, ==, round == 1);
    g_assert_cmphex (pixels[250][300], ==, 0xff000000u);
  }
}

static void
test_screen_readers_hear_the_legend (Fixture *fixture, gconstpointer data)
{
  fv_canvas_set_legend_text (fixture->canvas, "Grad-CAM · features.18 · class “crane”");
  gtk_test_accessible_assert_property (fixture->canvas, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "Grad-CAM · features.18 · class “crane”");
  gtk_test_accessible_assert_property (fixture->canvas, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Photo with attention map");
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/canvas/fitted", test_fitted_at_first);
  ADD ("/canvas/brush", test_brush_paints_where_the_pointer_is);
  ADD ("/canvas/tools", test_each_tool_paints_its_state);
  ADD ("/canvas/pan", test_pan_tool_does_not_paint);
  ADD ("/canvas/other-size", test_a_mask_of_another_size_is_left_alone);
  ADD ("/canvas/open-stroke", test_another_editor_closes_the_stroke);
  ADD ("/canvas/actions", test_actions_zoom_and_size);
  ADD ("/canvas/properties", test_properties_notify_once);
  ADD ("/canvas/divider", test_the_divider_is_dragged);
  ADD ("/canvas/dab", test_a_dab_is_seen);
  ADD ("/canvas/accessible", test_screen_readers_hear_the_legend);
#undef ADD
  return g_test_run ();
}
