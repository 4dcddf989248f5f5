/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-inspect-panel.h"

#include "fv-alignment-group.h"
#include "fv-method-choice.h"

/* The first entries of the class list; the model's classes follow. */
enum { CHOICE_PREDICTED, CHOICE_LABEL, N_FIXED_CHOICES };

struct _FvInspectPanel {
  GtkWidget parent_instance;

  GtkDropDown *method_choice;
  GtkDropDown *layer_choice;
  GtkDropDown *class_choice;
  GtkAdjustment *opacity_adjustment;
  AdwComboRow *colormap_row;
  GtkSwitch *outline;
  FvAlignmentGroup *alignment;

  FvSession *session;
  FvSubject *subject;
  gboolean filling; /* the lists are being filled: choices are not the user's */
};

G_DEFINE_FINAL_TYPE (FvInspectPanel, fv_inspect_panel, GTK_TYPE_WIDGET)

/* -- layers --------------------------------------------------------------------------------- */

/* "features.18 · 7 × 7", "encoder.ln · 14 × 14 tokens"; (transfer full) */
static char *
describe_layer (const FvLayerInfo *layer)
{
  return g_strdup_printf ("%s · %d × %d%s", layer->name, layer->height, layer->width,
                          layer->is_tokens ? " tokens" : "");
}

static void
fill_layers (FvInspectPanel *self, const FvModelInfo *model)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  const char *chosen = fv_subject_get_layer (self->subject);
  guint selected = (guint) model->default_layer;

  for (gsize i = 0; i < model->n_layers; i++) {
    const FvLayerInfo *layer = &model->layers[i];

    gtk_string_list_take (names, describe_layer (layer));
    if (g_strcmp0 (chosen, layer->name) == 0)
      selected = (guint) i;
  }
  gtk_drop_down_set_model (self->layer_choice, G_LIST_MODEL (names));
  gtk_drop_down_set_selected (self->layer_choice, selected);
}

/* Methods that draw at the input have no use for a layer. */
static void
update_layer_sensitivity (FvInspectPanel *self)
{
  const FvModelInfo *model = fv_session_get_model (self->session);

  gtk_widget_set_sensitive (GTK_WIDGET (self->layer_choice),
                            model != NULL && model->can_show
                                && fv_session_get_method (self->session)->needs_layer);
}

static void
on_layer_selected (FvInspectPanel *self)
{
  const FvModelInfo *model = self->filling ? NULL : fv_session_get_model (self->session);
  guint selected = gtk_drop_down_get_selected (self->layer_choice);

  if (model == NULL || selected >= model->n_layers)
    return;
  fv_subject_set_layer (self->subject,
                        selected == model->default_layer ? NULL : model->layers[selected].name);
}

/* -- classes -------------------------------------------------------------------------------- */

static void
fill_classes (FvInspectPanel *self, const FvModelInfo *model)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  gtk_string_list_append (names, "predicted class");
  gtk_string_list_append (names, "label");
  for (int i = 0; i < model->n_classes; i++)
    gtk_string_list_take (names, fv_model_info_dup_class_name (model, i));
  gtk_drop_down_set_model (self->class_choice, G_LIST_MODEL (names));
}

/* The label's class in the model; −1 where the model has no such class. */
static int
find_label (FvInspectPanel *self)
{
  FvDataset *dataset = fv_session_get_dataset (self->session);
  const FvModelInfo *model = fv_session_get_model (self->session);
  gssize sample = fv_subject_get_sample (self->subject);

  if (dataset == NULL || model == NULL || sample < 0)
    return -1;
  return fv_model_info_find_label (model, dataset,
                                   fv_dataset_get_sample (dataset, (gsize) sample)->label);
}

/* A folder's label that the model does not know is explained by what it predicts instead. */
static void
apply_class (FvInspectPanel *self)
{
  guint selected = gtk_drop_down_get_selected (self->class_choice);

  if (self->filling || selected == GTK_INVALID_LIST_POSITION)
    return;
  if (selected == CHOICE_PREDICTED)
    fv_subject_set_target (self->subject, -1);
  else if (selected == CHOICE_LABEL)
    fv_subject_set_target (self->subject, find_label (self));
  else
    fv_subject_set_target (self->subject, (int) selected - N_FIXED_CHOICES);
}

static void
on_class_selected (FvInspectPanel *self)
{
  apply_class (self);
}

/* “label” is another class for another picture. */
static void
on_photo_changed (FvInspectPanel *self)
{
  if (gtk_drop_down_get_selected (self->class_choice) == CHOICE_LABEL)
    apply_class (self);
}

void
fv_inspect_panel_choose_class (FvInspectPanel *self, int target)
{
  gtk_drop_down_set_selected (self->class_choice,
                              target < 0 ? CHOICE_PREDICTED : (guint) target + N_FIXED_CHOICES);
}

/* -- set up --------------------------------------------------------------------------------- */

static void
on_model_changed (FvInspectPanel *self)
{
  const FvModelInfo *model = fv_session_get_model (self->session);
  gboolean label = gtk_drop_down_get_selected (self->class_choice) == CHOICE_LABEL;

  self->filling = TRUE;
  fill_layers (self, model);
  update_layer_sensitivity (self);
  fill_classes (self, model);
  if (label)
    gtk_drop_down_set_selected (self->class_choice, CHOICE_LABEL);
  else
    fv_inspect_panel_choose_class (self, fv_subject_get_target (self->subject));
  self->filling = FALSE;
  if (label)
    apply_class (self);
}

static void
fill_colormaps (FvInspectPanel *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (FvColormap map = FV_COLORMAP_VIRIDIS; map <= FV_COLORMAP_MAGMA; map++)
    gtk_string_list_append (names, fv_colormap_get_name (map));
  adw_combo_row_set_model (self->colormap_row, G_LIST_MODEL (names));
}

static gboolean
selected_to_colormap (GBinding *binding, const GValue *from, GValue *to, gpointer user_data)
{
  g_value_set_enum (to, (int) g_value_get_uint (from));
  return g_value_get_uint (from) <= FV_COLORMAP_MAGMA;
}

void
fv_inspect_panel_set_up (FvInspectPanel *self, FvSession *session, FvSubject *subject,
                         FvCanvas *canvas)
{
  g_return_if_fail (self->session == NULL);

  self->session = g_object_ref (session);
  self->subject = g_object_ref (subject);
  fill_colormaps (self);
  fv_method_choice_bind (G_OBJECT (self->method_choice), session);
  g_object_bind_property (canvas, "map-opacity", self->opacity_adjustment, "value",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_object_bind_property (canvas, "show-outline", self->outline, "active",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_object_bind_property_full (self->colormap_row, "selected", canvas, "colormap",
                               G_BINDING_DEFAULT, selected_to_colormap, NULL, NULL, NULL);
  fv_alignment_group_set_subject (self->alignment, subject);
  g_signal_connect_object (session, "model-changed", G_CALLBACK (on_model_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::method", G_CALLBACK (update_layer_sensitivity), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (subject, "photo-changed", G_CALLBACK (on_photo_changed), self,
                           G_CONNECT_SWAPPED);
}

static void
fv_inspect_panel_dispose (GObject *object)
{
  FvInspectPanel *self = FV_INSPECT_PANEL (object);
  GtkWidget *child;

  self->filling = TRUE;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  g_clear_object (&self->session);
  g_clear_object (&self->subject);

  G_OBJECT_CLASS (fv_inspect_panel_parent_class)->dispose (object);
}

static void
fv_inspect_panel_class_init (FvInspectPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fv_inspect_panel_dispose;

  g_type_ensure (FV_TYPE_ALIGNMENT_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fovea/Fovea/inspect-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, FvInspectPanel, method_choice);
  gtk_widget_class_bind_template_child (widget_class, FvInspectPanel, layer_choice);
  gtk_widget_class_bind_template_child (widget_class, FvInspectPanel, class_choice);
  gtk_widget_class_bind_template_child (widget_class, FvInspectPanel, opacity_adjustment);
  gtk_widget_class_bind_template_child (widget_class, FvInspectPanel, colormap_row);
  gtk_widget_class_bind_template_child (widget_class, FvInspectPanel, outline);
  gtk_widget_class_bind_template_child (widget_class, FvInspectPanel, alignment);
  gtk_widget_class_bind_template_callback (widget_class, on_layer_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_class_selected);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
fv_inspect_panel_init (FvInspectPanel *self)
{
  self->filling = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  self->filling = FALSE;
}
