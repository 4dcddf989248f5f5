/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A queue, the one used last in front: there are tens of entries, and comparing keys costs nothing
 * beside a network. */

#include "fv-inspection-cache.h"

typedef struct {
  FvInspection *inspection;
  guint64 version; /* of the model's weights */
  gboolean show;
  char *layer; /* as asked for; NULL is the default */
  char *picture;
  gsize bytes;
} Entry;

struct _FvInspectionCache {
  GQueue entries; /* of Entry */
  gsize bytes, max_bytes;
  FvTensor *last_input; /* the picture asked for last, and its digest */
  char *last_picture;
};

FvInspectionCache *
fv_inspection_cache_new (gsize max_bytes)
{
  FvInspectionCache *self = g_new0 (FvInspectionCache, 1);

  g_queue_init (&self->entries);
  self->max_bytes = max_bytes;
  return self;
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  fv_inspection_unref (entry->inspection);
  g_free (entry->layer);
  g_free (entry->picture);
  g_free (entry);
}

void
fv_inspection_cache_clear (FvInspectionCache *self)
{
  g_queue_clear_full (&self->entries, entry_free);
  self->bytes = 0;
  g_clear_pointer (&self->last_input, fv_tensor_unref);
  g_clear_pointer (&self->last_picture, g_free);
}

void
fv_inspection_cache_free (FvInspectionCache *self)
{
  if (self == NULL)
    return;
  fv_inspection_cache_clear (self);
  g_free (self);
}

guint
fv_inspection_cache_get_length (const FvInspectionCache *self)
{
  return self->entries.length;
}

gsize
fv_inspection_cache_get_bytes (const FvInspectionCache *self)
{
  return self->bytes;
}

/* -- keys ----------------------------------------------------------------------------------- */

/* A digest of shape and values. (transfer none); NULL with @error */
static const char *
identify (FvInspectionCache *self, FvTensor *input, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_MD5);
  g_autofree char *shape = fv_tensor_describe (input);
  g_autofree float *values = NULL;
  gsize n;

  if (input == self->last_input)
    return self->last_picture;
  values = fv_tensor_to_floats (input, &n, error);
  if (values == NULL)
    return NULL;
  g_checksum_update (checksum, (const guchar *) shape, -1);
  g_checksum_update (checksum, (const guchar *) values, (gssize) (n * sizeof *values));
  g_clear_pointer (&self->last_input, fv_tensor_unref);
  self->last_input = fv_tensor_ref (input);
  g_free (self->last_picture);
  self->last_picture = g_strdup (g_checksum_get_string (checksum));
  return self->last_picture;
}

static gsize
count_bytes (const FvInspection *inspection)
{
  return fv_activations_get_bytes (fv_inspection_get_activations (inspection))
         + (gsize) fv_inspection_get_n_images (inspection)
               * (gsize) fv_inspection_get_n_classes (inspection) * sizeof (float);
}

/* Moves the entry to the front. */
static Entry *
find_entry (FvInspectionCache *self, const Entry *key, const FvModel *model)
{
  for (GList *link = self->entries.head; link != NULL; link = link->next) {
    Entry *entry = link->data;

    if (fv_inspection_get_model (entry->inspection) != model || entry->version != key->version
        || entry->show != key->show || !g_str_equal (entry->picture, key->picture)
        || g_strcmp0 (entry->layer, key->layer) != 0)
      continue;
    g_queue_unlink (&self->entries, link);
    g_queue_push_head_link (&self->entries, link);
    return entry;
  }
  return NULL;
}

static void
drop_oldest (FvInspectionCache *self)
{
  Entry *oldest = g_queue_pop_tail (&self->entries);

  self->bytes -= oldest->bytes;
  entry_free (oldest);
}

/* Maps of weights that are gone are of no use to anybody. Neither are those of more models than
 * two, as many as are ever compared, and an entry keeps its model with all its weights. */
static void
drop_outdated (FvInspectionCache *self, const FvModel *model, guint64 version)
{
  const FvModel *other = NULL; /* of the other models the one used last */
  GList *next;

  for (GList *link = self->entries.head; link != NULL; link = next) {
    Entry *entry = link->data;
    const FvModel *owner = fv_inspection_get_model (entry->inspection);

    next = link->next;
    if (owner != model && other == NULL)
      other = owner;
    if (owner == model ? entry->version == version : owner == other)
      continue;
    self->bytes -= entry->bytes;
    entry_free (entry);
    g_queue_delete_link (&self->entries, link);
  }
}

static FvInspection *
add_entry (FvInspectionCache *self, const Entry *key)
{
  Entry *entry = g_memdup2 (key, sizeof *key);

  entry->layer = g_strdup (key->layer);
  entry->picture = g_strdup (key->picture);
  entry->bytes = count_bytes (entry->inspection);
  g_queue_push_head (&self->entries, entry);
  self->bytes += entry->bytes;
  while (self->bytes > self->max_bytes && self->entries.length > 1)
    drop_oldest (self);
  return entry->inspection;
}

FvInspection *
fv_inspection_cache_get (FvInspectionCache *self, FvModel *model, FvTensor *input, gboolean show,
                         const char *layer, GCancellable *cancellable, GError **error)
{
  Entry key = { .version = fv_model_get_version (model),
                .show = show,
                .layer = (char *) layer,
                .picture = (char *) identify (self, input, error) };
  Entry *found;

  if (key.picture == NULL)
    return NULL;
  found = find_entry (self, &key, model);
  if (found != NULL)
    return found->inspection;
  drop_outdated (self, model, key.version);
  key.inspection = show ? fv_inspection_new (model, input, layer, cancellable, error)
                        : fv_inspection_new_prediction (model, input, cancellable, error);
  return key.inspection != NULL ? add_entry (self, &key) : NULL;
}
