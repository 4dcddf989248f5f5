/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lines of JSON as columns. */

#include "fv-result-table.h"

#include <math.h>

#include "fv-json-guard.h"

struct _FvResultTable {
  char *name;
  GPtrArray *lines; /* JsonNode, of objects */
  GPtrArray *keys;  /* of the columns */
  GHashTable *rows; /* image → row + 1 */
};

/* A line is flat, and has a few dozen members. */
static const FvJsonLimits line_limits = { 4, 1000 };

/* Members that are numbers and no metrics. */
static const char *const other_numbers[]
    = { "label", "prediction", "probability", "iou_best_threshold", "chance", NULL };

static FvResultTable *
table_new (const char *name)
{
  FvResultTable *self = g_new0 (FvResultTable, 1);

  self->name = g_strdup (name);
  self->lines = g_ptr_array_new_with_free_func ((GDestroyNotify) json_node_unref);
  self->keys = g_ptr_array_new_with_free_func (g_free);
  self->rows = g_hash_table_new (g_str_hash, g_str_equal);
  return self;
}

void
fv_result_table_free (FvResultTable *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->rows);
  g_ptr_array_unref (self->keys);
  g_ptr_array_unref (self->lines);
  g_free (self->name);
  g_free (self);
}

static JsonObject *
get_line (const FvResultTable *self, gsize index)
{
  g_assert (index < self->lines->len);
  return json_node_get_object (self->lines->pdata[index]);
}

/* The member if it is a value of @type, else NULL. */
static JsonNode *
get_member (JsonObject *line, const char *name, GType type)
{
  JsonNode *node = json_object_get_member (line, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type
             ? node
             : NULL;
}

static gboolean
is_column (const char *name, JsonNode *node)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (g_strv_contains (other_numbers, name))
    return FALSE;
  return JSON_NODE_HOLDS_NULL (node) || type == G_TYPE_DOUBLE || type == G_TYPE_INT64;
}

static void
add_columns (FvResultTable *self, JsonObject *line)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, line);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (is_column (name, node))
      g_ptr_array_add (self->keys, g_strdup (name));
}

/* Takes @node. Returns: NULL, or what is wrong with it */
static const char *
add_line (FvResultTable *self, JsonNode *node)
{
  JsonNode *image = NULL;

  g_ptr_array_add (self->lines, node);
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return "is no JSON object";
  image = get_member (json_node_get_object (node), "image", G_TYPE_STRING);
  if (image == NULL)
    return "does not name its image";
  if (self->lines->len == 1)
    add_columns (self, json_node_get_object (node));
  return g_hash_table_insert (self->rows, (gpointer) json_node_get_string (image),
                              GSIZE_TO_POINTER (self->lines->len))
             ? NULL
             : "names an image that an earlier line has";
}

FvResultTable *
fv_result_table_new (const FvEvaluation *evaluation, const char *name)
{
  FvResultTable *self = table_new (name);

  for (gsize i = 0; i < fv_evaluation_get_n_results (evaluation); i++)
    add_line (self, fv_evaluation_result_to_json (evaluation, i));
  return self;
}

/* Returns: NULL, or what is wrong with @text */
static const char *
parse_line (FvResultTable *self, const char *text)
{
  g_autoptr (GError) ignored = NULL;
  gsize n_members;
  const char *problem = fv_json_guard_check (text, strlen (text), &line_limits, &n_members);
  JsonNode *node;

  if (problem != NULL)
    return problem;
  node = json_from_string (text, &ignored);
  return node != NULL ? add_line (self, node) : "is no JSON";
}

FvResultTable *
fv_result_table_load (const char *path, GError **error)
{
  g_autoptr (FvResultTable) self = table_new (path);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, error))
    return NULL;
  lines = g_strsplit (text, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++) {
    const char *problem = *lines[i] != '\0' ? parse_line (self, lines[i]) : NULL;

    if (problem == NULL)
      continue;
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "line %" G_GSIZE_FORMAT " of “%s” %s: it takes what “evaluate --output” writes",
                 i + 1, path, problem);
    return NULL;
  }
  if (self->lines->len > 0)
    return g_steal_pointer (&self);
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE, "“%s” is empty", path);
  return NULL;
}

/* -- reading -------------------------------------------------------------------------------- */

const char *
fv_result_table_get_name (const FvResultTable *self)
{
  return self->name;
}

gsize
fv_result_table_get_n (const FvResultTable *self)
{
  return self->lines->len;
}

const char *
fv_result_table_get_image (const FvResultTable *self, gsize index)
{
  return json_object_get_string_member (get_line (self, index), "image");
}

gssize
fv_result_table_find (const FvResultTable *self, const char *image)
{
  return (gssize) GPOINTER_TO_SIZE (g_hash_table_lookup (self->rows, image)) - 1;
}

static int
get_class (const FvResultTable *self, gsize index, const char *name)
{
  JsonNode *node = get_member (get_line (self, index), name, G_TYPE_INT64);
  gint64 value = node != NULL ? json_node_get_int (node) : -1;

  return value >= 0 && value < G_MAXINT ? (int) value : -1;
}

int
fv_result_table_get_label (const FvResultTable *self, gsize index)
{
  return get_class (self, index, "label");
}

int
fv_result_table_get_prediction (const FvResultTable *self, gsize index)
{
  return get_class (self, index, "prediction");
}

const char *
fv_result_table_get_group (const FvResultTable *self, gsize index)
{
  JsonNode *node = get_member (get_line (self, index), "group", G_TYPE_STRING);

  return node != NULL ? json_node_get_string (node) : NULL;
}

static int
get_truth (const FvResultTable *self, gsize index, const char *name)
{
  JsonNode *node = get_member (get_line (self, index), name, G_TYPE_BOOLEAN);

  return node == NULL ? -1 : json_node_get_boolean (node) ? 1 : 0;
}

int
fv_result_table_get_right (const FvResultTable *self, gsize index)
{
  return get_truth (self, index, "right");
}

int
fv_result_table_get_aligned (const FvResultTable *self, gsize index)
{
  return get_truth (self, index, "aligned");
}

gsize
fv_result_table_get_n_columns (const FvResultTable *self)
{
  return self->keys->len;
}

const char *
fv_result_table_get_key (const FvResultTable *self, gsize column)
{
  return self->keys->pdata[column];
}

double
fv_result_table_get_value (const FvResultTable *self, const char *key, gsize index)
{
  JsonNode *node = json_object_get_member (get_line (self, index), key);

  /* Of a value that is no number, json-glib makes 0. */
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && is_column (key, node)
             ? json_node_get_double (node)
             : NAN;
}
