/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-step-card.h"

struct _FvStepCard {
  GtkBox parent_instance;

  guint number;
  GtkLabel *title;
  GtkLabel *formula;
  GtkLabel *sentence;
};

G_DEFINE_FINAL_TYPE (FvStepCard, fv_step_card, GTK_TYPE_BOX)

void
fv_step_card_add (FvStepCard *self, GtkWidget *view)
{
  gtk_box_append (GTK_BOX (self), view);
}

void
fv_step_card_align (FvStepCard *self, GtkSizeGroup *formulas, GtkSizeGroup *sentences)
{
  gtk_size_group_add_widget (formulas, GTK_WIDGET (self->formula));
  gtk_size_group_add_widget (sentences, GTK_WIDGET (self->sentence));
}

void
fv_step_card_set_words (FvStepCard *self, const FvAgreementWords *words)
{
  g_autofree char *title = g_strdup_printf ("%u  %s", self->number, words->title);

  gtk_label_set_label (self->title, title);
  gtk_label_set_markup (self->formula, words->formula);
  gtk_label_set_label (self->sentence, words->sentence);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, words->sentence, -1);
}

static GtkLabel *
add_label (FvStepCard *self, const char *style)
{
  GtkWidget *label = gtk_label_new ("");

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_yalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_width_chars (GTK_LABEL (label), 18);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 26);
  gtk_widget_add_css_class (label, style);
  gtk_box_append (GTK_BOX (self), label);
  return GTK_LABEL (label);
}

static void
fv_step_card_class_init (FvStepCardClass *klass)
{
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "fv-step-card");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
fv_step_card_init (FvStepCard *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 9);
  gtk_widget_add_css_class (GTK_WIDGET (self), "card");
  self->title = add_label (self, "heading");
  self->formula = add_label (self, "equation");
  self->sentence = add_label (self, "body");
  gtk_label_set_selectable (self->formula, TRUE);
}

FvStepCard *
fv_step_card_new (guint number)
{
  FvStepCard *self = g_object_new (FV_TYPE_STEP_CARD, NULL);

  self->number = number;
  return self;
}
