/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-outlook.h"

#include "fv-lesson-plan.h"

struct _FvOutlook {
  GObject parent_instance;

  FvSession *session;
  FvTrainConfig *config;
  FvLessonPictures pictures;
  GCancellable *counting; /* non-NULL while they are counted */
  char *text;
  gboolean possible;
};

enum { CHANGED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FvOutlook, fv_outlook, G_TYPE_OBJECT)

static void
set_answer (FvOutlook *self, char *text, gboolean possible)
{
  g_free (self->text);
  self->text = text;
  self->possible = possible;
  g_signal_emit (self, signals[CHANGED], 0);
}

/* (transfer full) */
static char *
describe (FvOutlook *self, const FvModelInfo *model)
{
  gsize steps = fv_lesson_plan_count_steps (self->config, self->pictures);
  FvLessonCost cost = fv_lesson_plan_estimate (self->config, model, self->pictures,
                                               fv_session_get_seconds_per_image (self->session));
  g_autofree char *time = fv_lesson_plan_format_seconds (cost.preparing + cost.steps);
  g_autofree char *once = fv_lesson_plan_format_seconds (cost.preparing);

  if (cost.steps <= 0)
    return g_strdup_printf ("%" G_GSIZE_FORMAT " steps", steps);
  if (cost.preparing <= 0)
    return g_strdup_printf ("%" G_GSIZE_FORMAT " steps, about %s", steps, time);
  return g_strdup_printf ("%" G_GSIZE_FORMAT " steps, about %s\n%s of it only once: the frozen "
                          "layers’ features are kept",
                          steps, time, once);
}

/* Of a lesson that needs pictures without labels. (transfer full) */
static char *
add_pictures (FvOutlook *self, char *text)
{
  g_autofree char *plan = text;
  FvLessonPictures pictures = self->pictures;

  if (self->config->mode == FV_MODE_SUPERVISED)
    return g_steal_pointer (&plan);
  if (self->config->mode == FV_MODE_UNSUPERVISED)
    return g_strdup_printf ("%s\n%" G_GSIZE_FORMAT " pictures, no label is read", plan,
                            pictures.n_pool);
  return g_strdup_printf ("%s\n%" G_GSIZE_FORMAT " pictures with labels, %" G_GSIZE_FORMAT
                          " without",
                          plan, pictures.n_labelled, pictures.n_pool);
}

/* (transfer full) */
static char *
add_classes (char *text, const FvModelInfo *model, const FvDataset *dataset)
{
  g_autofree char *plan = text;

  if (fv_model_info_has_classes_of (model, dataset))
    return g_steal_pointer (&plan);
  return g_strdup_printf ("%s\nThe model’s %d classes are replaced by the folder’s %d.", plan,
                          model->n_classes, fv_dataset_get_n_classes (dataset));
}

void
fv_outlook_refresh (FvOutlook *self)
{
  const FvDataset *dataset = fv_session_get_dataset (self->session);
  const FvModelInfo *model = fv_session_get_model (self->session);
  const char *refusal;

  if (self->config == NULL || self->counting != NULL || dataset == NULL || model == NULL)
    return;
  refusal = fv_lesson_plan_find_refusal (self->config, model, dataset, self->pictures);
  if (refusal != NULL)
    set_answer (self, g_strdup (refusal), FALSE);
  else
    set_answer (self, add_classes (add_pictures (self, describe (self, model)), model, dataset),
                TRUE);
}

static void
on_counted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FvOutlook) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean counted = fv_lesson_pictures_count_finish (result, &self->pictures, &error);

  /* Another lesson may have been asked about since. */
  if (g_task_get_cancellable (G_TASK (result)) != self->counting)
    return;
  g_clear_object (&self->counting);
  if (counted)
    fv_outlook_refresh (self);
  else
    set_answer (self, g_strdup (error->message), FALSE);
}

static void
stop_counting (FvOutlook *self)
{
  if (self->counting != NULL)
    g_cancellable_cancel (self->counting);
  g_clear_object (&self->counting);
}

void
fv_outlook_set_config (FvOutlook *self, FvTrainConfig *config)
{
  FvDataset *dataset = fv_session_get_dataset (self->session);

  stop_counting (self);
  g_clear_pointer (&self->config, fv_train_config_free);
  self->config = config;
  if (dataset == NULL || fv_session_get_model (self->session) == NULL)
    return;
  if (config->mode == FV_MODE_SUPERVISED && config->labelled == 0) {
    self->pictures = (FvLessonPictures){ fv_dataset_get_n_in_split (dataset, FV_SPLIT_TRAIN), 0 };
    fv_outlook_refresh (self);
    return;
  }
  self->counting = g_cancellable_new ();
  set_answer (self, NULL, FALSE);
  fv_lesson_pictures_count_async (dataset, config, self->counting, on_counted, g_object_ref (self));
}

const char *
fv_outlook_get_text (FvOutlook *self)
{
  return self->text;
}

gboolean
fv_outlook_is_possible (FvOutlook *self)
{
  return self->possible;
}

/* -- object --------------------------------------------------------------------------------- */

static void
fv_outlook_dispose (GObject *object)
{
  FvOutlook *self = FV_OUTLOOK (object);

  stop_counting (self);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (fv_outlook_parent_class)->dispose (object);
}

static void
fv_outlook_finalize (GObject *object)
{
  FvOutlook *self = FV_OUTLOOK (object);

  g_clear_pointer (&self->config, fv_train_config_free);
  g_free (self->text);

  G_OBJECT_CLASS (fv_outlook_parent_class)->finalize (object);
}

static void
fv_outlook_class_init (FvOutlookClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fv_outlook_dispose;
  G_OBJECT_CLASS (klass)->finalize = fv_outlook_finalize;
  signals[CHANGED] = g_signal_new ("changed", FV_TYPE_OUTLOOK, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
fv_outlook_init (FvOutlook *self)
{
}

FvOutlook *
fv_outlook_new (FvSession *session)
{
  FvOutlook *self = g_object_new (FV_TYPE_OUTLOOK, NULL);

  self->session = g_object_ref (session);
  return self;
}
