/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The chart's points, its numbers and its picture. */

#include "fv-chart.h"

#include <math.h>

#include "fv-chart-painter.h"
#include "fv-number.h"

#define WIDTH 320
#define HEIGHT 200

static const GdkRGBA red = { 1, 0, 0, 1 };
static const GdkRGBA black = { 0, 0, 0, 1 };

static void
test_numbers_have_three_digits (void)
{
  const struct {
    double value;
    const char *text;
  } numbers[] = {
    { 2.4149, "2.41" }, { 0.1, "0.100" },           { 0.031, "0.0310" }, { 128.4, "128" },
    { 0, "0" },         { -9.996, "-10.0" },        { 99.96, "100" },    { 1.2e6, "1.20e+06" },
    { NAN, "–" },       { 0.00001234, "1.23e-05" }, { -INFINITY, "–" },  { 500, "500" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++) {
    g_autofree char *text = fv_number_format (numbers[i].value);

    g_assert_cmpstr (text, ==, numbers[i].text);
  }
}

static void
test_few_points_are_kept_as_they_are (void)
{
  g_autoptr (FvChartSeries) series = fv_chart_series_new ();
  int n;

  for (int i = 0; i < FV_CHART_MAX_BUCKETS; i++)
    g_assert_true (fv_chart_series_append (series, i, sqrt (i)));
  const FvChartBucket *buckets = fv_chart_series_peek (series, &n);
  g_assert_cmpint (n, ==, FV_CHART_MAX_BUCKETS);
  for (int i = 0; i < n; i++) {
    g_assert_cmpfloat (buckets[i].x, ==, i);
    g_assert_cmpfloat (buckets[i].low, ==, sqrt (i));
    g_assert_cmpfloat (buckets[i].high, ==, sqrt (i));
  }
}

static void
test_many_points_keep_their_spikes (void)
{
  g_autoptr (FvChartSeries) series = fv_chart_series_new ();
  double low = INFINITY, high = -INFINITY, x, y;
  int n;

  for (int i = 0; i < 100000; i++)
    fv_chart_series_append (series, i, i == 12345 ? 50 : i == 77777 ? -50 : sin (i));
  const FvChartBucket *buckets = fv_chart_series_peek (series, &n);
  g_assert_cmpint (n, <=, FV_CHART_MAX_BUCKETS);
  g_assert_cmpint (n, >, FV_CHART_MAX_BUCKETS / 3);
  g_assert_cmpfloat (buckets[0].x, ==, 0);
  for (int i = 0; i < n; i++) {
    g_assert_cmpfloat (buckets[i].x, ==, i * 128.0);
    low = fmin (low, buckets[i].low);
    high = fmax (high, buckets[i].high);
  }
  g_assert_cmpfloat (low, ==, -50);
  g_assert_cmpfloat (high, ==, 50);
  fv_chart_series_get_last (series, &x, &y);
  g_assert_cmpfloat (x, ==, 99999);
  g_assert_cmpfloat (y, ==, sin (99999));
}

static void
test_points_that_make_no_sense (void)
{
  g_autoptr (FvChartSeries) series = fv_chart_series_new ();
  double x, y;
  int n;

  g_assert_false (fv_chart_series_append (series, NAN, 1));
  g_assert_false (fv_chart_series_append (series, INFINITY, 1));
  g_assert_true (fv_chart_series_append (series, 5, 1));
  g_assert_false (fv_chart_series_append (series, 4, 1));
  g_assert_true (fv_chart_series_append (series, 6, INFINITY));
  const FvChartBucket *buckets = fv_chart_series_peek (series, &n);
  g_assert_cmpint (n, ==, 2);
  g_assert_true (isnan (buckets[1].low));
  fv_chart_series_get_last (series, &x, &y);
  g_assert_cmpfloat (x, ==, 6);
  g_assert_true (isnan (y));
  fv_chart_series_clear (series);
  fv_chart_series_peek (series, &n);
  g_assert_cmpint (n, ==, 0);
  g_assert_true (fv_chart_series_append (series, 0, 1));
}

static void
test_grid_steps_are_round (void)
{
  g_assert_cmpfloat (fv_plot_get_grid_step ((FvPlotRange){ 0, 1 }, 5), ==, 0.2);
  g_assert_cmpfloat (fv_plot_get_grid_step ((FvPlotRange){ 0, 1 }, 4), ==, 0.5);
  g_assert_cmpfloat (fv_plot_get_grid_step ((FvPlotRange){ -3, 40 }, 5), ==, 10);
  g_assert_cmpfloat_with_epsilon (fv_plot_get_grid_step ((FvPlotRange){ 2, 2.003 }, 3), 0.001,
                                  1e-9);
}

/* A scene with one red line; its series belongs to the caller. */
static FvChartScene
make_scene (FvChartLine *line, FvChartSeries *series)
{
  *line = (FvChartLine){ .name = (char *) "loss", .color = red, .series = series };
  return (FvChartScene){
    .lines = line,
    .n_lines = 1,
    .x_range = { NAN, NAN },
    .y_range = { NAN, NAN },
    .color = black,
    .width = WIDTH,
    .height = HEIGHT,
  };
}

static void
test_ranges_follow_the_points (void)
{
  g_autoptr (FvChartSeries) series = fv_chart_series_new ();
  FvChartLine line;
  FvChartScene scene = make_scene (&line, series);
  FvPlotRange range = fv_chart_scene_get_y_range (&scene);

  /* Without points, with equal ones and with huge ones there is a range to draw in. */
  g_assert_true (isfinite (range.low) && range.low < range.high);
  fv_chart_series_append (series, 3, 5);
  range = fv_chart_scene_get_y_range (&scene);
  g_assert_true (range.low < 5 && 5 < range.high);
  range = fv_chart_scene_get_x_range (&scene);
  g_assert_true (range.low < range.high);
  fv_chart_series_append (series, 13, 15);
  range = fv_chart_scene_get_x_range (&scene);
  g_assert_cmpfloat (range.low, ==, 3);
  g_assert_cmpfloat (range.high, ==, 13);
  range = fv_chart_scene_get_y_range (&scene);
  g_assert_cmpfloat_with_epsilon (range.low, 4.4, 1e-9);
  g_assert_cmpfloat_with_epsilon (range.high, 15.6, 1e-9);
  scene.y_range = (FvPlotRange){ 0, 1 };
  g_assert_cmpfloat (fv_chart_scene_get_y_range (&scene).high, ==, 1);
  scene.y_range = (FvPlotRange){ NAN, NAN };
  fv_chart_series_append (series, 14, 1e308);
  fv_chart_series_append (series, 15, -1e308);
  range = fv_chart_scene_get_y_range (&scene);
  g_assert_true (isfinite (range.low) && range.low < range.high);
}

/* Draws @scene on white. Returns: for each column the row of the middle of its red pixels below the
 * header, −1 without any. */
static void
paint_columns (FvChartScene *scene, int middles[WIDTH])
{
  PangoContext *context = pango_font_map_create_context (pango_cairo_font_map_get_default ());
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  cairo_t *cr = cairo_create (surface);

  scene->pango = context;
  cairo_set_source_rgb (cr, 1, 1, 1);
  cairo_paint (cr);
  fv_chart_paint (scene, cr);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  for (int x = 0; x < WIDTH; x++) {
    int first = -1, last = -1;

    for (int y = 30; y < HEIGHT; y++) {
      const guint8 *row
          = cairo_image_surface_get_data (surface) + y * cairo_image_surface_get_stride (surface);
      guint32 pixel = ((const guint32 *) (gconstpointer) row)[x];

      if ((pixel >> 16 & 0xff) > 150 && (pixel >> 8 & 0xff) < 110 && (pixel & 0xff) < 110) {
        first = first < 0 ? y : first;
        last = y;
      }
    }
    middles[x] = first < 0 ? -1 : (first + last) / 2;
  }
  cairo_surface_destroy (surface);
  g_object_unref (context);
}

static void
test_a_line_rises_and_has_gaps (void)
{
  g_autoptr (FvChartSeries) series = fv_chart_series_new ();
  FvChartLine line;
  FvChartScene scene = make_scene (&line, series);
  int middles[WIDTH], previous = HEIGHT, n_gaps = 0, n_red = 0;

  scene.y_range = (FvPlotRange){ 0, 1 };
  for (int i = 0; i <= 20; i++)
    fv_chart_series_append (series, i, i >= 9 && i <= 11 ? NAN : i / 20.0);
  paint_columns (&scene, middles);
  for (int x = 0; x < WIDTH; x++) {
    if (middles[x] < 0) {
      n_gaps += n_red > 0 && n_gaps == 0;
      continue;
    }
    g_assert_cmpint (middles[x], <=, previous);
    previous = middles[x];
    n_red++;
  }
  /* Sixteen twentieths of about 290 columns. */
  g_assert_cmpint (n_red, >, 200);
  g_assert_cmpint (n_red, <, 260);
  g_assert_cmpint (n_gaps, ==, 1);
  g_assert_cmpint (middles[WIDTH - 2] < 50, ==, TRUE);
}

static void
test_odd_scenes_are_painted (void)
{
  g_autoptr (FvChartSeries) series = fv_chart_series_new ();
  FvChartLine line;
  FvChartScene scene = make_scene (&line, series);
  const int sizes[][2] = { { WIDTH, HEIGHT }, { 1, 1 }, { 40, HEIGHT }, { WIDTH, 40 } };
  int middles[WIDTH];

  fv_chart_series_append (series, 1, -1e300);
  fv_chart_series_append (series, 2, 1e-300);
  scene.x_range = (FvPlotRange){ 5, 5 };
  scene.title = "Loss";
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
    scene.width = sizes[i][0];
    scene.height = sizes[i][1];
    paint_columns (&scene, middles);
  }
  scene.n_lines = 0;
  paint_columns (&scene, middles);
  for (int x = 0; x < WIDTH; x++)
    g_assert_cmpint (middles[x], ==, -1);
}

static void
test_the_widget_tells_its_last_values (void)
{
  g_autoptr (GtkWidget) widget = g_object_ref_sink (fv_chart_new ());
  FvChart *chart = FV_CHART (widget);

  fv_chart_set_title (chart, "Loss");
  g_assert_cmpint (fv_chart_add_series (chart, "task", red, FALSE), ==, 0);
  g_assert_cmpint (fv_chart_add_series (chart, "CAMAL", black, TRUE), ==, 1);
  for (int i = 0; i < 100000; i++)
    fv_chart_append (chart, 0, i, 100000.0 - i);
  fv_chart_append (chart, 1, 0, 0.34);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  gtk_test_accessible_assert_role (chart, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_test_accessible_assert_property (chart, GTK_ACCESSIBLE_PROPERTY_LABEL, "Loss");
  gtk_test_accessible_assert_property (chart, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "task 1.00, CAMAL 0.340");
  fv_chart_clear (chart);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  gtk_test_accessible_assert_property (chart, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "task –, CAMAL –");
  fv_chart_remove_series (chart);
  g_assert_cmpint (fv_chart_add_series (chart, "swap", red, FALSE), ==, 0);
  fv_chart_append (chart, 0, 1, 2);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  gtk_test_accessible_assert_property (chart, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, "swap 2.00");
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chart/numbers", test_numbers_have_three_digits);
  g_test_add_func ("/chart/series/few", test_few_points_are_kept_as_they_are);
  g_test_add_func ("/chart/series/many", test_many_points_keep_their_spikes);
  g_test_add_func ("/chart/series/nonsense", test_points_that_make_no_sense);
  g_test_add_func ("/chart/grid", test_grid_steps_are_round);
  g_test_add_func ("/chart/ranges", test_ranges_follow_the_points);
  g_test_add_func ("/chart/line", test_a_line_rises_and_has_gaps);
  g_test_add_func ("/chart/odd", test_odd_scenes_are_painted);
  g_test_add_func ("/chart/widget", test_the_widget_tells_its_last_values);
  return g_test_run ();
}
