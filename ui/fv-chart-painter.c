/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From top to bottom: title, names with latest values, the plot with its grid, the x range. */

#include "fv-chart-painter.h"

#include <math.h>

#include "fv-number.h"

/* Unit: pixels. */
#define LINE_WIDTH 1.75
#define SAMPLE_WIDTH 16
#define NAME_GAP 5
#define ITEM_GAP 12
#define HEADER_GAP 6
#define DASH 4.0

#define MARKER_ALPHA 0.35

/* The free space above and below the points, as a share of their range. */
#define Y_PADDING 0.06

FvPlotRange
fv_chart_scene_get_x_range (const FvChartScene *scene)
{
  FvPlotRange range = { NAN, NAN };

  if (fv_plot_range_is_valid (scene->x_range))
    return scene->x_range;
  for (int i = 0; i < scene->n_lines; i++) {
    int n;
    const FvChartBucket *buckets = fv_chart_series_peek (scene->lines[i].series, &n);
    double x, y;

    fv_chart_series_get_last (scene->lines[i].series, &x, &y);
    range.low = fmin (range.low, n > 0 ? buckets[0].x : NAN);
    range.high = fmax (range.high, x);
  }
  return fv_plot_range_widen (range);
}

FvPlotRange
fv_chart_scene_get_y_range (const FvChartScene *scene)
{
  FvPlotRange range = { NAN, NAN };

  if (fv_plot_range_is_valid (scene->y_range))
    return scene->y_range;
  for (int i = 0; i < scene->n_lines; i++) {
    int n;
    const FvChartBucket *buckets = fv_chart_series_peek (scene->lines[i].series, &n);

    for (int j = 0; j < n; j++) {
      range.low = fmin (range.low, buckets[j].low);
      range.high = fmax (range.high, buckets[j].high);
    }
  }
  range = fv_plot_range_widen (range);
  double padding = (range.high - range.low) * Y_PADDING;
  FvPlotRange padded = { range.low - padding, range.high + padding };
  return fv_plot_range_is_valid (padded) ? padded : range;
}

static void
set_line_style (const FvChartLine *line, cairo_t *cr)
{
  const double dashes[] = { DASH, DASH };

  cairo_set_line_width (cr, LINE_WIDTH);
  cairo_set_dash (cr, dashes, line->dashed ? 2 : 0, 0);
  gdk_cairo_set_source_rgba (cr, &line->color);
}

/* Draws the sample, name and latest value of @line, moving (@x, @y) on; what does not fit in the
 * row starts a new one. Returns: the height of the row. */
static int
draw_name (const FvChartScene *scene, const FvPlot *plot, const FvChartLine *line, cairo_t *cr,
           double *x, double *y)
{
  double last_x, last_y;
  int name_width, value_width, height;

  fv_chart_series_get_last (line->series, &last_x, &last_y);
  g_autofree char *value = fv_number_format (last_y);
  g_autoptr (PangoLayout) name_layout
      = fv_plot_make_layout (plot, line->name, FV_PLOT_SMALL_FONT, FALSE);
  g_autoptr (PangoLayout) value_layout
      = fv_plot_make_layout (plot, value, FV_PLOT_SMALL_FONT, TRUE);

  pango_layout_get_pixel_size (name_layout, &name_width, &height);
  pango_layout_get_pixel_size (value_layout, &value_width, NULL);
  double width = SAMPLE_WIDTH + NAME_GAP + name_width + NAME_GAP + value_width;
  if (*x > 0 && *x + width > scene->width) {
    *x = 0;
    *y += height;
  }

  set_line_style (line, cr);
  cairo_move_to (cr, *x, *y + height / 2.0);
  cairo_rel_line_to (cr, SAMPLE_WIDTH, 0);
  cairo_stroke (cr);
  fv_plot_set_color (plot, cr, 1);
  cairo_move_to (cr, *x + SAMPLE_WIDTH + NAME_GAP, *y);
  pango_cairo_show_layout (cr, name_layout);
  cairo_move_to (cr, *x + width - value_width, *y);
  pango_cairo_show_layout (cr, value_layout);
  *x += width + ITEM_GAP;
  return height;
}

/* Returns: where the plot may begin. */
static double
draw_header (const FvChartScene *scene, const FvPlot *plot, cairo_t *cr)
{
  double x = 0, y = 0;
  int row = 0;

  if (scene->title != NULL) {
    g_autoptr (PangoLayout) layout = fv_plot_make_layout (plot, scene->title, 1, TRUE);

    fv_plot_set_color (plot, cr, 1);
    cairo_move_to (cr, 0, 0);
    pango_cairo_show_layout (cr, layout);
    pango_layout_get_pixel_size (layout, NULL, &row);
    y += row;
  }
  row = 0;
  for (int i = 0; i < scene->n_lines; i++)
    row = draw_name (scene, plot, &scene->lines[i], cr, &x, &y);
  cairo_set_dash (cr, NULL, 0, 0);
  return y + row + HEADER_GAP;
}

/* Steps and epochs are counted: “30”, not “30.0”. */
static char *
format_x (double x)
{
  gboolean counts = x == rint (x) && fabs (x) < 1e6;

  return counts ? g_strdup_printf ("%.0f", x) : fv_number_format (x);
}

static void
draw_x_labels (const FvPlot *plot, cairo_t *cr)
{
  g_autofree char *low = format_x (plot->x.low);
  g_autofree char *high = format_x (plot->x.high);
  double y = plot->top + plot->height + 2;

  fv_plot_draw_label (plot, cr, low, plot->left, y, 0);
  fv_plot_draw_label (plot, cr, high, plot->left + plot->width, y, 1);
}

/* The vertical line where the run stands, if it has a planned end. */
static void
draw_marker (const FvChartScene *scene, const FvPlot *plot, cairo_t *cr)
{
  const double dashes[] = { DASH, DASH };
  double latest = NAN, x, y;

  for (int i = 0; i < scene->n_lines; i++) {
    fv_chart_series_get_last (scene->lines[i].series, &x, &y);
    latest = fmax (latest, x);
  }
  if (!fv_plot_range_is_valid (scene->x_range) || !(latest < plot->x.high))
    return;
  fv_plot_set_color (plot, cr, MARKER_ALPHA);
  cairo_set_line_width (cr, 1);
  cairo_set_dash (cr, dashes, 2, 0);
  cairo_move_to (cr, floor (fv_plot_get_x (plot, latest)) + 0.5, plot->top);
  cairo_rel_line_to (cr, 0, plot->height);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

/* A bucket of many points is a vertical stroke; the line enters it at the end that is nearer. */
static void
draw_line (const FvChartLine *line, const FvPlot *plot, cairo_t *cr)
{
  int n;
  const FvChartBucket *buckets = fv_chart_series_peek (line->series, &n);
  gboolean connected = FALSE;
  double previous = 0;

  set_line_style (line, cr);
  for (int i = 0; i < n; i++) {
    if (isnan (buckets[i].low)) {
      connected = FALSE;
      continue;
    }
    double x = fv_plot_get_x (plot, buckets[i].x);
    double low = fv_plot_get_y (plot, buckets[i].low), high = fv_plot_get_y (plot, buckets[i].high);
    gboolean low_first = fabs (previous - low) <= fabs (previous - high);

    if (!connected)
      cairo_move_to (cr, x, low_first ? low : high);
    cairo_line_to (cr, x, low_first ? low : high);
    previous = low_first ? high : low;
    cairo_line_to (cr, x, previous);
    connected = TRUE;
  }
  cairo_stroke (cr);
}

static void
draw_lines (const FvChartScene *scene, const FvPlot *plot, cairo_t *cr)
{
  cairo_save (cr);
  cairo_rectangle (cr, plot->left, plot->top - LINE_WIDTH, plot->width + LINE_WIDTH,
                   plot->height + 2 * LINE_WIDTH);
  cairo_clip (cr);
  /* A point that stands alone is a dot; joins must not spike. */
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  for (int i = 0; i < scene->n_lines; i++)
    draw_line (&scene->lines[i], plot, cr);
  cairo_restore (cr);
}

void
fv_chart_paint (const FvChartScene *scene, cairo_t *cr)
{
  FvPlot plot = {
    .color = scene->color,
    .pango = scene->pango,
    .x = fv_chart_scene_get_x_range (scene),
    .y = fv_chart_scene_get_y_range (scene),
  };
  int label_width, label_height;

  fv_plot_measure_label (&plot, "0", &label_width, &label_height);
  plot.top = draw_header (scene, &plot, cr) + label_height / 2.0;
  plot.height = scene->height - plot.top - label_height - 2;
  if (plot.height < label_height)
    return;
  plot.left = fv_plot_measure_y_labels (&plot) + FV_PLOT_LABEL_GAP;
  plot.width = scene->width - plot.left;
  if (plot.width < label_height)
    return;

  fv_plot_draw_y_grid (&plot, cr);
  draw_x_labels (&plot, cr);
  draw_marker (scene, &plot, cr);
  draw_lines (scene, &plot, cr);
}
