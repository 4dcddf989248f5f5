/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-progress-group.h"

#include <math.h>

#include "fv-lesson-plan.h"

struct _FvProgressGroup {
  AdwPreferencesGroup parent_instance;

  AdwActionRow *run_row;
  GtkLabel *time_left;
  GtkProgressBar *progress;
  GtkButton *pause;
  char *title; /* of the stage, without pauses */
  gboolean paused;
};

G_DEFINE_FINAL_TYPE (FvProgressGroup, fv_progress_group, ADW_TYPE_PREFERENCES_GROUP)

static void
show_title (FvProgressGroup *self)
{
  g_autofree char *paused = g_strdup_printf ("Paused · %s", self->title);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->run_row),
                                 self->paused ? paused : self->title);
}

static void
show (FvProgressGroup *self, const char *title, const char *subtitle, double fraction)
{
  g_autofree char *escaped = g_markup_escape_text (subtitle, -1);

  g_free (self->title);
  self->title = g_strdup (title);
  show_title (self);
  adw_action_row_set_subtitle (self->run_row, escaped);
  gtk_progress_bar_set_fraction (self->progress, CLAMP (fraction, 0, 1));
}

void
fv_progress_group_set_ready (FvProgressGroup *self, gboolean possible, const char *plan)
{
  show (self, possible ? "Ready" : "Not possible", plan,
        gtk_progress_bar_get_fraction (self->progress));
  gtk_label_set_label (self->time_left, "");
}

void
fv_progress_group_begin (FvProgressGroup *self)
{
  show (self, "Starting", "", 0);
  gtk_label_set_label (self->time_left, "");
}

static void
show_measuring (FvProgressGroup *self, const FvLessonUpdate *update)
{
  double share = update->total == 0 ? 1 : (double) update->done / (double) update->total;
  g_autofree char *subtitle = g_strdup_printf (
      "test pictures: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT, update->done, update->total);

  show (self, update->stage == FV_LESSON_BEFORE ? "Measuring before" : "Measuring after", subtitle,
        share);
}

/* Before the first step what is frozen looks at every picture once. */
static void
show_preparing (FvProgressGroup *self, double prepared)
{
  g_autofree char *subtitle
      = g_strdup_printf ("frozen layers: %.0f %% of the pictures", 100 * prepared);

  show (self, "Getting ready", prepared > 0 ? subtitle : "", prepared);
}

static void
show_training (FvProgressGroup *self, const FvLessonUpdate *update)
{
  const FvTrainProgress *progress = &update->progress;
  g_autofree char *title = g_strdup_printf ("Epoch %d of %d", progress->epoch, update->n_epochs);
  g_autofree char *subtitle = g_strdup_printf ("step %d of %d", progress->step, progress->n_steps);

  if (progress->step == 0)
    show_preparing (self, progress->prepared);
  else
    show (self, title, subtitle, (double) progress->step / progress->n_steps);
}

static void
show_time_left (FvProgressGroup *self, double seconds)
{
  g_autofree char *time = NULL;
  g_autofree char *label = NULL;

  if (isnan (seconds))
    return;
  time = fv_lesson_plan_format_seconds (seconds);
  label = g_strdup_printf ("%s left", time);
  gtk_label_set_label (self->time_left, label);
}

void
fv_progress_group_update (FvProgressGroup *self, const FvLessonUpdate *update)
{
  if (update->stage == FV_LESSON_TRAIN)
    show_training (self, update);
  else
    show_measuring (self, update);
  show_time_left (self, update->seconds_left);
}

void
fv_progress_group_set_paused (FvProgressGroup *self, gboolean paused)
{
  self->paused = paused;
  show_title (self);
  gtk_button_set_label (self->pause, paused ? "_Continue" : "_Pause");
}

void
fv_progress_group_end (FvProgressGroup *self, const char *title, const char *sentence,
                       double fraction)
{
  gtk_label_set_label (self->time_left, "");
  show (self, title, sentence, fraction);
}

static void
fv_progress_group_finalize (GObject *object)
{
  g_free (FV_PROGRESS_GROUP (object)->title);

  G_OBJECT_CLASS (fv_progress_group_parent_class)->finalize (object);
}

static void
fv_progress_group_class_init (FvProgressGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fv_progress_group_finalize;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/fovea/Fovea/progress-group.ui");
  gtk_widget_class_bind_template_child (widget_class, FvProgressGroup, run_row);
  gtk_widget_class_bind_template_child (widget_class, FvProgressGroup, time_left);
  gtk_widget_class_bind_template_child (widget_class, FvProgressGroup, progress);
  gtk_widget_class_bind_template_child (widget_class, FvProgressGroup, pause);
}

static void
fv_progress_group_init (FvProgressGroup *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  show (self, "Ready", "", 0);
}
