/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The record as JSON and back. */

#include "fv-run-config.h"

#include "fv-input-file.h"
#include "fv-json-guard.h"
#include "fv-output-file.h"
#include "fv-runtime.h"
#include "fv-weights-file.h"

#define MAX_CONFIG_BYTES ((gsize) 1 << 20)
#define HASHED_BYTES ((gsize) 1 << 20) /* at a time */

/* The file is flat but for the losses. */
static const FvJsonLimits limits = { 8, 1000 };

void
fv_run_config_free (FvRunConfig *self)
{
  if (self == NULL)
    return;
  fv_train_config_free (self->settings);
  g_free (self->data);
  g_free (self->model);
  g_free (self->weights);
  g_free (self->card);
  g_free (self->logits);
  g_free (self->weights_sha256);
  g_free (self->version);
  g_free (self);
}

static FvModelSource
get_source (const FvRunConfig *self)
{
  return (FvModelSource){ self->model, self->weights, self->card, self->logits };
}

/* Hexadecimal. (transfer full) */
static char *
hash_file (const char *path, GError **error)
{
  g_autoptr (FvWeightsFile) file = fv_weights_file_open (path, error);
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree guint8 *bytes = g_malloc (HASHED_BYTES);
  guint64 size = file != NULL ? fv_weights_file_get_size (file) : 0;

  if (file == NULL)
    return NULL;
  for (guint64 at = 0; at < size; at += HASHED_BYTES) {
    gsize n = (gsize) MIN (size - at, HASHED_BYTES);

    if (!fv_weights_file_read (file, at, bytes, n, error))
      return NULL;
    g_checksum_update (checksum, bytes, (gssize) n);
  }
  return g_strdup (g_checksum_get_string (checksum));
}

/* The hash of the file that holds the starting values. FALSE with @error; NULL: there is none */
static gboolean
hash_weights (const FvRunConfig *self, char **hash, GError **error)
{
  const FvModelSource source = get_source (self);
  g_autofree char *path = fv_model_source_find_weights (&source);

  *hash = path != NULL ? hash_file (path, error) : NULL;
  return path == NULL || *hash != NULL;
}

/* A name that is not UTF-8 cannot be written; what needs it must be told again then. */
static char *
dup_text (const char *text)
{
  return text != NULL && g_utf8_validate (text, -1, NULL) ? g_strdup (text) : NULL;
}

FvRunConfig *
fv_run_config_new (const FvTrainConfig *settings, const FvDataset *dataset, const FvModel *model,
                   GError **error)
{
  g_autoptr (FvRunConfig) self = g_new0 (FvRunConfig, 1);
  const FvModelSource *source = fv_model_get_source (model);
  g_autofree char *data = g_canonicalize_filename (fv_dataset_get_path (dataset), NULL);

  self->settings = fv_train_config_copy (settings);
  self->data = dup_text (data);
  self->model = dup_text (source->model);
  self->weights = dup_text (source->weights);
  self->card = dup_text (source->card);
  self->logits = dup_text (source->logits);
  self->threads = fv_runtime_get_n_threads ();
  self->version = g_strdup (FOVEA_VERSION);
  return hash_weights (self, &self->weights_sha256, error) ? g_steal_pointer (&self) : NULL;
}

gboolean
fv_run_config_check_weights (const FvRunConfig *self, GError **error)
{
  g_autofree char *hash = NULL;

  if (!hash_weights (self, &hash, error))
    return FALSE;
  if (g_strcmp0 (hash, self->weights_sha256) == 0)
    return TRUE;
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
               "“%s” has changed since the run began with it: name the weights that are meant",
               self->weights != NULL ? self->weights : self->model);
  return FALSE;
}

/* -- the file ------------------------------------------------------------------------------- */

/* The texts beside the settings. */
typedef struct {
  const char *name;
  char **text;
} Member;

#define N_TEXTS 7

static void
list_texts (FvRunConfig *self, Member members[N_TEXTS])
{
  const Member all[N_TEXTS] = {
    { "data", &self->data },       { "model", &self->model },
    { "weights", &self->weights }, { "card", &self->card },
    { "logits", &self->logits },   { "weights_sha256", &self->weights_sha256 },
    { "version", &self->version },
  };

  for (int i = 0; i < N_TEXTS; i++)
    members[i] = all[i];
}

gboolean
fv_run_config_save (const FvRunConfig *self, const char *path, GError **error)
{
  JsonObject *object = fv_train_config_to_json (self->settings);
  g_autoptr (JsonNode) root = json_node_init_object (json_node_alloc (), object);
  g_autofree char *text = NULL;
  Member members[N_TEXTS];

  json_object_unref (object);
  list_texts ((FvRunConfig *) self, members);
  for (int i = 0; i < N_TEXTS; i++)
    if (*members[i].text != NULL)
      json_object_set_string_member (object, members[i].name, *members[i].text);
    else
      json_object_set_null_member (object, members[i].name);
  json_object_set_int_member (object, "threads", self->threads);
  text = json_to_string (root, TRUE);
  return fv_output_file_write (path, text, strlen (text), FV_OUTPUT_DURABLE, error);
}

static gboolean
refuse (const char *path, const char *problem, GError **error)
{
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
               "“%s” is no configuration of a run: it %s", path, problem);
  return FALSE;
}

static JsonNode *
read_json (const char *path, GError **error)
{
  gsize length, n_members;
  g_autofree char *text = fv_input_file_read (path, MAX_CONFIG_BYTES, &length, error);
  const char *problem;
  JsonNode *root;

  if (text == NULL)
    return NULL;
  problem = fv_json_guard_check (text, length, &limits, &n_members);
  root = problem == NULL ? json_from_string (text, NULL) : NULL;
  if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
    return root;
  refuse (path, problem != NULL ? problem : "is not a JSON object", error);
  g_clear_pointer (&root, json_node_unref);
  return NULL;
}

static gboolean
read_texts (FvRunConfig *self, JsonObject *object, const char *path, GError **error)
{
  Member members[N_TEXTS];

  list_texts (self, members);
  for (int i = 0; i < N_TEXTS; i++) {
    JsonNode *node = json_object_get_member (object, members[i].name);

    if (node == NULL || JSON_NODE_HOLDS_NULL (node))
      continue;
    if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING) {
      g_autofree char *problem = g_strdup_printf ("has a “%s” that is no text", members[i].name);

      return refuse (path, problem, error);
    }
    *members[i].text = json_node_dup_string (node);
  }
  return TRUE;
}

static gboolean
read_threads (FvRunConfig *self, JsonObject *object, const char *path, GError **error)
{
  JsonNode *node = json_object_get_member (object, "threads");
  gint64 threads = 0;

  if (node == NULL)
    return TRUE;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64)
    threads = json_node_get_int (node);
  if (threads < 1 || threads > FV_RUNTIME_MAX_THREADS)
    return refuse (path, "has a number of “threads” that cannot be", error);
  self->threads = (int) threads;
  return TRUE;
}

FvRunConfig *
fv_run_config_load (const char *path, GError **error)
{
  g_autoptr (FvRunConfig) self = g_new0 (FvRunConfig, 1);
  g_autoptr (JsonNode) root = read_json (path, error);
  JsonObject *object = root != NULL ? json_node_get_object (root) : NULL;

  if (object == NULL)
    return NULL;
  self->settings = fv_train_config_from_json (object, path, error);
  return self->settings != NULL && read_texts (self, object, path, error)
                 && read_threads (self, object, path, error)
             ? g_steal_pointer (&self)
             : NULL;
}
