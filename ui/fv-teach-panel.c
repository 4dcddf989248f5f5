/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-teach-panel.h"

#include "fv-agreement-group.h"
#include "fv-loss-chooser.h"
#include "fv-outlook.h"
#include "fv-plan-group.h"
#include "fv-progress-group.h"
#include "fv-report-group.h"
#include "fv-run-list-view.h"

struct _FvTeachPanel {
  GtkWidget parent_instance;

  FvProgressGroup *progress;
  FvReportGroup *report;
  FvAgreementGroup *agreement;
  FvLossChooser *losses;
  FvConsistencyGroup *consistency;
  FvPlanGroup *plan;
  FvRunListView *runs;

  FvSession *session;
  FvOutlook *outlook;
  char *planned_for;  /* source of the network that the plan was suggested for; nullable */
  gboolean shows_run; /* how the last lesson ended, until the plan changes */
};

enum { PLAN_CHANGED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FvTeachPanel, fv_teach_panel, GTK_TYPE_WIDGET)

/* -- the plan ------------------------------------------------------------------------------- */

FvTrainConfig *
fv_teach_panel_dup_config (FvTeachPanel *self)
{
  const FvModelInfo *model = fv_session_get_model (self->session);
  FvTrainConfig *config = fv_train_config_new ();

  fv_loss_chooser_apply (self->losses, config);
  fv_consistency_group_apply (self->consistency, config);
  if (model != NULL)
    fv_plan_group_apply (self->plan, model, config);
  return config;
}

static gboolean
is_ready (FvTeachPanel *self)
{
  return self->session != NULL && fv_session_get_dataset (self->session) != NULL
         && fv_session_get_model (self->session) != NULL && !self->shows_run
         && !fv_session_get_teaching (self->session);
}

/* What the lesson would be, or why not. */
static void
show_outlook (FvTeachPanel *self)
{
  const char *text = fv_outlook_get_text (self->outlook);

  if (is_ready (self))
    fv_progress_group_set_ready (self->progress,
                                 fv_outlook_is_possible (self->outlook) || text == NULL,
                                 text != NULL ? text : "");
  g_signal_emit (self, signals[PLAN_CHANGED], 0);
}

static void
update_plan (FvTeachPanel *self)
{
  if (self->session != NULL)
    fv_outlook_refresh (self->outlook);
}

static void
on_plan_changed (FvTeachPanel *self)
{
  const FvModelInfo *model;
  g_autoptr (FvTrainConfig) config = NULL;

  self->shows_run = FALSE;
  if (self->session == NULL)
    return;
  config = fv_teach_panel_dup_config (self);
  model = fv_session_get_model (self->session);
  if (model != NULL) {
    fv_plan_group_set_mode (self->plan, model, config->mode);
    fv_plan_group_apply (self->plan, model, config);
  }
  gtk_widget_set_visible (GTK_WIDGET (self->consistency), config->weights[FV_LOSS_CONSISTENCY] > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->agreement), config->weights[FV_LOSS_CONSISTENCY] > 0);
  fv_outlook_set_config (self->outlook, g_steal_pointer (&config));
}

gboolean
fv_teach_panel_can_start (FvTeachPanel *self)
{
  return self->outlook != NULL && fv_outlook_is_possible (self->outlook);
}

FvConsistencyGroup *
fv_teach_panel_get_consistency (FvTeachPanel *self)
{
  return self->consistency;
}

/* There is a choice of classes only where a picture shows several, and maps of all of them only
 * where the head is linear. */
static void
offer_attention (FvTeachPanel *self)
{
  const FvDataset *dataset = fv_session_get_dataset (self->session);
  const FvModelInfo *model = fv_session_get_model (self->session);

  fv_plan_group_offer_attention (self->plan, dataset != NULL && fv_dataset_mixes_classes (dataset)
                                                 && model != NULL && model->can_swap_evidence);
}

void
fv_teach_panel_set_masks (FvTeachPanel *self, gsize n_train, gsize n_masked)
{
  fv_plan_group_set_masks (self->plan, n_train, n_masked);
  offer_attention (self);
}

void
fv_teach_panel_set_runs (FvTeachPanel *self, const GPtrArray *runs)
{
  fv_run_list_view_set_runs (self->runs, runs);
}

/* The network of a lesson, or from before it, is the same one with other weights: the user's plan
 * stays. */
static gboolean
is_planned_for (FvTeachPanel *self, const FvModelInfo *model)
{
  return fv_session_get_teaching (self->session)
         || g_strcmp0 (self->planned_for, model->source) == 0;
}

static void
on_model_changed (FvTeachPanel *self)
{
  const FvModelInfo *model = fv_session_get_model (self->session);

  if (!is_planned_for (self, model)) {
    g_free (self->planned_for);
    self->planned_for = g_strdup (model->source);
    fv_plan_group_set_model (self->plan, model);
    fv_loss_chooser_set_model (self->losses, model);
    offer_attention (self);
  }
  gtk_widget_set_visible (GTK_WIDGET (self->report), FALSE);
  on_plan_changed (self);
}

/* Other pictures: the plan stays, but it means something else. */
static void
on_dataset_changed (FvTeachPanel *self)
{
  offer_attention (self);
  on_plan_changed (self);
}

/* -- the run -------------------------------------------------------------------------------- */

static void
set_plan_sensitive (FvTeachPanel *self, gboolean sensitive)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->losses), sensitive);
  gtk_widget_set_sensitive (GTK_WIDGET (self->consistency), sensitive);
  gtk_widget_set_sensitive (GTK_WIDGET (self->plan), sensitive);
}

void
fv_teach_panel_begin (FvTeachPanel *self)
{
  set_plan_sensitive (self, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->report), FALSE);
  fv_progress_group_begin (self->progress);
}

void
fv_teach_panel_update (FvTeachPanel *self, const FvLessonUpdate *update)
{
  fv_progress_group_update (self->progress, update);
}

void
fv_teach_panel_end (FvTeachPanel *self, const FvLessonReport *report)
{
  g_autofree char *name = g_path_get_basename (report->folder);
  g_autofree char *sentence = g_strdup_printf ("%d steps, run “%s”", report->n_steps, name);

  self->shows_run = TRUE;
  set_plan_sensitive (self, TRUE);
  fv_progress_group_end (self->progress, report->stopped ? "Stopped" : "Done", sentence,
                         report->stopped ? 0 : 1);
  if (!report->measured)
    return;
  fv_report_group_show (self->report, report);
  gtk_widget_set_visible (GTK_WIDGET (self->report), TRUE);
}

void
fv_teach_panel_fail (FvTeachPanel *self, const char *why)
{
  self->shows_run = TRUE;
  set_plan_sensitive (self, TRUE);
  fv_progress_group_end (self->progress, "Not taught", why, 0);
}

static void
on_paused (FvTeachPanel *self)
{
  fv_progress_group_set_paused (self->progress, fv_session_get_paused (self->session));
}

/* -- object --------------------------------------------------------------------------------- */

void
fv_teach_panel_set_up (FvTeachPanel *self, FvSession *session, FvAgreementWatch *watch)
{
  g_return_if_fail (self->session == NULL);

  self->session = g_object_ref (session);
  self->outlook = fv_outlook_new (session);
  fv_agreement_group_set_up (self->agreement, watch);
  g_signal_connect_object (self->outlook, "changed", G_CALLBACK (show_outlook), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "dataset-changed", G_CALLBACK (on_dataset_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "model-changed", G_CALLBACK (on_model_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::evaluating", G_CALLBACK (update_plan), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::paused", G_CALLBACK (on_paused), self,
                           G_CONNECT_SWAPPED);
}

static void
fv_teach_panel_dispose (GObject *object)
{
  FvTeachPanel *self = FV_TEACH_PANEL (object);
  GtkWidget *child;

  g_clear_pointer (&self->planned_for, g_free);
  g_clear_object (&self->outlook);
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

  g_type_ensure (FV_TYPE_AGREEMENT_GROUP);
  g_type_ensure (FV_TYPE_CONSISTENCY_GROUP);
  g_type_ensure (FV_TYPE_LOSS_CHOOSER);
  g_type_ensure (FV_TYPE_PLAN_GROUP);
  g_type_ensure (FV_TYPE_PROGRESS_GROUP);
  g_type_ensure (FV_TYPE_REPORT_GROUP);
  g_type_ensure (FV_TYPE_RUN_LIST_VIEW);
  signals[PLAN_CHANGED] = g_signal_new ("plan-changed", FV_TYPE_TEACH_PANEL, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fovea/Fovea/teach-panel.ui");
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, progress);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, report);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, agreement);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, losses);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, consistency);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, plan);
  gtk_widget_class_bind_template_child (widget_class, FvTeachPanel, runs);
  gtk_widget_class_bind_template_callback (widget_class, on_plan_changed);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
fv_teach_panel_init (FvTeachPanel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
