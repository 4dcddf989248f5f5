/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-agreement-group.h"

#include "fv-agreement-words.h"
#include "fv-step-picture.h"
#include "fv-step-texture.h"

#define SIDE 92

struct _FvAgreementGroup {
  AdwPreferencesGroup parent_instance;

  GtkBox *pictures;
  FvStepPicture *first;
  FvStepPicture *mask;
  FvStepPicture *second;
  AdwActionRow *r_row;
  GtkLabel *r;
  GtkWidget *warning;
  GtkLabel *warning_label;

  FvAgreementWatch *watch;
};

G_DEFINE_FINAL_TYPE (FvAgreementGroup, fv_agreement_group, ADW_TYPE_PREFERENCES_GROUP)

static void
show_maps (FvAgreementGroup *self, const FvAgreementSteps *steps)
{
  int width = steps->width, height = steps->height;

  fv_step_picture_set (self->first,
                       fv_step_texture_new_map (steps->first, steps->picture, width, height),
                       "<i>M</i><sub>1</sub>", "Map of the picture");
  fv_step_picture_set (self->second,
                       fv_step_texture_new_map (steps->second, steps->picture, width, height),
                       "<i>M</i><sub>2</sub>", "Map of the masked picture");
}

static void
show_mask (FvAgreementGroup *self, const FvAgreementSteps *steps)
{
  g_autofree char *caption = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->mask), steps->mask != NULL);
  if (steps->mask == NULL)
    return;
  caption = g_strdup_printf ("<i>T</i> %.2f … %.2f", (double) steps->mask->low,
                             (double) steps->mask->high);
  fv_step_picture_set (self->mask, fv_step_texture_new_mask (steps->mask), caption,
                       "Mask, white where the picture is kept");
}

static void
show_number (FvAgreementGroup *self, const FvAgreementSteps *steps)
{
  g_autofree char *r = g_strdup_printf ("%.3f", steps->r);
  g_autofree char *name = fv_agreement_watch_dup_class_name (self->watch);
  g_autofree char *label = g_strdup_printf ("of this picture’s two maps of “%s”", name);
  g_autofree char *escaped = g_markup_escape_text (label, -1);

  gtk_label_set_label (self->r, r);
  adw_action_row_set_subtitle (self->r_row, escaped);
}

static void
show_warning (FvAgreementGroup *self, const char *text)
{
  gtk_widget_set_visible (self->warning, text != NULL);
  gtk_label_set_label (self->warning_label, text != NULL ? text : "");
}

static void
on_changed (FvAgreementGroup *self)
{
  const FvAgreementSteps *steps = fv_agreement_watch_get_steps (self->watch);

  gtk_widget_set_visible (GTK_WIDGET (self->pictures), steps != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->r_row), steps != NULL);
  if (steps == NULL) {
    show_warning (self, fv_agreement_watch_get_problem (self->watch));
    return;
  }
  show_maps (self, steps);
  show_mask (self, steps);
  show_number (self, steps);
  show_warning (self, steps->is_flat ? fv_agreement_words_get_flat () : NULL);
}

void
fv_agreement_group_set_up (FvAgreementGroup *self, FvAgreementWatch *watch)
{
  g_return_if_fail (self->watch == NULL);

  self->watch = g_object_ref (watch);
  g_signal_connect_object (watch, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  on_changed (self);
}

static void
fv_agreement_group_dispose (GObject *object)
{
  FvAgreementGroup *self = FV_AGREEMENT_GROUP (object);

  if (self->watch != NULL)
    g_signal_handlers_disconnect_by_data (self->watch, self);
  g_clear_object (&self->watch);

  G_OBJECT_CLASS (fv_agreement_group_parent_class)->dispose (object);
}

static void
fv_agreement_group_class_init (FvAgreementGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fv_agreement_group_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fovea/Fovea/agreement-group.ui");
  gtk_widget_class_bind_template_child (widget_class, FvAgreementGroup, pictures);
  gtk_widget_class_bind_template_child (widget_class, FvAgreementGroup, r_row);
  gtk_widget_class_bind_template_child (widget_class, FvAgreementGroup, r);
  gtk_widget_class_bind_template_child (widget_class, FvAgreementGroup, warning);
  gtk_widget_class_bind_template_child (widget_class, FvAgreementGroup, warning_label);
}

static void
fv_agreement_group_init (FvAgreementGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->first = fv_step_picture_new (SIDE);
  self->mask = fv_step_picture_new (SIDE);
  self->second = fv_step_picture_new (SIDE);
  gtk_box_append (self->pictures, GTK_WIDGET (self->first));
  gtk_box_append (self->pictures, GTK_WIDGET (self->mask));
  gtk_box_append (self->pictures, GTK_WIDGET (self->second));
}
