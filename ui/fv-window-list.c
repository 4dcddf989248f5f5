/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The list's numbers: measuring every picture in the background, and the current one again when
 * its mask has changed. */

#include "fv-window-private.h"

#include <math.h>

/* How often the list is sorted anew while results come in, ms. */
#define RESORT_INTERVAL 2000

static void
update_mask_counts (FvWindow *self)
{
  FvDataset *dataset = fv_session_get_dataset (self->session);
  FvImageListModel *model = fv_image_list_get_model (self->list);
  gsize n_train = 0;
  gsize n_masked = 0;

  for (gsize i = 0; dataset != NULL && i < fv_dataset_get_n_samples (dataset); i++)
    if (fv_dataset_get_sample (dataset, i)->split == FV_SPLIT_TRAIN) {
      n_train++;
      n_masked += fv_image_list_model_get_record (model, i).has_mask;
    }
  fv_teach_panel_set_masks (self->teach_panel, n_train, n_masked);
}

static gboolean
on_resort (gpointer user_data)
{
  FvWindow *self = user_data;

  self->resort_source = 0;
  fv_image_list_resort (self->list);
  update_mask_counts (self);
  return G_SOURCE_REMOVE;
}

static void
on_image_result (FvWindow *self, const FvImageResult *result)
{
  FvImageListModel *model = fv_image_list_get_model (self->list);
  FvImageRecord record = fv_image_list_model_get_record (model, result->sample);

  record.energy = (float) result->alignment.energy;
  record.prediction = result->prediction;
  record.has_mask = result->has_mask != FALSE;
  record.measured = TRUE;
  record.failed = FALSE;
  fv_image_list_model_set_record (model, result->sample, record);
  if (self->resort_source == 0)
    self->resort_source = g_timeout_add (RESORT_INTERVAL, on_resort, self);
}

static void
on_image_failed (FvWindow *self, guint64 sample, const char *why)
{
  FvImageListModel *model = fv_image_list_get_model (self->list);
  FvImageRecord record = fv_image_list_model_get_record (model, sample);

  g_debug ("%s", why);
  record.failed = TRUE;
  fv_image_list_model_set_record (model, sample, record);
}

static void
on_evaluated (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FvWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!fv_session_evaluate_finish (FV_SESSION (source), result, &error)) {
    if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      fv_window_toast (self, error->message);
    return;
  }
  if (self->list != NULL)
    fv_image_list_resort (self->list);
}

void
fv_window_stop_evaluation (FvWindow *self)
{
  if (self->evaluating != NULL)
    g_cancellable_cancel (self->evaluating);
  g_clear_object (&self->evaluating);
}

void
fv_window_start_evaluation (FvWindow *self)
{
  FvImageListModel *model = fv_image_list_get_model (self->list);
  g_autoptr (GArray) order = NULL;

  fv_window_stop_evaluation (self);
  if (self->closing || fv_session_get_dataset (self->session) == NULL
      || fv_session_get_model (self->session) == NULL)
    return;
  order = fv_image_list_model_dup_order (model);
  fv_image_list_model_forget (model);
  self->evaluating = g_cancellable_new ();
  fv_session_evaluate_async (self->session, (const gsize *) order->data, order->len,
                             self->evaluating, on_evaluated, g_object_ref (self));
}

/* The map on screen may be just what the list wants to know; else the engine measures again. */
static void
remeasure (FvWindow *self, gsize sample)
{
  FvImageListModel *model = fv_image_list_get_model (self->list);
  FvImageRecord record = fv_image_list_model_get_record (model, sample);

  if ((gssize) sample == fv_subject_get_sample (self->subject)
      && fv_subject_is_default_view (self->subject) && !fv_subject_get_busy (self->subject)
      && fv_subject_get_result (self->subject) != NULL) {
    record.energy = (float) fv_subject_get_alignment (self->subject).energy;
    fv_image_list_model_set_record (model, sample, record);
  } else if (fv_session_get_model (self->session) != NULL) {
    fv_session_evaluate_async (self->session, &sample, 1, NULL, on_evaluated, g_object_ref (self));
  }
}

static void
on_mask_saved (FvWindow *self, guint64 sample, const char *why)
{
  FvImageListModel *model = fv_image_list_get_model (self->list);
  FvImageRecord record = fv_image_list_model_get_record (model, sample);

  record.has_mask = TRUE;
  record.unsaved = why != NULL;
  fv_image_list_model_set_record (model, sample, record);
  if (why == NULL)
    remeasure (self, sample);
  update_mask_counts (self);
}

static void
on_selected (FvWindow *self, guint64 sample)
{
  fv_subject_set_sample (self->subject, (gssize) sample);
}

static void
on_dataset_changed (FvWindow *self)
{
  fv_window_stop_evaluation (self);
  fv_image_list_set_dataset (self->list, fv_session_get_dataset (self->session));
  update_mask_counts (self);
  fv_window_update_state (self);
  fv_window_start_evaluation (self);
}

static void
on_model_changed (FvWindow *self)
{
  fv_window_update_state (self);
  fv_window_start_evaluation (self);
}

void
fv_window_connect_list (FvWindow *self)
{
  g_signal_connect_object (self->list, "selected", G_CALLBACK (on_selected), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "dataset-changed", G_CALLBACK (on_dataset_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "model-changed", G_CALLBACK (on_model_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "image-result", G_CALLBACK (on_image_result), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "image-failed", G_CALLBACK (on_image_failed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "mask-saved", G_CALLBACK (on_mask_saved), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "mask-failed", G_CALLBACK (fv_window_toast), self,
                           G_CONNECT_SWAPPED);
}
