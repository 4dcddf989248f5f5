/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-alignment-group.h"

#include <math.h>

/* The numbers that a dab can renew at once. */
enum { ROW_ENERGY, ROW_IOU, ROW_POINTING, N_ROWS };

static const FvAlignmentMetric metrics[N_ROWS]
    = { FV_ALIGNMENT_ENERGY, FV_ALIGNMENT_IOU, FV_ALIGNMENT_POINTING };

struct _FvAlignmentGroup {
  AdwPreferencesGroup parent_instance;

  GtkLabel *values[N_ROWS];
  GtkLabel *chances[N_ROWS];
};

G_DEFINE_FINAL_TYPE (FvAlignmentGroup, fv_alignment_group, ADW_TYPE_PREFERENCES_GROUP)

/* Why there are no numbers; NULL when there are. */
static const char *
explain_absence (FvSubject *subject)
{
  FvMaskEditor *editor = fv_subject_get_editor (subject);
  const FvInspectResult *result = fv_subject_get_result (subject);

  if (fv_subject_get_alignment (subject).defined || editor == NULL)
    return NULL;
  if (!fv_mask_editor_get_has_mask (editor))
    return "This picture has no mask yet: paint one in Annotate.";
  if (fv_mask_is_empty (fv_mask_editor_get_mask (editor)))
    return "The mask is empty: nothing to look at.";
  if (result == NULL)
    return NULL;
  if (result->map == NULL)
    return "This network has no layer to draw a map on.";
  return "The map shows no evidence for this class.";
}

/* A pointing game is won or lost: a word, and a colour beside it. */
static void
show_verdict (GtkLabel *label, double value)
{
  gtk_widget_remove_css_class (GTK_WIDGET (label), "hit");
  gtk_widget_remove_css_class (GTK_WIDGET (label), "miss");
  if (isnan (value))
    return;
  gtk_label_set_label (label, value > 0 ? "hit" : "miss");
  gtk_widget_add_css_class (GTK_WIDGET (label), value > 0 ? "hit" : "miss");
}

static void
show_row (FvAlignmentGroup *self, int row, double value, double chance, const char *absence)
{
  g_autofree char *number = isnan (value) ? g_strdup ("—") : g_strdup_printf ("%.2f", value);
  g_autofree char *beside
      = isnan (chance) ? g_strdup ("") : g_strdup_printf ("chance %.2f", chance);

  gtk_label_set_label (self->values[row], number);
  if (row == ROW_POINTING)
    show_verdict (self->values[row], value);
  gtk_label_set_label (self->chances[row], beside);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->values[row]), isnan (value) ? absence : NULL);
}

static void
on_alignment_changed (FvAlignmentGroup *self, FvSubject *subject)
{
  FvAlignment alignment = fv_subject_get_alignment (subject);
  const char *absence = explain_absence (subject);

  for (int row = 0; row < N_ROWS; row++)
    show_row (self, row, alignment.values[metrics[row]], alignment.chance[metrics[row]], absence);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self), absence);
}

void
fv_alignment_group_set_subject (FvAlignmentGroup *self, FvSubject *subject)
{
  g_signal_connect_object (subject, "alignment-changed", G_CALLBACK (on_alignment_changed), self,
                           G_CONNECT_SWAPPED);
  on_alignment_changed (self, subject);
}

static void
bind_row (GtkWidgetClass *widget_class, int row, const char *value, const char *chance)
{
  gtk_widget_class_bind_template_child_full (widget_class, value, FALSE,
                                             G_STRUCT_OFFSET (FvAlignmentGroup, values)
                                                 + (gssize) row * (gssize) sizeof (GtkLabel *));
  gtk_widget_class_bind_template_child_full (widget_class, chance, FALSE,
                                             G_STRUCT_OFFSET (FvAlignmentGroup, chances)
                                                 + (gssize) row * (gssize) sizeof (GtkLabel *));
}

static void
fv_alignment_group_class_init (FvAlignmentGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fovea/Fovea/alignment-group.ui");
  bind_row (widget_class, ROW_ENERGY, "energy", "energy_chance");
  bind_row (widget_class, ROW_IOU, "iou", "iou_chance");
  bind_row (widget_class, ROW_POINTING, "pointing", "pointing_chance");
}

static void
fv_alignment_group_init (FvAlignmentGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
