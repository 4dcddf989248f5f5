/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-alignment-group.h"

struct _FvAlignmentGroup {
  AdwPreferencesGroup parent_instance;

  GtkLabel *energy;
  GtkLabel *chance;
  GtkLabel *iou;
  GtkLabel *pointing;
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

static void
on_alignment_changed (FvAlignmentGroup *self, FvSubject *subject)
{
  FvAlignment alignment = fv_subject_get_alignment (subject);
  gboolean hit = alignment.defined && alignment.values[FV_ALIGNMENT_POINTING] > 0;
  g_autofree char *energy = g_strdup_printf ("%.2f", alignment.values[FV_ALIGNMENT_ENERGY]);
  g_autofree char *chance = g_strdup_printf ("chance %.2f", alignment.area);
  g_autofree char *iou = g_strdup_printf ("%.2f", alignment.values[FV_ALIGNMENT_IOU]);

  gtk_label_set_label (self->energy, alignment.defined ? energy : "–");
  gtk_label_set_label (self->chance, alignment.defined ? chance : "");
  gtk_label_set_label (self->iou, alignment.defined ? iou : "–");
  gtk_label_set_label (self->pointing, !alignment.defined ? "–" : hit ? "hit" : "miss");
  gtk_widget_remove_css_class (GTK_WIDGET (self->pointing), hit ? "miss" : "hit");
  if (alignment.defined)
    gtk_widget_add_css_class (GTK_WIDGET (self->pointing), hit ? "hit" : "miss");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->pointing), "miss");
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self), explain_absence (subject));
}

void
fv_alignment_group_set_subject (FvAlignmentGroup *self, FvSubject *subject)
{
  g_signal_connect_object (subject, "alignment-changed", G_CALLBACK (on_alignment_changed), self,
                           G_CONNECT_SWAPPED);
  on_alignment_changed (self, subject);
}

static void
fv_alignment_group_class_init (FvAlignmentGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fovea/Fovea/alignment-group.ui");
  gtk_widget_class_bind_template_child (widget_class, FvAlignmentGroup, energy);
  gtk_widget_class_bind_template_child (widget_class, FvAlignmentGroup, chance);
  gtk_widget_class_bind_template_child (widget_class, FvAlignmentGroup, iou);
  gtk_widget_class_bind_template_child (widget_class, FvAlignmentGroup, pointing);
}

static void
fv_alignment_group_init (FvAlignmentGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
