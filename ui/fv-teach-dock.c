/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-teach-dock.h"

#include <math.h>

#include "fv-chart.h"
#include "fv-plot-style.h"
#include "fv-recipe.h"

struct _FvTeachDock {
  GtkWidget parent_instance;

  GtkLabel *problem;
  FvChart *loss;
  FvChart *energy;
  FvChart *faithfulness;
  FvChart *agreement; /* in its place where a lesson has consistency */
  FvChart *accuracy;
  int losses[FV_N_LOSSES]; /* series; −1 for those that have no value yet */
  int probe_energy, picture;
  int probe_faithfulness;
  int probe_agreement, picture_agreement;
  int mean, worst, best;

  int last_step;
  int last_probe;
};

G_DEFINE_FINAL_TYPE (FvTeachDock, fv_teach_dock, GTK_TYPE_WIDGET)

static void
set_x_range (FvTeachDock *self, int n_steps)
{
  fv_chart_set_x_range (self->loss, 0, n_steps);
  fv_chart_set_x_range (self->energy, 0, n_steps);
  fv_chart_set_x_range (self->faithfulness, 0, n_steps);
  fv_chart_set_x_range (self->agreement, 0, n_steps);
  fv_chart_set_x_range (self->accuracy, 0, n_steps);
}

/* @problem: NULL when there is none */
static void
show_problem (FvTeachDock *self, const char *problem)
{
  g_autofree char *text = problem == NULL
                              ? NULL
                              : g_strdup_printf ("%s. Training goes on; if it is interrupted, it "
                                                 "will go on from an earlier step.",
                                                 problem);

  gtk_widget_set_visible (GTK_WIDGET (self->problem), problem != NULL);
  gtk_label_set_label (self->problem, text != NULL ? text : "");
}

static void
show_agreement (FvTeachDock *self, gboolean shown)
{
  gtk_widget_set_visible (GTK_WIDGET (self->agreement), shown);
  gtk_widget_set_visible (GTK_WIDGET (self->faithfulness), !shown);
}

void
fv_teach_dock_clear (FvTeachDock *self)
{
  show_problem (self, NULL);
  fv_chart_remove_series (self->loss);
  fv_chart_clear (self->energy);
  fv_chart_clear (self->faithfulness);
  fv_chart_clear (self->agreement);
  fv_chart_clear (self->accuracy);
  show_agreement (self, FALSE);
  for (int i = 0; i < FV_N_LOSSES; i++)
    self->losses[i] = -1;
  /* A map may come before the number of steps does. */
  set_x_range (self, 1);
  self->last_step = 0;
  self->last_probe = -1;
}

/* Lines of one colour differ in their dashes. */
static int
add_loss_series (FvTeachDock *self, FvLossKind kind)
{
  const GdkRGBA colors[FV_N_LOSSES] = { FV_PLOT_BLUE,   FV_PLOT_ORANGE, FV_PLOT_GREEN, FV_PLOT_RED,
                                        FV_PLOT_PURPLE, FV_PLOT_PURPLE, FV_PLOT_ORANGE };
  gboolean dashed = kind == FV_LOSS_CAMAL || kind == FV_LOSS_CONTRAST || kind == FV_LOSS_RRR;

  return fv_chart_add_series (self->loss, fv_recipe_get_loss_title (kind), colors[kind], dashed);
}

/* A loss that the lesson has not got has no line. */
static void
add_loss (FvTeachDock *self, FvLossKind kind, int step, double value)
{
  if (isnan (value))
    return;
  if (self->losses[kind] < 0)
    self->losses[kind] = add_loss_series (self, kind);
  fv_chart_append (self->loss, self->losses[kind], step, value);
}

static void
add_step (FvTeachDock *self, const FvTrainProgress *progress)
{
  if (self->last_step == 0)
    set_x_range (self, progress->n_steps);
  self->last_step = progress->step;
  for (int i = 0; i < FV_N_LOSSES; i++)
    add_loss (self, (FvLossKind) i, progress->step, progress->losses[i]);
}

/* Which number stands for faithfulness depends on the network. */
static void
add_faithfulness (FvTeachDock *self, int step, const FvProbeNumbers *probes)
{
  fv_chart_set_title (self->faithfulness, probes->measure == FV_FAITHFULNESS_MARGIN_OUTSIDE
                                              ? "Margin Outside"
                                              : "Excess Drop");
  fv_chart_append (self->faithfulness, self->probe_faithfulness, step, probes->faithfulness);
}

static void
add_agreement (FvTeachDock *self, int step, double agreement)
{
  if (isnan (agreement))
    return;
  show_agreement (self, TRUE);
  fv_chart_append (self->agreement, self->probe_agreement, step, agreement);
}

static void
add_probes (FvTeachDock *self, int step, const FvProbeNumbers *probes)
{
  self->last_probe = step;
  fv_chart_append (self->energy, self->probe_energy, step, probes->energy);
  add_faithfulness (self, step, probes);
  fv_chart_append (self->accuracy, self->mean, step, probes->accuracy);
  fv_chart_append (self->accuracy, self->worst, step, probes->worst);
  fv_chart_append (self->accuracy, self->best, step, probes->best);
}

void
fv_teach_dock_update (FvTeachDock *self, const FvLessonUpdate *update)
{
  if (update->progress.step > self->last_step)
    add_step (self, &update->progress);
  if (update->stage == FV_LESSON_TRAIN)
    show_problem (self, update->progress.checkpoint_problem);
  if (update->probe_step > self->last_probe) {
    add_probes (self, update->probe_step, &update->probes);
    add_agreement (self, update->probe_step, update->agreement);
  }
}

void
fv_teach_dock_add_picture (FvTeachDock *self, double energy)
{
  fv_chart_append (self->energy, self->picture, self->last_step, energy);
}

void
fv_teach_dock_begin_picture (FvTeachDock *self)
{
  fv_chart_clear_series (self->energy, self->picture);
  fv_chart_clear_series (self->agreement, self->picture_agreement);
}

void
fv_teach_dock_add_picture_agreement (FvTeachDock *self, double r)
{
  fv_chart_append (self->agreement, self->picture_agreement, self->last_step, r);
}

static void
fv_teach_dock_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (fv_teach_dock_parent_class)->dispose (object);
}

static void
fv_teach_dock_class_init (FvTeachDockClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = fv_teach_dock_dispose;

  g_type_ensure (FV_TYPE_CHART);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fovea/Fovea/teach-dock.ui");
  gtk_widget_class_bind_template_child (widget_class, FvTeachDock, problem);
  gtk_widget_class_bind_template_child (widget_class, FvTeachDock, loss);
  gtk_widget_class_bind_template_child (widget_class, FvTeachDock, energy);
  gtk_widget_class_bind_template_child (widget_class, FvTeachDock, faithfulness);
  gtk_widget_class_bind_template_child (widget_class, FvTeachDock, agreement);
  gtk_widget_class_bind_template_child (widget_class, FvTeachDock, accuracy);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
fv_teach_dock_init (FvTeachDock *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  fv_chart_set_title (self->loss, "Loss");
  fv_chart_set_title (self->energy, "Energy in Mask");
  self->probe_energy = fv_chart_add_series (self->energy, "probes", FV_PLOT_GREEN, FALSE);
  self->picture = fv_chart_add_series (self->energy, "this picture", FV_PLOT_ORANGE, TRUE);
  fv_chart_set_y_range (self->energy, 0, 1);
  fv_chart_set_title (self->faithfulness, "Faithfulness");
  self->probe_faithfulness
      = fv_chart_add_series (self->faithfulness, "probes", FV_PLOT_PURPLE, FALSE);
  fv_chart_set_title (self->agreement, "Agreement r");
  self->probe_agreement = fv_chart_add_series (self->agreement, "probes", FV_PLOT_PURPLE, FALSE);
  self->picture_agreement
      = fv_chart_add_series (self->agreement, "this picture", FV_PLOT_ORANGE, TRUE);
  fv_chart_set_title (self->accuracy, "Group Accuracy");
  self->mean = fv_chart_add_series (self->accuracy, "mean", FV_PLOT_BLUE, FALSE);
  self->worst = fv_chart_add_series (self->accuracy, "worst", FV_PLOT_RED, TRUE);
  self->best = fv_chart_add_series (self->accuracy, "best", FV_PLOT_GREEN, TRUE);
  fv_chart_set_y_range (self->accuracy, 0, 1);
  fv_teach_dock_clear (self);
}
