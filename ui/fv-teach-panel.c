/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-teach-panel.h"

#include <adwaita.h>
#include <math.h>

/* A training step costs about this many forward passes: forward and backward, or the forward pass
 * and a short backward where the lower part is frozen. */
#define FORWARDS_PER_STEP 3.0
#define FORWARDS_PER_FROZEN_STEP 1.5
/* Small pictures are slow to open and measure one by one, but fast in a batch. */
#define FORWARDS_PER_SMALL_STEP 1.2
/* A head that was replaced must learn faster than the body, which knows a lot already. */
#define HEAD_RATE_FACTOR 10
/* Our own small network is trained rather than tuned: whole, at one rate, batch norm too, for
 * longer. Measured on the built-in pictures (RESULTS.md). */
#define SMALL_ARCHITECTURE "small_cnn"
#define SMALL_RATE 5e-3
#define SMALL_EPOCHS 12
#define SMALL_BATCH 16
/* Weights of the losses on attention: what is in the mask decides, and the map covers it. */
#define SWAP 1.0
#define CAMAL_BESIDE_SWAP 0.5

static const double learning_rates[] = { 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3 };

struct _FvTeachPanel {
  GtkWidget parent_instance;

  AdwPreferencesGroup *plan_group;
  AdwActionRow *swap_row;
  GtkSpinButton *swap;
  GtkSpinButton *camal;
  AdwActionRow *images_row;
  AdwComboRow *freeze_row;
  GtkSpinButton *epochs;
  GtkSpinButton *batch;
  AdwComboRow *rate_row;
  AdwActionRow *run_row;
  GtkLabel *time_left;
  GtkProgressBar *progress;
  AdwPreferencesGroup *report_group;
  GtkLabel *energy;
  GtkLabel *energy_detail;
  GtkLabel *accuracy;
  GtkLabel *accuracy_detail;
  AdwActionRow *worst_group_row;
  GtkLabel *worst_group;
  GtkLabel *worst_group_detail;

  FvSession *session;
  gsize n_train;
  gsize n_masked;
  gboolean shows_run; /* how the last lesson ended, until the plan changes */
};

G_DEFINE_FINAL_TYPE (FvTeachPanel, fv_teach_panel, GTK_TYPE_WIDGET)

/* -- the plan ------------------------------------------------------------------------------- */

static gboolean
is_small (FvTeachPanel *self)
{
  const FvModelInfo *model = fv_session_get_model (self->session);

  return model != NULL && g_str_equal (model->architecture, SMALL_ARCHITECTURE);
}

static gboolean
can_swap (FvTeachPanel *self)
{
  const FvModelInfo *model = fv_session_get_model (self->session);

  return model != NULL && model->can_swap_evidence;
}

/* Entry 0 is “nothing”; the others are names of layers. */
static const char *
get_freeze_below (FvTeachPanel *self)
{
  guint selected = adw_combo_row_get_selected (self->freeze_row);
  GListModel *names = adw_combo_row_get_model (self->freeze_row);

  if (names == NULL || selected == 0 || selected == GTK_INVALID_LIST_POSITION)
    return NULL;
  return gtk_string_list_get_string (GTK_STRING_LIST (names), selected);
}

FvTrainConfig *
fv_teach_panel_dup_config (FvTeachPanel *self)
{
  FvTrainConfig *config = fv_train_config_new ();
  guint rate = MIN (adw_combo_row_get_selected (self->rate_row), G_N_ELEMENTS (learning_rates) - 1);

  config->weights[FV_LOSS_SWAP] = can_swap (self) ? gtk_spin_button_get_value (self->swap) : 0;
  config->weights[FV_LOSS_CAMAL] = gtk_spin_button_get_value (self->camal);
  config->freeze_below = g_strdup (get_freeze_below (self));
  config->epochs = gtk_spin_button_get_value_as_int (self->epochs);
  config->batch_size = gtk_spin_button_get_value_as_int (self->batch);
  config->learning_rate = learning_rates[rate];
  config->train_batch_norm
      = is_small (self) && fv_session_get_model (self->session)->can_train_batch_norm;
  config->head_learning_rate = (is_small (self) ? 1 : HEAD_RATE_FACTOR) * learning_rates[rate];
  return config;
}

/* "1:05" or "2:10:00"; (transfer full) */
static char *
format_seconds (double seconds)
{
  int total = (int) ceil (CLAMP (seconds, 0, 359999));

  if (total >= 3600)
    return g_strdup_printf ("%d:%02d:%02d", total / 3600, total / 60 % 60, total % 60);
  return g_strdup_printf ("%d:%02d", total / 60, total % 60);
}

static double
get_forwards_per_step (FvTeachPanel *self)
{
  if (is_small (self))
    return FORWARDS_PER_SMALL_STEP;
  return get_freeze_below (self) != NULL ? FORWARDS_PER_FROZEN_STEP : FORWARDS_PER_STEP;
}

static char *
describe_plan (FvTeachPanel *self)
{
  gsize batch = (gsize) gtk_spin_button_get_value_as_int (self->batch);
  gsize steps = (self->n_train + batch - 1) / batch
                * (gsize) gtk_spin_button_get_value_as_int (self->epochs);
  double seconds = get_forwards_per_step (self) * (double) (steps * batch)
                   * fv_session_get_seconds_per_image (self->session);
  g_autofree char *time = format_seconds (seconds);

  if (seconds <= 0)
    return g_strdup_printf ("%" G_GSIZE_FORMAT " steps", steps);
  return g_strdup_printf ("%" G_GSIZE_FORMAT " steps, about %s", steps, time);
}

static void
update_plan (FvTeachPanel *self)
{
  FvDataset *dataset = self->session == NULL ? NULL : fv_session_get_dataset (self->session);
  const FvModelInfo *model = self->session == NULL ? NULL : fv_session_get_model (self->session);
  g_autofree char *images = NULL;
  g_autofree char *plan = NULL;
  g_autofree char *subtitle = NULL;

  if (dataset == NULL || model == NULL)
    return;
  images = g_strdup_printf ("train: %" G_GSIZE_FORMAT ", %" G_GSIZE_FORMAT " with a mask",
                            self->n_train, self->n_masked);
  adw_action_row_set_subtitle (self->images_row, images);
  if (self->shows_run || fv_session_get_teaching (self->session))
    return;
  plan = describe_plan (self);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->run_row), "Ready");
  if (!fv_model_info_has_classes_of (model, dataset))
    subtitle = g_strdup_printf ("%s\nThe model’s %d classes are replaced by the folder’s %d.", plan,
                                model->n_classes, fv_dataset_get_n_classes (dataset));
  adw_action_row_set_subtitle (self->run_row, subtitle != NULL ? subtitle : plan);
  gtk_label_set_label (self->time_left, "");
}

static void
on_plan_changed (FvTeachPanel *self)
{
  self->shows_run = FALSE;
  update_plan (self);
}

void
fv_teach_panel_set_masks (FvTeachPanel *self, gsize n_train, gsize n_masked)
{
  self->n_train = n_train;
  self->n_masked = n_masked;
  update_plan (self);
}

/* Blocks and stages, not the operators inside them: "features.14", but not "features.14.conv.0". */
static gboolean
is_block (const char *layer)
{
  const char *dot = strchr (layer, '.');

  return dot == NULL || strchr (dot + 1, '.') == NULL;
}

static void
fill_layers (FvTeachPanel *self, const FvModelInfo *model)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  gsize stage = model->can_show ? fv_model_info_get_last_stage (model) : 0;
  guint selected = 0;

  gtk_string_list_append (names, "nothing");
  for (gsize i = 0; i < model->n_layers; i++) {
    if (!is_block (model->layers[i].name) && i != stage)
      continue;
    gtk_string_list_append (names, model->layers[i].name);
    if (i == stage && !is_small (self))
      selected = g_list_model_get_n_items (G_LIST_MODEL (names)) - 1;
  }
  adw_combo_row_set_model (self->freeze_row, G_LIST_MODEL (names));
  adw_combo_row_set_selected (self->freeze_row, selected);
}

static void
select_rate (FvTeachPanel *self, double chosen)
{
  for (guint i = 0; i < G_N_ELEMENTS (learning_rates); i++)
    if (learning_rates[i] <= chosen)
      adw_combo_row_set_selected (self->rate_row, i);
}

/* What Fovea suggests for this network. */
static void
suggest (FvTeachPanel *self)
{
  g_autoptr (FvTrainConfig) suggested = fv_train_config_new ();
  gboolean small = is_small (self);

  gtk_widget_set_sensitive (GTK_WIDGET (self->swap_row), can_swap (self));
  gtk_spin_button_set_value (self->swap, can_swap (self) ? SWAP : 0);
  gtk_spin_button_set_value (self->camal, can_swap (self) ? CAMAL_BESIDE_SWAP
                                                          : suggested->weights[FV_LOSS_CAMAL]);
  gtk_spin_button_set_value (self->epochs, small ? SMALL_EPOCHS : suggested->epochs);
  gtk_spin_button_set_value (self->batch, small ? SMALL_BATCH : suggested->batch_size);
  select_rate (self, small ? SMALL_RATE : suggested->learning_rate);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->rate_row),
                               small ? "of body and head" : "head: ten times as much");
}

/* The network of a lesson is the same one with other weights: the user's plan stays. */
static void
on_model_changed (FvTeachPanel *self)
{
  const FvModelInfo *model = fv_session_get_model (self->session);

  if (!fv_session_get_teaching (self->session)) {
    fill_layers (self, model);
    suggest (self);
  }
  gtk_widget_set_visible (GTK_WIDGET (self->report_group), FALSE);
  gtk_progress_bar_set_fraction (self->progress, 0);
  on_plan_changed (self);
}

/* -- the run -------------------------------------------------------------------------------- */

static void
set_run (FvTeachPanel *self, const char *title, const char *subtitle, double fraction)
{
  g_autofree char *escaped = g_markup_escape_text (subtitle, -1);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->run_row), title);
  adw_action_row_set_subtitle (self->run_row, escaped);
  gtk_progress_bar_set_fraction (self->progress, CLAMP (fraction, 0, 1));
}

void
fv_teach_panel_begin (FvTeachPanel *self)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->plan_group), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->report_group), FALSE);
  set_run (self, "Starting", "", 0);
}

static void
update_measuring (FvTeachPanel *self, const FvLessonUpdate *update)
{
  static const char *const titles[] = { "Measuring before", "Getting ready", "Measuring after" };
  double share = update->total == 0 ? 1 : (double) update->done / (double) update->total;
  g_autofree char *subtitle = g_strdup_printf (
      "test pictures: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT, update->done, update->total);

  if (update->stage == FV_LESSON_TRAIN)
    set_run (self, titles[update->stage], "", 0);
  else
    set_run (self, titles[update->stage], subtitle, share);
  gtk_label_set_label (self->time_left, "");
}

void
fv_teach_panel_update (FvTeachPanel *self, const FvLessonUpdate *update)
{
  const FvTrainProgress *progress = &update->progress;
  g_autofree char *title = NULL;
  g_autofree char *subtitle = NULL;
  g_autofree char *left = NULL;
  g_autofree char *label = NULL;

  if (update->stage != FV_LESSON_TRAIN || progress->n_steps == 0) {
    update_measuring (self, update);
    return;
  }
  if (progress->step == 0) {
    title = g_strdup ("Getting ready");
    subtitle = g_strdup_printf ("frozen layers: %.0f %% of the pictures", 100 * progress->prepared);
  } else {
    title = g_strdup_printf ("Epoch %d of %d", progress->epoch,
                             gtk_spin_button_get_value_as_int (self->epochs));
    subtitle = g_strdup_printf ("step %d of %d", progress->step, progress->n_steps);
  }
  left = format_seconds (progress->seconds_left);
  label = g_strdup_printf ("%s left", left);
  set_run (self, title, subtitle,
           progress->step == 0 ? progress->prepared : (double) progress->step / progress->n_steps);
  gtk_label_set_label (self->time_left, label);
}

/* @difference: after − before; without data where they cannot be compared. */
static void
show_difference (GtkLabel *value, GtkLabel *detail, FvEstimate before, FvEstimate after,
                 FvEstimate difference)
{
  g_autofree char *text = NULL;
  g_autofree char *interval = NULL;

  if (after.n == 0) {
    gtk_label_set_label (value, "–");
    gtk_label_set_label (detail, "not defined: no test masks or groups");
    return;
  }
  if (difference.n == 0) {
    text = g_strdup_printf ("%.2f", after.value);
    interval = g_strdup_printf ("[%.2f, %.2f] after", after.low, after.high);
  } else {
    text = g_strdup_printf ("%+.2f", difference.value);
    interval = g_strdup_printf ("[%+.2f, %+.2f]  %.2f → %.2f", difference.low, difference.high,
                                before.value, after.value);
  }
  gtk_label_set_label (value, text);
  gtk_label_set_label (detail, interval);
}

static void
show_report (FvTeachPanel *self, const FvLessonReport *report)
{
  const FvEstimate none = { NAN, NAN, NAN, 0 };
  gboolean same = report->same_classes;

  show_difference (self->energy, self->energy_detail, report->energy_before, report->energy_after,
                   report->energy.difference);
  show_difference (self->accuracy, self->accuracy_detail, report->accuracy_before,
                   report->accuracy_after, same ? report->accuracy.difference : none);
  show_difference (self->worst_group, self->worst_group_detail, report->worst_group_before,
                   report->worst_group_after, same ? report->worst_group : none);
  gtk_widget_set_visible (GTK_WIDGET (self->worst_group_row), report->worst_group_after.n > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->report_group), TRUE);
}

void
fv_teach_panel_end (FvTeachPanel *self, const FvLessonReport *report)
{
  g_autofree char *name = g_path_get_basename (report->folder);
  g_autofree char *subtitle = g_strdup_printf ("%d steps, run “%s”", report->n_steps, name);

  self->shows_run = TRUE;
  gtk_widget_set_sensitive (GTK_WIDGET (self->plan_group), TRUE);
  gtk_label_set_label (self->time_left, "");
  set_run (self, report->stopped ? "Stopped" : "Done", subtitle, report->stopped ? 0 : 1);
  if (report->measured)
    show_report (self, report);
}

void
fv_teach_panel_fail (FvTeachPanel *self, const char *why)
{
  self->shows_run = TRUE;
  gtk_widget_set_sensitive (GTK_WIDGET (self->plan_group), TRUE);
  gtk_label_set_label (self->time_left, "");
  set_run (self, "Not taught", why, 0);
}

/* -- object --------------------------------------------------------------------------------- */

static void
fill_rates (FvTeachPanel *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (learning_rates); i++)
    gtk_string_list_take (names, g_strdup_printf ("%g", learning_rates[i]));
  adw_combo_row_set_model (self->rate_row, G_LIST_MODEL (names));
}

void
fv_teach_panel_set_up (FvTeachPanel *self, FvSession *session)
{
  g_return_if_fail (self->session == NULL);

  self->session = g_object_ref (session);
  fill_rates (self);
  suggest (self);
  g_signal_connect_object (session, "model-changed", G_CALLBACK (on_model_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::evaluating", G_CALLBACK (update_plan), self,
                           G_CONNECT_SWAPPED);
}

static void
fv_teach_panel_dispose (GObject *object)
{
  FvTeachPanel *self = FV_TEACH_PANEL (object);
  GtkWidget *child;

  g_clear_object (&self->session);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (fv_teach_panel_parent_class)->dispose (object);
}

static void
fv_teach_panel_class_init (FvTeachPanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fv_teach_panel_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fovea/Fovea/teach-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, plan_group);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, swap_row);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, swap);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, camal);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, images_row);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, freeze_row);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, epochs);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, batch);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, rate_row);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, run_row);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, time_left);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, progress);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, report_group);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, energy);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, energy_detail);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, accuracy);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, accuracy_detail);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, worst_group_row);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, worst_group);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, worst_group_detail);
  gtk_widget_class_bind_template_callback (widget_class, on_plan_changed);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
fv_teach_panel_init (FvTeachPanel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
