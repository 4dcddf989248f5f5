/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-measure-dock.h"

#include <adwaita.h>
#include <math.h>

#include "fv-histogram-view.h"
#include "fv-metric-view.h"
#include "fv-scatter-view.h"

struct _FvMeasureDock {
  GtkWidget parent_instance;

  GtkStack *pages; /* "plots", "table" */
  GtkStack *table_stack;
  GtkLabel *title;
  GtkDropDown *histogram_choice;
  GtkDropDown *x_choice;
  GtkDropDown *y_choice;
  FvHistogramView *histogram;
  FvScatterView *scatter;
  FvMetricView *table;

  FvImageListModel *pictures;
  FvSplit split;
};

enum { RANGE_PICKED, SAMPLE_PICKED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FvMeasureDock, fv_measure_dock, GTK_TYPE_WIDGET)

/* -- plots ---------------------------------------------------------------------------------- */

/* The measured pictures of the split. (transfer full): of gsize */
static GArray *
list_samples (FvMeasureDock *self)
{
  FvDataset *dataset = fv_image_list_model_get_dataset (self->pictures);
  GArray *samples = g_array_new (FALSE, FALSE, sizeof (gsize));

  for (gsize i = 0; dataset != NULL && i < fv_dataset_get_n_samples (dataset); i++)
    if (fv_dataset_get_sample (dataset, i)->split == self->split
        && fv_image_list_model_get_record (self->pictures, i)->measured)
      g_array_append_val (samples, i);
  return samples;
}

static void
show_histogram (FvMeasureDock *self, const GArray *samples)
{
  FvReading reading = gtk_drop_down_get_selected (self->histogram_choice);
  g_autofree float *values = g_new (float, MAX (samples->len, 1));
  double chance = 0;
  guint n_chances = 0;

  for (guint i = 0; i < samples->len; i++) {
    const FvImageRecord *record
        = fv_image_list_model_get_record (self->pictures, g_array_index (samples, gsize, i));
    double level = fv_image_record_get_chance (record, reading);

    values[i] = record->values[reading];
    if (isnan (level))
      continue;
    chance += level;
    n_chances++;
  }
  fv_histogram_view_set (self->histogram, reading, values, samples->len,
                         n_chances == 0 ? NAN : chance / n_chances);
}

static FvScatterMark
find_mark (const FvImageRecord *record)
{
  float right = record->values[FV_READING_RIGHT];

  if (isnan (right))
    return FV_SCATTER_PLAIN;
  return right > 0 ? FV_SCATTER_RIGHT : FV_SCATTER_WRONG;
}

static void
show_scatter (FvMeasureDock *self, const GArray *samples)
{
  FvReading x = gtk_drop_down_get_selected (self->x_choice);
  FvReading y = gtk_drop_down_get_selected (self->y_choice);
  GArray *points = g_array_sized_new (FALSE, FALSE, sizeof (FvScatterPoint), samples->len);

  for (guint i = 0; i < samples->len; i++) {
    gsize sample = g_array_index (samples, gsize, i);
    const FvImageRecord *record = fv_image_list_model_get_record (self->pictures, sample);
    FvScatterPoint point
        = { record->values[x], record->values[y], (guint32) sample, find_mark (record) };

    g_array_append_val (points, point);
  }
  fv_scatter_view_set (self->scatter, x, y, points);
}

static void
show_plots (FvMeasureDock *self)
{
  g_autoptr (GArray) samples = NULL;

  if (self->pictures == NULL)
    return;
  samples = list_samples (self);
  show_histogram (self, samples);
  show_scatter (self, samples);
}

void
fv_measure_dock_refresh (FvMeasureDock *self, FvSplit split)
{
  self->split = split;
  show_plots (self);
}

void
fv_measure_dock_set_chosen (FvMeasureDock *self, gssize sample)
{
  fv_scatter_view_set_chosen (self->scatter, sample);
}

static void
on_choice_changed (FvMeasureDock *self)
{
  show_plots (self);
}

static void
on_bar_picked (FvMeasureDock *self, int bar)
{
  float low, high;

  fv_histogram_view_get_bar (self->histogram, bar, &low, &high);
  g_signal_emit (self, signals[RANGE_PICKED], 0,
                 gtk_drop_down_get_selected (self->histogram_choice), low, high);
}

static void
on_point_picked (FvMeasureDock *self, int point)
{
  g_signal_emit (self, signals[SAMPLE_PICKED], 0,
                 (guint64) fv_scatter_view_get_sample (self->scatter, point));
}

FvPlotView *
fv_measure_dock_get_histogram (FvMeasureDock *self)
{
  return FV_PLOT_VIEW (self->histogram);
}

FvPlotView *
fv_measure_dock_get_scatter (FvMeasureDock *self)
{
  return FV_PLOT_VIEW (self->scatter);
}

/* -- table ---------------------------------------------------------------------------------- */

/* From the number of all pictures to that of each. */
static void
on_row_activated (FvMeasureDock *self, guint reading)
{
  gtk_drop_down_set_selected (self->histogram_choice, reading);
  gtk_stack_set_visible_child_name (self->pages, "plots");
}

void
fv_measure_dock_set_table (FvMeasureDock *self, FvMetricTable *table)
{
  fv_metric_view_set_table (self->table, table);
  gtk_label_set_label (self->title, table == NULL ? "" : fv_metric_table_get_title (table));
  gtk_stack_set_visible_child_name (self->table_stack, table == NULL ? "empty" : "table");
  if (table != NULL)
    gtk_stack_set_visible_child_name (self->pages, "table");
}

FvMetricTable *
fv_measure_dock_get_table (FvMeasureDock *self)
{
  return fv_metric_view_get_table (self->table);
}

/* -- object --------------------------------------------------------------------------------- */

static void
fill_choices (FvMeasureDock *self)
{
  GtkDropDown *choices[] = { self->histogram_choice, self->x_choice, self->y_choice };
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (FvReading reading = 0; reading < FV_READING_N; reading++)
    gtk_string_list_append (names, fv_reading_get_info (reading)->name);
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    gtk_drop_down_set_model (choices[i], G_LIST_MODEL (names));
  gtk_drop_down_set_selected (self->x_choice, FV_READING_PROBABILITY);
}

void
fv_measure_dock_set_up (FvMeasureDock *self, FvImageListModel *pictures)
{
  g_return_if_fail (self->pictures == NULL);

  self->pictures = g_object_ref (pictures);
}

static void
fv_measure_dock_dispose (GObject *object)
{
  FvMeasureDock *self = FV_MEASURE_DOCK (object);
  GtkWidget *child;

  g_clear_object (&self->pictures);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (fv_measure_dock_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  g_type_ensure (FV_TYPE_HISTOGRAM_VIEW);
  g_type_ensure (FV_TYPE_METRIC_VIEW);
  g_type_ensure (FV_TYPE_SCATTER_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fovea/Fovea/measure-dock.ui");
  gtk_widget_class_bind_template_child (widget_class, FvMeasureDock, pages);
  gtk_widget_class_bind_template_child (widget_class, FvMeasureDock, table_stack);
  gtk_widget_class_bind_template_child (widget_class, FvMeasureDock, title);
  gtk_widget_class_bind_template_child (widget_class, FvMeasureDock, histogram_choice);
  gtk_widget_class_bind_template_child (widget_class, FvMeasureDock, x_choice);
  gtk_widget_class_bind_template_child (widget_class, FvMeasureDock, y_choice);
  gtk_widget_class_bind_template_child (widget_class, FvMeasureDock, histogram);
  gtk_widget_class_bind_template_child (widget_class, FvMeasureDock, scatter);
  gtk_widget_class_bind_template_child (widget_class, FvMeasureDock, table);
  gtk_widget_class_bind_template_callback (widget_class, on_choice_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_bar_picked);
  gtk_widget_class_bind_template_callback (widget_class, on_point_picked);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
}

static void
fv_measure_dock_class_init (FvMeasureDockClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fv_measure_dock_dispose;

  signals[RANGE_PICKED]
      = g_signal_new ("range-picked", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                      G_TYPE_UINT, G_TYPE_FLOAT, G_TYPE_FLOAT);
  signals[SAMPLE_PICKED] = g_signal_new ("sample-picked", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                         NULL, G_TYPE_NONE, 1, G_TYPE_UINT64);
  bind_template (GTK_WIDGET_CLASS (klass));
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
fv_measure_dock_init (FvMeasureDock *self)
{
  self->split = FV_SPLIT_TEST;
  gtk_widget_init_template (GTK_WIDGET (self));
  fill_choices (self);
}
