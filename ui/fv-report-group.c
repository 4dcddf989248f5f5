/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-report-group.h"

#include <math.h>

typedef struct {
  AdwActionRow *row;
  GtkLabel *value;
  GtkLabel *detail; /* interval, before and after */
} Number;

struct _FvReportGroup {
  AdwPreferencesGroup parent_instance;

  Number energy, margin, worst_group, accuracy;
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

static FvEstimate
as_estimate (double value, gsize n)
{
  return (FvEstimate){ value, NAN, NAN, n };
}

void
fv_report_group_show (FvReportGroup *self, const FvLessonReport *report)
{
  const FvEstimate none = { NAN, NAN, NAN, 0 };
  gboolean same = report->same_classes;

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

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fovea/Fovea/report-group.ui");
  bind_number (widget_class, "energy", G_STRUCT_OFFSET (FvReportGroup, energy));
  bind_number (widget_class, "margin", G_STRUCT_OFFSET (FvReportGroup, margin));
  bind_number (widget_class, "worst_group", G_STRUCT_OFFSET (FvReportGroup, worst_group));
  bind_number (widget_class, "accuracy", G_STRUCT_OFFSET (FvReportGroup, accuracy));
}

static void
fv_report_group_init (FvReportGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
