/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-report-group.h"

#include <math.h>

#include "fv-probe-agreement.h"
#include "fv-value-histogram.h"

typedef struct {
  AdwActionRow *row;
  GtkLabel *value;
  GtkLabel *detail; /* interval, before and after */
} Number;

struct _FvReportGroup {
  AdwPreferencesGroup parent_instance;

  Number agreement, energy, margin, worst_group, accuracy;
  GtkWidget *histogram_row;
  FvValueHistogram *histogram;
};

G_DEFINE_FINAL_TYPE (FvReportGroup, fv_report_group, ADW_TYPE_PREFERENCES_GROUP)

/* A number that nothing defines is not shown.
 * @difference: after − before; without data where they cannot be compared. */
static void
show_number (const Number *number, FvEstimate before, FvEstimate after, FvEstimate difference)
{
  g_autofree char *text = NULL;
  g_autofree char *detail = NULL;

  gtk_widget_set_visible (GTK_WIDGET (number->row), after.n > 0);
  if (difference.n == 0) {
    text = g_strdup_printf ("%.2f", after.value);
    detail = g_strdup_printf ("[%.2f, %.2f] after", after.low, after.high);
  } else {
    text = g_strdup_printf ("%+.2f", difference.value);
    detail = g_strdup_printf ("[%+.2f, %+.2f]  %.2f → %.2f", difference.low, difference.high,
                              before.value, after.value);
  }
  gtk_label_set_label (number->value, text);
  gtk_label_set_label (number->detail, detail);
}

/* (transfer full) */
static float *
as_floats (const GArray *values)
{
  float *floats = g_new (float, MAX (values->len, 1));

  for (guint i = 0; i < values->len; i++)
    floats[i] = (float) g_array_index (values, double, i);
  return floats;
}

static FvEstimate
as_estimate (double value, gsize n)
{
  return (FvEstimate){ value, NAN, NAN, n };
}

static void
show_agreement (FvReportGroup *self, const FvLessonReport *report)
{
  gboolean measured = report->agreement_after != NULL;
  FvEstimate difference = report->agreement.difference;
  g_autofree float *before = NULL;
  g_autofree float *after = NULL;

  gtk_widget_set_visible (self->histogram_row, measured);
  gtk_widget_set_visible (GTK_WIDGET (self->agreement.row), measured);
  if (!measured)
    return;
  show_number (&self->agreement,
               as_estimate (fv_probe_agreement_get_mean (report->agreement_before), difference.n),
               as_estimate (fv_probe_agreement_get_mean (report->agreement_after), difference.n),
               difference);
  before = as_floats (report->agreement_before);
  after = as_floats (report->agreement_after);
  fv_value_histogram_set (self->histogram, after, report->agreement_after->len, before,
                          report->agreement_before->len);
}

void
fv_report_group_show (FvReportGroup *self, const FvLessonReport *report)
{
  const FvEstimate none = { NAN, NAN, NAN, 0 };
  gboolean same = report->same_classes;

  show_agreement (self, report);
  show_number (&self->energy, report->energy_before, report->energy_after,
               report->energy.difference);
  show_number (&self->margin, as_estimate (report->margin_before, report->margin.n),
               as_estimate (report->margin_after, report->margin.n), report->margin);
  show_number (&self->worst_group, report->worst_group_before, report->worst_group_after,
               same ? report->worst_group : none);
  show_number (&self->accuracy, report->accuracy_before, report->accuracy_after,
               same ? report->accuracy.difference : none);
}

static void
bind_number (GtkWidgetClass *widget_class, const char *name, gssize offset)
{
  g_autofree char *row = g_strconcat (name, "_row", NULL);
  g_autofree char *detail = g_strconcat (name, "_detail", NULL);

  gtk_widget_class_bind_template_child_full (widget_class, row, FALSE,
                                             offset + G_STRUCT_OFFSET (Number, row));
  gtk_widget_class_bind_template_child_full (widget_class, name, FALSE,
                                             offset + G_STRUCT_OFFSET (Number, value));
  gtk_widget_class_bind_template_child_full (widget_class, detail, FALSE,
                                             offset + G_STRUCT_OFFSET (Number, detail));
}

static void
fv_report_group_class_init (FvReportGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (FV_TYPE_VALUE_HISTOGRAM);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fovea/Fovea/report-group.ui");
  gtk_widget_class_bind_template_child (widget_class, FvReportGroup, histogram_row);
  gtk_widget_class_bind_template_child (widget_class, FvReportGroup, histogram);
  bind_number (widget_class, "agreement", G_STRUCT_OFFSET (FvReportGroup, agreement));
  bind_number (widget_class, "energy", G_STRUCT_OFFSET (FvReportGroup, energy));
  bind_number (widget_class, "margin", G_STRUCT_OFFSET (FvReportGroup, margin));
  bind_number (widget_class, "worst_group", G_STRUCT_OFFSET (FvReportGroup, worst_group));
  bind_number (widget_class, "accuracy", G_STRUCT_OFFSET (FvReportGroup, accuracy));
}

static void
fv_report_group_init (FvReportGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  fv_value_histogram_set_up (self->histogram, "Agreement r", "pictures", (FvPlotRange){ -1, 1 });
}
