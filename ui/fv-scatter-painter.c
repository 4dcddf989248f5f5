/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From top to bottom: what the marks mean, the upward axis' name, the points, numbers, the
 * sideways axis' name. */

#include "fv-scatter-painter.h"

#include <math.h>

/* Unit: pixels. */
#define RADIUS 3.5
#define RING_RADIUS 8.0
#define REACH 10.0
#define LINE_WIDTH 1.5
#define ITEM_GAP 12
#define HEADER_GAP 4
#define TICK_LENGTH 4

#define POINT_ALPHA 0.8

/* -- layout --------------------------------------------------------------------------------- */

/* Returns: FALSE when there is no room. */
static gboolean
lay_out (const FvScatterScene *scene, const FvPlotStyle *style, FvPlot *plot)
{
  int width, height;

  *plot = (FvPlot){ .color = style->color, .pango = style->pango, .x = scene->x, .y = scene->y };
  fv_plot_measure_label (plot, "0", &width, &height);
  plot->top = 2.5 * height + HEADER_GAP;
  plot->height = style->height - plot->top - 2 * height - TICK_LENGTH;
  if (plot->height < height)
    return FALSE;
  plot->left = fv_plot_measure_y_labels (plot) + FV_PLOT_LABEL_GAP;
  plot->width = style->width - plot->left - RING_RADIUS;
  return plot->width >= height;
}

/* -- marks ---------------------------------------------------------------------------------- */

static void
draw_mark (const FvPlot *plot, cairo_t *cr, FvScatterMark mark, double x, double y)
{
  GdkRGBA color = mark == FV_SCATTER_WRONG ? FV_PLOT_ORANGE : FV_PLOT_BLUE;

  color.alpha = (float) POINT_ALPHA;
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_set_line_width (cr, LINE_WIDTH);
  if (mark == FV_SCATTER_WRONG) {
    cairo_move_to (cr, x - RADIUS, y - RADIUS);
    cairo_line_to (cr, x + RADIUS, y + RADIUS);
    cairo_move_to (cr, x - RADIUS, y + RADIUS);
    cairo_line_to (cr, x + RADIUS, y - RADIUS);
    cairo_stroke (cr);
    return;
  }
  cairo_new_sub_path (cr);
  cairo_arc (cr, x, y, RADIUS, 0, 2 * G_PI);
  if (mark == FV_SCATTER_RIGHT)
    cairo_stroke (cr);
  else
    cairo_fill (cr);
}

static void
draw_ring (const FvPlot *plot, cairo_t *cr, const FvScatterPoint *point)
{
  fv_plot_set_color (plot, cr, 1);
  cairo_set_line_width (cr, 2);
  cairo_new_sub_path (cr);
  cairo_arc (cr, fv_plot_get_x (plot, (double) point->x), fv_plot_get_y (plot, (double) point->y),
             RING_RADIUS, 0, 2 * G_PI);
  cairo_stroke (cr);
}

/* Wrong ones last: they are what one looks for. */
static void
draw_points (const FvScatterScene *scene, const FvPlotStyle *style, const FvPlot *plot, cairo_t *cr)
{
  gsize columns = (gsize) style->width + 1, n_pixels = columns * ((gsize) style->height + 1);
  g_autofree guint8 *taken = g_new0 (guint8, n_pixels);

  for (FvScatterMark mark = 0; mark < FV_SCATTER_N_MARKS; mark++)
    for (guint i = 0; i < scene->n_points; i++) {
      const FvScatterPoint *point = &scene->points[i];
      double x = fv_plot_get_x (plot, (double) point->x);
      double y = fv_plot_get_y (plot, (double) point->y);
      gsize pixel;

      if (point->mark != mark || !(x >= 0 && x <= style->width && y >= 0 && y <= style->height))
        continue;
      pixel = (gsize) y * columns + (gsize) x;
      if ((taken[pixel] & 1 << mark) != 0)
        continue;
      taken[pixel] |= (guint8) (1 << mark);
      draw_mark (plot, cr, mark, x, y);
    }
}

/* -- words ---------------------------------------------------------------------------------- */

static void
draw_legend (const FvScatterScene *scene, const FvPlot *plot, cairo_t *cr)
{
  const char *const names[FV_SCATTER_N_MARKS]
      = { scene->unit != NULL ? scene->unit : "pictures", "right", "wrong" };
  guint counts[FV_SCATTER_N_MARKS] = { 0 };
  double x = 0;

  for (guint i = 0; i < scene->n_points; i++)
    counts[scene->points[i].mark]++;
  for (FvScatterMark mark = 0; mark < FV_SCATTER_N_MARKS; mark++) {
    g_autofree char *text = g_strdup_printf ("%u %s", counts[mark], names[mark]);
    int width, height;

    if (counts[mark] == 0)
      continue;
    fv_plot_measure_label (plot, text, &width, &height);
    draw_mark (plot, cr, mark, x + RADIUS + 1, height / 2.0);
    fv_plot_draw_label (plot, cr, text, x + 2 * RADIUS + FV_PLOT_LABEL_GAP, 0, 0);
    x += 2 * RADIUS + FV_PLOT_LABEL_GAP + width + ITEM_GAP;
  }
}

static void
draw_names (const FvScatterScene *scene, const FvPlotStyle *style, const FvPlot *plot, cairo_t *cr)
{
  g_autofree char *up = g_strdup_printf ("↑ %s", scene->y_name);
  g_autofree char *right = g_strdup_printf ("%s →", scene->x_name);
  int width, height;

  fv_plot_measure_label (plot, "0", &width, &height);
  fv_plot_draw_label (plot, cr, up, 0, height, 0);
  fv_plot_draw_label (plot, cr, right, plot->left + plot->width, style->height - height, 1);
}

void
fv_scatter_paint (const FvScatterScene *scene, const FvPlotStyle *style, cairo_t *cr)
{
  FvPlot plot;

  if (!lay_out (scene, style, &plot))
    return;
  draw_legend (scene, &plot, cr);
  draw_names (scene, style, &plot, cr);
  fv_plot_draw_y_grid (&plot, cr);
  fv_plot_draw_x_axis (&plot, cr);
  draw_points (scene, style, &plot, cr);
  for (guint i = 0; i < scene->n_points; i++)
    if ((gint64) scene->points[i].sample == scene->chosen || (int) i == style->cursor)
      draw_ring (&plot, cr, &scene->points[i]);
}

int
fv_scatter_hit (const FvScatterScene *scene, const FvPlotStyle *style, double x, double y)
{
  FvPlot plot;
  double best = REACH;
  int nearest = -1;

  if (!lay_out (scene, style, &plot))
    return -1;
  for (guint i = 0; i < scene->n_points; i++) {
    double distance = hypot (fv_plot_get_x (&plot, (double) scene->points[i].x) - x,
                             fv_plot_get_y (&plot, (double) scene->points[i].y) - y);

    if (distance < best) {
      best = distance;
      nearest = (int) i;
    }
  }
  return nearest;
}
