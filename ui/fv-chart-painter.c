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
#define LABEL_GAP 6
#define MIN_LINE_DISTANCE 24
#define DASH 4.0

#define SMALL_FONT 0.82
#define GRID_ALPHA 0.12
#define LABEL_ALPHA 0.6
#define MARKER_ALPHA 0.35

/* The free space above and below the points, as a share of their range. */
#define Y_PADDING 0.06

/* The plot and how points get into it. */
typedef struct {
  double left, top, width, height; /* pixels */
  FvChartRange x, y;
} Plot;

static gboolean
range_is_valid (FvChartRange range)
{
  return isfinite (range.low) && isfinite (range.high) && isfinite (range.high - range.low)
         && range.low < range.high;
}

/* Around equal values, and in place of none, there is still room to draw. */
static FvChartRange
range_widen (FvChartRange range)
{
  double half = MAX (fabs (range.low) * 0.1, 0.5);

  if (range_is_valid (range))
    return range;
  if (!isfinite (range.low) || !isfinite (range.high - range.low))
    return (FvChartRange){ 0, 1 };
  return (FvChartRange){ range.low - half, range.low + half };
}

FvChartRange
fv_chart_scene_get_x_range (const FvChartScene *scene)
{
  FvChartRange range = { NAN, NAN };

  if (range_is_valid (scene->x_range))
    return scene->x_range;
  for (int i = 0; i < scene->n_lines; i++) {
    int n;
    const FvChartBucket *buckets = fv_chart_series_peek (scene->lines[i].series, &n);
    double x, y;

    fv_chart_series_get_last (scene->lines[i].series, &x, &y);
    range.low = fmin (range.low, n > 0 ? buckets[0].x : NAN);
    range.high = fmax (range.high, x);
  }
  return range_widen (range);
}

FvChartRange
fv_chart_scene_get_y_range (const FvChartScene *scene)
{
  FvChartRange range = { NAN, NAN };

  if (range_is_valid (scene->y_range))
    return scene->y_range;
  for (int i = 0; i < scene->n_lines; i++) {
    int n;
    const FvChartBucket *buckets = fv_chart_series_peek (scene->lines[i].series, &n);

    for (int j = 0; j < n; j++) {
      range.low = fmin (range.low, buckets[j].low);
      range.high = fmax (range.high, buckets[j].high);
    }
  }
  range = range_widen (range);
  double padding = (range.high - range.low) * Y_PADDING;
  FvChartRange padded = { range.low - padding, range.high + padding };
  return range_is_valid (padded) ? padded : range;
}

double
fv_chart_get_grid_step (FvChartRange range, int max_lines)
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

static PangoLayout *
make_layout (const FvChartScene *scene, const char *text, double size, gboolean bold)
{
  PangoLayout *layout = pango_layout_new (scene->pango);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (size));
  if (bold)
    pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  pango_layout_set_attributes (layout, attributes);
  pango_layout_set_text (layout, text, -1);
  return layout;
}

static void
set_color (const FvChartScene *scene, cairo_t *cr, double alpha)
{
  GdkRGBA color = scene->color;

  color.alpha *= (float) alpha;
  gdk_cairo_set_source_rgba (cr, &color);
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
draw_name (const FvChartScene *scene, const FvChartLine *line, cairo_t *cr, double *x, double *y)
{
  double last_x, last_y;
  int name_width, value_width, height;

  fv_chart_series_get_last (line->series, &last_x, &last_y);
  g_autofree char *value = fv_number_format (last_y);
  g_autoptr (PangoLayout) name_layout = make_layout (scene, line->name, SMALL_FONT, FALSE);
  g_autoptr (PangoLayout) value_layout = make_layout (scene, value, SMALL_FONT, TRUE);

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
  set_color (scene, cr, 1);
  cairo_move_to (cr, *x + SAMPLE_WIDTH + NAME_GAP, *y);
  pango_cairo_show_layout (cr, name_layout);
  cairo_move_to (cr, *x + width - value_width, *y);
  pango_cairo_show_layout (cr, value_layout);
  *x += width + ITEM_GAP;
  return height;
}

/* Returns: where the plot may begin. */
static double
draw_header (const FvChartScene *scene, cairo_t *cr)
{
  double x = 0, y = 0;
  int row = 0;

  if (scene->title != NULL) {
    g_autoptr (PangoLayout) layout = make_layout (scene, scene->title, 1, TRUE);

    set_color (scene, cr, 1);
    cairo_move_to (cr, 0, 0);
    pango_cairo_show_layout (cr, layout);
    pango_layout_get_pixel_size (layout, NULL, &row);
    y += row;
  }
  row = 0;
  for (int i = 0; i < scene->n_lines; i++)
    row = draw_name (scene, &scene->lines[i], cr, &x, &y);
  cairo_set_dash (cr, NULL, 0, 0);
  return y + row + HEADER_GAP;
}

/* Draws @text in the small font, its right edge (@align 1) or left edge (0) at @x. */
static void
draw_label (const FvChartScene *scene, cairo_t *cr, const char *text, double x, double y,
            double align)
{
  g_autoptr (PangoLayout) layout = make_layout (scene, text, SMALL_FONT, FALSE);
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  set_color (scene, cr, LABEL_ALPHA);
  cairo_move_to (cr, x - width * align, y);
  pango_cairo_show_layout (cr, layout);
}

static void
measure_label (const FvChartScene *scene, const char *text, int *width, int *height)
{
  g_autoptr (PangoLayout) layout = make_layout (scene, text, SMALL_FONT, FALSE);

  pango_layout_get_pixel_size (layout, width, height);
}

static double
get_y (const Plot *plot, double value)
{
  return plot->top + plot->height * (plot->y.high - value) / (plot->y.high - plot->y.low);
}

static double
get_x (const Plot *plot, double value)
{
  return plot->left + plot->width * (value - plot->x.low) / (plot->x.high - plot->x.low);
}

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

/* The grid lines of the plot, bottom up. Returns: how many there are. */
static int
get_ticks (const Plot *plot, double *step, double *first)
{
  *step = fv_chart_get_grid_step (plot->y, (int) (plot->height / MIN_LINE_DISTANCE));
  *first = ceil (plot->y.low / *step - 1e-9) * *step;
  return (int) floor ((plot->y.high - *first) / *step + 1e-9) + 1;
}

/* The numbers get the room that the widest one needs. */
static int
measure_tick_labels (const FvChartScene *scene, const Plot *plot)
{
  double step, first;
  int n = get_ticks (plot, &step, &first), widest = 0;

  for (int i = 0; i < n; i++) {
    g_autofree char *text = format_tick (first + i * step, step);
    int width, height;

    measure_label (scene, text, &width, &height);
    widest = MAX (widest, width);
  }
  return widest;
}

static void
draw_grid (const FvChartScene *scene, const Plot *plot, cairo_t *cr, int label_height)
{
  double step, first;
  int n = get_ticks (plot, &step, &first);

  cairo_set_line_width (cr, 1);
  for (int i = 0; i < n; i++) {
    g_autofree char *text = format_tick (first + i * step, step);
    double y = floor (get_y (plot, first + i * step)) + 0.5;

    set_color (scene, cr, GRID_ALPHA);
    cairo_move_to (cr, plot->left, y);
    cairo_rel_line_to (cr, plot->width, 0);
    cairo_stroke (cr);
    draw_label (scene, cr, text, plot->left - LABEL_GAP, y - label_height / 2.0, 1);
  }
}

/* Steps and epochs are counted: “30”, not “30.0”. */
static char *
format_x (double x)
{
  gboolean counts = x == rint (x) && fabs (x) < 1e6;

  return counts ? g_strdup_printf ("%.0f", x) : fv_number_format (x);
}

static void
draw_x_labels (const FvChartScene *scene, const Plot *plot, cairo_t *cr)
{
  g_autofree char *low = format_x (plot->x.low);
  g_autofree char *high = format_x (plot->x.high);
  double y = plot->top + plot->height + 2;

  draw_label (scene, cr, low, plot->left, y, 0);
  draw_label (scene, cr, high, plot->left + plot->width, y, 1);
}

/* The vertical line where the run stands, if it has a planned end. */
static void
draw_marker (const FvChartScene *scene, const Plot *plot, cairo_t *cr)
{
  const double dashes[] = { DASH, DASH };
  double latest = NAN, x, y;

  for (int i = 0; i < scene->n_lines; i++) {
    fv_chart_series_get_last (scene->lines[i].series, &x, &y);
    latest = fmax (latest, x);
  }
  if (!range_is_valid (scene->x_range) || !(latest < plot->x.high))
    return;
  set_color (scene, cr, MARKER_ALPHA);
  cairo_set_line_width (cr, 1);
  cairo_set_dash (cr, dashes, 2, 0);
  cairo_move_to (cr, floor (get_x (plot, latest)) + 0.5, plot->top);
  cairo_rel_line_to (cr, 0, plot->height);
  cairo_stroke (cr);
  cairo_set_dash (cr, NULL, 0, 0);
}

/* A bucket of many points is a vertical stroke; the line enters it at the end that is nearer. */
static void
draw_line (const FvChartLine *line, const Plot *plot, cairo_t *cr)
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
    double x = get_x (plot, buckets[i].x);
    double low = get_y (plot, buckets[i].low), high = get_y (plot, buckets[i].high);
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
draw_lines (const FvChartScene *scene, const Plot *plot, cairo_t *cr)
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
  Plot plot = {
    .top = draw_header (scene, cr),
    .x = fv_chart_scene_get_x_range (scene),
    .y = fv_chart_scene_get_y_range (scene),
  };
  int label_width, label_height;

  measure_label (scene, "0", &label_width, &label_height);
  plot.top += label_height / 2.0;
  plot.height = scene->height - plot.top - label_height - 2;
  if (plot.height < label_height)
    return;
  plot.left = measure_tick_labels (scene, &plot) + LABEL_GAP;
  plot.width = scene->width - plot.left;
  if (plot.width < label_height)
    return;

  draw_grid (scene, &plot, cr, label_height);
  draw_x_labels (scene, &plot, cr);
  draw_marker (scene, &plot, cr);
  draw_lines (scene, &plot, cr);
}
