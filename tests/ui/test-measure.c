/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Measuring in the real window: evaluate, read the table, sort by a metric, pick a point and a bar,
 * paint while the numbers move, cancel, open another network. */

#include <adwaita.h>
#include <math.h>
#include <string.h>

#include "fv-fixture.h"
#include "fv-histogram-view.h"
#include "fv-image-list.h"
#include "fv-inspect-panel.h"
#include "fv-measure-cost.h"
#include "fv-measure-dock.h"
#include "fv-measure-panel.h"
#include "fv-scatter-view.h"

typedef struct {
  FvFixture *fixture;
  FvWindow *window;
  FvSession *session;
  FvSubject *subject;
  FvImageList *list;
  FvMeasureDock *dock;
} Measure;

static gboolean
is_at_rest (gpointer data)
{
  const Measure *self = data;

  return fv_is_settled (self->window) && !fv_session_get_evaluating (self->session);
}

static void
do_action (Measure *self, const char *name)
{
  g_assert_true (gtk_widget_activate_action (GTK_WIDGET (self->window), name, NULL));
}

static void
set_up (Measure *self, gconstpointer data)
{
  self->fixture = fv_fixture_new ();
  self->window = fv_window_new (NULL, NULL);
  self->session = fv_window_get_session (self->window);
  self->subject = fv_window_get_subject (self->window);
  self->list = FV_IMAGE_LIST (fv_find_widget (GTK_WIDGET (self->window), FV_TYPE_IMAGE_LIST));
  self->dock = FV_MEASURE_DOCK (fv_find_widget (GTK_WIDGET (self->window), FV_TYPE_MEASURE_DOCK));
  gtk_window_set_default_size (GTK_WINDOW (self->window), 1200, 800);
  gtk_window_present (GTK_WINDOW (self->window));
  fv_fixture_open (self->fixture, self->session);
  fv_wait_for (is_at_rest, self);
}

static void
tear_down (Measure *self, gconstpointer data)
{
  fv_close_window (self->window);
  fv_fixture_free (self->fixture);
}

static gboolean
has_table (gpointer data)
{
  const Measure *self = data;

  return fv_measure_dock_get_table (self->dock) != NULL && is_at_rest (data);
}

static const FvMetricRow *
find_row (const FvMetricTable *table, const char *key)
{
  for (gsize i = 0; i < fv_metric_table_get_n_rows (table); i++)
    if (g_str_equal (fv_metric_table_get_row (table, i)->key, key))
      return fv_metric_table_get_row (table, i);
  g_assert_not_reached ();
}

static double
get_value (Measure *self, gsize sample, FvReading reading)
{
  return (double) fv_image_list_model_get_record (fv_image_list_get_model (self->list), sample)
      ->values[reading];
}

/* The mean over the test pictures, taken by hand. */
static double
average (Measure *self, FvReading reading)
{
  FvDataset *dataset = fv_session_get_dataset (self->session);
  double sum = 0;
  guint n = 0;

  for (gsize i = 0; i < fv_dataset_get_n_samples (dataset); i++)
    if (fv_dataset_get_sample (dataset, i)->split == FV_SPLIT_TEST
        && !isnan (get_value (self, i, reading))) {
      sum += get_value (self, i, reading);
      n++;
    }
  return sum / n;
}

static void
test_table (Measure *self, gconstpointer data)
{
  const FvMetricTable *table;
  const FvMetricRow *row;
  g_autofree char *csv = NULL;

  g_assert_false (g_action_group_get_action_enabled (G_ACTION_GROUP (self->window), "copy-table"));
  do_action (self, "win.evaluate");
  fv_wait_for (has_table, self);
  table = fv_measure_dock_get_table (self->dock);
  row = find_row (table, "energy");
  g_assert_cmpuint (row->estimate.n + row->n_undefined, ==, 8);
  g_assert_cmpfloat_with_epsilon (row->estimate.value, average (self, FV_READING_ENERGY), 1e-6);
  g_assert_cmpfloat (row->estimate.low, <=, row->estimate.value);
  g_assert_cmpfloat (row->estimate.high, >=, row->estimate.value);
  g_assert_true (row->chance > 0 && row->chance < 1);
  g_assert_true (row->higher_is_better);
  g_assert_false (find_row (table, "outside_ratio")->higher_is_better);
  g_assert_cmpfloat (find_row (table, "accuracy")->chance, ==, 0.25);
  g_assert_cmpuint (find_row (table, "worst_group_accuracy")->estimate.n, ==, 8);
  g_assert_true (g_str_has_prefix (fv_metric_table_get_title (table), "test · 8 pictures"));
  g_assert_true (strstr (fv_metric_table_get_json (table), "\"pointing_game\"") != NULL);

  csv = fv_metric_table_to_csv (table);
  g_assert_true (g_str_has_prefix (csv, "key,name,value,low,high,chance,better,n,undefined\n"
                                        "\"accuracy\",\"Accuracy\","));
  g_assert_true (g_action_group_get_action_enabled (G_ACTION_GROUP (self->window), "save-table"));
}

static void
click (GtkWidget *plot, double x, double y)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (plot);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++) {
    g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

    if (g_strcmp0 (gtk_event_controller_get_name (controller), "fv-plot-click") == 0)
      g_signal_emit_by_name (controller, "pressed", 1, x, y);
  }
}

static gboolean
is_drawn (gpointer data)
{
  return gtk_widget_get_height (data) > 0;
}

/* Presses on the plot until a mark is hit, row by row. Returns: FALSE when nothing was. */
static gboolean
click_any (GtkWidget *plot, int *picked)
{
  *picked = -1;
  for (int y = 40; y < gtk_widget_get_height (plot); y += 5)
    for (int x = 0; x < gtk_widget_get_width (plot) && *picked < 0; x += 5)
      click (plot, x, y);
  return *picked >= 0;
}

static void
on_picked (FvPlotView *view, int mark, int *picked)
{
  *picked = mark;
}

/* Evaluate, the worst first, a click on a point. */
static void
test_worst_first_and_point (Measure *self, gconstpointer data)
{
  FvReading reading = fv_reading_find ("outside_ratio");
  GListModel *rows = G_LIST_MODEL (fv_image_list_get_model (self->list));
  GtkWidget *scatter = GTK_WIDGET (fv_measure_dock_get_scatter (self->dock));
  g_autoptr (FvImageItem) first = NULL;
  int picked;

  do_action (self, "win.evaluate");
  fv_wait_for (has_table, self);
  fv_image_list_set_reading (self->list, reading);
  first = g_list_model_get_item (rows, 0);
  for (gsize i = 0; i < 32; i++)
    g_assert_false (get_value (self, i, reading)
                    > get_value (self, fv_image_item_get_sample (first), reading));

  gtk_stack_set_visible_child_name (GTK_STACK (gtk_widget_get_template_child (
                                        GTK_WIDGET (self->dock), FV_TYPE_MEASURE_DOCK, "pages")),
                                    "plots");
  fv_wait_for (is_drawn, scatter);
  g_signal_connect (scatter, "picked", G_CALLBACK (on_picked), &picked);
  g_assert_true (click_any (scatter, &picked));
  g_assert_cmpint (fv_image_list_get_selected (self->list), ==,
                   (gssize) fv_scatter_view_get_sample (FV_SCATTER_VIEW (scatter), picked));
  g_assert_cmpint (fv_subject_get_sample (self->subject), ==,
                   fv_image_list_get_selected (self->list));
}

/* A bar shows its pictures alone; a point of another picture shows them all again. */
static void
test_bar (Measure *self, gconstpointer data)
{
  GListModel *rows = G_LIST_MODEL (fv_image_list_get_model (self->list));
  GtkWidget *histogram = GTK_WIDGET (fv_measure_dock_get_histogram (self->dock));
  gsize other = 0;
  float low, high;
  int picked = -1;

  do_action (self, "win.measure");
  fv_wait_for (is_drawn, histogram);
  g_signal_connect (histogram, "picked", G_CALLBACK (on_picked), &picked);
  g_assert_true (click_any (histogram, &picked));
  fv_histogram_view_get_bar (FV_HISTOGRAM_VIEW (histogram), picked, &low, &high);
  for (guint i = 0; i < g_list_model_get_n_items (rows); i++) {
    g_autoptr (FvImageItem) item = g_list_model_get_item (rows, i);
    double energy = get_value (self, fv_image_item_get_sample (item), FV_READING_ENERGY);

    g_assert_true (energy >= (double) low && energy <= (double) high);
  }
  while (get_value (self, other, FV_READING_ENERGY) <= (double) high)
    other++;
  fv_image_list_show (self->list, other);
  g_assert_cmpint (fv_image_list_get_selected (self->list), ==, (gssize) other);
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 32);
}

/* What was measured of a picture goes with its mask. */
static void
test_faithfulness_and_cancel (Measure *self, gconstpointer data)
{
  GtkWidget *panel = fv_find_widget (GTK_WIDGET (self->window), FV_TYPE_MEASURE_PANEL);
  GtkSwitch *faithfulness
      = GTK_SWITCH (gtk_widget_get_template_child (panel, FV_TYPE_MEASURE_PANEL, "faithfulness"));
  GtkLabel *cost = GTK_LABEL (gtk_widget_get_template_child (panel, FV_TYPE_MEASURE_PANEL, "cost"));
  g_autofree char *before = g_strdup (gtk_label_get_label (cost));

  g_assert_true (g_str_has_prefix (before, "one run of the network for each picture"));
  gtk_switch_set_active (faithfulness, TRUE);
  g_assert_cmpstr (gtk_label_get_label (cost), !=, before);
  do_action (self, "win.evaluate");
  g_assert_false (g_action_group_get_action_enabled (G_ACTION_GROUP (self->window), "evaluate"));
  do_action (self, "win.evaluate-stop");
  fv_wait_for (is_at_rest, self);
  g_assert_null (fv_measure_dock_get_table (self->dock));
  g_assert_true (g_action_group_get_action_enabled (G_ACTION_GROUP (self->window), "evaluate"));

  do_action (self, "win.evaluate");
  fv_wait_for (has_table, self);
  g_assert_cmpfloat_with_epsilon (
      find_row (fv_measure_dock_get_table (self->dock), "deletion")->estimate.value,
      average (self, FV_READING_FAITHFULNESS + FV_FAITHFULNESS_DELETION), 1e-6);
}

static gboolean
is_remeasured (gpointer data)
{
  const Measure *self = data;
  FvImageListModel *pictures = fv_image_list_get_model (self->list);

  for (gsize i = 0; i < 32; i++)
    if (!fv_image_list_model_get_record (pictures, i)->measured)
      return FALSE;
  return is_at_rest (data);
}

static guint
find_method (const char *key)
{
  guint row = 0;

  while (!g_str_equal (fv_method_get (row)->key, key))
    row++;
  return row;
}

/* The method chosen in one panel is that of the other, of the map on screen, of the list's numbers
 * and of the table; a control is the same map whatever the network has forgotten. */
static void
test_control_and_sanity (Measure *self, gconstpointer data)
{
  GtkWidget *inspect = fv_find_widget (GTK_WIDGET (self->window), FV_TYPE_INSPECT_PANEL);
  GtkWidget *panel = fv_find_widget (GTK_WIDGET (self->window), FV_TYPE_MEASURE_PANEL);
  GObject *choice = gtk_widget_get_template_child (inspect, FV_TYPE_INSPECT_PANEL, "method_choice");
  GObject *row = gtk_widget_get_template_child (panel, FV_TYPE_MEASURE_PANEL, "method_row");
  GObject *sanity = gtk_widget_get_template_child (panel, FV_TYPE_MEASURE_PANEL, "sanity");
  FvCanvas *canvas = FV_CANVAS (fv_find_widget (GTK_WIDGET (self->window), FV_TYPE_CANVAS));
  gsize shown = (gsize) fv_subject_get_sample (self->subject);
  const FvMetricTable *table;

  g_assert_true (g_str_has_prefix (fv_canvas_get_legend_text (canvas), "Grad-CAM · "));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (choice), find_method ("random"));
  g_assert_cmpuint (adw_combo_row_get_selected (ADW_COMBO_ROW (row)), ==, find_method ("random"));
  fv_wait_for (is_remeasured, self);
  g_assert_cmpstr (fv_subject_get_result (self->subject)->map->method, ==, "random");
  g_assert_true (g_str_has_prefix (fv_canvas_get_legend_text (canvas), "Random (control) · "));
  g_assert_cmpfloat_with_epsilon (
      get_value (self, shown, FV_READING_ENERGY),
      fv_subject_get_alignment (self->subject).values[FV_ALIGNMENT_ENERGY], 1e-6);

  gtk_switch_set_active (GTK_SWITCH (sanity), TRUE);
  do_action (self, "win.evaluate");
  fv_wait_for (has_table, self);
  table = fv_measure_dock_get_table (self->dock);
  g_assert_nonnull (strstr (fv_metric_table_get_title (table), " · Random (control) at "));
  g_assert_cmpfloat_with_epsilon (find_row (table, "randomised_rank")->estimate.value, 1, 1e-9);
  g_assert_cmpfloat_with_epsilon (find_row (table, "single_layer_ssim")->estimate.value, 1, 1e-6);
  g_assert_cmpfloat_with_epsilon (find_row (table, "sparseness")->estimate.value,
                                  average (self, fv_reading_find ("sparseness")), 1e-6);

  adw_combo_row_set_selected (ADW_COMBO_ROW (row), find_method ("sobel"));
  g_assert_cmpuint (gtk_drop_down_get_selected (GTK_DROP_DOWN (choice)), ==, find_method ("sobel"));
  g_assert_true (isnan (get_value (self, shown, fv_reading_find ("sparseness"))));
  fv_wait_for (is_remeasured, self);
  g_assert_cmpstr (fv_subject_get_result (self->subject)->map->method, ==, "sobel");
}

/* A map at the input is drawn, measured and named like any other, but for a layer. */
static void
test_map_at_input (Measure *self, gconstpointer data)
{
  GtkWidget *inspect = fv_find_widget (GTK_WIDGET (self->window), FV_TYPE_INSPECT_PANEL);
  GObject *choice = gtk_widget_get_template_child (inspect, FV_TYPE_INSPECT_PANEL, "method_choice");
  GObject *layer = gtk_widget_get_template_child (inspect, FV_TYPE_INSPECT_PANEL, "layer_choice");
  FvCanvas *canvas = FV_CANVAS (fv_find_widget (GTK_WIDGET (self->window), FV_TYPE_CANVAS));
  gsize shown = (gsize) fv_subject_get_sample (self->subject);
  const FvMap *map;

  g_assert_true (gtk_widget_get_sensitive (GTK_WIDGET (layer)));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (choice), find_method ("guided_backprop"));
  g_assert_false (gtk_widget_get_sensitive (GTK_WIDGET (layer)));
  fv_wait_for (is_remeasured, self);
  map = fv_subject_get_result (self->subject)->map;
  g_assert_cmpstr (map->method, ==, "guided_backprop");
  g_assert_cmpint (map->n_channels, ==, 3);
  g_assert_true (g_str_has_prefix (fv_canvas_get_legend_text (canvas), "Guided backprop · “"));
  g_assert_cmpfloat_with_epsilon (
      get_value (self, shown, FV_READING_ENERGY),
      fv_subject_get_alignment (self->subject).values[FV_ALIGNMENT_ENERGY], 1e-6);

  do_action (self, "win.evaluate");
  fv_wait_for (has_table, self);
  g_assert_true (g_str_has_suffix (
      fv_metric_table_get_title (fv_measure_dock_get_table (self->dock)), " · Guided backprop"));
}

/* Grad-CAM does change, and the list can be sorted by how much. */
static void
test_sanity_of_gradcam (Measure *self, gconstpointer data)
{
  GtkWidget *panel = fv_find_widget (GTK_WIDGET (self->window), FV_TYPE_MEASURE_PANEL);
  GObject *sanity = gtk_widget_get_template_child (panel, FV_TYPE_MEASURE_PANEL, "sanity");
  GtkLabel *cost = GTK_LABEL (gtk_widget_get_template_child (panel, FV_TYPE_MEASURE_PANEL, "cost"));
  FvReading reading = fv_reading_find ("randomised_rank");
  const FvMetricRow *row;

  gtk_switch_set_active (GTK_SWITCH (sanity), TRUE);
  g_assert_true (g_str_has_prefix (gtk_label_get_label (cost), "11 runs of the network"));
  do_action (self, "win.evaluate");
  fv_wait_for (has_table, self);
  row = find_row (fv_measure_dock_get_table (self->dock), "randomised_rank");
  g_assert_cmpuint (row->estimate.n, >, 0);
  g_assert_cmpfloat (row->estimate.value, <, 0.99);
  g_assert_false (row->higher_is_better);
  g_assert_cmpint (row->reading, ==, (int) reading);
  g_assert_cmpfloat_with_epsilon (row->estimate.value, average (self, reading), 1e-6);
}

static void
select_reading (Measure *self, const char *choice, FvReading reading)
{
  gtk_drop_down_set_selected (GTK_DROP_DOWN (gtk_widget_get_template_child (
                                  GTK_WIDGET (self->dock), FV_TYPE_MEASURE_DOCK, choice)),
                              reading);
}

/* r is in the table, with whether it tells right from wrong; it is plotted against that, and its
 * histogram is a double click away. */
static void
test_consistency (Measure *self, gconstpointer data)
{
  GtkWidget *panel = fv_find_widget (GTK_WIDGET (self->window), FV_TYPE_MEASURE_PANEL);
  GObject *consistency
      = gtk_widget_get_template_child (panel, FV_TYPE_MEASURE_PANEL, "consistency");
  GtkLabel *cost = GTK_LABEL (gtk_widget_get_template_child (panel, FV_TYPE_MEASURE_PANEL, "cost"));
  GtkWidget *scatter = GTK_WIDGET (fv_measure_dock_get_scatter (self->dock));
  FvReading reading = fv_reading_find ("consistency_r");
  const FvMetricTable *table;
  const FvMetricRow *row;
  gsize sample;
  int picked;

  g_assert_true (gtk_widget_is_sensitive (GTK_WIDGET (consistency)));
  gtk_switch_set_active (GTK_SWITCH (consistency), TRUE);
  g_assert_true (g_str_has_prefix (gtk_label_get_label (cost), "5 runs of the network"));
  do_action (self, "win.evaluate");
  fv_wait_for (has_table, self);
  table = fv_measure_dock_get_table (self->dock);
  row = find_row (table, "consistency_r");
  g_assert_cmpuint (row->estimate.n + row->n_undefined, ==, 8);
  g_assert_cmpint (row->reading, ==, (int) reading);
  g_assert_cmpfloat_with_epsilon (row->estimate.value, average (self, reading), 1e-6);
  g_assert_cmpfloat (find_row (table, "r_auc")->chance, ==, 0.5);
  g_assert_cmpint (find_row (table, "r_auc")->reading, ==, -1);
  g_assert_nonnull (strstr (fv_metric_table_get_json (table), "\"n_flat_masks\""));

  select_reading (self, "x_choice", FV_READING_RIGHT);
  select_reading (self, "y_choice", reading);
  gtk_stack_set_visible_child_name (GTK_STACK (gtk_widget_get_template_child (
                                        GTK_WIDGET (self->dock), FV_TYPE_MEASURE_DOCK, "pages")),
                                    "plots");
  fv_wait_for (is_drawn, scatter);
  g_signal_connect (scatter, "picked", G_CALLBACK (on_picked), &picked);
  g_assert_true (click_any (scatter, &picked));
  sample = fv_scatter_view_get_sample (FV_SCATTER_VIEW (scatter), picked);
  g_assert_false (isnan (get_value (self, sample, reading)));
  g_assert_cmpfloat (
      get_value (self, sample, FV_READING_RIGHT), ==,
      fv_image_list_model_get_record (fv_image_list_get_model (self->list), sample)->prediction
          == fv_dataset_get_sample (fv_session_get_dataset (self->session), sample)->label);
}

/* Numbers of another network are gone at once. */
static void
test_another_network (Measure *self, gconstpointer data)
{
  g_autoptr (GAsyncResult) opened = NULL;

  do_action (self, "win.evaluate");
  fv_wait_for (has_table, self);
  fv_session_open_model_async (
      self->session, &(FvModelSource){ .model = "small_cnn", .card = self->fixture->card }, NULL,
      fv_store_result, &opened);
  g_assert_true (fv_session_open_model_finish (self->session, fv_wait_for_result (&opened), NULL));
  g_assert_null (fv_measure_dock_get_table (self->dock));
}

static void
test_cost_in_words (void)
{
  g_autofree char *one = fv_measure_cost_describe (1, 10, 0, 0);
  g_autofree char *many = fv_measure_cost_describe (501, 80, 0.25, 0.01);

  g_assert_cmpstr (one, ==, "one run of the network for each picture");
  g_assert_cmpstr (many, ==, "501 runs of the network for each picture, about 7 minutes");
}

/* It has no layers at all: nothing to ask about, and nothing to fall over; a method that needs none
 * costs its backwards. */
static void
test_network_without_layers (void)
{
  g_autoptr (FvModelInfo) model = fv_model_info_new ("flat.pt", "torchscript", 0);
  const FvMetricSelection metrics = { .faithfulness = FV_FAITHFULNESS_ALL };

  g_assert_cmpuint (fv_measure_cost_get_runs (model, fv_method_find ("gradcam"), &metrics), ==, 1);
  g_assert_cmpuint (
      fv_measure_cost_get_runs (model, fv_method_find ("smoothgrad"), &(FvMetricSelection){ 0 }),
      ==, 151);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add ("/measure/table", Measure, NULL, set_up, test_table, tear_down);
  g_test_add ("/measure/worst-first-and-point", Measure, NULL, set_up, test_worst_first_and_point,
              tear_down);
  g_test_add ("/measure/bar", Measure, NULL, set_up, test_bar, tear_down);
  g_test_add ("/measure/faithfulness-and-cancel", Measure, NULL, set_up,
              test_faithfulness_and_cancel, tear_down);
  g_test_add ("/measure/control-and-sanity", Measure, NULL, set_up, test_control_and_sanity,
              tear_down);
  g_test_add ("/measure/map-at-input", Measure, NULL, set_up, test_map_at_input, tear_down);
  g_test_add ("/measure/sanity-of-gradcam", Measure, NULL, set_up, test_sanity_of_gradcam,
              tear_down);
  g_test_add ("/measure/consistency", Measure, NULL, set_up, test_consistency, tear_down);
  g_test_add ("/measure/another-network", Measure, NULL, set_up, test_another_network, tear_down);
  g_test_add_func ("/measure/cost", test_cost_in_words);
  g_test_add_func ("/measure/network-without-layers", test_network_without_layers);
  return g_test_run ();
}
