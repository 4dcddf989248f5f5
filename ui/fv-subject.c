/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-subject.h"

#include "fv-live-numbers.h"
#include "fv-photo.h"

/* Undo survives a look at other pictures, for this many of them. */
#define N_KEPT_EDITORS 8

typedef struct {
  gsize sample;
  FvMaskEditor *editor;
} KeptEditor;

struct _FvSubject {
  GObject parent_instance;

  FvSession *session;
  gssize sample; /* that was asked for; −1: none */
  char *layer;
  int target;
  gboolean compare;

  FvImage *image;
  FvMaskEditor *editor;
  gulong changed_handler; /* of the editor */
  gsize edited;           /* sample of image and editor: not yet the one that was asked for */
  FvMask *unsaved;        /* of the photo that is on its way; nullable */
  GQueue kept;            /* of KeptEditor, newest first */
  FvInspectResult *result;
  FvLiveNumbers *numbers; /* of the result and the editor's mask */

  GCancellable *loading;    /* non-NULL while a photo is on its way */
  GCancellable *inspecting; /* non-NULL while a map is on its way */
  gboolean stale;           /* ask again as soon as that map is here */
};

enum { PROP_0, PROP_BUSY, N_PROPS };
enum { PHOTO_CHANGED, RESULT_CHANGED, ALIGNMENT_CHANGED, MASK_COMMITTED, FAILED, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FvSubject, fv_subject, G_TYPE_OBJECT)

static void request_map (FvSubject *self);

static void
stop (GCancellable **cancellable)
{
  if (*cancellable != NULL)
    g_cancellable_cancel (*cancellable);
  g_clear_object (cancellable);
}

static void
fail (FvSubject *self, const GError *error)
{
  g_signal_emit (self, signals[FAILED], 0, error->message);
}

/* -- alignment ------------------------------------------------------------------------------ */

static void
tell_alignment (gpointer self)
{
  g_signal_emit (self, signals[ALIGNMENT_CHANGED], 0);
}

static void
measure_alignment (FvSubject *self)
{
  gboolean has_mask = self->editor != NULL && fv_mask_editor_get_has_mask (self->editor);

  fv_live_numbers_set_mask (self->numbers,
                            has_mask ? fv_mask_editor_get_mask (self->editor) : NULL);
  tell_alignment (self);
}

static void
on_mask_changed (FvSubject *self, int x, int y, int width, int height)
{
  fv_live_numbers_touch (self->numbers, (FvRect){ x, y, width, height });
  tell_alignment (self);
}

static void
set_result (FvSubject *self, FvInspectResult *result)
{
  g_clear_pointer (&self->result, fv_inspect_result_unref);
  self->result = result;
  fv_live_numbers_set_result (self->numbers, result);
  g_signal_emit (self, signals[RESULT_CHANGED], 0);
  tell_alignment (self);
}

/* -- the map -------------------------------------------------------------------------------- */

static void
on_inspected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FvSubject) self = user_data;
  g_autoptr (GError) error = NULL;
  FvInspectResult *answer = fv_session_inspect_finish (FV_SESSION (source), result, &error);

  /* A cancelled request was replaced: whoever replaced it has cleared or renewed “inspecting”. */
  if (g_task_get_cancellable (G_TASK (result)) != self->inspecting) {
    g_clear_pointer (&answer, fv_inspect_result_unref);
    return;
  }
  g_clear_object (&self->inspecting);
  set_result (self, answer);
  if (answer == NULL)
    fail (self, error);
  if (self->stale)
    request_map (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

static void
request_map (FvSubject *self)
{
  self->stale = FALSE;
  stop (&self->inspecting);
  if (self->image == NULL || fv_session_get_model (self->session) == NULL) {
    set_result (self, NULL);
    return;
  }
  self->inspecting = g_cancellable_new ();
  fv_session_inspect_async (
      self->session,
      &(FvInspectQuestion){ .image = self->image,
                            .method = fv_session_get_method (self->session)->key,
                            .layer = self->layer,
                            .target = self->target,
                            .before = self->compare,
                            .seed = self->edited },
      self->inspecting, on_inspected, g_object_ref (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

/* A lesson asks often: one question at a time, the newest weights at the end. */
void
fv_subject_refresh (FvSubject *self)
{
  if (self->inspecting != NULL)
    self->stale = TRUE;
  else
    request_map (self);
}

static void
on_model_changed (FvSubject *self)
{
  const FvModelInfo *model = fv_session_get_model (self->session);
  gboolean known = self->layer == NULL;

  for (gsize i = 0; i < model->n_layers && !known; i++)
    known = g_str_equal (model->layers[i].name, self->layer);
  if (!known)
    g_clear_pointer (&self->layer, g_free);
  if (self->target >= model->n_classes)
    self->target = -1;
  request_map (self);
}

/* -- the mask ------------------------------------------------------------------------------- */

void
fv_subject_commit (FvSubject *self)
{
  if (self->editor != NULL && fv_mask_editor_is_stroking (self->editor))
    fv_mask_editor_end_stroke (self->editor);
}

static void
on_committed (FvSubject *self)
{
  if (!fv_mask_editor_get_has_mask (self->editor))
    return;
  fv_live_numbers_settle (self->numbers);
  fv_session_save_mask (self->session, self->edited, fv_mask_editor_get_mask (self->editor));
  g_signal_emit (self, signals[MASK_COMMITTED], 0);
}

static void
set_editor (FvSubject *self, FvMaskEditor *editor)
{
  if (self->editor != NULL) {
    g_signal_handlers_disconnect_by_data (self->editor, self);
    g_clear_object (&self->editor);
  }
  if (editor == NULL)
    return;
  self->editor = g_object_ref (editor);
  self->changed_handler = g_signal_connect_object (editor, "changed", G_CALLBACK (on_mask_changed),
                                                   self, G_CONNECT_SWAPPED);
  g_signal_connect_object (editor, "notify::has-mask", G_CALLBACK (measure_alignment), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (editor, "committed", G_CALLBACK (on_committed), self, G_CONNECT_SWAPPED);
}

static void
kept_editor_free (KeptEditor *kept)
{
  g_object_unref (kept->editor);
  g_free (kept);
}

static gboolean
has_size_of (const FvMask *mask, const FvImage *image)
{
  return fv_mask_get_width (mask) == fv_image_get_width (image)
         && fv_mask_get_height (mask) == fv_image_get_height (image);
}

/* (transfer full) (nullable) */
static KeptEditor *
take_kept_editor (FvSubject *self, gsize sample)
{
  for (GList *link = self->kept.head; link != NULL; link = link->next) {
    KeptEditor *kept = link->data;

    if (kept->sample == sample) {
      g_queue_delete_link (&self->kept, link);
      return kept;
    }
  }
  return NULL;
}

/* What was painted but is not on the disk is newer than what is; unless the photo's file has been
 * replaced by one of another size, which makes both meaningless. (transfer full) */
static KeptEditor *
new_editor (FvSubject *self, gsize sample, const FvPhoto *photo)
{
  KeptEditor *kept = g_new (KeptEditor, 1);
  gboolean use_unsaved = self->unsaved != NULL && has_size_of (self->unsaved, photo->image);

  kept->sample = sample;
  kept->editor
      = fv_mask_editor_new (use_unsaved ? self->unsaved : photo->mask,
                            fv_image_get_width (photo->image), fv_image_get_height (photo->image));
  return kept;
}

/* The editor of this picture from the last time, or a new one. (transfer none) */
static FvMaskEditor *
find_editor (FvSubject *self, gsize sample, const FvPhoto *photo)
{
  KeptEditor *kept = take_kept_editor (self, sample);

  if (kept != NULL && !has_size_of (fv_mask_editor_get_mask (kept->editor), photo->image))
    g_clear_pointer (&kept, kept_editor_free);
  if (kept == NULL)
    kept = new_editor (self, sample, photo);
  g_queue_push_head (&self->kept, kept);
  if (self->kept.length > N_KEPT_EDITORS)
    kept_editor_free (g_queue_pop_tail (&self->kept));
  return kept->editor;
}

/* Rewrites the pixels that differ as strokes of one pixel's height, which the history records as
 * any other stroke. */
static void
paint_mask (FvMaskEditor *editor, const FvMask *original)
{
  FvMask *mask = fv_mask_editor_get_mask (editor);
  int width = fv_mask_get_width (mask);
  int height = fv_mask_get_height (mask);

  fv_mask_editor_begin_stroke (editor);
  for (int y = 0; y < height; y++) {
    const guint8 *have = fv_mask_peek (mask) + (gsize) y * (gsize) width;
    const guint8 *want = fv_mask_peek (original) + (gsize) y * (gsize) width;

    for (int x = 0; x < width; x++) {
      int end = x;

      if (have[x] == want[x])
        continue;
      while (end + 1 < width && want[end + 1] == want[x])
        end++;
      fv_mask_editor_stroke_to (editor, x + 0.5, y + 0.5, end + 0.5, y + 0.5, 0.5,
                                (FvMaskState) want[x]);
      x = end;
    }
  }
  fv_mask_editor_end_stroke (editor);
}

/* Measured once, not at each of thousands of small strokes. */
static void
restore_mask (FvSubject *self, const FvMask *original)
{
  fv_subject_commit (self);
  g_signal_handler_block (self->editor, self->changed_handler);
  paint_mask (self->editor, original);
  g_signal_handler_unblock (self->editor, self->changed_handler);
  measure_alignment (self);
}

static FvMask *
get_original (FvSubject *self, const FvPhoto *photo, GError **error)
{
  if (photo->mask_error != NULL) {
    g_propagate_error (error, g_error_copy (photo->mask_error));
    return NULL;
  }
  if (!has_size_of (fv_mask_editor_get_mask (self->editor), photo->image)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                         "The picture's file has been replaced by one of another size.");
    return NULL;
  }
  return photo->mask != NULL
             ? fv_mask_ref (photo->mask)
             : fv_mask_new (fv_image_get_width (photo->image), fv_image_get_height (photo->image));
}

static void
on_original_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FvSubject) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FvPhoto) photo = fv_photo_load_finish (result, &error);
  g_autoptr (FvMask) mask = NULL;

  if (g_task_get_cancellable (G_TASK (result)) != self->loading)
    return;
  g_clear_object (&self->loading);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
  mask = photo == NULL ? NULL : get_original (self, photo, &error);
  if (mask == NULL)
    fail (self, error);
  else
    restore_mask (self, mask);
}

void
fv_subject_revert_mask (FvSubject *self)
{
  if (self->editor == NULL || self->loading != NULL)
    return;
  self->loading = g_cancellable_new ();
  fv_photo_load_async (fv_session_get_dataset (self->session), (gsize) self->sample, TRUE,
                       self->loading, on_original_loaded, g_object_ref (self));
}

/* -- the photo ------------------------------------------------------------------------------ */

static void
set_photo (FvSubject *self, const FvPhoto *photo)
{
  fv_subject_commit (self);
  g_clear_pointer (&self->image, fv_image_unref);
  set_editor (self, photo == NULL ? NULL : find_editor (self, (gsize) self->sample, photo));
  g_clear_pointer (&self->unsaved, fv_mask_unref);
  if (photo != NULL) {
    self->edited = (gsize) self->sample;
    self->image = fv_image_ref (photo->image);
  }
  set_result (self, NULL);
  measure_alignment (self);
  g_signal_emit (self, signals[PHOTO_CHANGED], 0);
  request_map (self);
}

static void
on_photo_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (FvSubject) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (FvPhoto) photo = fv_photo_load_finish (result, &error);

  if (g_task_get_cancellable (G_TASK (result)) != self->loading)
    return;
  g_clear_object (&self->loading);
  set_photo (self, photo);
  if (photo == NULL)
    fail (self, error);
  else if (photo->mask_error != NULL)
    fail (self, photo->mask_error);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

void
fv_subject_set_sample (FvSubject *self, gssize sample)
{
  g_return_if_fail (FV_IS_SUBJECT (self));

  if (self->sample == sample)
    return;
  fv_subject_commit (self);
  self->sample = sample;
  stop (&self->loading);
  stop (&self->inspecting);
  g_clear_pointer (&self->unsaved, fv_mask_unref);
  if (sample < 0) {
    set_photo (self, NULL);
    return;
  }
  /* Asked for before the disk is: in between it may be written. */
  self->unsaved = fv_session_dup_unsaved_mask (self->session, (gsize) sample);
  self->loading = g_cancellable_new ();
  fv_photo_load_async (fv_session_get_dataset (self->session), (gsize) sample, FALSE, self->loading,
                       on_photo_loaded, g_object_ref (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

/* Samples will be numbered anew: nothing of the old folder may be kept under its number. */
static void
on_dataset_closing (FvSubject *self)
{
  fv_subject_set_sample (self, -1);
  g_queue_clear_full (&self->kept, (GDestroyNotify) kept_editor_free);
}

/* -- choices and answers -------------------------------------------------------------------- */

void
fv_subject_set_layer (FvSubject *self, const char *layer)
{
  if (g_strcmp0 (self->layer, layer) == 0)
    return;
  g_free (self->layer);
  self->layer = g_strdup (layer);
  request_map (self);
}

void
fv_subject_set_target (FvSubject *self, int target)
{
  if (self->target == target)
    return;
  self->target = target;
  request_map (self);
}

void
fv_subject_set_compare (FvSubject *self, gboolean compare)
{
  if (self->compare == compare)
    return;
  self->compare = compare;
  request_map (self);
}

gssize
fv_subject_get_sample (FvSubject *self)
{
  return self->sample;
}

const char *
fv_subject_get_layer (FvSubject *self)
{
  return self->layer;
}

int
fv_subject_get_target (FvSubject *self)
{
  return self->target;
}

FvImage *
fv_subject_get_image (FvSubject *self)
{
  return self->image;
}

FvMaskEditor *
fv_subject_get_editor (FvSubject *self)
{
  return self->editor;
}

FvInspectResult *
fv_subject_get_result (FvSubject *self)
{
  return self->result;
}

FvAlignment
fv_subject_get_alignment (FvSubject *self)
{
  return fv_live_numbers_get (self->numbers);
}

gboolean
fv_subject_get_busy (FvSubject *self)
{
  return self->loading != NULL || self->inspecting != NULL;
}

gboolean
fv_subject_is_default_view (FvSubject *self)
{
  return self->layer == NULL && self->target < 0;
}

/* -- object --------------------------------------------------------------------------------- */

static void
fv_subject_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_BUSY)
    g_value_set_boolean (value, fv_subject_get_busy (FV_SUBJECT (object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
fv_subject_dispose (GObject *object)
{
  FvSubject *self = FV_SUBJECT (object);

  stop (&self->loading);
  stop (&self->inspecting);
  set_editor (self, NULL);
  g_queue_clear_full (&self->kept, (GDestroyNotify) kept_editor_free);
  g_clear_pointer (&self->image, fv_image_unref);
  g_clear_pointer (&self->unsaved, fv_mask_unref);
  g_clear_pointer (&self->result, fv_inspect_result_unref);
  g_clear_pointer (&self->layer, g_free);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (fv_subject_parent_class)->dispose (object);
}

static void
fv_subject_finalize (GObject *object)
{
  fv_live_numbers_free (FV_SUBJECT (object)->numbers);

  G_OBJECT_CLASS (fv_subject_parent_class)->finalize (object);
}

static void
fv_subject_class_init (FvSubjectClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const char *names[]
      = { "photo-changed", "result-changed", "alignment-changed", "mask-committed" };

  object_class->get_property = fv_subject_get_property;
  object_class->dispose = fv_subject_dispose;
  object_class->finalize = fv_subject_finalize;

  properties[PROP_BUSY]
      = g_param_spec_boolean ("busy", NULL, NULL, FALSE,
                              G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    signals[PHOTO_CHANGED + i] = g_signal_new (names[i], FV_TYPE_SUBJECT, G_SIGNAL_RUN_LAST, 0,
                                               NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FAILED] = g_signal_new ("failed", FV_TYPE_SUBJECT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
fv_subject_init (FvSubject *self)
{
  self->sample = -1;
  self->target = -1;
  self->numbers = fv_live_numbers_new (tell_alignment, self);
  g_queue_init (&self->kept);
}

FvSubject *
fv_subject_new (FvSession *session)
{
  FvSubject *self = g_object_new (FV_TYPE_SUBJECT, NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "model-changed", G_CALLBACK (on_model_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::method", G_CALLBACK (request_map), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "dataset-closing", G_CALLBACK (on_dataset_closing), self,
                           G_CONNECT_SWAPPED);
  return self;
}
