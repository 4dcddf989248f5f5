/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-annotate-panel.h"

#include "fv-alignment-group.h"

struct _FvAnnotatePanel {
  GtkWidget parent_instance;

  GtkLabel *hint;
  GtkAdjustment *radius_adjustment;
  AdwActionRow *saved_row;
  GtkImage *saved_icon;
  FvAlignmentGroup *alignment;

  FvSession *session;
  FvSubject *subject;
};

G_DEFINE_FINAL_TYPE (FvAnnotatePanel, fv_annotate_panel, GTK_TYPE_WIDGET)

static void
show_saved (FvAnnotatePanel *self, const char *icon, const char *text)
{
  adw_action_row_set_subtitle (self->saved_row, text);
  gtk_image_set_from_icon_name (self->saved_icon, icon);
}

static void
on_photo_changed (FvAnnotatePanel *self)
{
  FvMaskEditor *editor = fv_subject_get_editor (self->subject);

  if (editor == NULL)
    show_saved (self, NULL, "");
  else if (fv_session_has_failed_mask (self->session,
                                       (gsize) fv_subject_get_sample (self->subject)))
    show_saved (self, "dialog-warning-symbolic", "not saved, kept here");
  else if (fv_mask_editor_get_has_mask (editor))
    show_saved (self, NULL, "as on the disk");
  else
    show_saved (self, NULL, "none yet: paint where to look");
}

static void
on_committed (FvAnnotatePanel *self)
{
  show_saved (self, "content-loading-symbolic", "saving…");
}

static void
on_saved (FvAnnotatePanel *self, guint64 sample, const char *why)
{
  g_autofree char *text = NULL;

  if ((gssize) sample != fv_subject_get_sample (self->subject))
    return;
  if (why == NULL) {
    show_saved (self, "object-select-symbolic", "saved");
    return;
  }
  text = g_markup_printf_escaped ("not saved, kept here: %s", why);
  show_saved (self, "dialog-warning-symbolic", text);
}

static void
on_tool_changed (FvAnnotatePanel *self, GParamSpec *pspec, FvCanvas *canvas)
{
  static const char *const hints[] = {
    [FV_CANVAS_TOOL_PAN] = "Drag to move the picture. Space does the same with any tool.",
    [FV_CANVAS_TOOL_BRUSH]
    = "Paint where the model should look. Hold Ctrl to erase; [ and ] change the radius.",
    [FV_CANVAS_TOOL_ERASER] = "Take away what the model should not look at.",
    [FV_CANVAS_TOOL_NO_OPINION]
    = "What you paint here counts neither way, in no loss and no metric.",
  };

  gtk_label_set_label (self->hint, hints[fv_canvas_get_tool (canvas)]);
}

void
fv_annotate_panel_set_up (FvAnnotatePanel *self, FvSession *session, FvSubject *subject,
                          FvCanvas *canvas)
{
  g_return_if_fail (self->subject == NULL);

  self->session = g_object_ref (session);
  self->subject = g_object_ref (subject);
  g_object_bind_property (canvas, "brush-radius", self->radius_adjustment, "value",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  fv_alignment_group_set_subject (self->alignment, subject);
  g_signal_connect_object (canvas, "notify::tool", G_CALLBACK (on_tool_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (subject, "photo-changed", G_CALLBACK (on_photo_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (subject, "mask-committed", G_CALLBACK (on_committed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "mask-saved", G_CALLBACK (on_saved), self, G_CONNECT_SWAPPED);
  on_tool_changed (self, NULL, canvas);
  on_photo_changed (self);
}

static void
fv_annotate_panel_dispose (GObject *object)
{
  FvAnnotatePanel *self = FV_ANNOTATE_PANEL (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->session);
  g_clear_object (&self->subject);

  G_OBJECT_CLASS (fv_annotate_panel_parent_class)->dispose (object);
}

static void
fv_annotate_panel_class_init (FvAnnotatePanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fv_annotate_panel_dispose;

  g_type_ensure (FV_TYPE_ALIGNMENT_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fovea/Fovea/annotate-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, FvAnnotatePanel, hint);
  gtk_widget_class_bind_template_child (widget_class, FvAnnotatePanel, radius_adjustment);
  gtk_widget_class_bind_template_child (widget_class, FvAnnotatePanel, saved_row);
  gtk_widget_class_bind_template_child (widget_class, FvAnnotatePanel, saved_icon);
  gtk_widget_class_bind_template_child (widget_class, FvAnnotatePanel, alignment);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
fv_annotate_panel_init (FvAnnotatePanel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
