/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Opening a model: which files make it up, which card, which door. */

#include "fv-architecture.h"
#include "fv-model.h"
#include "fv-script-door.h"
#include "fv-script-guard.h"
#include "fv-weights.h"

#define DEFAULT_CLASSES 1000

/* The card's architecture with all weights 0. */
static FvModel *
new_for_card (const FvCard *card, int n_classes, GError **error)
{
  g_autoptr (FvGraph) graph = fv_graph_new ();

  if (!fv_architecture_build (graph, card->architecture, n_classes, card->same_padding, error))
    return NULL;
  return fv_model_new_for_graph (graph, card, n_classes);
}

/* Where a model's parts lie. Strings owned; NULL when there is no such file. */
typedef struct {
  char *script; /* TorchScript */
  char *weights;
  char *card;
} Files;

static void
files_clear (Files *files)
{
  g_free (files->script);
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

static char *
find_in_folder (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : NULL;
}

/* A run of a TorchScript network holds its weights twice; the script brings them along. */
static void
find_run_files (Files *files, const char *folder)
{
  if (files->card == NULL)
    files->card = g_build_filename (folder, "card.json", NULL);
  files->script = find_in_folder (folder, "model.pt");
  if (files->weights == NULL && files->script == NULL)
    files->weights = g_build_filename (folder, "model.safetensors", NULL);
}

static void
find_script (Files *files, const char *model)
{
  if (model != NULL && fv_script_is_archive (model)) {
    files->script = g_strdup (model);
  } else if (model == NULL && files->weights != NULL && fv_script_is_archive (files->weights)) {
    files->script = g_steal_pointer (&files->weights);
  }
}

static Files
find_files (const FvModelSource *source)
{
  Files files = { NULL, g_strdup (source->weights), g_strdup (source->card) };

  if (source->model != NULL && g_file_test (source->model, G_FILE_TEST_IS_DIR))
    find_run_files (&files, source->model);
  else
    find_script (&files, source->model);
  if (files.card == NULL && (files.script != NULL || files.weights != NULL))
    files.card = card_beside (files.script != NULL ? files.script : files.weights);
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
  g_autoptr (FvCard) card = fv_card_load (path, NULL, error);

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

/* A name that is neither an architecture nor a folder: perhaps a file of another kind. */
static void
refuse_model (const char *model, GError **error)
{
  if (g_file_test (model, G_FILE_TEST_IS_REGULAR))
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "“%s” is no TorchScript file: if it holds weights, name their architecture as the "
                 "model and give the file as the weights",
                 model);
  else
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "“%s” is neither an architecture, nor a run folder, nor a TorchScript file",
                 model);
}

static FvCard *
choose_card (const char *model, const Files *files, GError **error)
{
  if (names_architecture (model) && !fv_architecture_is_known (model)
      && (strchr (model, '/') != NULL || g_file_test (model, G_FILE_TEST_EXISTS))) {
    refuse_model (model, error);
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

  if (!fv_architecture_find_head (fv_model_get_graph (model), &weight, &bias))
    return 0;
  head = fv_state_dict_lookup (state,
                               fv_graph_get_parameter_name (fv_model_get_graph (model), weight));
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
  self = new_for_card (card, n_classes > 0 ? n_classes : DEFAULT_CLASSES, error);
  if (self == NULL || !fv_model_set_state (self, state, path, error)
      || !check_class_names (card, path, fv_model_get_n_classes (self), error))
    return NULL;
  return g_steal_pointer (&self);
}

/* -- TorchScript ---------------------------------------------------------------------------- */

static FvCard *
choose_script_card (const Files *files, const char *logits, GError **error)
{
  g_autoptr (FvCard) card = files->card != NULL
                                ? fv_card_load (files->card, FV_CARD_TORCHSCRIPT, error)
                                : fv_card_new (FV_CARD_TORCHSCRIPT);

  if (card == NULL)
    return NULL;
  if (!g_str_equal (card->architecture, FV_CARD_TORCHSCRIPT)) {
    g_free (card->architecture);
    card->architecture = g_strdup (FV_CARD_TORCHSCRIPT);
  }
  if (logits != NULL) {
    g_free (card->logits);
    card->logits = g_strdup (logits);
  }
  return g_steal_pointer (&card);
}

static gboolean
load_other_weights (FvModel *model, const char *weights, GError **error)
{
  g_autoptr (FvStateDict) state = weights != NULL ? fv_weights_load (weights, error) : NULL;

  return weights == NULL || (state != NULL && fv_model_set_state (model, state, weights, error));
}

static FvModel *
open_script (const Files *files, const char *logits, GError **error)
{
  g_autoptr (FvCard) card = choose_script_card (files, logits, error);
  int height = card != NULL && files->card != NULL ? card->height : 0;
  int width = card != NULL && files->card != NULL ? card->width : 0;
  int n_classes = 0;
  g_autoptr (FvGraph) graph = NULL;
  g_autoptr (FvModel) model = NULL;

  if (card == NULL)
    return NULL;
  graph
      = fv_script_door_open (files->script, card->logits, &height, &width, &n_classes, NULL, error);
  if (graph == NULL || !check_class_names (card, files->script, n_classes, error))
    return NULL;
  card->height = height;
  card->width = width;
  model = fv_model_new_for_graph (graph, card, n_classes);
  fv_model_set_script (model, files->script);
  return load_other_weights (model, files->weights, error) ? g_steal_pointer (&model) : NULL;
}

/* -- the whole ------------------------------------------------------------------------------ */

static FvModel *
open_files (const FvModelSource *source, const Files *files, guint64 seed, GError **error)
{
  g_autoptr (FvCard) chosen = NULL;

  if (files->script != NULL)
    return open_script (files, source->logits, error);
  chosen = choose_card (source->model, files, error);
  if (chosen == NULL)
    return NULL;
  if (files->weights != NULL)
    return open_weights (chosen, files->weights, error);
  return fv_model_new (chosen, 0, seed, error);
}

FvModel *
fv_model_open (const FvModelSource *source, guint64 seed, GError **error)
{
  g_auto (Files) files = find_files (source);
  FvModel *self = open_files (source, &files, seed, error);

  if (self != NULL)
    fv_model_set_source (self, source);
  return self;
}

char *
fv_model_source_find_weights (const FvModelSource *source)
{
  g_auto (Files) files = find_files (source);

  return g_strdup (files.weights != NULL ? files.weights : files.script);
}

FvModel *
fv_model_open_form (const char *folder, GError **error)
{
  g_auto (Files) files = { .script = find_in_folder (folder, "model.pt"),
                           .card = g_build_filename (folder, "card.json", NULL) };

  return open_files (&(FvModelSource){ NULL, NULL, NULL, NULL }, &files, 0, error);
}
