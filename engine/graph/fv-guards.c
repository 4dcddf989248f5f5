/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Guards, and the input shapes they have been checked for. */

#include "fv-guards.h"

typedef struct {
  FvNodeId node;
  FvValue expected;
} Guard;

struct _FvGuards {
  GArray *guards;      /* Guard */
  GHashTable *checked; /* descriptions of inputs */
};

static void
clear_guard (gpointer data)
{
  fv_value_clear (&((Guard *) data)->expected);
}

FvGuards *
fv_guards_new (void)
{
  FvGuards *self = g_new0 (FvGuards, 1);

  self->guards = g_array_new (FALSE, FALSE, sizeof (Guard));
  g_array_set_clear_func (self->guards, clear_guard);
  self->checked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
fv_guards_free (FvGuards *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->guards);
  g_hash_table_unref (self->checked);
  g_free (self);
}

void
fv_guards_add (FvGuards *self, FvNodeId node, const FvValue *expected)
{
  Guard guard = { node, fv_value_copy (expected) };

  g_array_append_val (self->guards, guard);
}

guint
fv_guards_get_length (const FvGuards *self)
{
  return self->guards->len;
}

FvNodeId
fv_guards_get_node (const FvGuards *self, guint index)
{
  g_assert (index < self->guards->len);
  return g_array_index (self->guards, Guard, index).node;
}

const FvValue *
fv_guards_get_expected (const FvGuards *self, guint index)
{
  g_assert (index < self->guards->len);
  return &g_array_index (self->guards, Guard, index).expected;
}

gboolean
fv_guards_must_check (const FvGuards *self, const FvTensor *input)
{
  g_autofree char *shape = NULL;

  if (self->guards->len == 0)
    return FALSE;
  shape = fv_tensor_describe (input);
  return !g_hash_table_contains (self->checked, shape);
}

void
fv_guards_set_checked (FvGuards *self, const FvTensor *input)
{
  g_hash_table_add (self->checked, fv_tensor_describe (input));
}

gboolean
fv_guards_check (const FvGuards *self, guint index, const FvValue *value, const FvTensor *input,
                 GError **error)
{
  g_autofree char *shape = NULL;

  if (value != NULL && fv_value_equal (value, fv_guards_get_expected (self, index)))
    return TRUE;
  shape = fv_tensor_describe (input);
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
               "this network takes another path for a batch of shape %s than the one it was read "
               "for; give it pictures of the size it was made for",
               shape);
  return FALSE;
}
