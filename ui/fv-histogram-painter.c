/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From top to bottom: name, what was counted, mean and chance, bars, numbers. */

#include "fv-histogram-painter.h"

#include <math.h>

#include "fv-number.h"

/* Unit: pixels. */
#define BAR_GAP 1.0
#define LINE_WIDTH 2.0
#define OUTLINE_WIDTH 1.5
#define SAMPLE_WIDTH 16
#define ITEM_GAP 12
#define HEADER_GAP 8
#define TICK_LENGTH 4
#define MIN_COUNT_DISTANCE 24
#define DASH 4.0

#define BAR_ALPHA 0.75

/* Narrower plots have one level below the other. */
#define NARROW 260

/* Bars need some air above. */
#define HEADROOM 1.05

static void
set_rgba (cairo_t *cr, GdkRGBA color, double alpha)
{
  color.alpha *= (float) alpha;
  gdk_cairo_set_source_rgba (cr, &color);
}

/* Counts are whole: the grid must not ask for halves. */
static double
find_top (const FvHistogramScene *scene, double height)
{
  guint most = 0;

  for (int i = 0; i < FV_HISTOGRAM_N_BINS; i++) {
    most = MAX (most, scene->histogram->counts[i]);
    if (scene->before != NULL)
      most = MAX (most, scene->before->counts[i]);
  }
  return MAX (most * HEADROOM, height / MIN_COUNT_DISTANCE);
}

/* Everything but the font's sizes is arithmetic. Returns: FALSE when there is no room. */
static gboolean
lay_out (const FvHistogramScene *scene, const FvPlotStyle *style, FvPlot *plot)
{
  int width, height;

  *plot = (FvPlot){ .color = style->color, .pango = style->pango, .x = scene->histogram->range };
  fv_plot_measure_label (plot, "0", &width, &height);
  plot->top = (style->width < NARROW ? 4 : 3) * height + HEADER_GAP;
  plot->height = style->height - plot->top - height - TICK_LENGTH;
  if (plot->height < height)
    return FALSE;
  plot->y = (FvPlotRange){ 0, find_top (scene, plot->height) };
  plot->left = fv_plot_measure_y_labels (plot) + FV_PLOT_LABEL_GAP;
  plot->width = style->width - plot->left;
  return plot->width >= height;
}

/* A sample of the line, its name and value. Returns: where the next one may begin. */
static double
draw_level (const FvPlot *plot, cairo_t *cr, const char *name, double value, GdkRGBA color,
            gboolean dashed, double x, double y)
{
  const double dashes[] = { DASH, DASH };
  g_autofree char *number = fv_number_format (value);
  g_autofree char *text = g_strdup_printf ("%s %s", name, number);
  int width, height;

  if (isnan (value))
    return x;
  fv_plot_measure_label (plot, text, &width, &height);
  set_rgba (cr, color, 1);
  cairo_set_line_width (cr, LINE_WIDTH);
  cairo_set_dash (cr, dashes, dashed ? 2 : 0, 0);
  cairo_move_to (cr, x, y + height / 2.0);
  cairo_rel_line_to (cr, SAMPLE_WIDTH, 0);
  cairo_move_to (cr, floor (fv_plot_get_x (plot, value)) + 0.5, plot->top);
  cairo_rel_line_to (cr, 0, plot->height);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
  fv_plot_draw_label (plot, cr, text, x + SAMPLE_WIDTH + FV_PLOT_LABEL_GAP, y, 0);
  return x + SAMPLE_WIDTH + FV_PLOT_LABEL_GAP + width + ITEM_GAP;
}

/* What the values are compared with: those from before, or chance. */
static void
draw_reference (const FvHistogramScene *scene, const FvPlot *plot, cairo_t *cr, double x, double y)
{
  if (scene->before != NULL)
    draw_level (plot, cr, "before", scene->before->mean, plot->color, TRUE, x, y);
  else
    draw_level (plot, cr, "chance", scene->chance, plot->color, TRUE, x, y);
}

static void
draw_header (const FvHistogramScene *scene, const FvPlotStyle *style, const FvPlot *plot,
             cairo_t *cr)
{
  const FvHistogram *histogram = scene->histogram;
  g_autoptr (PangoLayout) layout = fv_plot_make_layout (plot, scene->name, 1, TRUE);
  g_autofree char *count = histogram->n_undefined == 0
                               ? g_strdup_printf ("%u %s", histogram->n, scene->unit)
                               : g_strdup_printf ("%u %s, %u without a number", histogram->n,
                                                  scene->unit, histogram->n_undefined);
  int width, height, row;
  double x;

  pango_layout_get_pixel_size (layout, &width, &row);
  fv_plot_measure_label (plot, "0", NULL, &height);
  fv_plot_set_color (plot, cr, 1);
  cairo_move_to (cr, 0, 0);
  pango_cairo_show_layout (cr, layout);
  if (style->width >= NARROW)
    fv_plot_draw_label (plot, cr, count, width + ITEM_GAP, row - height, 0);
  x = draw_level (plot, cr, "mean", histogram->mean, FV_PLOT_ORANGE, FALSE, 0, row + 2);
  if (style->width < NARROW)
    draw_reference (scene, plot, cr, 0, row + 2 + height);
  else
    draw_reference (scene, plot, cr, x, row + 2);
}

static void
draw_bars (const FvHistogramScene *scene, const FvPlotStyle *style, const FvPlot *plot, cairo_t *cr)
{
  double width = plot->width / FV_HISTOGRAM_N_BINS;

  for (int i = 0; i < FV_HISTOGRAM_N_BINS; i++) {
    double y = fv_plot_get_y (plot, scene->histogram->counts[i]);

    set_rgba (cr, FV_PLOT_BLUE, BAR_ALPHA);
    cairo_rectangle (cr, plot->left + i * width + BAR_GAP / 2, y, width - BAR_GAP,
                     plot->top + plot->height - y);
    cairo_fill (cr);
    if (i != style->cursor)
      continue;
    fv_plot_set_color (plot, cr, 1);
    cairo_set_line_width (cr, LINE_WIDTH);
    cairo_rectangle (cr, plot->left + i * width, plot->top, width, plot->height);
    cairo_stroke (cr);
  }
}

/* One line around all bars. */
static void
draw_outline (const FvHistogram *before, const FvPlot *plot, cairo_t *cr)
{
  double width = plot->width / FV_HISTOGRAM_N_BINS;

  fv_plot_set_color (plot, cr, 1);
  cairo_set_line_width (cr, OUTLINE_WIDTH);
  cairo_move_to (cr, plot->left, plot->top + plot->height);
  for (int i = 0; i < FV_HISTOGRAM_N_BINS; i++) {
    double y = fv_plot_get_y (plot, before->counts[i]);

    cairo_line_to (cr, plot->left + i * width, y);
    cairo_line_to (cr, plot->left + (i + 1) * width, y);
  }
  cairo_line_to (cr, plot->left + plot->width, plot->top + plot->height);
  cairo_stroke (cr);
}

void
fv_histogram_paint (const FvHistogramScene *scene, const FvPlotStyle *style, cairo_t *cr)
{
  FvPlot plot;

  if (!lay_out (scene, style, &plot))
    return;
  fv_plot_draw_y_grid (&plot, cr);
  fv_plot_draw_x_axis (&plot, cr);
  draw_bars (scene, style, &plot, cr);
  if (scene->before != NULL)
    draw_outline (scene->before, &plot, cr);
  draw_header (scene, style, &plot, cr);
}

int
fv_histogram_hit (const FvHistogramScene *scene, const FvPlotStyle *style, double x, double y)
{
  FvPlot plot;

  if (!lay_out (scene, style, &plot) || x < plot.left || x >= plot.left + plot.width || y < plot.top
      || y > plot.top + plot.height)
    return -1;
  return (int) ((x - plot.left) / plot.width * FV_HISTOGRAM_N_BINS);
}
