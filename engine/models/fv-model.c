/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A model: graph, weights, card. Its state, saving it, changing its head. */

#include "fv-model.h"

#include <glib/gstdio.h>

#include "fv-architecture.h"
#include "fv-autograd.h"
#include "fv-batch-size.h"
#include "fv-graph-prune.h"
#include "fv-inference-cache.h"
#include "fv-model-layers.h"
#include "fv-script-door.h"
#include "fv-weights.h"

#define DEFAULT_CLASSES 1000

struct _FvModel {
  gatomicrefcount references;
  FvGraph *graph;
  FvCard *card;
  int n_classes;
  char *script;                 /* the TorchScript file it came from, or NULL */
  FvModelSource source;         /* strings owned */
  const FvLayer *default_layer; /* one of these, found when first asked for */
  GPtrArray *layers;            /* of FvLayer, found when first asked for */
  FvAttention *attention;       /* found when first asked for */
  FvInferenceCache *fast;       /* the graph rewritten for forward passes */
  gboolean is_learning;
  int batch_size, batch_height, batch_width; /* 0 until asked for */
};

FvModel *
fv_model_new_for_graph (FvGraph *graph, const FvCard *card, int n_classes)
{
  FvModel *self = g_new0 (FvModel, 1);

  g_atomic_ref_count_init (&self->references);
  self->graph = fv_graph_ref (graph);
  self->card = fv_card_copy (card);
  self->n_classes = n_classes;
  self->fast = fv_inference_cache_new ();
  return self;
}

FvModel *
fv_model_new (const FvCard *card, int n_classes, guint64 seed, GError **error)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();

  if (n_classes == 0)
    n_classes = card->classes != NULL ? (int) g_strv_length (card->classes) : DEFAULT_CLASSES;
  if (!fv_architecture_build (graph, card->architecture, n_classes, card->same_padding, error)
      || !fv_architecture_initialise (graph, FALSE, seed, error))
    return NULL;
  return fv_model_new_for_graph (graph, card, n_classes);
}

void
fv_model_set_script (FvModel *self, const char *path)
{
  g_free (self->script);
  self->script = g_strdup (path);
}

char *
fv_model_source_resolve (const char *name)
{
  return name != NULL && g_file_test (name, G_FILE_TEST_EXISTS)
             ? g_canonicalize_filename (name, NULL)
             : g_strdup (name);
}

static void
clear_source (FvModel *self)
{
  g_free ((char *) self->source.model);
  g_free ((char *) self->source.weights);
  g_free ((char *) self->source.card);
  g_free ((char *) self->source.logits);
}

void
fv_model_set_source (FvModel *self, const FvModelSource *source)
{
  const FvModelSource copy
      = { fv_model_source_resolve (source->model), fv_model_source_resolve (source->weights),
          fv_model_source_resolve (source->card), g_strdup (source->logits) };

  clear_source (self);
  self->source = copy;
}

const FvModelSource *
fv_model_get_source (const FvModel *self)
{
  return &self->source;
}

FvModel *
fv_model_ref (FvModel *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
fv_model_unref (FvModel *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->references))
    return;
  g_clear_pointer (&self->layers, g_ptr_array_unref);
  fv_attention_free (self->attention);
  fv_inference_cache_free (self->fast);
  fv_graph_unref (self->graph);
  fv_card_free (self->card);
  g_free (self->script);
  clear_source (self);
  g_free (self);
}

FvGraph *
fv_model_get_graph (const FvModel *self)
{
  return self->graph;
}

const FvCard *
fv_model_get_card (const FvModel *self)
{
  return self->card;
}

int
fv_model_get_n_classes (const FvModel *self)
{
  return self->n_classes;
}

void
fv_model_set_multi_label (FvModel *self, gboolean multi_label)
{
  self->card->multi_label = multi_label;
}

void
fv_model_set_learning (FvModel *self, gboolean is_learning)
{
  self->is_learning = is_learning;
  if (is_learning)
    fv_inference_cache_clear (self->fast);
}

guint64
fv_model_get_version (const FvModel *self)
{
  return fv_graph_get_version (self->graph);
}

FvActivations *
fv_model_run_exactly (FvModel *self, FvTensor *input, const FvNodeId *wanted, gsize n_wanted,
                      GCancellable *cancellable, GError **error)
{
  g_autoptr (FvNoGrad) no_grad = fv_no_grad_enter ();
  g_autoptr (FvActivations) given = fv_activations_new ();

  fv_activations_set (given, fv_graph_get_input (self->graph), input);
  return fv_graph_run (self->graph, given, wanted, n_wanted, (FvRunMode){ 0 }, cancellable, error);
}

FvActivations *
fv_model_run (FvModel *self, FvTensor *input, const FvNodeId *wanted, gsize n_wanted,
              GCancellable *cancellable, GError **error)
{
  g_autoptr (FvNoGrad) no_grad = fv_no_grad_enter ();

  if (self->is_learning)
    return fv_model_run_exactly (self, input, wanted, n_wanted, cancellable, error);
  return fv_inference_cache_run (self->fast, self->graph, input, wanted, n_wanted, cancellable,
                                 error);
}

int
fv_model_get_batch_size (FvModel *self, int height, int width, GError **error)
{
  if (self->batch_size == 0 || self->batch_height != height || self->batch_width != width) {
    self->batch_size = fv_batch_size_choose (self->graph, height, width, error);
    self->batch_height = height;
    self->batch_width = width;
  }
  return self->batch_size;
}

GPtrArray *
fv_model_get_layers (FvModel *self, GError **error)
{
  if (self->layers == NULL)
    self->layers = fv_model_layers_find (self->graph, self->card, error);
  return self->layers;
}

const FvLayer *
fv_model_get_default_layer (FvModel *self, GError **error)
{
  GPtrArray *layers = fv_model_get_layers (self, error);

  if (layers != NULL && self->default_layer == NULL)
    self->default_layer = fv_model_layers_get_default (self->graph, self->card, layers, error);
  return self->default_layer;
}

const FvLayer *
fv_model_find_layer (FvModel *self, const char *name, GError **error)
{
  GPtrArray *layers = fv_model_get_layers (self, error);

  for (guint i = 0; layers != NULL && i < layers->len; i++) {
    const FvLayer *layer = g_ptr_array_index (layers, i);

    if (g_str_equal (layer->name, name))
      return layer;
  }
  if (layers != NULL && fv_graph_find_layer (self->graph, name, error) != FV_NODE_NONE)
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "layer “%s” has no height and width to draw a map on", name);
  return NULL;
}

const FvAttention *
fv_model_get_attention (FvModel *self, GError **error)
{
  GPtrArray *layers = fv_model_get_layers (self, error);

  if (layers != NULL && self->attention == NULL)
    self->attention = fv_attention_find (self->graph, self->card, layers, error);
  if (layers != NULL && self->attention == NULL && self->source.model != NULL)
    g_prefix_error (error, "“%s”: ", self->source.model);
  return self->attention;
}

/* -- heads ---------------------------------------------------------------------------------- */

/* The same graph with tensors of its own. */
static FvGraph *
copy_graph (FvGraph *graph, GError **error)
{
  g_autoptr (FvGraph) copy = fv_graph_prune (graph);

  for (guint i = 0; i < fv_graph_get_n_parameters (copy); i++) {
    g_autoptr (FvTensor) tensor = fv_tensor_clone (fv_graph_get_parameter (copy, i), error);

    if (tensor == NULL)
      return NULL;
    fv_graph_set_parameter (copy, i, tensor);
  }
  return g_steal_pointer (&copy);
}

/* Zeros of the parameter's shape but for @n rows. */
static gboolean
set_rows (FvGraph *graph, guint parameter, gint64 n, GError **error)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *old = fv_graph_get_parameter (graph, parameter);
  gint64 shape[FV_TENSOR_MAX_DIMS] = { n };
  FvTensor *zeros;

  for (int i = 1; i < fv_tensor_get_n_dims (old); i++)
    shape[i] = fv_tensor_get_size (old, i);
  zeros = fv_call (scope, "aten::new_zeros", fv_of (old),
                   fv_int_list (shape, (gsize) fv_tensor_get_n_dims (old)));
  if (!fv_scope_check (scope, error))
    return FALSE;
  fv_graph_set_parameter (graph, parameter, zeros);
  return TRUE;
}

static gboolean
replace_head (FvGraph *graph, int n_classes, GError **error)
{
  guint weight, bias;

  if (!fv_architecture_find_head (graph, &weight, &bias)) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT,
                 "the network does not end in a linear layer or a convolution, so it cannot be "
                 "given %d other classes",
                 n_classes);
    return FALSE;
  }
  return set_rows (graph, weight, n_classes, error)
         && (bias == FV_NODE_NONE || set_rows (graph, bias, n_classes, error));
}

/* A model around @graph with @self's card but other class names. */
static FvModel *
new_with_names (const FvModel *self, FvGraph *graph, const char *const *classes)
{
  g_autoptr (FvCard) card = fv_card_copy (self->card);
  FvModel *model;

  g_strfreev (card->classes);
  card->classes = g_strdupv ((char **) classes);
  model = fv_model_new_for_graph (graph, card, (int) g_strv_length (card->classes));
  model->script = g_strdup (self->script);
  fv_model_set_source (model, &self->source);
  return model;
}

FvModel *
fv_model_with_names (const FvModel *self, const char *const *classes, GError **error)
{
  g_autoptr (FvGraph) graph = copy_graph (self->graph, error);

  g_return_val_if_fail ((int) g_strv_length ((char **) classes) == self->n_classes, NULL);
  return graph != NULL ? new_with_names (self, graph, classes) : NULL;
}

FvModel *
fv_model_with_classes (const FvModel *self, const char *const *classes, guint64 seed,
                       GError **error)
{
  int n_classes = (int) g_strv_length ((char **) classes);
  g_autoptr (FvGraph) graph = copy_graph (self->graph, error);

  if (graph == NULL || !replace_head (graph, n_classes, error)
      || !fv_architecture_initialise (graph, TRUE, seed, error))
    return NULL;
  return new_with_names (self, graph, classes);
}

/* -- state ---------------------------------------------------------------------------------- */

FvStateDict *
fv_model_get_state (const FvModel *self, GError **error)
{
  g_autoptr (FvStateDict) state = fv_state_dict_new ();

  for (guint i = 0; i < fv_graph_get_n_parameters (self->graph); i++) {
    g_autoptr (FvTensor) copy = fv_tensor_clone (fv_graph_get_parameter (self->graph, i), error);

    if (copy == NULL)
      return NULL;
    fv_state_dict_add (state, fv_graph_get_parameter_name (self->graph, i), copy);
  }
  return g_steal_pointer (&state);
}

static gboolean
same_shape (const FvTensor *a, const FvTensor *b)
{
  if (fv_tensor_get_n_dims (a) != fv_tensor_get_n_dims (b))
    return FALSE;
  for (int i = 0; i < fv_tensor_get_n_dims (a); i++)
    if (fv_tensor_get_size (a, i) != fv_tensor_get_size (b, i))
      return FALSE;
  return TRUE;
}

static gboolean
check_parameter (const FvModel *self, guint parameter, const FvStateDict *state, const char *source,
                 GError **error)
{
  const char *name = fv_graph_get_parameter_name (self->graph, parameter);
  FvTensor *own = fv_graph_get_parameter (self->graph, parameter);
  FvTensor *other = fv_state_dict_lookup (state, name);
  g_autofree char *wanted = fv_tensor_describe (own);
  g_autofree char *found = other != NULL ? fv_tensor_describe (other) : g_strdup ("missing");

  if (other == NULL && g_str_has_suffix (name, "num_batches_tracked"))
    return TRUE;
  if (other != NULL && same_shape (own, other))
    return TRUE;
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
               "“%s” holds weights for another network than %s: “%s” is %s, not %s", source,
               self->card->architecture, name, found, wanted);
  return FALSE;
}

static gboolean
check_no_strangers (const FvModel *self, const FvStateDict *state, const char *source,
                    GError **error)
{
  for (guint i = 0; i < fv_state_dict_get_length (state); i++) {
    const char *name = fv_state_dict_get_name (state, i);

    if (fv_graph_find_parameter (self->graph, name) != FV_NODE_NONE)
      continue;
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "“%s” holds weights for another network than %s: it has no parameter “%s”", source,
                 self->card->architecture, name);
    return FALSE;
  }
  return TRUE;
}

gboolean
fv_model_set_state (FvModel *self, const FvStateDict *state, const char *source, GError **error)
{
  for (guint i = 0; i < fv_graph_get_n_parameters (self->graph); i++)
    if (!check_parameter (self, i, state, source, error))
      return FALSE;
  if (!check_no_strangers (self, state, source, error))
    return FALSE;
  for (guint i = 0; i < fv_graph_get_n_parameters (self->graph); i++) {
    const char *name = fv_graph_get_parameter_name (self->graph, i);
    FvTensor *other = fv_state_dict_lookup (state, name);

    if (other != NULL
        && !fv_tensor_copy_from (fv_graph_get_parameter (self->graph, i), other, error))
      return FALSE;
  }
  return TRUE;
}

/* The file it came from with the parameters just saved, for TorchScript's other readers. */
static gboolean
save_script (const FvModel *self, const char *folder, const char *weights, GError **error)
{
  g_autofree char *target = g_build_filename (folder, "model.pt", NULL);

  if (self->script == NULL || fv_script_door_save (self->script, weights, target, NULL, error))
    return TRUE;
  g_prefix_error (error, "the weights are in “%s”, but “%s” was not written: ", weights, target);
  return FALSE;
}

/* "format": as PyTorch's own writer marks its files. */
static gboolean
save_weights (const FvModel *self, const char *path, GError **error)
{
  static const char *const metadata[] = { "format", "pt", NULL };
  g_autoptr (FvStateDict) state = fv_model_get_state (self, error);

  return state != NULL && fv_safetensors_save (state, metadata, path, error);
}

gboolean
fv_model_save (const FvModel *self, const char *folder, GError **error)
{
  g_autofree char *weights = g_build_filename (folder, "model.safetensors", NULL);
  g_autofree char *card = g_build_filename (folder, "card.json", NULL);

  return save_weights (self, weights, error) && fv_card_save (self->card, card, error)
         && save_script (self, folder, weights, error);
}

gboolean
fv_model_save_form (const FvModel *self, const char *folder, GError **error)
{
  g_autofree char *weights = g_build_filename (folder, "model.start.safetensors", NULL);
  g_autofree char *card = g_build_filename (folder, "card.json", NULL);
  gboolean saved;

  if (!fv_card_save (self->card, card, error))
    return FALSE;
  if (self->script == NULL)
    return TRUE;
  saved = save_weights (self, weights, error) && save_script (self, folder, weights, error);
  g_unlink (weights);
  return saved;
}
