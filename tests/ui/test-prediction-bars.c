/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The row of predictions: what it shows, and what a click says. */

#include "fv-prediction-bars.h"

#include <math.h>

static const int classes[] = { 134, 130, 7, 862, 5, 99 };
static const char *const names[] = { "crane", "flamingo", NULL, "torch", "shark", "goose" };
static const float probabilities[] = { 0.165f, 0.164f, 0.074f, 0.0001f, NAN, 0 };

static void
on_selected (FvPredictionBars *bars, int class_index, int *selected)
{
  *selected = class_index;
}

static GtkWidget *
get_button (FvPredictionBars *bars, int index)
{
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (bars));

  while (index-- > 0)
    child = gtk_widget_get_next_sibling (child);
  return child;
}

static FvPredictionBars *
make_bars (void)
{
  FvPredictionBars *bars = FV_PREDICTION_BARS (g_object_ref_sink (fv_prediction_bars_new ()));

  fv_prediction_bars_set (bars, 6, classes, names, probabilities);
  return bars;
}

static void
assert_active (FvPredictionBars *bars, int index)
{
  for (int i = 0; i < FV_PREDICTION_BARS_MAX; i++)
    g_assert_cmpint (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (get_button (bars, i))), ==,
                     i == index);
}

static void
test_names_and_numbers_are_shown (void)
{
  g_autoptr (FvPredictionBars) bars = make_bars ();
  const char *const texts[]
      = { "crane, 16.5 %", "flamingo, 16.4 %", "class 7, 7.4 %", "torch, < 0.1 %", "shark, –" };

  for (int i = 0; i < FV_PREDICTION_BARS_MAX; i++) {
    GtkWidget *button = get_button (bars, i);

    g_assert_true (gtk_widget_get_visible (button));
    g_assert_cmpstr (gtk_widget_get_tooltip_text (button), ==, texts[i]);
    gtk_test_accessible_assert_property (button, GTK_ACCESSIBLE_PROPERTY_LABEL, texts[i]);
  }
  g_assert_null (gtk_widget_get_next_sibling (get_button (bars, FV_PREDICTION_BARS_MAX - 1)));
}

static void
test_a_click_selects (void)
{
  g_autoptr (FvPredictionBars) bars = make_bars ();
  int selected = -1;

  g_signal_connect (bars, "selected", G_CALLBACK (on_selected), &selected);
  g_signal_emit_by_name (get_button (bars, 1), "clicked");
  g_assert_cmpint (selected, ==, 130);
  g_assert_cmpint (fv_prediction_bars_get_selected (bars), ==, 130);
  assert_active (bars, 1);
  /* Once more: it stays down, and is asked for again. */
  selected = -1;
  g_signal_emit_by_name (get_button (bars, 1), "clicked");
  g_assert_cmpint (selected, ==, 130);
  assert_active (bars, 1);
}

static void
test_setters_are_silent (void)
{
  g_autoptr (FvPredictionBars) bars = make_bars ();
  int selected = -1;

  g_signal_connect (bars, "selected", G_CALLBACK (on_selected), &selected);
  fv_prediction_bars_set_selected (bars, 862);
  assert_active (bars, 3);
  fv_prediction_bars_set (bars, 2, classes + 3, names + 3, probabilities + 3);
  assert_active (bars, 0);
  g_assert_false (gtk_widget_get_visible (get_button (bars, 2)));
  fv_prediction_bars_set_selected (bars, -1);
  assert_active (bars, -1);
  fv_prediction_bars_set (bars, 0, NULL, NULL, NULL);
  g_assert_false (gtk_widget_get_visible (get_button (bars, 0)));
  g_assert_cmpint (selected, ==, -1);
}

static void
test_nothing_is_leaked (void)
{
  FvPredictionBars *bars = make_bars ();

  g_assert_finalize_object (bars);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/prediction-bars/texts", test_names_and_numbers_are_shown);
  g_test_add_func ("/prediction-bars/click", test_a_click_selects);
  g_test_add_func ("/prediction-bars/setters", test_setters_are_silent);
  g_test_add_func ("/prediction-bars/leaks", test_nothing_is_leaked);
  return g_test_run ();
}
