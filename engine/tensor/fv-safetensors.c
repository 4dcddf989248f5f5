/* SPDX-License-Identifier: GPL-3.0-or-later */

/* safetensors: a little-endian 64-bit header length, a JSON header {name: {dtype, shape,
 * data_offsets}}, then the values. The format asks that the tensors cover the values without a
 * gap or an overlap, which also makes it impossible for a small file to claim a large tensor. */

#include "fv-weights.h"

#include <errno.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "fv-descriptor.h"
#include "fv-json-guard.h"
#include "fv-weights-file.h"

#define LENGTH_BYTES 8
#define MAX_HEADER_BYTES (100 * 1000 * 1000)
#define HEADER_ALIGNMENT 8
#define METADATA_NAME "__metadata__"
#define N_ENTRY_FIELDS 3

/* The header is an object of objects of arrays. A parsed value takes about 200 bytes. */
static const FvJsonLimits header_limits = { .max_depth = 3, .max_values = 1000 * 1000 };

typedef struct {
  const char *name; /* owned by the JSON tree */
  FvDtype dtype;
  int n_dims;
  gint64 shape[FV_TENSOR_MAX_DIMS];
  guint64 begin; /* bytes from the end of the header */
  guint64 end;
} Entry;

static const struct {
  const char *name;
  FvDtype dtype;
} dtype_names[] = {
  { "BF16", FV_DTYPE_BFLOAT16 }, { "BOOL", FV_DTYPE_BOOL },   { "F16", FV_DTYPE_FLOAT16 },
  { "F32", FV_DTYPE_FLOAT32 },   { "F64", FV_DTYPE_FLOAT64 }, { "I16", FV_DTYPE_INT16 },
  { "I32", FV_DTYPE_INT32 },     { "I64", FV_DTYPE_INT64 },   { "I8", FV_DTYPE_INT8 },
  { "U8", FV_DTYPE_UINT8 },
};

/* -- reading ---------------------------------------------------------------------------------- */

/* TRUE with the integer in @value; 3.5, 1e30 and "3" are none. */
static gboolean
read_integer (JsonArray *array, guint index, gint64 *value)
{
  JsonNode *node = json_array_get_element (array, index);

  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return FALSE;
  *value = json_node_get_int (node);
  return TRUE;
}

static JsonArray *
get_array (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static gboolean
parse_dtype (const FvWeightsFile *file, JsonObject *object, Entry *entry, GError **error)
{
  JsonNode *node = json_object_get_member (object, "dtype");
  const char *text;

  if (node == NULL || json_node_get_value_type (node) != G_TYPE_STRING)
    return fv_weights_file_refuse (file, error, "gives no dtype for “%s”", entry->name);
  text = json_node_get_string (node);
  for (gsize i = 0; i < G_N_ELEMENTS (dtype_names); i++)
    if (g_str_equal (text, dtype_names[i].name)) {
      entry->dtype = dtype_names[i].dtype;
      return TRUE;
    }
  return fv_weights_file_refuse (file, error, "stores “%s” as “%s”, a type Fovea does not know",
                                 entry->name, text);
}

static gboolean
parse_shape (const FvWeightsFile *file, JsonObject *object, Entry *entry, GError **error)
{
  JsonArray *shape = get_array (object, "shape");

  if (shape == NULL)
    return fv_weights_file_refuse (file, error, "gives no shape for “%s”", entry->name);
  if (json_array_get_length (shape) > FV_TENSOR_MAX_DIMS)
    return fv_weights_file_refuse (file, error, "gives “%s” %u dimensions; %d are the most",
                                   entry->name, json_array_get_length (shape), FV_TENSOR_MAX_DIMS);
  entry->n_dims = (int) json_array_get_length (shape);
  for (int i = 0; i < entry->n_dims; i++)
    if (!read_integer (shape, (guint) i, &entry->shape[i]) || entry->shape[i] < 0)
      return fv_weights_file_refuse (file, error, "has a shape for “%s” that is not whole numbers",
                                     entry->name);
  return TRUE;
}

static gboolean
parse_offsets (const FvWeightsFile *file, JsonObject *object, Entry *entry, GError **error)
{
  JsonArray *offsets = get_array (object, "data_offsets");
  gint64 begin;
  gint64 end;

  if (offsets == NULL)
    return fv_weights_file_refuse (file, error, "gives no data_offsets for “%s”", entry->name);
  if (json_array_get_length (offsets) != 2 || !read_integer (offsets, 0, &begin)
      || !read_integer (offsets, 1, &end) || begin < 0 || end < 0)
    return fv_weights_file_refuse (
        file, error, "has data_offsets for “%s” that are not two whole numbers", entry->name);
  if (end < begin)
    return fv_weights_file_refuse (file, error, "has reversed data_offsets for “%s”", entry->name);
  entry->begin = (guint64) begin;
  entry->end = (guint64) end;
  return TRUE;
}

static gboolean
parse_entry (const FvWeightsFile *file, const char *name, JsonNode *node, Entry *entry,
             GError **error)
{
  JsonObject *object;
  gsize n_bytes;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return fv_weights_file_refuse (file, error, "does not describe “%s” by an object", name);
  object = json_node_get_object (node);
  entry->name = name;
  if (!parse_dtype (file, object, entry, error) || !parse_shape (file, object, entry, error)
      || !parse_offsets (file, object, entry, error))
    return FALSE;
  if (json_object_get_size (object) != N_ENTRY_FIELDS)
    return fv_weights_file_refuse (file, error, "says more of “%s” than dtype, shape and offsets",
                                   name);
  if (!fv_weights_count_bytes (entry->dtype, entry->shape, entry->n_dims, &n_bytes))
    return fv_weights_file_refuse (file, error, "gives “%s” an impossibly large shape", name);
  if (entry->end - entry->begin != n_bytes)
    return fv_weights_file_refuse (
        file, error, "has %" G_GUINT64_FORMAT " bytes for “%s”, whose shape takes %" G_GSIZE_FORMAT,
        entry->end - entry->begin, name, n_bytes);
  return TRUE;
}

static gboolean
check_metadata (const FvWeightsFile *file, JsonNode *node, gsize *n_members, GError **error)
{
  JsonObjectIter iter;
  JsonNode *value;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return fv_weights_file_refuse (file, error, "has metadata that are not an object");
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, NULL, &value)) {
    if (json_node_get_value_type (value) != G_TYPE_STRING)
      return fv_weights_file_refuse (file, error, "has metadata that are not text");
    *n_members += 1;
  }
  return TRUE;
}

/* The entries in the header's order, or NULL. @n_members: all names the header's text holds. */
static GArray *
parse_entries (const FvWeightsFile *file, JsonObject *header, gsize n_members, GError **error)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, TRUE, sizeof (Entry));
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  gsize n_kept = 0;

  json_object_iter_init_ordered (&iter, header);
  while (json_object_iter_next_ordered (&iter, &name, &node)) {
    Entry entry = { 0 };

    if (g_str_equal (name, METADATA_NAME)) {
      n_kept += 1;
      if (!check_metadata (file, node, &n_kept, error))
        return NULL;
      continue;
    }
    if (!parse_entry (file, name, node, &entry, error))
      return NULL;
    n_kept += 1 + N_ENTRY_FIELDS;
    g_array_append_val (entries, entry);
  }
  if (n_kept != n_members) {
    fv_weights_file_refuse (file, error, "gives the same name twice in its header");
    return NULL;
  }
  return g_steal_pointer (&entries);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *first = *(const Entry *const *) a;
  const Entry *second = *(const Entry *const *) b;

  if (first->begin != second->begin)
    return first->begin < second->begin ? -1 : 1;
  return (first->end > second->end) - (first->end < second->end);
}

/* The entries must lie one after the other from the first of the @n_data bytes to the last. */
static gboolean
check_coverage (const FvWeightsFile *file, GArray *entries, guint64 n_data, GError **error)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_sized_new (entries->len);
  guint64 position = 0;

  for (guint i = 0; i < entries->len; i++)
    g_ptr_array_add (sorted, &g_array_index (entries, Entry, i));
  g_ptr_array_sort (sorted, compare_entries);
  for (guint i = 0; i < sorted->len; i++) {
    const Entry *entry = g_ptr_array_index (sorted, i);

    if (entry->end > n_data)
      return fv_weights_file_refuse (file, error, "ends before the values of “%s” do", entry->name);
    if (entry->begin < position)
      return fv_weights_file_refuse (file, error, "has tensors that overlap, at “%s”", entry->name);
    if (entry->begin > position)
      return fv_weights_file_refuse (file, error, "has a hole before the values of “%s”",
                                     entry->name);
    position = entry->end;
  }
  if (position != n_data)
    return fv_weights_file_refuse (file, error, "goes on after the values of its last tensor");
  return TRUE;
}

/* A new buffer of at least one byte, or NULL with @error. */
static void *
allocate (const FvWeightsFile *file, gsize n_bytes, GError **error)
{
  void *buffer = g_try_malloc (MAX (n_bytes, 1));

  if (buffer == NULL)
    fv_weights_file_refuse (file, error, "does not fit in memory");
  return buffer;
}

/* Copies the values of all @entries, which have been checked, out of the file. */
static FvStateDict *
read_tensors (const FvWeightsFile *file, GArray *entries, guint64 data_start, GError **error)
{
  g_autoptr (FvStateDict) dict = fv_state_dict_new ();
  g_autofree void *buffer = NULL;
  gsize largest = 0;

  for (guint i = 0; i < entries->len; i++) {
    const Entry *entry = &g_array_index (entries, Entry, i);

    largest = MAX (largest, (gsize) (entry->end - entry->begin));
  }
  buffer = allocate (file, largest, error);
  if (buffer == NULL)
    return NULL;
  for (guint i = 0; i < entries->len; i++) {
    const Entry *entry = &g_array_index (entries, Entry, i);
    gsize n_bytes = (gsize) (entry->end - entry->begin);
    g_autoptr (FvTensor) tensor = NULL;

    if (!fv_weights_file_read (file, data_start + entry->begin, buffer, n_bytes, error))
      return NULL;
    tensor = fv_weights_file_make_tensor (file, entry->name, entry->dtype, entry->shape,
                                          entry->n_dims, buffer, n_bytes, error);
    if (tensor == NULL)
      return NULL;
    fv_state_dict_add (dict, entry->name, tensor);
  }
  return g_steal_pointer (&dict);
}

/* The header's text, (transfer full); its length has been checked against the file's. */
static char *
read_header (const FvWeightsFile *file, guint64 *n_bytes, GError **error)
{
  guint64 size = fv_weights_file_get_size (file);
  g_autofree char *text = NULL;

  if (size < LENGTH_BYTES) {
    fv_weights_file_refuse (file, error, "is too short to be a weights file");
    return NULL;
  }
  if (!fv_weights_file_read (file, 0, n_bytes, LENGTH_BYTES, error))
    return NULL;
  if (*n_bytes > size - LENGTH_BYTES) {
    fv_weights_file_refuse (
        file, error, "claims a header of %" G_GUINT64_FORMAT " bytes, more than the file has",
        *n_bytes);
    return NULL;
  }
  if (*n_bytes > MAX_HEADER_BYTES) {
    fv_weights_file_refuse (file, error, "has a header of more than 100 MB");
    return NULL;
  }
  text = allocate (file, (gsize) *n_bytes, error);
  if (text == NULL || !fv_weights_file_read (file, LENGTH_BYTES, text, (gsize) *n_bytes, error))
    return NULL;
  return g_steal_pointer (&text);
}

/* The parsed header, an object. @n_members: as in fv_json_guard_check (). */
static JsonNode *
parse_header (const FvWeightsFile *file, const char *text, gsize n_bytes, gsize *n_members,
              GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (JsonNode) root = NULL;
  const char *problem = fv_json_guard_check (text, n_bytes, &header_limits, n_members);

  if (problem != NULL) {
    fv_weights_file_refuse (file, error, "has a header that %s", problem);
    return NULL;
  }
  if (json_parser_load_from_data (parser, text, (gssize) n_bytes, NULL))
    root = json_parser_steal_root (parser);
  if (root == NULL) {
    fv_weights_file_refuse (file, error, "has a header that is not JSON");
    return NULL;
  }
  if (!JSON_NODE_HOLDS_OBJECT (root)) {
    fv_weights_file_refuse (file, error, "has a header that is not a JSON object");
    return NULL;
  }
  return g_steal_pointer (&root);
}

/* Texts by name; every one has been checked. (transfer full) */
static GHashTable *
copy_metadata (JsonObject *header)
{
  GHashTable *metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  JsonNode *node = json_object_get_member (header, METADATA_NAME);
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (node == NULL)
    return metadata;
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &name, &value))
    g_hash_table_insert (metadata, g_strdup (name), json_node_dup_string (value));
  return metadata;
}

FvStateDict *
fv_safetensors_load_with_metadata (const char *path, GHashTable **metadata, GError **error)
{
  g_autoptr (FvWeightsFile) file = fv_weights_file_open (path, error);
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GArray) entries = NULL;
  FvStateDict *dict;
  guint64 n_header;
  guint64 data_start;
  gsize n_members;

  if (file == NULL)
    return NULL;
  text = read_header (file, &n_header, error);
  if (text == NULL)
    return NULL;
  root = parse_header (file, text, (gsize) n_header, &n_members, error);
  if (root == NULL)
    return NULL;
  entries = parse_entries (file, json_node_get_object (root), n_members, error);
  if (entries == NULL)
    return NULL;
  data_start = LENGTH_BYTES + n_header;
  if (!check_coverage (file, entries, fv_weights_file_get_size (file) - data_start, error))
    return NULL;
  dict = read_tensors (file, entries, data_start, error);
  if (dict != NULL && metadata != NULL)
    *metadata = copy_metadata (json_node_get_object (root));
  return dict;
}

FvStateDict *
fv_safetensors_load (const char *path, GError **error)
{
  return fv_safetensors_load_with_metadata (path, NULL, error);
}

/* -- writing ---------------------------------------------------------------------------------- */

static const char *
get_dtype_name (FvDtype dtype)
{
  for (gsize i = 0; i < G_N_ELEMENTS (dtype_names); i++)
    if (dtype_names[i].dtype == dtype)
      return dtype_names[i].name;
  g_return_val_if_reached (NULL);
}

/* Bytes of the values, G_MAXSIZE when they overflow, as those of an expanded view can. */
static gsize
count_tensor_bytes (const FvTensor *tensor)
{
  gsize n_bytes;

  if (!g_size_checked_mul (&n_bytes, (gsize) fv_tensor_get_n_elements (tensor),
                           fv_dtype_get_size (fv_tensor_get_dtype (tensor))))
    return G_MAXSIZE;
  return n_bytes;
}

static gboolean
refuse_to_save (const char *path, GError **error, const char *problem, const char *name)
{
  g_autofree char *display_name = g_filename_display_name (path);

  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT, "“%s” was not saved: %s (“%s”)",
               display_name, problem, name);
  return FALSE;
}

/* Whether the format can hold @dict. @n_data: (out): bytes of all values. */
static gboolean
check_dict (const FvStateDict *dict, const char *path, gsize *n_data, GError **error)
{
  *n_data = 0;
  for (guint i = 0; i < fv_state_dict_get_length (dict); i++) {
    const FvTensor *tensor = fv_state_dict_get_tensor (dict, i);
    const char *name = fv_state_dict_get_name (dict, i);

    if (!g_utf8_validate (name, -1, NULL))
      return refuse_to_save (path, error, "a tensor's name is not UTF-8", "?");
    if (g_str_equal (name, METADATA_NAME))
      return refuse_to_save (path, error, "the format reserves a tensor's name", name);
    if (fv_tensor_get_n_dims (tensor) > FV_TENSOR_MAX_DIMS)
      return refuse_to_save (path, error, "a tensor has too many dimensions", name);
    if (!g_size_checked_add (n_data, *n_data, count_tensor_bytes (tensor))
        || *n_data > G_MAXSSIZE / 2)
      return refuse_to_save (path, error, "the values are too many", name);
  }
  return TRUE;
}

static void
build_metadata (JsonBuilder *builder, const char *const *metadata)
{
  json_builder_set_member_name (builder, METADATA_NAME);
  json_builder_begin_object (builder);
  for (gsize i = 0; metadata[i] != NULL; i += 2) {
    json_builder_set_member_name (builder, metadata[i]);
    json_builder_add_string_value (builder, metadata[i + 1]);
  }
  json_builder_end_object (builder);
}

static void
build_entry (JsonBuilder *builder, const char *name, const FvTensor *tensor, gsize begin, gsize end)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "dtype");
  json_builder_add_string_value (builder, get_dtype_name (fv_tensor_get_dtype (tensor)));
  json_builder_set_member_name (builder, "shape");
  json_builder_begin_array (builder);
  for (int i = 0; i < fv_tensor_get_n_dims (tensor); i++)
    json_builder_add_int_value (builder, fv_tensor_get_size (tensor, i));
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "data_offsets");
  json_builder_begin_array (builder);
  json_builder_add_int_value (builder, (gint64) begin);
  json_builder_add_int_value (builder, (gint64) end);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

/* The header's text, padded so that the values begin at a multiple of 8. (transfer full) */
static GString *
make_header (const FvStateDict *dict, const char *const *metadata)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  GString *text = g_string_new (NULL);
  gsize begin = 0;

  json_builder_begin_object (builder);
  if (metadata != NULL)
    build_metadata (builder, metadata);
  for (guint i = 0; i < fv_state_dict_get_length (dict); i++) {
    const FvTensor *tensor = fv_state_dict_get_tensor (dict, i);
    gsize end = begin + count_tensor_bytes (tensor);

    build_entry (builder, fv_state_dict_get_name (dict, i), tensor, begin, end);
    begin = end;
  }
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  json_generator_to_gstring (generator, text);
  while (text->len % HEADER_ALIGNMENT != 0)
    g_string_append_c (text, ' ');
  return text;
}

static gboolean
copy_values (const FvStateDict *dict, guint8 *target, GError **error)
{
  for (guint i = 0; i < fv_state_dict_get_length (dict); i++) {
    const FvTensor *tensor = fv_state_dict_get_tensor (dict, i);
    gsize n_bytes = count_tensor_bytes (tensor);

    if (!fv_tensor_read (tensor, fv_tensor_get_dtype (tensor), target, n_bytes, error))
      return FALSE;
    target += n_bytes;
  }
  return TRUE;
}

static gboolean
write_file (const char *path, const guint8 *contents, gsize n_bytes, GError **error)
{
  g_autofree char *display_name = g_filename_display_name (path);
  g_autoptr (GError) reason = NULL;

  if (g_file_set_contents_full (path, (const char *) contents, (gssize) n_bytes,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0666,
                                &reason))
    return TRUE;
  g_set_error (error, reason->domain, reason->code, "“%s” was not saved: %s", display_name,
               reason->message);
  return FALSE;
}

/* The whole file's bytes; @path names it in messages. (transfer full) */
static guint8 *
make_contents (const FvStateDict *dict, const char *const *metadata, const char *path,
               gsize *n_bytes, GError **error)
{
  g_autoptr (GString) header = NULL;
  g_autofree guint8 *contents = NULL;
  guint64 n_header;
  gsize n_data;

  if (!check_dict (dict, path, &n_data, error))
    return NULL;
  header = make_header (dict, metadata);
  n_header = header->len;
  *n_bytes = LENGTH_BYTES + header->len + n_data;
  contents = g_try_malloc (*n_bytes);
  if (contents == NULL) {
    refuse_to_save (path, error, "it does not fit in memory", "values");
    return NULL;
  }
  memcpy (contents, &n_header, LENGTH_BYTES);
  memcpy (contents + LENGTH_BYTES, header->str, header->len);
  if (!copy_values (dict, contents + LENGTH_BYTES + header->len, error)) {
    g_prefix_error (error, "“%s” was not saved: ", path);
    return NULL;
  }
  return g_steal_pointer (&contents);
}

gboolean
fv_safetensors_save (const FvStateDict *dict, const char *const *metadata, const char *path,
                     GError **error)
{
  g_autofree guint8 *contents = NULL;
  gsize n_bytes;

  g_return_val_if_fail (dict != NULL && path != NULL, FALSE);

  contents = make_contents (dict, metadata, path, &n_bytes, error);
  return contents != NULL && write_file (path, contents, n_bytes, error);
}

gboolean
fv_safetensors_write (const FvStateDict *dict, const char *const *metadata, int fd, GError **error)
{
  g_autofree guint8 *contents = NULL;
  gsize n_bytes;

  contents = make_contents (dict, metadata, "the stream", &n_bytes, error);
  if (contents == NULL)
    return FALSE;
  if (fv_descriptor_write (fd, contents, n_bytes))
    return TRUE;
  g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno), "writing failed: %s",
               g_strerror (errno));
  return FALSE;
}
