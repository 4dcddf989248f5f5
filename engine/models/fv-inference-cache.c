/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A few entries, the one used last in front. */

#include "fv-inference-cache.h"

/* Each holds a copy of the weights: one for maps, one for predictions, and a change of layer. */
#define MAX_ENTRIES 3

typedef struct {
  FvInference *inference; /* NULL: there is none to be had, the graph itself is run */
  FvNodeId *wanted;
  gsize n_wanted;
  gint64 height, width;
} Entry;

struct _FvInferenceCache {
  GQueue entries;     /* of Entry */
  GPtrArray *weights; /* the parameters the entries were made with, */
  guint64 version;    /* and how often all of them had changed by then */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  fv_inference_free (entry->inference);
  g_free (entry->wanted);
  g_free (entry);
}

FvInferenceCache *
fv_inference_cache_new (void)
{
  FvInferenceCache *self = g_new0 (FvInferenceCache, 1);

  g_queue_init (&self->entries);
  self->weights = g_ptr_array_new_with_free_func ((GDestroyNotify) fv_tensor_unref);
  return self;
}

void
fv_inference_cache_clear (FvInferenceCache *self)
{
  g_queue_clear_full (&self->entries, entry_free);
  g_ptr_array_set_size (self->weights, 0);
}

void
fv_inference_cache_free (FvInferenceCache *self)
{
  if (self == NULL)
    return;
  fv_inference_cache_clear (self);
  g_ptr_array_unref (self->weights);
  g_free (self);
}

/* -- weights -------------------------------------------------------------------------------- */

static gboolean
weights_are_the_same (const FvInferenceCache *self, const FvGraph *graph)
{
  if (self->weights->len != fv_graph_get_n_parameters (graph))
    return FALSE;
  for (guint i = 0; i < self->weights->len; i++)
    if (g_ptr_array_index (self->weights, i) != fv_graph_get_parameter (graph, i))
      return FALSE;
  return fv_graph_get_version (graph) == self->version;
}

static void
remember_weights (FvInferenceCache *self, const FvGraph *graph)
{
  fv_inference_cache_clear (self);
  for (guint i = 0; i < fv_graph_get_n_parameters (graph); i++)
    g_ptr_array_add (self->weights, fv_tensor_ref (fv_graph_get_parameter (graph, i)));
  self->version = fv_graph_get_version (graph);
}

/* -- entries -------------------------------------------------------------------------------- */

static gboolean
fits (const Entry *entry, const FvTensor *input, const FvNodeId *wanted, gsize n_wanted)
{
  return entry->n_wanted == n_wanted && entry->height == fv_tensor_get_size (input, 2)
         && entry->width == fv_tensor_get_size (input, 3)
         && memcmp (entry->wanted, wanted, n_wanted * sizeof *wanted) == 0;
}

/* Moves the entry to the front. */
static Entry *
find_entry (FvInferenceCache *self, const FvTensor *input, const FvNodeId *wanted, gsize n_wanted)
{
  for (GList *link = self->entries.head; link != NULL; link = link->next)
    if (fits (link->data, input, wanted, n_wanted)) {
      g_queue_unlink (&self->entries, link);
      g_queue_push_head_link (&self->entries, link);
      return link->data;
    }
  return NULL;
}

static Entry *
add_entry (FvInferenceCache *self, FvGraph *graph, FvTensor *input, const FvNodeId *wanted,
           gsize n_wanted, GCancellable *cancellable, GError **error)
{
  GError *reason = NULL;
  FvInference *inference = fv_inference_new (graph, input, wanted, n_wanted, cancellable, &reason);
  Entry *entry;

  if (reason != NULL) {
    g_propagate_error (error, reason);
    return NULL;
  }
  if (self->entries.length >= MAX_ENTRIES)
    entry_free (g_queue_pop_tail (&self->entries));
  entry = g_new0 (Entry, 1);
  entry->inference = inference;
  entry->wanted = g_memdup2 (wanted, n_wanted * sizeof *wanted);
  entry->n_wanted = n_wanted;
  entry->height = fv_tensor_get_size (input, 2);
  entry->width = fv_tensor_get_size (input, 3);
  g_queue_push_head (&self->entries, entry);
  return entry;
}

static FvActivations *
run_original (FvGraph *graph, FvTensor *input, const FvNodeId *wanted, gsize n_wanted,
              GCancellable *cancellable, GError **error)
{
  g_autoptr (FvActivations) given = fv_activations_new ();

  fv_activations_set (given, fv_graph_get_input (graph), input);
  return fv_graph_run (graph, given, wanted, n_wanted, (FvRunMode){ 0 }, cancellable, error);
}

/* Pictures of a shape that the recorded graph has not been checked for go through it first. */
static gboolean
must_run_original (const FvGraph *graph, const FvTensor *input)
{
  return fv_tensor_get_n_dims (input) != 4 || fv_tensor_get_size (input, 0) == 0
         || fv_guards_must_check (fv_graph_get_guards (graph), input);
}

FvActivations *
fv_inference_cache_run (FvInferenceCache *self, FvGraph *graph, FvTensor *input,
                        const FvNodeId *wanted, gsize n_wanted, GCancellable *cancellable,
                        GError **error)
{
  Entry *entry;
  g_autoptr (GError) reason = NULL;
  FvActivations *found;

  if (must_run_original (graph, input))
    return run_original (graph, input, wanted, n_wanted, cancellable, error);
  if (!weights_are_the_same (self, graph))
    remember_weights (self, graph);
  entry = find_entry (self, input, wanted, n_wanted);
  if (entry == NULL)
    entry = add_entry (self, graph, input, wanted, n_wanted, cancellable, error);
  if (entry == NULL)
    return NULL;
  if (entry->inference == NULL)
    return run_original (graph, input, wanted, n_wanted, cancellable, error);
  found = fv_inference_run (entry->inference, input, cancellable, &reason);
  if (found != NULL || g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    if (reason != NULL)
      g_propagate_error (error, g_steal_pointer (&reason));
    return found;
  }
  /* What one picture could do, this batch cannot: the original decides. */
  g_clear_pointer (&entry->inference, fv_inference_free);
  return run_original (graph, input, wanted, n_wanted, cancellable, error);
}
