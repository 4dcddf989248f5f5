/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The session's answer to “how does ATCON see this picture?”. */

#include "fv-session-private.h"

void
fv_session_agree_async (FvSession *self, FvImage *image, const FvTrainConfig *config,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  FvSessionJob *job = fv_session_new_job (self);

  job->question.image = fv_image_ref (image);
  job->config = fv_train_config_copy (config);
  fv_session_push_job (self, FV_JOB_INTERACTIVE, task, job, fv_session_run_agree);
}

FvAgreementSteps *
fv_session_agree_finish (FvSession *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
