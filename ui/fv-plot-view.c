/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-plot-view.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <string.h>

/* Unit: pixels. */
#define MIN_WIDTH 160
#define MIN_HEIGHT 130
#define NATURAL_WIDTH 320
#define NATURAL_HEIGHT 220
#define FILE_WIDTH 720
#define FILE_HEIGHT 480
#define FILE_MARGIN 16

typedef struct {
  int cursor; /* the keyboard's mark; −1: none */
} FvPlotViewPrivate;

enum { PICKED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (FvPlotView, fv_plot_view, GTK_TYPE_WIDGET)

static FvPlotStyle
make_style (FvPlotView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  FvPlotViewPrivate *private = fv_plot_view_get_instance_private (self);
  FvPlotStyle style = {
    .pango = gtk_widget_get_pango_context (widget),
    .width = gtk_widget_get_width (widget),
    .height = gtk_widget_get_height (widget),
    .cursor = gtk_widget_has_focus (widget) ? private->cursor : -1,
  };

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &style.color);
  return style;
}

static void
fv_plot_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FvPlotView *self = FV_PLOT_VIEW (widget);
  FvPlotStyle style = make_style (self);
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, (float) style.width, (float) style.height);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);

  FV_PLOT_VIEW_GET_CLASS (self)->paint (self, &style, cr);
  cairo_destroy (cr);
}

static void
fv_plot_view_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                      int *natural, int *minimum_baseline, int *natural_baseline)
{
  gboolean horizontal = orientation == GTK_ORIENTATION_HORIZONTAL;

  *minimum = horizontal ? MIN_WIDTH : MIN_HEIGHT;
  *natural = horizontal ? NATURAL_WIDTH : NATURAL_HEIGHT;
}

/* -- picking -------------------------------------------------------------------------------- */

static void
set_cursor (FvPlotView *self, int mark)
{
  FvPlotViewPrivate *private = fv_plot_view_get_instance_private (self);
  g_autofree char *text = NULL;

  private->cursor = mark;
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (mark < 0)
    return;
  text = FV_PLOT_VIEW_GET_CLASS (self)->describe (self, mark);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text,
                                  -1);
}

static void
on_pressed (GtkGestureClick *gesture, int n_press, double x, double y, FvPlotView *self)
{
  FvPlotStyle style = make_style (self);
  int mark = FV_PLOT_VIEW_GET_CLASS (self)->hit (self, &style, x, y);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (mark < 0)
    return;
  set_cursor (self, mark);
  g_signal_emit (self, signals[PICKED], 0, mark);
}

static void
on_motion (GtkEventControllerMotion *motion, double x, double y, FvPlotView *self)
{
  FvPlotStyle style = make_style (self);
  int mark = FV_PLOT_VIEW_GET_CLASS (self)->hit (self, &style, x, y);
  g_autofree char *text = mark < 0 ? NULL : FV_PLOT_VIEW_GET_CLASS (self)->describe (self, mark);

  gtk_widget_set_tooltip_text (GTK_WIDGET (self), text);
}

static gboolean
on_key (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state, FvPlotView *self)
{
  FvPlotViewPrivate *private = fv_plot_view_get_instance_private (self);
  int n = key == GDK_KEY_Left || key == GDK_KEY_Down  ? -1
          : key == GDK_KEY_Right || key == GDK_KEY_Up ? 1
                                                      : 0;

  if (n != 0) {
    set_cursor (self, FV_PLOT_VIEW_GET_CLASS (self)->step (self, private->cursor, n));
    return TRUE;
  }
  if ((key != GDK_KEY_Return && key != GDK_KEY_KP_Enter && key != GDK_KEY_space)
      || private->cursor < 0)
    return FALSE;
  g_signal_emit (self, signals[PICKED], 0, private->cursor);
  return TRUE;
}

void
fv_plot_view_update (FvPlotView *self, const char *name, const char *summary)
{
  FvPlotViewPrivate *private = fv_plot_view_get_instance_private (self);

  private->cursor = -1;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, summary, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* -- files ---------------------------------------------------------------------------------- */

static cairo_surface_t *
make_surface (const char *path)
{
  if (g_str_has_suffix (path, ".svg"))
    return cairo_svg_surface_create (path, FILE_WIDTH, FILE_HEIGHT);
  if (g_str_has_suffix (path, ".pdf"))
    return cairo_pdf_surface_create (path, FILE_WIDTH, FILE_HEIGHT);
  return cairo_image_surface_create (CAIRO_FORMAT_RGB24, FILE_WIDTH, FILE_HEIGHT);
}

static cairo_status_t
finish_surface (cairo_surface_t *surface, const char *path)
{
  if (cairo_surface_status (surface) == CAIRO_STATUS_SUCCESS
      && cairo_surface_get_type (surface) == CAIRO_SURFACE_TYPE_IMAGE)
    return cairo_surface_write_to_png (surface, path);
  cairo_surface_finish (surface);
  return cairo_surface_status (surface);
}

gboolean
fv_plot_view_save (FvPlotView *self, const char *path, GError **error)
{
  PangoContext *pango = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  cairo_surface_t *surface = make_surface (path);
  cairo_t *cr = cairo_create (surface);
  const FvPlotStyle style = { .color = { 0, 0, 0, 1 },
                              .pango = pango,
                              .width = FILE_WIDTH - 2 * FILE_MARGIN,
                              .height = FILE_HEIGHT - 2 * FILE_MARGIN,
                              .cursor = -1 };
  cairo_status_t status;

  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  cairo_translate (cr, FILE_MARGIN, FILE_MARGIN);
  FV_PLOT_VIEW_GET_CLASS (self)->paint (self, &style, cr);
  cairo_destroy (cr);
  status = finish_surface (surface, path);
  cairo_surface_destroy (surface);
  g_object_unref (pango);
  if (status != CAIRO_STATUS_SUCCESS)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "“%s” cannot be written: %s.", path,
                 cairo_status_to_string (status));
  return status == CAIRO_STATUS_SUCCESS;
}

/* -- object --------------------------------------------------------------------------------- */

static void
fv_plot_view_class_init (FvPlotViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = fv_plot_view_snapshot;
  widget_class->measure = fv_plot_view_measure;
  signals[PICKED] = g_signal_new ("picked", FV_TYPE_PLOT_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  gtk_widget_class_set_css_name (widget_class, "fv-plot");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
fv_plot_view_init (FvPlotView *self)
{
  FvPlotViewPrivate *private = fv_plot_view_get_instance_private (self);
  GtkGesture *click = gtk_gesture_click_new ();
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  private->cursor = -1;
  gtk_event_controller_set_name (GTK_EVENT_CONTROLLER (click), "fv-plot-click");
  gtk_event_controller_set_name (keys, "fv-plot-keys");
  g_signal_connect_object (click, "pressed", G_CALLBACK (on_pressed), self, 0);
  g_signal_connect_object (motion, "motion", G_CALLBACK (on_motion), self, 0);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (on_key), self, 0);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}
