/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The widget around the chart's lines. How it looks is in fv-chart-painter.c. */

#include "fv-chart.h"

#include <math.h>

#include "fv-chart-painter.h"
#include "fv-number.h"

/* Unit: pixels. */
#define MIN_WIDTH 120
#define MIN_HEIGHT 90
#define NATURAL_WIDTH 240
#define NATURAL_HEIGHT 160

struct _FvChart {
  GtkWidget parent_instance;

  char *title;
  GArray *lines; /* FvChartLine */
  FvPlotRange x_range;
  FvPlotRange y_range;
  guint describe_id; /* the pending idle source, or 0 */
};

G_DEFINE_FINAL_TYPE (FvChart, fv_chart, GTK_TYPE_WIDGET)

static void
line_clear (gpointer data)
{
  FvChartLine *line = data;

  g_free (line->name);
  fv_chart_series_free (line->series);
}

static gboolean
describe (gpointer data)
{
  FvChart *self = data;
  g_autoptr (GString) text = g_string_new (NULL);

  self->describe_id = 0;
  for (guint i = 0; i < self->lines->len; i++) {
    const FvChartLine *line = &g_array_index (self->lines, FvChartLine, i);
    double x, y;

    fv_chart_series_get_last (line->series, &x, &y);
    g_autofree char *value = fv_number_format (y);
    g_string_append_printf (text, "%s%s %s", i > 0 ? ", " : "", line->name, value);
  }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  self->title != NULL ? self->title : "Chart",
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text->str, -1);
  return G_SOURCE_REMOVE;
}

/* A thousand points between two frames are drawn, and told to a screen reader, once. */
static void
follow (FvChart *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));
  if (self->describe_id == 0)
    self->describe_id = g_idle_add (describe, self);
}

static void
fv_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  FvChart *self = FV_CHART (widget);
  FvChartScene scene = {
    .title = self->title,
    .lines = (const FvChartLine *) (gconstpointer) self->lines->data,
    .n_lines = (int) self->lines->len,
    .x_range = self->x_range,
    .y_range = self->y_range,
    .pango = gtk_widget_get_pango_context (widget),
    .width = gtk_widget_get_width (widget),
    .height = gtk_widget_get_height (widget),
  };
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, scene.width, scene.height);
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &bounds);

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &scene.color);
  fv_chart_paint (&scene, cr);
  cairo_destroy (cr);
}

static void
fv_chart_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum,
                  int *natural, int *minimum_baseline, int *natural_baseline)
{
  gboolean horizontal = orientation == GTK_ORIENTATION_HORIZONTAL;

  *minimum = horizontal ? MIN_WIDTH : MIN_HEIGHT;
  *natural = horizontal ? NATURAL_WIDTH : NATURAL_HEIGHT;
}

static void
fv_chart_dispose (GObject *object)
{
  FvChart *self = FV_CHART (object);

  g_clear_handle_id (&self->describe_id, g_source_remove);
  G_OBJECT_CLASS (fv_chart_parent_class)->dispose (object);
}

static void
fv_chart_finalize (GObject *object)
{
  FvChart *self = FV_CHART (object);

  g_clear_pointer (&self->title, g_free);
  g_clear_pointer (&self->lines, g_array_unref);
  G_OBJECT_CLASS (fv_chart_parent_class)->finalize (object);
}

static void
fv_chart_class_init (FvChartClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = fv_chart_dispose;
  object_class->finalize = fv_chart_finalize;
  widget_class->snapshot = fv_chart_snapshot;
  widget_class->measure = fv_chart_measure;
  gtk_widget_class_set_css_name (widget_class, "fv-chart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
fv_chart_init (FvChart *self)
{
  self->lines = g_array_new (FALSE, FALSE, sizeof (FvChartLine));
  g_array_set_clear_func (self->lines, line_clear);
  self->x_range = self->y_range = (FvPlotRange){ NAN, NAN };
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  follow (self);
}

GtkWidget *
fv_chart_new (void)
{
  return g_object_new (FV_TYPE_CHART, NULL);
}

void
fv_chart_set_title (FvChart *self, const char *title)
{
  g_return_if_fail (FV_IS_CHART (self));

  g_free (self->title);
  self->title = g_strdup (title);
  follow (self);
}

int
fv_chart_add_series (FvChart *self, const char *name, GdkRGBA color, gboolean dashed)
{
  g_return_val_if_fail (FV_IS_CHART (self), -1);
  g_return_val_if_fail (name != NULL, -1);

  FvChartLine line = { g_strdup (name), color, dashed, fv_chart_series_new () };
  g_array_append_val (self->lines, line);
  follow (self);
  return (int) self->lines->len - 1;
}

void
fv_chart_append (FvChart *self, int series, double x, double y)
{
  g_return_if_fail (FV_IS_CHART (self));
  g_return_if_fail (series >= 0 && (guint) series < self->lines->len);

  if (fv_chart_series_append (g_array_index (self->lines, FvChartLine, series).series, x, y))
    follow (self);
}

void
fv_chart_clear (FvChart *self)
{
  g_return_if_fail (FV_IS_CHART (self));

  for (guint i = 0; i < self->lines->len; i++)
    fv_chart_series_clear (g_array_index (self->lines, FvChartLine, i).series);
  follow (self);
}

void
fv_chart_remove_series (FvChart *self)
{
  g_return_if_fail (FV_IS_CHART (self));

  g_array_set_size (self->lines, 0);
  follow (self);
}

void
fv_chart_clear_series (FvChart *self, int series)
{
  g_return_if_fail (FV_IS_CHART (self));
  g_return_if_fail (series >= 0 && (guint) series < self->lines->len);

  fv_chart_series_clear (g_array_index (self->lines, FvChartLine, series).series);
  follow (self);
}

void
fv_chart_set_x_range (FvChart *self, double low, double high)
{
  g_return_if_fail (FV_IS_CHART (self));

  self->x_range = (FvPlotRange){ low, high };
  follow (self);
}

void
fv_chart_set_y_range (FvChart *self, double low, double high)
{
  g_return_if_fail (FV_IS_CHART (self));

  self->y_range = (FvPlotRange){ low, high };
  follow (self);
}
