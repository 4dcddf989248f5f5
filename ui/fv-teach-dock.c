/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-teach-dock.h"

#include "fv-chart.h"
#include "fv-plot-style.h"

/* The second line of a chart is dashed, so colour is never alone. */
#define GREEN ((GdkRGBA){ 0.18f, 0.76f, 0.49f, 1.0f })

struct _FvTeachDock {
  GtkWidget parent_instance;

  FvChart *loss;
  FvChart *energy;
  FvChart *accuracy;
  int task_series, camal_series, swap_series;
  int probe_energy_series, picture_series;
  int batch_series, probe_accuracy_series;

  int last_step;
  int last_probe;
};

G_DEFINE_FINAL_TYPE (FvTeachDock, fv_teach_dock, GTK_TYPE_WIDGET)

static void
set_x_range (FvTeachDock *self, int n_steps)
{
  fv_chart_set_x_range (self->loss, 0, n_steps);
  fv_chart_set_x_range (self->energy, 0, n_steps);
  fv_chart_set_x_range (self->accuracy, 0, n_steps);
}

void
fv_teach_dock_clear (FvTeachDock *self)
{
  fv_chart_clear (self->loss);
  fv_chart_clear (self->energy);
  fv_chart_clear (self->accuracy);
  /* A map may come before the number of steps does. */
  set_x_range (self, 1);
  self->last_step = 0;
  self->last_probe = -1;
}

static void
add_step (FvTeachDock *self, const FvTrainProgress *progress)
{
  if (self->last_step == 0)
    set_x_range (self, progress->n_steps);
  self->last_step = progress->step;
  fv_chart_append (self->loss, self->task_series, progress->step,
                   progress->losses[FV_LOSS_CROSS_ENTROPY]);
  fv_chart_append (self->loss, self->camal_series, progress->step, progress->losses[FV_LOSS_CAMAL]);
  fv_chart_append (self->loss, self->swap_series, progress->step, progress->losses[FV_LOSS_SWAP]);
  fv_chart_append (self->accuracy, self->batch_series, progress->step, progress->accuracy);
}

void
fv_teach_dock_update (FvTeachDock *self, const FvLessonUpdate *update)
{
  if (update->progress.step > self->last_step)
    add_step (self, &update->progress);
  if (update->probe_step > self->last_probe) {
    self->last_probe = update->probe_step;
    fv_chart_append (self->energy, self->probe_energy_series, update->probe_step,
                     update->probe_energy);
    fv_chart_append (self->accuracy, self->probe_accuracy_series, update->probe_step,
                     update->probe_accuracy);
  }
}

void
fv_teach_dock_add_picture (FvTeachDock *self, double energy)
{
  fv_chart_append (self->energy, self->picture_series, self->last_step, energy);
}

void
fv_teach_dock_begin_picture (FvTeachDock *self)
{
  fv_chart_clear_series (self->energy, self->picture_series);
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
  gtk_widget_class_bind_template_child (widget_class, FvTeachDock, loss);
  gtk_widget_class_bind_template_child (widget_class, FvTeachDock, energy);
  gtk_widget_class_bind_template_child (widget_class, FvTeachDock, accuracy);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void
fv_teach_dock_init (FvTeachDock *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  fv_chart_set_title (self->loss, "Loss");
  self->task_series = fv_chart_add_series (self->loss, "task", FV_PLOT_BLUE, FALSE);
  self->camal_series = fv_chart_add_series (self->loss, "CAMAL", FV_PLOT_ORANGE, TRUE);
  self->swap_series = fv_chart_add_series (self->loss, "swap", GREEN, FALSE);
  fv_chart_set_title (self->energy, "Energy in mask");
  self->probe_energy_series = fv_chart_add_series (self->energy, "probes", GREEN, FALSE);
  self->picture_series = fv_chart_add_series (self->energy, "this picture", FV_PLOT_ORANGE, TRUE);
  fv_chart_set_y_range (self->energy, 0, 1);
  fv_chart_set_title (self->accuracy, "Accuracy");
  self->batch_series = fv_chart_add_series (self->accuracy, "batch", FV_PLOT_BLUE, FALSE);
  self->probe_accuracy_series
      = fv_chart_add_series (self->accuracy, "probes by group", GREEN, TRUE);
  fv_chart_set_y_range (self->accuracy, 0, 1);
  self->last_probe = -1;
}
