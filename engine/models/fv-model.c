/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A model: graph, weights, card. Opening, saving, changing its head. */

#include "fv-model.h"

#include "fv-architecture.h"
#include "fv-model-layers.h"
#include "fv-weights.h"

#define DEFAULT_CLASSES 1000

struct _FvModel {
  gatomicrefcount references;
  FvGraph *graph;
  FvCard *card;
  int n_classes;
  GPtrArray *layers; /* of FvLayer, found when first asked for */
};

FvModel *
fv_model_new_for_graph (FvGraph *graph, const FvCard *card, int n_classes)
{
  FvModel *self = g_new0 (FvModel, 1);

  g_atomic_ref_count_init (&self->references);
  self->graph = fv_graph_ref (graph);
  self->card = fv_card_copy (card);
  self->n_classes = n_classes;
  return self;
}

/* The card's architecture with all weights 0. */
static FvModel *
new_for_card (const FvCard *card, int n_classes, GError **error)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();

  if (!fv_architecture_build (graph, card->architecture, n_classes, card->same_padding, error))
    return NULL;
  return fv_model_new_for_graph (graph, card, n_classes);
}

FvModel *
fv_model_new (const FvCard *card, int n_classes, guint64 seed, GError **error)
{
  g_autoptr (FvModel) self = NULL;

  if (n_classes == 0)
    n_classes = card->classes != NULL ? (int) g_strv_length (card->classes) : DEFAULT_CLASSES;
  self = new_for_card (card, n_classes, error);
  if (self == NULL || !fv_architecture_initialise (self->graph, FALSE, seed, error))
    return NULL;
  return g_steal_pointer (&self);
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
  fv_graph_unref (self->graph);
  fv_card_free (self->card);
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

  return layers != NULL ? fv_model_layers_get_default (self->graph, layers, error) : NULL;
}

/* -- opening -------------------------------------------------------------------------------- */

/* Where a model's parts lie. Strings owned; NULL when there is no such file. */
typedef struct {
  char *weights;
  char *card;
} Files;

static void
files_clear (Files *files)
{
  g_free (files->weights);
  g_free (files->card);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Files, files_clear)

static char *
card_beside (const char *weights)
{
  const char *dot = strrchr (weights, '.');
  const char *slash = strrchr (weights, '/');
  gsize stem
      = dot != NULL && (slash == NULL || dot > slash) ? (gsize) (dot - weights) : strlen (weights);
  g_autofree char *base = g_strndup (weights, stem);
  g_autofree char *path = g_strconcat (base, ".json", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : NULL;
}

static Files
find_files (const char *model, const char *weights, const char *card)
{
  Files files = { g_strdup (weights), g_strdup (card) };

  if (model != NULL && g_file_test (model, G_FILE_TEST_IS_DIR)) {
    if (files.weights == NULL)
      files.weights = g_build_filename (model, "model.safetensors", NULL);
    if (files.card == NULL)
      files.card = g_build_filename (model, "card.json", NULL);
  }
  if (files.card == NULL && files.weights != NULL)
    files.card = card_beside (files.weights);
  return files;
}

static gboolean
names_architecture (const char *model)
{
  return model != NULL && !g_file_test (model, G_FILE_TEST_IS_DIR);
}

static FvCard *
load_card (const char *model, const char *path, GError **error)
{
  g_autoptr (FvCard) card = fv_card_load (path, error);

  if (card == NULL)
    return NULL;
  if (names_architecture (model) && !g_str_equal (model, card->architecture)) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "the model card “%s” is for %s, not for %s", path, card->architecture, model);
    return NULL;
  }
  if (!fv_architecture_is_known (card->architecture)) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "the model card “%s” is for “%s”, which Fovea does not know", path,
                 card->architecture);
    return NULL;
  }
  return g_steal_pointer (&card);
}

static FvCard *
choose_card (const char *model, const Files *files, GError **error)
{
  if (names_architecture (model) && !fv_architecture_is_known (model)
      && strchr (model, '/') != NULL) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "“%s” is neither an architecture nor a run folder", model);
    return NULL;
  }
  if (files->card != NULL)
    return load_card (model, files->card, error);
  if (!names_architecture (model)) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "“%s” has no model card beside it that says which architecture it is for",
                 files->weights != NULL ? files->weights : "the model");
    return NULL;
  }
  return fv_card_new (model);
}

/* Classes of the head in @state, or 0 when it has none of that name. */
static int
count_head_classes (const FvModel *model, const FvStateDict *state)
{
  guint weight, bias;
  FvTensor *head;

  if (!fv_architecture_find_head (model->graph, &weight, &bias))
    return 0;
  head = fv_state_dict_lookup (state, fv_graph_get_parameter_name (model->graph, weight));
  return head != NULL && fv_tensor_get_n_dims (head) == 2 && fv_tensor_get_size (head, 0) > 0
                 && fv_tensor_get_size (head, 0) < G_MAXINT16
             ? (int) fv_tensor_get_size (head, 0)
             : 0;
}

/* A card whose names do not fit the weights would name every class wrongly. */
static gboolean
check_class_names (const FvCard *card, const char *path, int n_classes, GError **error)
{
  guint n_names = card->classes != NULL ? g_strv_length (card->classes) : (guint) n_classes;

  if (n_names == (guint) n_classes)
    return TRUE;
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
               "“%s” has %d classes, but its card names %u", path, n_classes, n_names);
  return FALSE;
}

static FvModel *
open_weights (const FvCard *card, const char *path, GError **error)
{
  g_autoptr (FvStateDict) state = fv_weights_load (path, error);
  g_autoptr (FvModel) probe = NULL;
  g_autoptr (FvModel) self = NULL;
  int n_classes;

  if (state == NULL)
    return NULL;
  probe = new_for_card (card, 1, error);
  if (probe == NULL)
    return NULL;
  n_classes = count_head_classes (probe, state);
  if (n_classes == 0)
    n_classes = DEFAULT_CLASSES;
  self = new_for_card (card, n_classes, error);
  if (self == NULL || !fv_model_set_state (self, state, path, error)
      || !check_class_names (self->card, path, n_classes, error))
    return NULL;
  return g_steal_pointer (&self);
}

FvModel *
fv_model_open (const char *model, const char *weights, const char *card, guint64 seed,
               GError **error)
{
  g_auto (Files) files = find_files (model, weights, card);
  g_autoptr (FvCard) chosen = choose_card (model, &files, error);

  if (chosen == NULL)
    return NULL;
  if (files.weights != NULL)
    return open_weights (chosen, files.weights, error);
  return fv_model_new (chosen, 0, seed, error);
}

/* -- heads ---------------------------------------------------------------------------------- */

static gboolean
copy_body (const FvModel *from, FvModel *to, GError **error)
{
  guint weight = FV_NODE_NONE;
  guint bias = FV_NODE_NONE;

  fv_architecture_find_head (from->graph, &weight, &bias);
  for (guint i = 0; i < fv_graph_get_n_parameters (from->graph); i++)
    if (i != weight && i != bias
        && !fv_tensor_copy_from (fv_graph_get_parameter (to->graph, i),
                                 fv_graph_get_parameter (from->graph, i), error))
      return FALSE;
  return TRUE;
}

FvModel *
fv_model_with_classes (const FvModel *self, const char *const *classes, guint64 seed,
                       GError **error)
{
  g_autoptr (FvCard) card = fv_card_copy (self->card);
  g_autoptr (FvModel) model = NULL;

  g_strfreev (card->classes);
  card->classes = g_strdupv ((char **) classes);
  model = new_for_card (card, (int) g_strv_length (card->classes), error);
  if (model == NULL || !copy_body (self, model, error)
      || !fv_architecture_initialise (model->graph, TRUE, seed, error))
    return NULL;
  return g_steal_pointer (&model);
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

gboolean
fv_model_save (const FvModel *self, const char *folder, GError **error)
{
  static const char *const metadata[] = { "format", "pt", NULL };
  g_autofree char *weights = g_build_filename (folder, "model.safetensors", NULL);
  g_autofree char *card = g_build_filename (folder, "card.json", NULL);
  g_autoptr (FvStateDict) state = fv_model_get_state (self, error);

  return state != NULL && fv_safetensors_save (state, metadata, weights, error)
         && fv_card_save (self->card, card, error);
}
