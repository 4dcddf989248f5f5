/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-loss-chooser.h"

#include "fv-loss-mixture.h"
#include "fv-recipe-list.h"

struct _FvLossChooser {
  AdwPreferencesGroup parent_instance;

  AdwActionRow *loss_row;
  FvRecipeList *recipes;
  GtkWidget *equation_row;
  GtkLabel *equation;
  GtkLabel *source;
  AdwActionRow *strength_row;
  GtkSpinButton *strength;
  FvLossMixture *mixture;

  const FvRecipe *recipe;  /* NULL: a mixture of one's own */
  const FvRecipe *matcher; /* chosen last of those that say what a match loss is */
};

enum { CHANGED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FvLossChooser, fv_loss_chooser, ADW_TYPE_PREFERENCES_GROUP)

static void
show_recipe (FvLossChooser *self)
{
  g_autofree char *equation = fv_recipe_dup_equation (self->recipe);
  const char *source = fv_recipe_get_source (self->recipe);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->loss_row), self->recipe->title);
  adw_action_row_set_subtitle (self->loss_row, self->recipe->help);
  gtk_label_set_markup (self->equation, equation);
  gtk_label_set_label (self->source, source);
  gtk_widget_set_visible (GTK_WIDGET (self->source), source != NULL);
}

static void
show_mixture (FvLossChooser *self)
{
  g_autofree char *text = g_strdup_printf (
      "The weights of the losses are those under “Advanced”. “Match” is the loss of %s.",
      self->matcher->title);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->loss_row), "Own Mixture");
  adw_action_row_set_subtitle (self->loss_row, text);
}

/* The recipe at its strength is what the mixture shows. */
static void
fill_mixture (FvLossChooser *self)
{
  g_autoptr (FvTrainConfig) config = fv_train_config_new ();

  fv_recipe_apply (self->recipe, gtk_spin_button_get_value (self->strength), config);
  fv_loss_mixture_set_weights (self->mixture, config);
}

static void
update (FvLossChooser *self)
{
  gboolean mixed = self->recipe == NULL;

  if (mixed) {
    show_mixture (self);
  } else {
    show_recipe (self);
    fill_mixture (self);
  }
  gtk_widget_set_visible (self->equation_row, !mixed);
  gtk_widget_set_visible (GTK_WIDGET (self->strength_row),
                          !mixed && self->recipe->family != FV_RECIPE_CONTROL);
  fv_recipe_list_set_selected (self->recipes, self->recipe);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
fv_loss_chooser_choose (FvLossChooser *self, const FvRecipe *recipe)
{
  self->recipe = recipe;
  if (recipe->preset != NULL)
    self->matcher = recipe;
  update (self);
}

static void
on_strength_changed (FvLossChooser *self)
{
  if (self->recipe != NULL)
    update (self);
}

void
fv_loss_chooser_apply (FvLossChooser *self, FvTrainConfig *config)
{
  fv_recipe_apply (self->recipe != NULL ? self->recipe : self->matcher,
                   gtk_spin_button_get_value (self->strength), config);
  fv_loss_mixture_apply (self->mixture, config);
}

/* Weights that are those of a recipe after all are that recipe. */
static void
on_mixed (FvLossChooser *self)
{
  g_autoptr (FvTrainConfig) config = fv_train_config_new ();
  double strength;

  fv_loss_chooser_apply (self, config);
  self->recipe = fv_recipe_recognise (config, &strength);
  if (self->recipe != NULL)
    gtk_spin_button_set_value (self->strength, strength);
  update (self);
}

void
fv_loss_chooser_set_model (FvLossChooser *self, const FvModelInfo *model)
{
  fv_recipe_list_set_can_swap (self->recipes, model->can_swap_evidence);
  fv_loss_mixture_set_model (self->mixture, model);
  gtk_spin_button_set_value (self->strength, 1);
  fv_loss_chooser_choose (self, fv_recipe_get_recommended (model->can_swap_evidence));
}

static void
on_chosen (FvLossChooser *self, const FvRecipe *recipe)
{
  fv_loss_chooser_choose (self, recipe);
}

static void
fv_loss_chooser_class_init (FvLossChooserClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (FV_TYPE_LOSS_MIXTURE);
  g_type_ensure (FV_TYPE_RECIPE_LIST);
  signals[CHANGED] = g_signal_new ("changed", FV_TYPE_LOSS_CHOOSER, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fovea/Fovea/loss-chooser.ui");
  gtk_widget_class_bind_template_child (widget_class, FvLossChooser, loss_row);
  gtk_widget_class_bind_template_child (widget_class, FvLossChooser, recipes);
  gtk_widget_class_bind_template_child (widget_class, FvLossChooser, equation_row);
  gtk_widget_class_bind_template_child (widget_class, FvLossChooser, equation);
  gtk_widget_class_bind_template_child (widget_class, FvLossChooser, source);
  gtk_widget_class_bind_template_child (widget_class, FvLossChooser, strength_row);
  gtk_widget_class_bind_template_child (widget_class, FvLossChooser, strength);
  gtk_widget_class_bind_template_child (widget_class, FvLossChooser, mixture);
  gtk_widget_class_bind_template_callback (widget_class, on_chosen);
  gtk_widget_class_bind_template_callback (widget_class, on_strength_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_mixed);
}

static void
fv_loss_chooser_init (FvLossChooser *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->matcher = fv_recipe_find ("gain");
  fv_loss_chooser_choose (self, fv_recipe_get_recommended (TRUE));
}
