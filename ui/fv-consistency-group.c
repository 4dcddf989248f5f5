/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-consistency-group.h"

#include "fv-pool-row.h"

/* The modes in the order of the template. */
static const FvTrainMode modes[] = { FV_MODE_UNSUPERVISED, FV_MODE_COMBINED, FV_MODE_ALTERNATING };

static const char *const mode_helps[]
    = { "no label is read: L = λ R", "pictures of both kinds in every step",
        "steps of one kind or the other, drawn by chance" };

struct _FvConsistencyGroup {
  AdwPreferencesGroup parent_instance;

  AdwComboRow *mode_row;
  GtkSpinButton *labelled;
  FvPoolRow *pool_row;
  GtkSpinButton *omega;
  GtkSwitch *normalised;
  AdwComboRow *pixels_row;     /* by FvAgreementPixels */
  AdwComboRow *similarity_row; /* by FvSimilarity */
  AdwComboRow *resolution_row; /* by FvAgreementWay */
  GtkWidget *alternation_row;
  GtkSpinButton *alternation;
  GtkSwitch *detached;
};

enum { CHANGED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FvConsistencyGroup, fv_consistency_group, ADW_TYPE_PREFERENCES_GROUP)

static guint
get_mode (FvConsistencyGroup *self)
{
  return MIN (adw_combo_row_get_selected (self->mode_row), G_N_ELEMENTS (modes) - 1);
}

/* What a mode does not look at is not asked for. */
static void
update (FvConsistencyGroup *self)
{
  guint mode = get_mode (self);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->mode_row), mode_helps[mode]);
  gtk_widget_set_visible (self->alternation_row, modes[mode] == FV_MODE_ALTERNATING);
}

static void
on_changed (FvConsistencyGroup *self)
{
  update (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
apply_agreement (FvConsistencyGroup *self, FvAgreementOptions *options)
{
  options->omega = gtk_spin_button_get_value (self->omega);
  options->normalised = gtk_switch_get_active (self->normalised);
  options->detached = gtk_switch_get_active (self->detached);
  options->pixels = (FvAgreementPixels) adw_combo_row_get_selected (self->pixels_row);
  options->way = (FvAgreementWay) adw_combo_row_get_selected (self->resolution_row);
}

void
fv_consistency_group_apply (FvConsistencyGroup *self, FvTrainConfig *config)
{
  guint mode = get_mode (self);

  apply_agreement (self, &config->agreement);
  config->similarity = (FvSimilarity) adw_combo_row_get_selected (self->similarity_row);
  config->mode = FV_MODE_SUPERVISED;
  if (config->weights[FV_LOSS_CONSISTENCY] <= 0)
    return;
  config->mode = modes[mode];
  config->labelled = gtk_spin_button_get_value_as_int (self->labelled);
  config->alternation = gtk_spin_button_get_value (self->alternation);
  fv_pool_row_apply (self->pool_row, config);
}

GtkAdjustment *
fv_consistency_group_get_omega (FvConsistencyGroup *self)
{
  return gtk_spin_button_get_adjustment (self->omega);
}

GtkSwitch *
fv_consistency_group_get_normalised (FvConsistencyGroup *self)
{
  return self->normalised;
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, FvConsistencyGroup, mode_row);
  gtk_widget_class_bind_template_child (widget_class, FvConsistencyGroup, labelled);
  gtk_widget_class_bind_template_child (widget_class, FvConsistencyGroup, pool_row);
  gtk_widget_class_bind_template_child (widget_class, FvConsistencyGroup, omega);
  gtk_widget_class_bind_template_child (widget_class, FvConsistencyGroup, normalised);
  gtk_widget_class_bind_template_child (widget_class, FvConsistencyGroup, pixels_row);
  gtk_widget_class_bind_template_child (widget_class, FvConsistencyGroup, similarity_row);
  gtk_widget_class_bind_template_child (widget_class, FvConsistencyGroup, resolution_row);
  gtk_widget_class_bind_template_child (widget_class, FvConsistencyGroup, alternation_row);
  gtk_widget_class_bind_template_child (widget_class, FvConsistencyGroup, alternation);
  gtk_widget_class_bind_template_child (widget_class, FvConsistencyGroup, detached);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
}

static void
fv_consistency_group_class_init (FvConsistencyGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (FV_TYPE_POOL_ROW);
  signals[CHANGED] = g_signal_new ("changed", FV_TYPE_CONSISTENCY_GROUP, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fovea/Fovea/consistency-group.ui");
  bind_template (widget_class);
}

static void
fv_consistency_group_init (FvConsistencyGroup *self)
{
  g_autoptr (FvTrainConfig) config = fv_train_config_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_spin_button_set_value (self->omega, config->agreement.omega);
  gtk_switch_set_active (self->normalised, config->agreement.normalised);
  adw_combo_row_set_selected (self->resolution_row, config->agreement.way);
  update (self);
}
