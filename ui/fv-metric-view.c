/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-metric-view.h"

#include <math.h>

#include "fv-metric-item.h"
#include "fv-number.h"

typedef enum {
  COLUMN_NAME,
  COLUMN_VALUE,
  COLUMN_INTERVAL,
  COLUMN_CHANCE,
  COLUMN_BETTER,
  COLUMN_N,
  COLUMN_UNDEFINED,
  N_COLUMNS
} Column;

static const char *const titles[N_COLUMNS]
    = { "Metric", "Value", "95 % interval", "Chance", "Better", "Pictures", "Undefined" };

struct _FvMetricView {
  GtkWidget parent_instance;

  GtkColumnView *columns;
  GListStore *rows;
  FvMetricTable *table; /* nullable */
};

enum { ACTIVATED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FvMetricView, fv_metric_view, GTK_TYPE_WIDGET)

/* -- cells ---------------------------------------------------------------------------------- */

static char *
format_value (double value)
{
  return isfinite (value) ? fv_number_format (value) : g_strdup ("—");
}

static char *
format_interval (const FvEstimate *estimate)
{
  g_autofree char *low = fv_number_format (estimate->low);
  g_autofree char *high = fv_number_format (estimate->high);

  return isfinite (estimate->value) ? g_strdup_printf ("%s to %s", low, high) : g_strdup ("—");
}

static char *
format_cell (const FvMetricRow *row, Column column)
{
  switch (column) {
  case COLUMN_NAME:
    return g_strdup (row->name);
  case COLUMN_VALUE:
    return format_value (row->estimate.value);
  case COLUMN_INTERVAL:
    return format_interval (&row->estimate);
  case COLUMN_CHANCE:
    return isfinite (row->chance) ? fv_number_format (row->chance) : g_strdup ("");
  case COLUMN_BETTER:
    return g_strdup (row->higher_is_better ? "↑ higher" : "↓ lower");
  case COLUMN_N:
    return g_strdup_printf ("%" G_GSIZE_FORMAT, row->estimate.n);
  case COLUMN_UNDEFINED:
    return row->n_undefined == 0 ? g_strdup ("")
                                 : g_strdup_printf ("%" G_GSIZE_FORMAT, row->n_undefined);
  case N_COLUMNS:
  default:
    g_return_val_if_reached (NULL);
  }
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  Column column = (Column) GPOINTER_TO_UINT (user_data);
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label),
                        column == COLUMN_NAME || column == COLUMN_BETTER ? 0 : 1);
  if (column != COLUMN_NAME)
    gtk_widget_add_css_class (label, "numeric");
  if (column == COLUMN_VALUE)
    gtk_widget_add_css_class (label, "value");
  gtk_list_item_set_child (item, label);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  const FvMetricRow *row = fv_metric_item_get_row (FV_METRIC_ITEM (gtk_list_item_get_item (item)));
  GtkWidget *label = gtk_list_item_get_child (item);
  g_autofree char *text = format_cell (row, (Column) GPOINTER_TO_UINT (user_data));

  gtk_label_set_label (GTK_LABEL (label), text);
  gtk_widget_set_tooltip_text (label, isfinite (row->estimate.value)
                                          ? NULL
                                          : "Undefined for every picture: no mask, a map without "
                                            "evidence, or a metric that this network has not got");
}

static void
add_column (FvMetricView *self, Column column)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkColumnViewColumn) view_column
      = gtk_column_view_column_new (titles[column], factory);

  g_signal_connect (factory, "setup", G_CALLBACK (on_setup), GUINT_TO_POINTER (column));
  g_signal_connect (factory, "bind", G_CALLBACK (on_bind), GUINT_TO_POINTER (column));
  gtk_column_view_column_set_expand (view_column, column == COLUMN_NAME);
  gtk_column_view_append_column (self->columns, view_column);
}

static void
on_activate (FvMetricView *self, guint position)
{
  g_autoptr (FvMetricItem) item = g_list_model_get_item (G_LIST_MODEL (self->rows), position);
  int reading = fv_metric_item_get_row (item)->reading;

  if (reading >= 0)
    g_signal_emit (self, signals[ACTIVATED], 0, (guint) reading);
}

/* -- object --------------------------------------------------------------------------------- */

void
fv_metric_view_set_table (FvMetricView *self, FvMetricTable *table)
{
  FvMetricTable *former = self->table;

  self->table = table == NULL ? NULL : fv_metric_table_ref (table);
  g_clear_pointer (&former, fv_metric_table_unref);
  g_list_store_remove_all (self->rows);
  for (gsize i = 0; table != NULL && i < fv_metric_table_get_n_rows (table); i++) {
    g_autoptr (FvMetricItem) item = fv_metric_item_new (table, i);

    g_list_store_append (self->rows, item);
  }
}

FvMetricTable *
fv_metric_view_get_table (FvMetricView *self)
{
  return self->table;
}

static void
fv_metric_view_dispose (GObject *object)
{
  FvMetricView *self = FV_METRIC_VIEW (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->rows);
  g_clear_pointer (&self->table, fv_metric_table_unref);

  G_OBJECT_CLASS (fv_metric_view_parent_class)->dispose (object);
}

static void
fv_metric_view_class_init (FvMetricViewClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fv_metric_view_dispose;

  signals[ACTIVATED] = g_signal_new ("activated", FV_TYPE_METRIC_VIEW, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
fv_metric_view_init (FvMetricView *self)
{
  GtkWidget *window = gtk_scrolled_window_new ();
  GtkSelectionModel *selection;

  self->rows = g_list_store_new (FV_TYPE_METRIC_ITEM);
  selection
      = GTK_SELECTION_MODEL (gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->rows))));
  self->columns = GTK_COLUMN_VIEW (gtk_column_view_new (selection));
  gtk_widget_add_css_class (GTK_WIDGET (self->columns), "data-table");
  gtk_column_view_set_show_row_separators (self->columns, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->columns), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  "Results", -1);
  for (Column column = 0; column < N_COLUMNS; column++)
    add_column (self, column);
  g_signal_connect_object (self->columns, "activate", G_CALLBACK (on_activate), self,
                           G_CONNECT_SWAPPED);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (window), GTK_WIDGET (self->columns));
  gtk_widget_set_parent (window, GTK_WIDGET (self));
}
