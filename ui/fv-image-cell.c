/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-image-cell.h"

#include <math.h>

struct _FvImageCell {
  GtkWidget parent_instance;

  GtkStack *stack;
  GtkPicture *picture;
  GtkImage *broken;
  GtkLabel *title;
  GtkLabel *number;
  GtkLevelBar *bar;
  GtkImage *unsaved;

  FvThumbnailLoader *loader;
  FvImageItem *item;
  GCancellable *loading;
};

G_DEFINE_FINAL_TYPE (FvImageCell, fv_image_cell, GTK_TYPE_WIDGET)

static void
show_broken (FvImageCell *self, const char *why)
{
  gtk_stack_set_visible_child (self->stack, GTK_WIDGET (self->broken));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), why);
}

static void
show_texture (FvImageCell *self, GdkTexture *texture)
{
  gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (texture));
  gtk_stack_set_visible_child (self->stack, GTK_WIDGET (self->picture));
}

static void
on_thumbnail_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FvImageCell) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) texture
      = fv_thumbnail_loader_load_finish (FV_THUMBNAIL_LOADER (source), result, &error);

  if (g_task_get_cancellable (G_TASK (result)) != self->loading)
    return;
  g_clear_object (&self->loading);
  if (texture == NULL)
    show_broken (self, error->message);
  else
    show_texture (self, texture);
}

static void
load_thumbnail (FvImageCell *self)
{
  const char *path = fv_image_item_get_photo (self->item)->path;
  g_autoptr (GdkTexture) texture = fv_thumbnail_loader_lookup (self->loader, path);

  if (texture != NULL) {
    show_texture (self, texture);
    return;
  }
  gtk_picture_set_paintable (self->picture, NULL);
  gtk_stack_set_visible_child (self->stack, GTK_WIDGET (self->picture));
  self->loading = g_cancellable_new ();
  fv_thumbnail_loader_load_async (self->loader, path, self->loading, on_thumbnail_loaded,
                                  g_object_ref (self));
}

static void
update_accessible (FvImageCell *self, const char *name, const char *number)
{
  const FvSample *photo = fv_image_item_get_photo (self->item);
  g_autofree char *label = g_strdup_printf ("%s, %s, %s %s", photo->name,
                                            fv_image_item_get_title (self->item), name, number);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
update_numbers (FvImageCell *self)
{
  const FvImageRecord *record = fv_image_item_get_record (self->item);
  FvReading reading = fv_image_item_get_reading (self->item);
  double value = record->values[reading];
  double grade = fv_reading_grade (reading, value);
  gboolean needs_mask = reading < FV_READING_PROBABILITY && !record->has_mask;
  g_autofree char *number = !isnan (value)                   ? fv_reading_format (reading, value)
                            : record->measured && needs_mask ? g_strdup ("no mask")
                                                             : g_strdup ("");

  gtk_label_set_label (self->number, number);
  gtk_level_bar_set_value (self->bar, isnan (grade) ? 0.0 : grade);
  gtk_widget_set_visible (GTK_WIDGET (self->unsaved), record->unsaved);
  update_accessible (self, fv_reading_get_info (reading)->name, isnan (value) ? "unknown" : number);
}

void
fv_image_cell_bind (FvImageCell *self, FvImageItem *item)
{
  g_return_if_fail (self->item == NULL);

  self->item = g_object_ref (item);
  g_signal_connect_object (item, "changed", G_CALLBACK (update_numbers), self, G_CONNECT_SWAPPED);
  gtk_label_set_label (self->title, fv_image_item_get_title (item));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), fv_image_item_get_photo (item)->name);
  update_numbers (self);
  load_thumbnail (self);
}

void
fv_image_cell_unbind (FvImageCell *self)
{
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_clear_object (&self->item);
}

static void
fv_image_cell_dispose (GObject *object)
{
  FvImageCell *self = FV_IMAGE_CELL (object);
  GtkWidget *child;

  fv_image_cell_unbind (self);
  g_clear_object (&self->loader);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (fv_image_cell_parent_class)->dispose (object);
}

static void
fv_image_cell_class_init (FvImageCellClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fv_image_cell_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fovea/Fovea/image-cell.ui");
  gtk_widget_class_bind_template_child (widget_class, FvImageCell, stack);
  gtk_widget_class_bind_template_child (widget_class, FvImageCell, picture);
  gtk_widget_class_bind_template_child (widget_class, FvImageCell, broken);
  gtk_widget_class_bind_template_child (widget_class, FvImageCell, title);
  gtk_widget_class_bind_template_child (widget_class, FvImageCell, number);
  gtk_widget_class_bind_template_child (widget_class, FvImageCell, bar);
  gtk_widget_class_bind_template_child (widget_class, FvImageCell, unsaved);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "fv-image-cell");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

/* The fuller the better: red below 0.35, amber below 0.5, green above (style.css): the number
 * beside it says it without colour. */
static void
fv_image_cell_init (FvImageCell *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_level_bar_add_offset_value (self->bar, GTK_LEVEL_BAR_OFFSET_LOW, 0.35);
  gtk_level_bar_add_offset_value (self->bar, GTK_LEVEL_BAR_OFFSET_HIGH, 0.5);
}

GtkWidget *
fv_image_cell_new (FvThumbnailLoader *loader)
{
  FvImageCell *self = g_object_new (FV_TYPE_IMAGE_CELL, NULL);

  self->loader = g_object_ref (loader);
  return GTK_WIDGET (self);
}
