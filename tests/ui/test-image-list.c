/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The list's model: order, filters, search, few items however many pictures; and the widget. */

#include <adwaita.h>
#include <glib/gstdio.h>
#include <math.h>

#include "fv-fixture.h"
#include "fv-image-list.h"

static gsize
get_sample (FvImageListModel *model, guint row)
{
  g_autoptr (FvImageItem) item = g_list_model_get_item (G_LIST_MODEL (model), row);

  return fv_image_item_get_sample (item);
}

static void
set_energy (FvImageListModel *model, gsize sample, float energy, int prediction)
{
  FvImageRecord record = *fv_image_list_model_get_record (model, sample);

  record.values[FV_READING_ENERGY] = energy;
  record.prediction = prediction;
  record.measured = TRUE;
  fv_image_list_model_set_record (model, sample, &record);
}

static void
test_order (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  g_autoptr (FvDataset) dataset = fv_dataset_open (fixture->folder, 0, NULL);
  g_autoptr (FvImageListModel) model = fv_image_list_model_new ();

  fv_image_list_model_set_dataset (model, dataset);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 32);
  g_assert_cmpuint (get_sample (model, 0), ==, 0);

  set_energy (model, 4, 0.5f, 0);
  set_energy (model, 9, 0.25f, 0);
  set_energy (model, 2, 0.5f, 0);
  g_assert_cmpuint (get_sample (model, 0), ==, 0);
  fv_image_list_model_resort (model);
  g_assert_cmpuint (get_sample (model, 0), ==, 9);
  g_assert_cmpuint (get_sample (model, 1), ==, 2);
  g_assert_cmpuint (get_sample (model, 2), ==, 4);
  g_assert_cmpuint (get_sample (model, 3), ==, 0);
  g_assert_cmpint (fv_image_list_model_find (model, 4), ==, 2);

  fv_image_list_model_set_worst_first (model, FALSE);
  for (guint i = 0; i < 32; i++)
    g_assert_cmpuint (get_sample (model, i), ==, i);
  fv_image_list_model_forget (model);
  g_assert_true (isnan (fv_image_list_model_get_record (model, 9)->values[FV_READING_ENERGY]));
}

static void
set_reading (FvImageListModel *model, gsize sample, FvReading reading, float value)
{
  FvImageRecord record = *fv_image_list_model_get_record (model, sample);

  record.values[reading] = value;
  record.measured = TRUE;
  fv_image_list_model_set_record (model, sample, &record);
}

/* Worst is lowest or highest, as the metric has it. */
static void
test_any_number_sorts (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  g_autoptr (FvDataset) dataset = fv_dataset_open (fixture->folder, 0, NULL);
  g_autoptr (FvImageListModel) model = fv_image_list_model_new ();

  fv_image_list_model_set_dataset (model, dataset);
  set_reading (model, 3, FV_READING_PROBABILITY, 0.75f);
  set_reading (model, 8, FV_READING_PROBABILITY, 0.25f);
  set_reading (model, 3, (FvReading) FV_ALIGNMENT_OUTSIDE, 0.25f);
  set_reading (model, 8, (FvReading) FV_ALIGNMENT_OUTSIDE, 0.5f);
  set_reading (model, 9, (FvReading) FV_ALIGNMENT_OUTSIDE, 0.75f);
  fv_image_list_model_set_reading (model, FV_READING_PROBABILITY);
  g_assert_cmpuint (get_sample (model, 0), ==, 8);
  g_assert_cmpuint (get_sample (model, 1), ==, 3);
  fv_image_list_model_set_reading (model, (FvReading) FV_ALIGNMENT_OUTSIDE);
  g_assert_cmpuint (get_sample (model, 0), ==, 9);
  g_assert_cmpuint (get_sample (model, 1), ==, 8);
  g_assert_cmpuint (get_sample (model, 2), ==, 3);
  g_assert_cmpuint (get_sample (model, 3), ==, 0);
}

static void
test_ranges (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  g_autoptr (FvDataset) dataset = fv_dataset_open (fixture->folder, 0, NULL);
  g_autoptr (FvImageListModel) model = fv_image_list_model_new ();
  GListModel *rows = G_LIST_MODEL (model);

  fv_image_list_model_set_dataset (model, dataset);
  for (gsize i = 0; i < 8; i++)
    set_energy (model, i, (float) i / 8, 0);
  fv_image_list_model_set_range (model, FV_SPLIT_TRAIN, FV_READING_ENERGY, 0.25f, 0.5f);
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 3);
  g_assert_cmpuint (get_sample (model, 0), ==, 2);
  fv_image_list_model_set_range (model, FV_SPLIT_TRAIN, FV_READING_ENERGY, 0.5f, NAN);
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 4);
  fv_image_list_model_set_range (model, FV_SPLIT_TEST, FV_READING_ENERGY, 0, NAN);
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 0);
  fv_image_list_model_set_range (model, FV_SPLIT_TRAIN, FV_READING_ENERGY, NAN, NAN);
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 32);
}

static void
test_readings_have_directions (void)
{
  g_autofree char *share = fv_reading_format (FV_READING_ENERGY, 0.125);
  g_autofree char *unknown = fv_reading_format (FV_READING_ENERGY, NAN);

  g_assert_cmpint (fv_reading_find ("outside_ratio"), ==, FV_ALIGNMENT_OUTSIDE);
  g_assert_cmpint (fv_reading_find ("probability"), ==, FV_READING_PROBABILITY);
  g_assert_cmpint (fv_reading_find ("nonsense"), ==, FV_READING_ENERGY);
  g_assert_cmpfloat (fv_reading_grade (FV_READING_ENERGY, 0.25), ==, 0.25);
  g_assert_cmpfloat (fv_reading_grade ((FvReading) FV_ALIGNMENT_OUTSIDE, 0.25), ==, 0.75);
  g_assert_true (isnan (fv_reading_grade (FV_READING_ENERGY, NAN)));
  g_assert_cmpstr (share, ==, "0.12");
  g_assert_cmpstr (unknown, ==, "—");
}

static void
test_filters (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  g_autoptr (FvDataset) dataset = fv_dataset_open (fixture->folder, 0, NULL);
  g_autoptr (FvImageListModel) model = fv_image_list_model_new ();
  GListModel *rows = G_LIST_MODEL (model);
  int label = fv_dataset_get_sample (dataset, 3)->label;
  g_autoptr (GArray) order = NULL;

  fv_image_list_model_set_dataset (model, dataset);
  set_energy (model, 3, 0.1f, label);
  set_energy (model, 5, 0.2f, (fv_dataset_get_sample (dataset, 5)->label + 1) % 4);
  fv_image_list_model_set_filter (model, FV_IMAGE_FILTER_WRONG);
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 1);
  g_assert_cmpuint (get_sample (model, 0), ==, 5);
  g_assert_cmpint (fv_image_list_model_find (model, 3), ==, -1);
  order = fv_image_list_model_dup_order (model);
  g_assert_cmpuint (order->len, ==, 32);
  g_assert_cmpuint (g_array_index (order, gsize, 0), ==, 5);

  fv_image_list_model_set_filter (model, FV_IMAGE_FILTER_TEST);
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 8);
  fv_image_list_model_set_filter (model, FV_IMAGE_FILTER_NO_MASK);
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 0);

  fv_image_list_model_set_filter (model, 0);
  fv_image_list_model_set_search (model, "00007.PNG");
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 1);
  fv_image_list_model_set_search (model, fv_dataset_get_class_name (dataset, 1));
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 8);
  fv_image_list_model_set_search (model, "");
  g_assert_cmpuint (g_list_model_get_n_items (rows), ==, 32);
}

/* The same row is the same object while somebody holds it, and hears of news. */
static void
test_items_live_as_long_as_needed (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  g_autoptr (FvDataset) dataset = fv_dataset_open (fixture->folder, 0, NULL);
  g_autoptr (FvImageListModel) model = fv_image_list_model_new ();
  FvImageItem *first;
  FvImageItem *second;

  fv_image_list_model_set_dataset (model, dataset);
  first = g_list_model_get_item (G_LIST_MODEL (model), 6);
  second = g_list_model_get_item (G_LIST_MODEL (model), 6);
  g_assert_true (first == second);
  g_object_unref (second);
  set_energy (model, 6, 0.75f, 1);
  g_assert_cmpfloat (fv_image_item_get_record (first)->values[FV_READING_ENERGY], ==, 0.75f);
  g_assert_finalize_object (first);
  g_assert_cmpfloat (fv_image_list_model_get_record (model, 6)->values[FV_READING_ENERGY], ==,
                     0.75f);
  fv_image_list_model_set_dataset (model, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 0);
}

typedef struct {
  guint position, removed, added;
  guint n;
} Change;

static void
on_items_changed (GListModel *model, guint position, guint removed, guint added, Change *change)
{
  *change = (Change){ position, removed, added, change->n + 1 };
}

static void
test_resort_tells_only_what_moved (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  g_autoptr (FvDataset) dataset = fv_dataset_open (fixture->folder, 0, NULL);
  g_autoptr (FvImageListModel) model = fv_image_list_model_new ();
  Change change = { 0 };

  fv_image_list_model_set_dataset (model, dataset);
  set_energy (model, 0, 0.1f, 0);
  set_energy (model, 1, 0.2f, 0);
  set_energy (model, 2, 0.3f, 0);
  g_signal_connect (model, "items-changed", G_CALLBACK (on_items_changed), &change);
  fv_image_list_model_resort (model);
  g_assert_cmpuint (change.n, ==, 0);
  set_energy (model, 2, 0.15f, 0);
  fv_image_list_model_resort (model);
  g_assert_cmpuint (change.n, ==, 1);
  g_assert_cmpuint (change.position, ==, 1);
  g_assert_cmpuint (change.removed, ==, 2);
  g_assert_cmpuint (change.added, ==, 2);
}

static void
on_selected (FvImageList *list, guint64 sample, gint64 *selected)
{
  *selected = (gint64) sample;
}

static void
test_widget_steps_and_keeps_its_choice (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  g_autoptr (FvDataset) dataset = fv_dataset_open (fixture->folder, 0, NULL);
  FvImageList *list = g_object_ref_sink (FV_IMAGE_LIST (fv_image_list_new ()));
  FvImageListModel *model = fv_image_list_get_model (list);
  gint64 selected = -1;

  g_signal_connect (list, "selected", G_CALLBACK (on_selected), &selected);
  fv_image_list_set_dataset (list, dataset);
  g_assert_cmpint (selected, ==, 0);
  fv_image_list_step (list, 2);
  g_assert_cmpint (selected, ==, 2);
  fv_image_list_step (list, -5);
  g_assert_cmpint (selected, ==, 0);

  set_energy (model, 20, 0.1f, 0);
  fv_image_list_resort (list);
  g_assert_cmpint (selected, ==, 0);
  g_assert_cmpint (fv_image_list_get_selected (list), ==, 0);
  fv_image_list_step (list, -1);
  g_assert_cmpint (selected, ==, 20);
  fv_image_list_step (list, 1000);
  g_assert_cmpint (selected, ==, 31);
  g_assert_finalize_object (list);
}

/* The chip of a range shows all pictures again when it is switched off; settings follow names. */
static void
test_widget_has_properties_and_ranges (void)
{
  g_autoptr (FvFixture) fixture = fv_fixture_new ();
  g_autoptr (FvDataset) dataset = fv_dataset_open (fixture->folder, 0, NULL);
  FvImageList *list = g_object_ref_sink (FV_IMAGE_LIST (fv_image_list_new ()));
  FvImageListModel *model = fv_image_list_get_model (list);
  GtkToggleButton *chip = GTK_TOGGLE_BUTTON (
      gtk_widget_get_template_child (GTK_WIDGET (list), FV_TYPE_IMAGE_LIST, "range"));
  g_autofree char *key = NULL;

  fv_image_list_set_dataset (list, dataset);
  g_object_set (list, "reading", "sim", "worst-first", FALSE, NULL);
  g_assert_cmpint (fv_image_list_model_get_reading (model), ==, FV_ALIGNMENT_SIM);
  g_object_get (list, "reading", &key, NULL);
  g_assert_cmpstr (key, ==, "sim");

  set_energy (model, 4, 0.5f, 0);
  fv_image_list_set_range (list, FV_SPLIT_TRAIN, FV_READING_ENERGY, 0.4f, 0.6f);
  g_assert_cmpstr (gtk_button_get_label (GTK_BUTTON (chip)), ==, "0.40 – 0.60");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 1);
  gtk_toggle_button_set_active (chip, FALSE);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (model)), ==, 32);
  g_assert_finalize_object (list);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/image-list/order", test_order);
  g_test_add_func ("/image-list/any-number-sorts", test_any_number_sorts);
  g_test_add_func ("/image-list/ranges", test_ranges);
  g_test_add_func ("/image-list/readings", test_readings_have_directions);
  g_test_add_func ("/image-list/filters", test_filters);
  g_test_add_func ("/image-list/items-live-as-long-as-needed", test_items_live_as_long_as_needed);
  g_test_add_func ("/image-list/resort-tells-only-what-moved", test_resort_tells_only_what_moved);
  g_test_add_func ("/image-list/widget-steps-and-keeps-its-choice",
                   test_widget_steps_and_keeps_its_choice);
  g_test_add_func ("/image-list/widget-has-properties-and-ranges",
                   test_widget_has_properties_and_ranges);
  return g_test_run ();
}
