/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-step-picture.h"

struct _FvStepPicture {
  GtkBox parent_instance;

  GtkPicture *picture;
  GtkLabel *caption;
};

G_DEFINE_FINAL_TYPE (FvStepPicture, fv_step_picture, GTK_TYPE_BOX)

void
fv_step_picture_set (FvStepPicture *self, GdkTexture *texture, const char *caption,
                     const char *what)
{
  g_autoptr (GdkTexture) owned = texture;

  gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (texture));
  gtk_picture_set_alternative_text (self->picture, what);
  gtk_label_set_markup (self->caption, caption);
}

GdkPaintable *
fv_step_picture_get_paintable (FvStepPicture *self)
{
  return gtk_picture_get_paintable (self->picture);
}

static void
fv_step_picture_class_init (FvStepPictureClass *klass)
{
}

static void
fv_step_picture_init (FvStepPicture *self)
{
  self->picture = GTK_PICTURE (gtk_picture_new ());
  self->caption = GTK_LABEL (gtk_label_new (""));
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 3);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->picture), "step-picture");
  gtk_widget_set_overflow (GTK_WIDGET (self->picture), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_halign (GTK_WIDGET (self->picture), GTK_ALIGN_CENTER);
  gtk_label_set_justify (self->caption, GTK_JUSTIFY_CENTER);
  gtk_label_set_wrap (self->caption, TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->caption), "caption");
  gtk_widget_add_css_class (GTK_WIDGET (self->caption), "numeric");
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->picture));
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->caption));
}

FvStepPicture *
fv_step_picture_new (int side)
{
  FvStepPicture *self = g_object_new (FV_TYPE_STEP_PICTURE, NULL);

  gtk_widget_set_size_request (GTK_WIDGET (self->picture), side, side);
  gtk_picture_set_can_shrink (self->picture, TRUE);
  return self;
}
