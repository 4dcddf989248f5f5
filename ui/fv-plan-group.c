/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-plan-group.h"

#include "fv-augment.h"
#include "fv-lesson-plan.h"

static const double learning_rates[]
    = { 1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3 };

/* What the template offers. */
enum { CONTROL_NONE, CONTROL_REWEIGHT, CONTROL_BACKGROUND_SWAP };

struct _FvPlanGroup {
  AdwPreferencesGroup parent_instance;

  AdwActionRow *images_row;
  GtkSpinButton *mask_share;  /* percent */
  AdwComboRow *balance_row;   /* by FvBalance */
  AdwComboRow *control_row;   /* CONTROL_… */
  AdwComboRow *attention_row; /* by FvAttentionClasses; visible where there is a choice */
  AdwComboRow *freeze_row;
  GtkSpinButton *epochs;
  GtkSpinButton *batch;
  AdwComboRow *rate_row;
  FvTrainMode mode;
  gboolean filling; /* the changes are one */
};

enum { CHANGED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FvPlanGroup, fv_plan_group, ADW_TYPE_PREFERENCES_GROUP)

static void
on_changed (FvPlanGroup *self)
{
  if (!self->filling)
    g_signal_emit (self, signals[CHANGED], 0);
}

void
fv_plan_group_set_masks (FvPlanGroup *self, gsize n_train, gsize n_masked)
{
  g_autofree char *images = g_strdup_printf (
      "train: %" G_GSIZE_FORMAT ", %" G_GSIZE_FORMAT " with a mask", n_train, n_masked);

  adw_action_row_set_subtitle (self->images_row, images);
}

void
fv_plan_group_offer_attention (FvPlanGroup *self, gboolean offered)
{
  gtk_widget_set_visible (GTK_WIDGET (self->attention_row), offered);
}

/* Entry 0 is “nothing”; the others are names of layers. */
static const char *
get_freeze_below (FvPlanGroup *self)
{
  guint selected = adw_combo_row_get_selected (self->freeze_row);
  GListModel *names = adw_combo_row_get_model (self->freeze_row);

  if (names == NULL || selected == 0 || selected == GTK_INVALID_LIST_POSITION)
    return NULL;
  return gtk_string_list_get_string (GTK_STRING_LIST (names), selected);
}

static void
apply_data (FvPlanGroup *self, FvTrainConfig *config)
{
  guint control = adw_combo_row_get_selected (self->control_row);

  if (gtk_widget_get_visible (GTK_WIDGET (self->attention_row)))
    config->attention_classes
        = (FvAttentionClasses) adw_combo_row_get_selected (self->attention_row);
  config->mask_share = gtk_spin_button_get_value (self->mask_share) / 100;
  config->balance = (FvBalance) adw_combo_row_get_selected (self->balance_row);
  config->control = control == CONTROL_REWEIGHT ? FV_CONTROL_REWEIGHT : FV_CONTROL_NONE;
  if (control == CONTROL_BACKGROUND_SWAP)
    config->augment |= FV_AUGMENT_BACKGROUND;
}

void
fv_plan_group_apply (FvPlanGroup *self, const FvModelInfo *model, FvTrainConfig *config)
{
  guint rate = MIN (adw_combo_row_get_selected (self->rate_row), G_N_ELEMENTS (learning_rates) - 1);

  apply_data (self, config);
  g_free (config->freeze_below);
  config->freeze_below = g_strdup (get_freeze_below (self));
  config->epochs = gtk_spin_button_get_value_as_int (self->epochs);
  config->batch_size = gtk_spin_button_get_value_as_int (self->batch);
  config->learning_rate = learning_rates[rate];
  config->head_learning_rate
      = fv_lesson_plan_get_head_rate (model, self->mode, learning_rates[rate]);
  config->train_batch_norm = fv_lesson_plan_is_small (model) && model->can_train_batch_norm;
}

/* Blocks and stages, not the operators inside them: "features.14", but not "features.14.conv.0". */
static gboolean
is_block (const char *layer)
{
  const char *dot = strchr (layer, '.');

  return dot == NULL || strchr (dot + 1, '.') == NULL;
}

static void
fill_layers (FvPlanGroup *self, const FvModelInfo *model, const char *chosen)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  guint selected = 0;

  gtk_string_list_append (names, "nothing");
  for (gsize i = 0; i < model->n_layers; i++) {
    gboolean is_chosen = g_strcmp0 (model->layers[i].name, chosen) == 0;

    if (!is_block (model->layers[i].name) && !is_chosen)
      continue;
    gtk_string_list_append (names, model->layers[i].name);
    if (is_chosen)
      selected = g_list_model_get_n_items (G_LIST_MODEL (names)) - 1;
  }
  adw_combo_row_set_model (self->freeze_row, G_LIST_MODEL (names));
  adw_combo_row_set_selected (self->freeze_row, selected);
}

static void
select_rate (FvPlanGroup *self, double chosen)
{
  for (guint i = 0; i < G_N_ELEMENTS (learning_rates); i++)
    if (learning_rates[i] <= chosen)
      adw_combo_row_set_selected (self->rate_row, i);
}

/* Chooses the rate for the network and the mode. */
static void
suggest_rate (FvPlanGroup *self, const FvModelInfo *model)
{
  double rate = fv_lesson_plan_suggest_rate (model, self->mode);
  gboolean same = fv_lesson_plan_get_head_rate (model, self->mode, rate) <= rate;

  select_rate (self, rate);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->rate_row),
                               same ? "of body and head" : "head: ten times as much");
}

void
fv_plan_group_set_mode (FvPlanGroup *self, const FvModelInfo *model, FvTrainMode mode)
{
  gboolean kept = (mode == FV_MODE_UNSUPERVISED) == (self->mode == FV_MODE_UNSUPERVISED);

  self->mode = mode;
  if (kept)
    return;
  self->filling = TRUE;
  suggest_rate (self, model);
  self->filling = FALSE;
}

void
fv_plan_group_set_model (FvPlanGroup *self, const FvModelInfo *model)
{
  g_autoptr (FvTrainConfig) suggested = fv_lesson_plan_suggest (model);

  self->filling = TRUE;
  fill_layers (self, model, suggested->freeze_below);
  gtk_spin_button_set_value (self->epochs, suggested->epochs);
  gtk_spin_button_set_value (self->batch, suggested->batch_size);
  suggest_rate (self, model);
  self->filling = FALSE;
  on_changed (self);
}

static void
fill_rates (FvPlanGroup *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (learning_rates); i++)
    gtk_string_list_take (names, g_strdup_printf ("%g", learning_rates[i]));
  adw_combo_row_set_model (self->rate_row, G_LIST_MODEL (names));
}

static void
fv_plan_group_class_init (FvPlanGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  signals[CHANGED] = g_signal_new ("changed", FV_TYPE_PLAN_GROUP, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fovea/Fovea/plan-group.ui");
  gtk_widget_class_bind_template_child (widget_class, FvPlanGroup, images_row);
  gtk_widget_class_bind_template_child (widget_class, FvPlanGroup, mask_share);
  gtk_widget_class_bind_template_child (widget_class, FvPlanGroup, balance_row);
  gtk_widget_class_bind_template_child (widget_class, FvPlanGroup, control_row);
  gtk_widget_class_bind_template_child (widget_class, FvPlanGroup, attention_row);
  gtk_widget_class_bind_template_child (widget_class, FvPlanGroup, freeze_row);
  gtk_widget_class_bind_template_child (widget_class, FvPlanGroup, epochs);
  gtk_widget_class_bind_template_child (widget_class, FvPlanGroup, batch);
  gtk_widget_class_bind_template_child (widget_class, FvPlanGroup, rate_row);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
}

static void
fv_plan_group_init (FvPlanGroup *self)
{
  self->filling = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  fill_rates (self);
  self->filling = FALSE;
}
