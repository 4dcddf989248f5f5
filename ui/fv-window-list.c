/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The list's numbers: measuring every picture in the background, and the current one again when
 * its mask has changed. */

#include "fv-window-private.h"

/* How often the list is sorted anew while results come in, ms. */
#define RESORT_INTERVAL 2000
/* A picture that has been on screen for longer is not taken away by the list, µs. */
#define CHOOSING_TIME (15 * G_USEC_PER_SEC)

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
      n_masked += fv_image_list_model_get_record (model, i)->has_mask;
    }
  fv_teach_panel_set_masks (self->teach_panel, n_train, n_masked);
}

static gboolean
on_resort (gpointer user_data)
{
  FvWindow *self = user_data;

  self->resort_source = 0;
  fv_image_list_resort (self->list);
  fv_window_refresh_plots (self);
  update_mask_counts (self);
  return G_SOURCE_REMOVE;
}

/* -- the first picture ---------------------------------------------------------------------- */

void
fv_window_let_list_choose (FvWindow *self)
{
  self->choose_first_until = g_get_monotonic_time () + CHOOSING_TIME;
}

/* Nobody has chosen a picture, a layer or a class, or gone to paint or teach. */
static gboolean
is_untouched (FvWindow *self)
{
  return fv_image_list_get_selected (self->list) == self->chosen_by_nobody
         && fv_subject_is_default_view (self->subject)
         && g_strcmp0 (adw_view_stack_get_visible_child_name (self->panels), "inspect") == 0;
}

/* The first picture shown tells why there is something to teach: the first test picture that the
 * network gets wrong while its map misses the object. */
static void
choose_first (FvWindow *self, const FvImageResult *result)
{
  FvDataset *dataset = fv_session_get_dataset (self->session);

  if (self->choose_first_until == 0
      || fv_dataset_get_sample (dataset, result->sample)->split != FV_SPLIT_TEST
      || !fv_model_info_has_classes_of (fv_session_get_model (self->session), dataset)
      || result->right || !result->alignment.defined
      || result->alignment.values[FV_ALIGNMENT_ENERGY] >= result->alignment.area)
    return;
  if (g_get_monotonic_time () < self->choose_first_until && is_untouched (self))
    fv_image_list_select (self->list, result->sample);
  self->choose_first_until = 0;
}

/* Test pictures first while one of them is looked for; otherwise as the list shows them. */
static GArray *
dup_order (FvWindow *self)
{
  FvDataset *dataset = fv_session_get_dataset (self->session);
  g_autoptr (GArray) listed = fv_image_list_model_dup_order (fv_image_list_get_model (self->list));
  GArray *order;

  if (self->choose_first_until == 0)
    return g_steal_pointer (&listed);
  order = g_array_new (FALSE, FALSE, sizeof (gsize));
  for (int rest = 0; rest < 2; rest++)
    for (guint i = 0; i < listed->len; i++) {
      gsize sample = g_array_index (listed, gsize, i);

      if ((fv_dataset_get_sample (dataset, sample)->split != FV_SPLIT_TEST) == rest)
        g_array_append_val (order, sample);
    }
  return order;
}

/* -- measuring ------------------------------------------------------------------------------ */

static void
on_image_result (FvWindow *self, const FvImageResult *result)
{
  FvImageListModel *model = fv_image_list_get_model (self->list);
  FvImageRecord record = *fv_image_list_model_get_record (model, result->sample);

  fv_image_record_set_result (&record, result);
  fv_image_list_model_set_record (model, result->sample, &record);
  if (self->resort_source == 0)
    self->resort_source = g_timeout_add (RESORT_INTERVAL, on_resort, self);
  choose_first (self, result);
}

static void
on_image_failed (FvWindow *self, guint64 sample, const char *why)
{
  FvImageListModel *model = fv_image_list_get_model (self->list);
  FvImageRecord record = *fv_image_list_model_get_record (model, sample);

  g_debug ("%s", why);
  record.failed = TRUE;
  fv_image_list_model_set_record (model, sample, &record);
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
  if (self->list == NULL)
    return;
  fv_image_list_resort (self->list);
  fv_window_refresh_plots (self);
}

void
fv_window_stop_evaluation (FvWindow *self)
{
  if (self->evaluating != NULL)
    g_cancellable_cancel (self->evaluating);
  g_clear_object (&self->evaluating);
  fv_window_stop_measuring (self);
}

/* Of @order, what is not measured. (transfer full) */
static GArray *
list_unmeasured (FvWindow *self, const GArray *order)
{
  FvImageListModel *model = fv_image_list_get_model (self->list);
  GArray *rest = g_array_new (FALSE, FALSE, sizeof (gsize));

  for (guint i = 0; i < order->len; i++) {
    gsize sample = g_array_index (order, gsize, i);

    if (!fv_image_list_model_get_record (model, sample)->measured)
      g_array_append_val (rest, sample);
  }
  return rest;
}

static gboolean
can_evaluate (FvWindow *self)
{
  const FvModelInfo *model_info = fv_session_get_model (self->session);

  return !self->closing && fv_session_get_dataset (self->session) != NULL && model_info != NULL
         && model_info->can_show;
}

static void
evaluate (FvWindow *self, const GArray *order)
{
  self->evaluating = g_cancellable_new ();
  fv_session_evaluate_async (self->session, (const gsize *) (gconstpointer) order->data, order->len,
                             self->evaluating, on_evaluated, g_object_ref (self));
}

void
fv_window_start_evaluation (FvWindow *self)
{
  g_autoptr (GArray) order = NULL;

  fv_window_stop_evaluation (self);
  if (!can_evaluate (self))
    return;
  /* What the list is sorted by is forgotten now: it waits for new numbers in its old order. */
  g_clear_handle_id (&self->resort_source, g_source_remove);
  order = dup_order (self);
  fv_image_list_model_forget (fv_image_list_get_model (self->list));
  evaluate (self, order);
}

void
fv_window_continue_evaluation (FvWindow *self)
{
  g_autoptr (GArray) order = NULL;
  g_autoptr (GArray) rest = NULL;

  fv_window_stop_evaluation (self);
  if (!can_evaluate (self))
    return;
  order = dup_order (self);
  rest = list_unmeasured (self, order);
  if (rest->len > 0)
    evaluate (self, rest);
}

/* The map on screen may be just what the list wants to know; else the engine measures again. */
static void
remeasure (FvWindow *self, gsize sample)
{
  FvImageListModel *model = fv_image_list_get_model (self->list);
  const FvModelInfo *model_info = fv_session_get_model (self->session);
  FvImageRecord record = *fv_image_list_model_get_record (model, sample);
  FvAlignment alignment;

  if ((gssize) sample == fv_subject_get_sample (self->subject)
      && fv_subject_is_default_view (self->subject) && !fv_subject_get_busy (self->subject)
      && fv_subject_get_result (self->subject) != NULL) {
    alignment = fv_subject_get_alignment (self->subject);
    fv_image_record_set_alignment (&record, &alignment);
    fv_image_list_model_set_record (model, sample, &record);
  } else if (model_info != NULL && model_info->can_show) {
    fv_session_evaluate_async (self->session, &sample, 1, NULL, on_evaluated, g_object_ref (self));
  }
}

static void
on_mask_saved (FvWindow *self, guint64 sample, const char *why)
{
  FvImageListModel *model = fv_image_list_get_model (self->list);
  FvImageRecord record = *fv_image_list_model_get_record (model, sample);

  record.has_mask = TRUE;
  record.unsaved = why != NULL;
  fv_image_list_model_set_record (model, sample, &record);
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
  self->chosen_by_nobody = fv_image_list_get_selected (self->list);
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

/* Somebody knows their way about: the list chooses no picture for them. */
static void
on_method_changed (FvWindow *self)
{
  self->choose_first_until = 0;
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
  g_signal_connect_object (self->session, "notify::method", G_CALLBACK (on_method_changed), self,
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
