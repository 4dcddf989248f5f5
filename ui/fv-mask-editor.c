/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Joins mask, brush and history, and tells who listens. */

#include "fv-mask-editor.h"

#include "fv-brush.h"
#include "fv-mask-history.h"

/* A long afternoon of strokes on large photos; older steps are forgotten first. */
#define MAX_HISTORY_BYTES (128 * 1024 * 1024)

struct _FvMaskEditor {
  GObject parent_instance;

  FvMask *mask;
  FvMaskHistory *history;
  gboolean has_mask;
  gboolean stroking;
  gboolean can_undo; /* as last notified */
  gboolean can_redo;
};

enum { PROP_0, PROP_CAN_UNDO, PROP_CAN_REDO, PROP_HAS_MASK, N_PROPERTIES };
enum { CHANGED, COMMITTED, N_SIGNALS };

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (FvMaskEditor, fv_mask_editor, G_TYPE_OBJECT)

static void
set_flag (FvMaskEditor *self, gboolean *flag, gboolean value, int property)
{
  if (*flag == value)
    return;
  *flag = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
update_flags (FvMaskEditor *self)
{
  gboolean idle = !self->stroking;

  set_flag (self, &self->can_undo, idle && fv_mask_history_can_undo (self->history), PROP_CAN_UNDO);
  set_flag (self, &self->can_redo, idle && fv_mask_history_can_redo (self->history), PROP_CAN_REDO);
}

static void
emit_changed (FvMaskEditor *self, FvRect rect)
{
  if (!fv_rect_is_empty (rect))
    g_signal_emit (self, signals[CHANGED], 0, rect.x, rect.y, rect.width, rect.height);
}

static void
fv_mask_editor_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  FvMaskEditor *self = FV_MASK_EDITOR (object);

  switch (id) {
  case PROP_CAN_UNDO:
    g_value_set_boolean (value, self->can_undo);
    break;
  case PROP_CAN_REDO:
    g_value_set_boolean (value, self->can_redo);
    break;
  case PROP_HAS_MASK:
    g_value_set_boolean (value, self->has_mask);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
fv_mask_editor_finalize (GObject *object)
{
  FvMaskEditor *self = FV_MASK_EDITOR (object);

  g_clear_pointer (&self->history, fv_mask_history_free);
  g_clear_pointer (&self->mask, fv_mask_unref);
  G_OBJECT_CLASS (fv_mask_editor_parent_class)->finalize (object);
}

static void
fv_mask_editor_class_init (FvMaskEditorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->get_property = fv_mask_editor_get_property;
  object_class->finalize = fv_mask_editor_finalize;

  properties[PROP_CAN_UNDO] = g_param_spec_boolean ("can-undo", NULL, NULL, FALSE, flags);
  properties[PROP_CAN_REDO] = g_param_spec_boolean ("can-redo", NULL, NULL, FALSE, flags);
  properties[PROP_HAS_MASK] = g_param_spec_boolean ("has-mask", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  signals[CHANGED] = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 4, G_TYPE_INT, G_TYPE_INT, G_TYPE_INT, G_TYPE_INT);
  signals[COMMITTED]
      = g_signal_new ("committed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
fv_mask_editor_init (FvMaskEditor *self)
{
}

FvMaskEditor *
fv_mask_editor_new (FvMask *mask, int width, int height)
{
  FvMaskEditor *self = g_object_new (FV_TYPE_MASK_EDITOR, NULL);

  self->mask = mask ? fv_mask_ref (mask) : fv_mask_new (width, height);
  self->history = fv_mask_history_new (self->mask, MAX_HISTORY_BYTES);
  self->has_mask = mask != NULL;
  return self;
}

FvMask *
fv_mask_editor_get_mask (FvMaskEditor *self)
{
  g_return_val_if_fail (FV_IS_MASK_EDITOR (self), NULL);

  return self->mask;
}

gboolean
fv_mask_editor_get_can_undo (FvMaskEditor *self)
{
  g_return_val_if_fail (FV_IS_MASK_EDITOR (self), FALSE);

  return self->can_undo;
}

gboolean
fv_mask_editor_get_can_redo (FvMaskEditor *self)
{
  g_return_val_if_fail (FV_IS_MASK_EDITOR (self), FALSE);

  return self->can_redo;
}

gboolean
fv_mask_editor_get_has_mask (FvMaskEditor *self)
{
  g_return_val_if_fail (FV_IS_MASK_EDITOR (self), FALSE);

  return self->has_mask;
}

gboolean
fv_mask_editor_is_stroking (FvMaskEditor *self)
{
  g_return_val_if_fail (FV_IS_MASK_EDITOR (self), FALSE);

  return self->stroking;
}

void
fv_mask_editor_begin_stroke (FvMaskEditor *self)
{
  g_return_if_fail (FV_IS_MASK_EDITOR (self));
  g_return_if_fail (!self->stroking);

  self->stroking = TRUE;
  fv_mask_history_begin (self->history);
  update_flags (self);
}

void
fv_mask_editor_stroke_to (FvMaskEditor *self, double x0, double y0, double x1, double y1,
                          double radius, FvMaskState state)
{
  g_return_if_fail (FV_IS_MASK_EDITOR (self));
  g_return_if_fail (self->stroking);

  int width = fv_mask_get_width (self->mask);
  int height = fv_mask_get_height (self->mask);
  FvRect extents = fv_brush_get_extents (width, height, x0, y0, x1, y1, radius);

  if (fv_rect_is_empty (extents))
    return;

  fv_mask_history_touch (self->history, extents);
  emit_changed (self, fv_brush_stroke (self->mask, x0, y0, x1, y1, radius, state));
  if (state != FV_MASK_OUTSIDE)
    set_flag (self, &self->has_mask, TRUE, PROP_HAS_MASK);
}

/* Listeners of "committed" save the mask and read the flags: both are up to date by then. */
static void
commit (FvMaskEditor *self)
{
  update_flags (self);
  if (self->has_mask)
    g_signal_emit (self, signals[COMMITTED], 0);
}

void
fv_mask_editor_end_stroke (FvMaskEditor *self)
{
  g_return_if_fail (FV_IS_MASK_EDITOR (self));
  g_return_if_fail (self->stroking);

  fv_mask_history_end (self->history);
  self->stroking = FALSE;
  commit (self);
}

void
fv_mask_editor_undo (FvMaskEditor *self)
{
  g_return_if_fail (FV_IS_MASK_EDITOR (self));

  if (!self->can_undo)
    return;
  emit_changed (self, fv_mask_history_undo (self->history));
  commit (self);
}

void
fv_mask_editor_redo (FvMaskEditor *self)
{
  g_return_if_fail (FV_IS_MASK_EDITOR (self));

  if (!self->can_redo)
    return;
  emit_changed (self, fv_mask_history_redo (self->history));
  commit (self);
}
