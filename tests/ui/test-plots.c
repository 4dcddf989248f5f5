/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Histogram and scatter plot: what is counted, what the picture shows, what a click hits. */

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "fv-histogram-painter.h"
#include "fv-histogram-view.h"
#include "fv-scatter-view.h"

#define WIDTH 400
#define HEIGHT 240

/* A plot on white, pixels as 0x00RRGGBB. */
typedef struct {
  FvPlotStyle style;
  cairo_surface_t *surface;
  cairo_t *cr;
} Picture;

static void
set_up (Picture *picture, gconstpointer data)
{
  picture->style
      = (FvPlotStyle){ .color = { 0, 0, 0, 1 },
                       .pango = pango_font_map_create_context (pango_cairo_font_map_get_default ()),
                       .width = WIDTH,
                       .height = HEIGHT,
                       .cursor = -1 };
  picture->surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, WIDTH, HEIGHT);
  picture->cr = cairo_create (picture->surface);
  cairo_set_source_rgb (picture->cr, 1, 1, 1);
  cairo_paint (picture->cr);
}

static void
tear_down (Picture *picture, gconstpointer data)
{
  cairo_destroy (picture->cr);
  cairo_surface_destroy (picture->surface);
  g_object_unref (picture->style.pango);
}

static guint32
get_pixel (Picture *picture, int x, int y)
{
  const guint8 *data = cairo_image_surface_get_data (picture->surface);
  int stride = cairo_image_surface_get_stride (picture->surface);

  return ((const guint32 *) (gconstpointer) (data + (gsize) y * (gsize) stride))[x] & 0xffffff;
}

static gboolean
is_blue (guint32 pixel)
{
  return (pixel & 0xff) > (pixel >> 16) + 60;
}

static gboolean
is_orange (guint32 pixel)
{
  return (pixel >> 16) > (pixel & 0xff) + 60;
}

static guint
count (Picture *picture, gboolean (*is) (guint32 pixel))
{
  guint n = 0;

  cairo_surface_flush (picture->surface);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++)
      n += is (get_pixel (picture, x, y)) ? 1 : 0;
  return n;
}

/* -- histogram ------------------------------------------------------------------------------ */

static void
test_counts (void)
{
  const float values[] = { 0, 0.049f, 0.05f, NAN, 0.5f, 1, 1 };
  FvHistogram histogram;

  fv_histogram_fill (&histogram, values, G_N_ELEMENTS (values), (FvPlotRange){ 0, 1 });
  g_assert_cmpuint (histogram.n, ==, 7);
  g_assert_cmpuint (histogram.n_undefined, ==, 1);
  g_assert_cmpuint (histogram.counts[0], ==, 2);
  g_assert_cmpuint (histogram.counts[1], ==, 1);
  g_assert_cmpuint (histogram.counts[10], ==, 1);
  g_assert_cmpuint (histogram.counts[19], ==, 2);
  g_assert_cmpfloat_with_epsilon (histogram.mean, 2.599 / 6, 1e-6);

  fv_histogram_fill (&histogram, values + 3, 1, (FvPlotRange){ 0, INFINITY });
  g_assert_true (isnan (histogram.mean));
  g_assert_true (fv_plot_range_is_valid (histogram.range));
}

/* A picture is in the bar that claims to count it, whatever the rounding. */
static void
test_bars_are_what_they_count (void)
{
  GtkWidget *widget = g_object_ref_sink (g_object_new (FV_TYPE_HISTOGRAM_VIEW, NULL));
  FvHistogramView *view = FV_HISTOGRAM_VIEW (widget);
  float values[101];
  FvHistogram histogram;

  for (int i = 0; i <= 100; i++)
    values[i] = (float) i / 100;
  fv_histogram_fill (&histogram, values, G_N_ELEMENTS (values), (FvPlotRange){ 0, 1 });
  fv_histogram_view_set (view, FV_READING_ENERGY, values, G_N_ELEMENTS (values), NAN);
  for (int bar = 0; bar < FV_HISTOGRAM_N_BINS; bar++) {
    guint n = 0;
    float low, high;

    fv_histogram_view_get_bar (view, bar, &low, &high);
    for (int i = 0; i <= 100; i++)
      n += values[i] >= low && values[i] <= high ? 1 : 0;
    g_assert_cmpuint (n, ==, histogram.counts[bar]);
  }
  g_assert_finalize_object (widget);
}

static void
test_histogram_picture (Picture *picture, gconstpointer data)
{
  const float values[] = { 0.01f, 0.02f, 0.03f, 0.99f };
  FvHistogram histogram;
  const FvHistogramScene scene = { "Energy", &histogram, 0.75, "pictures", NULL };
  int first = -1, last = -1;

  fv_histogram_fill (&histogram, values, G_N_ELEMENTS (values), (FvPlotRange){ 0, 1 });
  fv_histogram_paint (&scene, &picture->style, picture->cr);
  g_assert_cmpuint (count (picture, is_blue), >, 100);
  for (int x = 0; x < WIDTH; x++)
    if (is_blue (get_pixel (picture, x, HEIGHT - 30))) {
      first = first < 0 ? x : first;
      last = x;
    }
  g_assert_cmpint (fv_histogram_hit (&scene, &picture->style, first, HEIGHT - 30), ==, 0);
  g_assert_cmpint (fv_histogram_hit (&scene, &picture->style, last, HEIGHT - 30), ==, 19);
  g_assert_cmpint (fv_histogram_hit (&scene, &picture->style, first - 5, HEIGHT - 30), ==, -1);
  /* Three times as high as the other one. */
  g_assert_true (is_blue (get_pixel (picture, first + 3, HEIGHT - 60)));
  g_assert_false (is_blue (get_pixel (picture, last - 3, HEIGHT - 60)));
  /* The mean, in its header and through the plot. */
  g_assert_cmpuint (count (picture, is_orange), >, 100);
}

/* What was before is a line around its bars, with a mean of its own. */
static void
test_histogram_before (Picture *picture, gconstpointer data)
{
  const float now[] = { 0.9f, 0.9f }, then[] = { -0.8f, -0.8f, -0.8f, -0.8f };
  FvHistogram histogram, before;
  const FvHistogramScene scene = { "r", &histogram, NAN, "pictures", &before };
  guint n_dark = 0;

  fv_histogram_fill (&histogram, now, 2, (FvPlotRange){ -1, 1 });
  fv_histogram_fill (&before, then, 4, (FvPlotRange){ -1, 1 });
  fv_histogram_paint (&scene, &picture->style, picture->cr);
  cairo_surface_flush (picture->surface);
  /* The left half has no bar, and the outline goes up there, higher than the bars on the right. */
  for (int y = 60; y < HEIGHT - 30; y++)
    for (int x = 40; x < WIDTH / 3; x++)
      n_dark += (get_pixel (picture, x, y) & 0xff) < 0x60;
  g_assert_cmpuint (n_dark, >, 150);
  g_assert_cmpuint (count (picture, is_blue), >, 100);
}

static void
test_odd_histograms (Picture *picture, gconstpointer data)
{
  const float values[] = { 3e30f, -3e30f, INFINITY };
  FvHistogram histogram;
  const FvHistogramScene scene = { "Infidelity", &histogram, NAN, "pictures", NULL };

  fv_histogram_fill (&histogram, values, 2, (FvPlotRange){ 0, INFINITY });
  fv_histogram_paint (&scene, &picture->style, picture->cr);
  fv_histogram_fill (&histogram, values, 3, (FvPlotRange){ 0, INFINITY });
  fv_histogram_paint (&scene, &picture->style, picture->cr);
  picture->style.width = picture->style.height = 3;
  fv_histogram_paint (&scene, &picture->style, picture->cr);
  g_assert_cmpint (fv_histogram_hit (&scene, &picture->style, 1, 1), ==, -1);
}

/* -- scatter -------------------------------------------------------------------------------- */

static void
test_scatter_picture (Picture *picture, gconstpointer data)
{
  const FvScatterPoint points[] = {
    { 0.25f, 0.5f, 7, FV_SCATTER_RIGHT },
    { 0.75f, 0.5f, 9, FV_SCATTER_WRONG },
  };
  FvScatterScene scene = { "Probability", "Energy", { 0, 1 }, { 0, 1 }, points, 2, -1, NULL };
  guint blue, orange;
  int hits[2] = { 0 };

  fv_scatter_paint (&scene, &picture->style, picture->cr);
  blue = count (picture, is_blue);
  orange = count (picture, is_orange);
  g_assert_cmpuint (blue, >, 10);
  g_assert_cmpuint (orange, >, 10);
  for (int y = 0; y < HEIGHT; y++)
    for (int x = 0; x < WIDTH; x++) {
      int hit = fv_scatter_hit (&scene, &picture->style, x, y);

      if (hit >= 0)
        hits[hit]++;
    }
  /* A disc of ten pixels around each. */
  g_assert_cmpint (ABS (hits[0] - 314), <, 20);
  g_assert_cmpint (ABS (hits[1] - 314), <, 20);

  /* A ring has a hole, a cross has a middle: forms differ, not colours alone. */
  for (int x = 0; x < WIDTH; x++)
    if (fv_scatter_hit (&scene, &picture->style, x, HEIGHT / 2) == 0)
      g_assert_false (is_orange (get_pixel (picture, x, HEIGHT / 2)));

  scene.chosen = 9;
  fv_scatter_paint (&scene, &picture->style, picture->cr);
  scene.n_points = 0;
  g_assert_cmpint (fv_scatter_hit (&scene, &picture->style, 100, 100), ==, -1);
}

/* Points on one pixel are one mark. */
static void
test_many_points (Picture *picture, gconstpointer data)
{
  g_autofree FvScatterPoint *points = g_new (FvScatterPoint, 100000);
  FvScatterScene scene = { "x", "y", { 0, 1 }, { 0, 1 }, points, 100000, -1, NULL };
  guint once;

  for (guint i = 0; i < 100000; i++)
    points[i] = (FvScatterPoint){ 0.5f, 0.5f, i, FV_SCATTER_PLAIN };
  fv_scatter_paint (&scene, &picture->style, picture->cr);
  once = count (picture, is_blue);
  cairo_set_source_rgb (picture->cr, 1, 1, 1);
  cairo_paint (picture->cr);
  for (guint i = 1; i < 100000; i++)
    points[i].x = 7;
  fv_scatter_paint (&scene, &picture->style, picture->cr);
  g_assert_cmpuint (count (picture, is_blue), ==, once);
}

/* -- widgets -------------------------------------------------------------------------------- */

static void
on_picked (FvPlotView *view, int mark, int *picked)
{
  *picked = mark;
}

static gboolean
press (GtkWidget *widget, guint key)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);
  gboolean done = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

    if (g_strcmp0 (gtk_event_controller_get_name (controller), "fv-plot-keys") == 0)
      g_signal_emit_by_name (controller, "key-pressed", key, 0, 0, &done);
  }
  return done;
}

static GArray *
make_points (void)
{
  const FvScatterPoint points[] = { { 0.9f, 0.1f, 3, FV_SCATTER_WRONG },
                                    { NAN, 0.5f, 4, FV_SCATTER_RIGHT },
                                    { 0.2f, 0.5f, 5, FV_SCATTER_RIGHT } };
  GArray *array = g_array_new (FALSE, FALSE, sizeof (FvScatterPoint));

  return g_array_append_vals (array, points, G_N_ELEMENTS (points));
}

static void
test_keys_pick_points (void)
{
  GtkWidget *widget = g_object_ref_sink (g_object_new (FV_TYPE_SCATTER_VIEW, NULL));
  FvScatterView *view = FV_SCATTER_VIEW (widget);
  int picked = -1;

  g_signal_connect (view, "picked", G_CALLBACK (on_picked), &picked);
  g_assert_false (press (widget, GDK_KEY_Return));
  fv_scatter_view_set (view, FV_READING_PROBABILITY, FV_READING_ENERGY, make_points ());
  g_assert_true (press (widget, GDK_KEY_Right));
  g_assert_true (press (widget, GDK_KEY_Return));
  g_assert_cmpint (picked, ==, 0);
  g_assert_cmpuint (fv_scatter_view_get_sample (view, picked), ==, 5);
  g_assert_true (press (widget, GDK_KEY_Right));
  g_assert_true (press (widget, GDK_KEY_Right));
  g_assert_true (press (widget, GDK_KEY_Return));
  g_assert_cmpuint (fv_scatter_view_get_sample (view, picked), ==, 3);
  gtk_test_accessible_assert_property (view, GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "Energy in mask against Probability");
  gtk_test_accessible_assert_property (view, GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                       "Probability 0.90, Energy in mask 0.10, wrong");
  g_assert_finalize_object (widget);
}

static void
test_files (void)
{
  static const char *const names[][2]
      = { { "plot.png", "\x89PNG" }, { "plot.svg", "<?xml" }, { "plot.pdf", "%PDF" } };
  GtkWidget *widget = g_object_ref_sink (g_object_new (FV_TYPE_SCATTER_VIEW, NULL));
  g_autofree char *folder = g_dir_make_tmp ("fovea-plots-XXXXXX", NULL);
  g_autoptr (GError) error = NULL;

  fv_scatter_view_set (FV_SCATTER_VIEW (widget), FV_READING_PROBABILITY, FV_READING_ENERGY,
                       make_points ());
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (folder, names[i][0], NULL);
    g_autofree char *content = NULL;

    g_assert_true (fv_plot_view_save (FV_PLOT_VIEW (widget), path, NULL));
    g_assert_true (g_file_get_contents (path, &content, NULL, NULL));
    g_assert_true (strncmp (content, names[i][1], strlen (names[i][1])) == 0);
    g_remove (path);
  }
  g_assert_false (
      fv_plot_view_save (FV_PLOT_VIEW (widget), "/nonexistent/folder/plot.svg", &error));
  g_assert_true (strstr (error->message, "/nonexistent/folder/plot.svg") != NULL);
  g_clear_error (&error);
  g_assert_false (
      fv_plot_view_save (FV_PLOT_VIEW (widget), "/nonexistent/folder/plot.png", &error));
  g_rmdir (folder);
  g_assert_finalize_object (widget);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plots/histogram/counts", test_counts);
  g_test_add_func ("/plots/histogram/bars", test_bars_are_what_they_count);
  g_test_add ("/plots/histogram/picture", Picture, NULL, set_up, test_histogram_picture, tear_down);
  g_test_add ("/plots/histogram-before", Picture, NULL, set_up, test_histogram_before, tear_down);
  g_test_add ("/plots/histogram/odd", Picture, NULL, set_up, test_odd_histograms, tear_down);
  g_test_add ("/plots/scatter/picture", Picture, NULL, set_up, test_scatter_picture, tear_down);
  g_test_add ("/plots/scatter/many", Picture, NULL, set_up, test_many_points, tear_down);
  g_test_add_func ("/plots/scatter/keys", test_keys_pick_points);
  g_test_add_func ("/plots/files", test_files);
  return g_test_run ();
}
