/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-agreement-watch.h"

struct _FvAgreementWatch {
  GObject parent_instance;

  FvSession *session;
  FvSubject *subject;
  FvTrainConfig *config; /* NULL: nobody looks */
  FvAgreementSteps *steps;
  char *problem;
  GCancellable *asking; /* non-NULL while an answer is on its way */
  gboolean stale;       /* ask again as soon as it is here */
};

enum { CHANGED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FvAgreementWatch, fv_agreement_watch, G_TYPE_OBJECT)

static void ask (FvAgreementWatch *self);

/* Takes both. */
static void
set_answer (FvAgreementWatch *self, FvAgreementSteps *steps, char *problem)
{
  fv_agreement_steps_free (self->steps);
  g_free (self->problem);
  self->steps = steps;
  self->problem = problem;
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
stop (FvAgreementWatch *self)
{
  if (self->asking != NULL)
    g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FvAgreementWatch) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FvAgreementSteps) steps
      = fv_session_agree_finish (FV_SESSION (source), result, &error);

  if (g_task_get_cancellable (G_TASK (result)) != self->asking)
    return;
  g_clear_object (&self->asking);
  set_answer (self, g_steal_pointer (&steps), error == NULL ? NULL : g_strdup (error->message));
  if (self->stale)
    ask (self);
}

/* The command line's word for what is wrong would not help here. */
static const char *
find_problem (FvAgreementWatch *self)
{
  const FvModelInfo *model = fv_session_get_model (self->session);

  if (!model->can_show)
    return "No layer of this network has height and width, so there are no maps to compare.";
  if (fv_agreement_needs_rectifiers (&self->config->agreement) && !model->has_rectifiers)
    return "Guided backprop needs a network whose activations are all ReLUs: choose integrated "
           "gradients in the Teach panel, under “Advanced”.";
  return NULL;
}

static void
ask (FvAgreementWatch *self)
{
  FvImage *image = fv_subject_get_image (self->subject);

  self->stale = FALSE;
  stop (self);
  if (self->config == NULL || image == NULL || fv_session_get_model (self->session) == NULL) {
    set_answer (self, NULL, NULL);
    return;
  }
  if (find_problem (self) != NULL) {
    set_answer (self, NULL, g_strdup (find_problem (self)));
    return;
  }
  self->asking = g_cancellable_new ();
  fv_session_agree_async (self->session, image, self->config, self->asking, on_answered,
                          g_object_ref (self));
}

/* One question at a time, the newest weights at the end. */
void
fv_agreement_watch_refresh (FvAgreementWatch *self)
{
  if (self->asking != NULL)
    self->stale = TRUE;
  else if (self->config != NULL)
    ask (self);
}

void
fv_agreement_watch_set_config (FvAgreementWatch *self, const FvTrainConfig *config)
{
  gboolean same
      = (config == NULL) == (self->config == NULL)
        && (config == NULL || fv_train_config_find_difference (config, self->config) == NULL);

  if (same)
    return;
  g_clear_pointer (&self->config, fv_train_config_free);
  self->config = config == NULL ? NULL : fv_train_config_copy (config);
  ask (self);
}

/* Maps of another picture would be a lie. */
static void
on_photo_changed (FvAgreementWatch *self)
{
  set_answer (self, NULL, NULL);
  ask (self);
}

const FvAgreementSteps *
fv_agreement_watch_get_steps (FvAgreementWatch *self)
{
  return self->steps;
}

char *
fv_agreement_watch_dup_class_name (FvAgreementWatch *self)
{
  const FvModelInfo *model = fv_session_get_model (self->session);

  if (self->steps == NULL || model == NULL)
    return NULL;
  return fv_model_info_dup_class_name (model, self->steps->target);
}

const char *
fv_agreement_watch_get_problem (FvAgreementWatch *self)
{
  return self->problem;
}

gboolean
fv_agreement_watch_get_busy (FvAgreementWatch *self)
{
  return self->asking != NULL;
}

/* -- object --------------------------------------------------------------------------------- */

static void
fv_agreement_watch_dispose (GObject *object)
{
  FvAgreementWatch *self = FV_AGREEMENT_WATCH (object);

  stop (self);
  g_clear_object (&self->subject);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (fv_agreement_watch_parent_class)->dispose (object);
}

static void
fv_agreement_watch_finalize (GObject *object)
{
  FvAgreementWatch *self = FV_AGREEMENT_WATCH (object);

  g_clear_pointer (&self->config, fv_train_config_free);
  g_clear_pointer (&self->steps, fv_agreement_steps_free);
  g_free (self->problem);

  G_OBJECT_CLASS (fv_agreement_watch_parent_class)->finalize (object);
}

static void
fv_agreement_watch_class_init (FvAgreementWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = fv_agreement_watch_dispose;
  G_OBJECT_CLASS (klass)->finalize = fv_agreement_watch_finalize;
  signals[CHANGED] = g_signal_new ("changed", FV_TYPE_AGREEMENT_WATCH, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
fv_agreement_watch_init (FvAgreementWatch *self)
{
}

FvAgreementWatch *
fv_agreement_watch_new (FvSession *session, FvSubject *subject)
{
  FvAgreementWatch *self = g_object_new (FV_TYPE_AGREEMENT_WATCH, NULL);

  self->session = g_object_ref (session);
  self->subject = g_object_ref (subject);
  g_signal_connect_object (session, "model-changed", G_CALLBACK (ask), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (subject, "photo-changed", G_CALLBACK (on_photo_changed), self,
                           G_CONNECT_SWAPPED);
  return self;
}
