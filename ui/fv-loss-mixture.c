/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-loss-mixture.h"

#include "fv-recipe.h"

#define MAX_WEIGHT 1000
#define WEIGHT_STEP 0.5
#define WARM_UP_STEP 0.05

struct _FvLossMixture {
  AdwExpanderRow parent_instance;

  GtkSpinButton *weights[FV_N_LOSSES]; /* NULL where the weight is not chosen */
  AdwComboRow *map;
  AdwComboRow *layer;
  AdwComboRow *second; /* layer as well */
  GtkSpinButton *warm_up;
  guint default_layer; /* entry that is the network's last */
  gboolean filling;    /* it is not the person who changes something */
};

enum { CHANGED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FvLossMixture, fv_loss_mixture, ADW_TYPE_EXPANDER_ROW)

static void
on_changed (FvLossMixture *self)
{
  if (!self->filling)
    g_signal_emit (self, signals[CHANGED], 0);
}

void
fv_loss_mixture_set_weights (FvLossMixture *self, const FvTrainConfig *config)
{
  self->filling = TRUE;
  for (int i = 0; i < FV_N_LOSSES; i++)
    if (self->weights[i] != NULL)
      gtk_spin_button_set_value (self->weights[i], config->weights[i]);
  self->filling = FALSE;
}

/* Entry 0 is @none; the others are names. */
static void
fill_layers (AdwComboRow *row, const FvModelInfo *model, const char *none)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  gtk_string_list_append (names, none);
  for (gsize i = 0; i < model->n_layers; i++)
    gtk_string_list_append (names, model->layers[i].name);
  adw_combo_row_set_model (row, G_LIST_MODEL (names));
}

/* Transformer's maps, the last, only where they can be had. */
static void
fill_maps (FvLossMixture *self, gboolean has_attention)
{
  g_autoptr (GtkStringList) maps = gtk_string_list_new (NULL);
  guint selected = adw_combo_row_get_selected (self->map);
  guint n = has_attention ? FV_N_TRAINING_MAPS : FV_TRAINING_MAP_TRANSFORMER;

  for (guint i = 0; i < n; i++)
    gtk_string_list_append (maps, fv_training_map_get_name ((FvTrainingMapKind) i));
  adw_combo_row_set_model (self->map, G_LIST_MODEL (maps));
  adw_combo_row_set_selected (self->map, selected < n ? selected : FV_TRAINING_MAP_GRADCAM);
}

void
fv_loss_mixture_set_model (FvLossMixture *self, const FvModelInfo *model)
{
  self->filling = TRUE;
  fill_layers (self->layer, model, "the network’s last");
  fill_layers (self->second, model, "none");
  fill_maps (self, model->has_attention);
  self->default_layer = model->can_show ? model->default_layer + 1 : 0;
  self->filling = FALSE;
}

static const char *
get_name (AdwComboRow *row, guint index)
{
  GListModel *names = adw_combo_row_get_model (row);

  if (names == NULL || index == 0 || index >= g_list_model_get_n_items (names))
    return NULL;
  return gtk_string_list_get_string (GTK_STRING_LIST (names), index);
}

/* Beside a second layer the network's own has to be named. (transfer full) (nullable) */
static char *
dup_layers (FvLossMixture *self)
{
  guint first = adw_combo_row_get_selected (self->layer);
  guint second = adw_combo_row_get_selected (self->second);
  const char *also = get_name (self->second, second);

  if (first == 0 && also != NULL)
    first = self->default_layer;
  if (also == NULL || second == first)
    return g_strdup (get_name (self->layer, first));
  return g_strdup_printf ("%s,%s", get_name (self->layer, first), also);
}

void
fv_loss_mixture_apply (FvLossMixture *self, FvTrainConfig *config)
{
  for (int i = 0; i < FV_N_LOSSES; i++)
    if (self->weights[i] != NULL)
      config->weights[i] = gtk_spin_button_get_value (self->weights[i]);
  config->map
      = (FvTrainingMapKind) MIN (adw_combo_row_get_selected (self->map), FV_N_TRAINING_MAPS - 1);
  g_free (config->layer);
  config->layer = dup_layers (self);
  config->warm_up = gtk_spin_button_get_value (self->warm_up);
}

/* -- rows ----------------------------------------------------------------------------------- */

static GtkSpinButton *
add_number (FvLossMixture *self, const char *title, const char *subtitle, double value, double max,
            double step)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *number = gtk_spin_button_new_with_range (0, max, step);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_spin_button_set_digits (GTK_SPIN_BUTTON (number), 3);
  gtk_spin_button_set_value (GTK_SPIN_BUTTON (number), value);
  gtk_widget_set_valign (number, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (number), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), number);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), row);
  g_signal_connect_object (number, "value-changed", G_CALLBACK (on_changed), self,
                           G_CONNECT_SWAPPED);
  return GTK_SPIN_BUTTON (number);
}

static AdwComboRow *
add_choice (FvLossMixture *self, const char *title)
{
  GtkWidget *row = adw_combo_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), row);
  g_signal_connect_object (row, "notify::selected", G_CALLBACK (on_changed), self,
                           G_CONNECT_SWAPPED);
  return ADW_COMBO_ROW (row);
}

static void
fv_loss_mixture_class_init (FvLossMixtureClass *klass)
{
  signals[CHANGED] = g_signal_new ("changed", FV_TYPE_LOSS_MIXTURE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
fv_loss_mixture_init (FvLossMixture *self)
{
  g_autoptr (FvTrainConfig) config = fv_train_config_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), "Advanced");
  for (int i = 0; i < FV_N_LOSSES; i++)
    if (i != FV_LOSS_CROSS_ENTROPY)
      self->weights[i] = add_number (self, fv_recipe_get_loss_title ((FvLossKind) i), NULL, 0,
                                     MAX_WEIGHT, WEIGHT_STEP);
  self->map = add_choice (self, "Map");
  fill_maps (self, FALSE);
  adw_combo_row_set_selected (self->map, config->map);
  self->layer = add_choice (self, "Layer");
  self->second = add_choice (self, "And layer");
  self->warm_up
      = add_number (self, "Warm-up of λ", "share of the steps", config->warm_up, 1, WARM_UP_STEP);
}
