/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Three dictionaries in one, told apart by prefixes. */

#include "fv-checkpoint.h"

#include <math.h>

#include "fv-weights.h"

#define FORMAT "fovea-checkpoint-1"
#define MODEL "model."
#define OPTIMIZER "optimizer."
#define BEST "best."

void
fv_checkpoint_free (FvCheckpoint *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->model, fv_state_dict_unref);
  g_clear_pointer (&self->optimizer, fv_state_dict_unref);
  g_clear_pointer (&self->best, fv_state_dict_unref);
  g_free (self);
}

/* -- writing -------------------------------------------------------------------------------- */

static void
add_all (FvStateDict *all, const char *prefix, const FvStateDict *part)
{
  for (guint i = 0; part != NULL && i < fv_state_dict_get_length (part); i++) {
    g_autofree char *name = g_strconcat (prefix, fv_state_dict_get_name (part, i), NULL);

    fv_state_dict_add (all, name, fv_state_dict_get_tensor (part, i));
  }
}

gboolean
fv_checkpoint_save (const FvCheckpoint *self, const char *path, GError **error)
{
  g_autoptr (FvStateDict) all = fv_state_dict_new ();
  g_autofree char *step = g_strdup_printf ("%d", self->step);
  g_autofree char *epoch = g_strdup_printf ("%d", self->best_epoch);
  char seconds[G_ASCII_DTOSTR_BUF_SIZE], loss[G_ASCII_DTOSTR_BUF_SIZE];
  const char *const metadata[]
      = { "format",     FORMAT,
          "step",       step,
          "seconds",    g_ascii_dtostr (seconds, sizeof seconds, self->seconds),
          "best_epoch", epoch,
          "best_loss",  g_ascii_dtostr (loss, sizeof loss, self->best_loss),
          NULL };

  add_all (all, MODEL, self->model);
  add_all (all, OPTIMIZER, self->optimizer);
  add_all (all, BEST, self->best);
  return fv_safetensors_save (all, metadata, path, error);
}

/* -- reading -------------------------------------------------------------------------------- */

static gboolean
refuse (const char *path, GError **error)
{
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
               "“%s” is not a checkpoint that this version of Fovea wrote: remove the run's folder "
               "to start anew",
               path);
  return FALSE;
}

static gboolean
read_count (GHashTable *metadata, const char *name, int *count)
{
  const char *text = g_hash_table_lookup (metadata, name);
  guint64 value;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT, &value, NULL))
    return FALSE;
  *count = (int) value;
  return TRUE;
}

static gboolean
read_number (GHashTable *metadata, const char *name, double *number)
{
  const char *text = g_hash_table_lookup (metadata, name);
  char *end;

  if (text == NULL)
    return FALSE;
  *number = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' && *number >= 0;
}

static gboolean
read_metadata (FvCheckpoint *self, GHashTable *metadata)
{
  return g_strcmp0 (g_hash_table_lookup (metadata, "format"), FORMAT) == 0
         && read_count (metadata, "step", &self->step)
         && read_count (metadata, "best_epoch", &self->best_epoch)
         && read_number (metadata, "seconds", &self->seconds) && isfinite (self->seconds)
         && read_number (metadata, "best_loss", &self->best_loss);
}

/* Whether @name begins with @prefix; then @tensor is added to @part, made when it is missing. */
static gboolean
take (FvStateDict **part, const char *prefix, const char *name, FvTensor *tensor)
{
  if (!g_str_has_prefix (name, prefix))
    return FALSE;
  if (*part == NULL)
    *part = fv_state_dict_new ();
  fv_state_dict_add (*part, name + strlen (prefix), tensor);
  return TRUE;
}

static gboolean
split (FvCheckpoint *self, const FvStateDict *all)
{
  for (guint i = 0; i < fv_state_dict_get_length (all); i++) {
    const char *name = fv_state_dict_get_name (all, i);
    FvTensor *tensor = fv_state_dict_get_tensor (all, i);

    if (!take (&self->model, MODEL, name, tensor)
        && !take (&self->optimizer, OPTIMIZER, name, tensor)
        && !take (&self->best, BEST, name, tensor))
      return FALSE;
  }
  return self->model != NULL;
}

FvCheckpoint *
fv_checkpoint_load (const char *path, GError **error)
{
  g_autoptr (FvCheckpoint) self = g_new0 (FvCheckpoint, 1);
  g_autoptr (GHashTable) metadata = NULL;
  g_autoptr (FvStateDict) all = fv_safetensors_load_with_metadata (path, &metadata, error);

  if (all == NULL)
    return NULL;
  if (!read_metadata (self, metadata) || !split (self, all)) {
    refuse (path, error);
    return NULL;
  }
  if (self->optimizer == NULL)
    self->optimizer = fv_state_dict_new ();
  return g_steal_pointer (&self);
}
