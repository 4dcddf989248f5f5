/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-plot.h"

#include <math.h>

/* Unit: pixels. */
#define MIN_LINE_DISTANCE 24
#define MIN_TICK_DISTANCE 56
#define TICK_LENGTH 4

#define GRID_ALPHA 0.12
#define LABEL_ALPHA 0.6

/* -- ranges --------------------------------------------------------------------------------- */

gboolean
fv_plot_range_is_valid (FvPlotRange range)
{
  return isfinite (range.low) && isfinite (range.high) && isfinite (range.high - range.low)
         && range.low < range.high;
}

FvPlotRange
fv_plot_range_widen (FvPlotRange range)
{
  double half = MAX (fabs (range.low) * 0.1, 0.5);

  if (fv_plot_range_is_valid (range))
    return range;
  if (!isfinite (range.low) || !isfinite (range.high - range.low))
    return (FvPlotRange){ 0, 1 };
  return (FvPlotRange){ range.low - half, range.low + half };
}

double
fv_plot_get_grid_step (FvPlotRange range, int max_lines)
{
  double rough = (range.high - range.low) / MAX (max_lines, 1);
  double power = pow (10, floor (log10 (rough)));
  /* What is 1, 2 or 5 up to rounding counts as that. */
  double digit = rough / power * (1 - 1e-9);

  if (digit <= 1)
    return power;
  if (digit <= 2)
    return 2 * power;
  return digit <= 5 ? 5 * power : 10 * power;
}

double
fv_plot_get_x (const FvPlot *self, double value)
{
  return self->left + self->width * (value - self->x.low) / (self->x.high - self->x.low);
}

double
fv_plot_get_y (const FvPlot *self, double value)
{
  return self->top + self->height * (self->y.high - value) / (self->y.high - self->y.low);
}

/* -- text ----------------------------------------------------------------------------------- */

void
fv_plot_set_color (const FvPlot *self, cairo_t *cr, double alpha)
{
  GdkRGBA color = self->color;

  color.alpha *= (float) alpha;
  gdk_cairo_set_source_rgba (cr, &color);
}

PangoLayout *
fv_plot_make_layout (const FvPlot *self, const char *text, double size, gboolean bold)
{
  PangoLayout *layout = pango_layout_new (self->pango);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (size));
  if (bold)
    pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  pango_layout_set_attributes (layout, attributes);
  pango_layout_set_text (layout, text, -1);
  return layout;
}

void
fv_plot_draw_label (const FvPlot *self, cairo_t *cr, const char *text, double x, double y,
                    double align)
{
  g_autoptr (PangoLayout) layout = fv_plot_make_layout (self, text, FV_PLOT_SMALL_FONT, FALSE);
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  fv_plot_set_color (self, cr, LABEL_ALPHA);
  cairo_move_to (cr, x - width * align, y);
  pango_cairo_show_layout (cr, layout);
}

void
fv_plot_measure_label (const FvPlot *self, const char *text, int *width, int *height)
{
  g_autoptr (PangoLayout) layout = fv_plot_make_layout (self, text, FV_PLOT_SMALL_FONT, FALSE);

  pango_layout_get_pixel_size (layout, width, height);
}

/* -- numbers along the sides ---------------------------------------------------------------- */

/* As many decimals as the step needs; a value next to zero is zero. */
static char *
format_tick (double value, double step)
{
  int decimals = (int) CLAMP (-floor (log10 (step)), 0, 6);

  if (fabs (value) < step / 2)
    return g_strdup ("0");
  if (step >= 1e6 || step < 1e-6)
    return g_strdup_printf ("%.1e", value);
  return g_strdup_printf ("%.*f", decimals, value);
}

/* The round numbers of a range, upwards. Returns: how many there are. */
static int
get_ticks (FvPlotRange range, double pixels, double distance, double *step, double *first)
{
  *step = fv_plot_get_grid_step (range, (int) (pixels / distance));
  *first = ceil (range.low / *step - 1e-9) * *step;
  return (int) floor ((range.high - *first) / *step + 1e-9) + 1;
}

int
fv_plot_measure_y_labels (const FvPlot *self)
{
  double step, first;
  int n = get_ticks (self->y, self->height, MIN_LINE_DISTANCE, &step, &first), widest = 0;

  for (int i = 0; i < n; i++) {
    g_autofree char *text = format_tick (first + i * step, step);
    int width, height;

    fv_plot_measure_label (self, text, &width, &height);
    widest = MAX (widest, width);
  }
  return widest;
}

void
fv_plot_draw_y_grid (const FvPlot *self, cairo_t *cr)
{
  double step, first;
  int n = get_ticks (self->y, self->height, MIN_LINE_DISTANCE, &step, &first);
  int width, height;

  fv_plot_measure_label (self, "0", &width, &height);
  cairo_set_line_width (cr, 1);
  for (int i = 0; i < n; i++) {
    g_autofree char *text = format_tick (first + i * step, step);
    double y = floor (fv_plot_get_y (self, first + i * step)) + 0.5;

    fv_plot_set_color (self, cr, GRID_ALPHA);
    cairo_move_to (cr, self->left, y);
    cairo_rel_line_to (cr, self->width, 0);
    cairo_stroke (cr);
    fv_plot_draw_label (self, cr, text, self->left - FV_PLOT_LABEL_GAP, y - height / 2.0, 1);
  }
}

void
fv_plot_draw_x_axis (const FvPlot *self, cairo_t *cr)
{
  double step, first, bottom = self->top + self->height;
  int n = get_ticks (self->x, self->width, MIN_TICK_DISTANCE, &step, &first);

  cairo_set_line_width (cr, 1);
  for (int i = 0; i < n; i++) {
    g_autofree char *text = format_tick (first + i * step, step);
    double x = fv_plot_get_x (self, first + i * step);
    double share = (x - self->left) / self->width;

    fv_plot_set_color (self, cr, LABEL_ALPHA);
    cairo_move_to (cr, floor (x) + 0.5, bottom);
    cairo_rel_line_to (cr, 0, TICK_LENGTH);
    cairo_stroke (cr);
    /* The outermost numbers stay within the frame. */
    fv_plot_draw_label (self, cr, text, x, bottom + TICK_LENGTH,
                        share < 0.02   ? 0
                        : share > 0.98 ? 1
                                       : 0.5);
  }
}
