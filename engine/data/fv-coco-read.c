/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From JSON to FvCoco. The tokens are looked at before the parser sees them; after that every
 * member is asked for its type. */

#include "fv-coco-private.h"

#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>

#include "fv-data-error.h"
#include "fv-image.h"
#include "fv-input-file.h"
#include "fv-json-guard.h"

#define MAX_FILE_BYTES (256 << 20)
#define MAX_CLASSES 10000

static const FvJsonLimits limits = { .max_depth = 12, .max_values = 16000000 };

typedef struct {
  FvCoco *coco;
  const char *path;   /* for messages */
  const char *list;   /* "images", "categories" or "annotations" */
  guint number;       /* of the element being read, from 0 */
  GHashTable *images; /* id → number in coco->images */
  GHashTable *labels; /* id → label */
  GHashTable *names;  /* of photos, then of classes: to find duplicates */
} Reader;

static gboolean fail (const Reader *self, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/* Sets an error that names the element. Returns: FALSE */
static gboolean
fail (const Reader *self, GError **error, const char *format, ...)
{
  g_autofree char *problem = NULL;
  va_list arguments;

  va_start (arguments, format);
  problem = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  fv_data_error_set (error, FV_DATA_ERROR_FORMAT, self->path, "is wrong in %s[%u]: %s", self->list,
                     self->number, problem);
  return FALSE;
}

/* -- members -------------------------------------------------------------------------------- */

static gboolean
node_to_double (JsonNode *node, double *value)
{
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || (json_node_get_value_type (node) != G_TYPE_INT64
          && json_node_get_value_type (node) != G_TYPE_DOUBLE))
    return FALSE;
  *value = json_node_get_double (node);
  return isfinite (*value);
}

/* Far outside of any picture, yet small enough to calculate with. */
#define MAX_COORDINATE 1e9

static gboolean
node_to_coordinate (JsonNode *node, double *value)
{
  return node_to_double (node, value) && fabs (*value) <= MAX_COORDINATE;
}

/* Whole numbers up to here are exact as double. */
#define MAX_ID (G_GINT64_CONSTANT (1) << 53)

/* A whole number @min … @max, at most MAX_ID. */
static gboolean
get_int (const Reader *self, JsonObject *object, const char *name, gint64 min, gint64 max,
         gint64 *value, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);
  double number;

  if (!node_to_double (node, &number))
    return fail (self, error, "it has no number “%s”", name);
  if (number != floor (number) || number < (double) min || number > (double) max)
    return fail (self, error,
                 "“%s” is %g, but must be a whole number of %" G_GINT64_FORMAT " or more%s", name,
                 number, min, number > (double) max ? ", and not so large" : "");
  *value = (gint64) number;
  return TRUE;
}

static gboolean
get_id (const Reader *self, JsonObject *object, const char *name, gint64 *id, GError **error)
{
  return get_int (self, object, name, 0, MAX_ID, id, error);
}

static const char *
get_text (const Reader *self, JsonObject *object, const char *name, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING || json_node_get_string (node)[0] == '\0')
    fail (self, error, "it has no text “%s”", name);
  else
    return json_node_get_string (node);
  return NULL;
}

/* Notes @id → @value; FALSE when the id is taken. */
static gboolean
add_id (const Reader *self, GHashTable *ids, gint64 id, guint value, GError **error)
{
  gint64 *key = g_memdup2 (&id, sizeof id);

  if (g_hash_table_insert (ids, key, GUINT_TO_POINTER (value)))
    return TRUE;
  return fail (self, error, "its id %" G_GINT64_FORMAT " is taken", id);
}

/* What the id @name in @object stands for. */
static gboolean
look_up (const Reader *self, JsonObject *object, const char *name, GHashTable *ids, int *value,
         GError **error)
{
  gpointer found;
  gint64 id;

  if (!get_id (self, object, name, &id, error))
    return FALSE;
  if (!g_hash_table_lookup_extended (ids, &id, NULL, &found))
    return fail (self, error, "nothing has the id %" G_GINT64_FORMAT " of its “%s”", id, name);
  *value = (int) GPOINTER_TO_UINT (found);
  return TRUE;
}

/* -- images and categories ------------------------------------------------------------------ */

static gboolean
read_image (Reader *self, JsonObject *object, GError **error)
{
  const char *name = get_text (self, object, "file_name", error);
  g_auto (GStrv) parts = NULL;
  gint64 id, width, height;
  FvCocoImage image;

  if (name == NULL || !get_id (self, object, "id", &id, error)
      || !get_int (self, object, "width", 1, FV_IMAGE_MAX_SIDE, &width, error)
      || !get_int (self, object, "height", 1, FV_IMAGE_MAX_SIDE, &height, error)
      || !add_id (self, self->images, id, self->coco->images->len, error))
    return FALSE;
  parts = g_strsplit (name, "/", -1);
  if (g_path_is_absolute (name) || g_strv_contains ((const char *const *) parts, ".."))
    return fail (self, error, "file_name “%s” leads out of the folder", name);
  image = (FvCocoImage){ g_string_chunk_insert (self->coco->strings, name), (int) width,
                         (int) height };
  if (!g_hash_table_add (self->names, image.file_name))
    return fail (self, error, "“%s” is listed a second time", name);
  g_array_append_val (self->coco->images, image);
  return TRUE;
}

typedef struct {
  gint64 id;
  char *name;
} Category;

static int
compare_categories (gconstpointer a, gconstpointer b)
{
  const Category *first = a;
  const Category *second = b;

  return first->id < second->id ? -1 : first->id > second->id;
}

static gboolean
read_category (Reader *self, JsonObject *object, GArray *categories, GError **error)
{
  const char *name = get_text (self, object, "name", error);
  Category category;

  if (name == NULL || !get_id (self, object, "id", &category.id, error)
      || !add_id (self, self->labels, category.id, 0, error))
    return FALSE;
  category.name = g_string_chunk_insert (self->coco->strings, name);
  if (!g_hash_table_add (self->names, category.name))
    return fail (self, error, "“%s” names another category already", name);
  if (categories->len == MAX_CLASSES)
    return fail (self, error, "there are more than %d categories", MAX_CLASSES);
  g_array_append_val (categories, category);
  return TRUE;
}

/* -- annotations ---------------------------------------------------------------------------- */

static gboolean
read_box (const Reader *self, JsonObject *object, FvCocoOutline *outline, GError **error)
{
  JsonNode *node = json_object_get_member (object, "bbox");
  JsonArray *array;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  if (array == NULL || json_array_get_length (array) != 4)
    return fail (self, error, "“bbox” is not [x, y, width, height]");
  for (guint i = 0; i < 4; i++)
    if (!node_to_coordinate (json_array_get_element (array, i), &outline->box[i]))
      return fail (self, error, "“bbox” has something that is no coordinate");
  if (outline->box[2] < 0 || outline->box[3] < 0)
    return fail (self, error, "“bbox” has a negative size");
  outline->has_box = TRUE;
  return TRUE;
}

static gboolean
read_polygon (const Reader *self, JsonNode *node, GPtrArray *polygons, GError **error)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  guint n = array != NULL ? json_array_get_length (array) : 0;
  GArray *polygon;

  if (n < 6 || n % 2 != 0)
    return fail (self, error, "a polygon is not a list of three or more points x, y");
  polygon = g_array_sized_new (FALSE, FALSE, sizeof (double), n);
  g_ptr_array_add (polygons, polygon);
  for (guint i = 0; i < n; i++) {
    double value;

    if (!node_to_coordinate (json_array_get_element (array, i), &value))
      return fail (self, error, "a polygon has something that is no coordinate");
    g_array_append_val (polygon, value);
  }
  return TRUE;
}

static gboolean
read_polygons (const Reader *self, JsonArray *array, FvCocoOutline *outline, GError **error)
{
  guint n = json_array_get_length (array);

  if (n == 0)
    return TRUE;
  outline->polygons = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  for (guint i = 0; i < n; i++)
    if (!read_polygon (self, json_array_get_element (array, i), outline->polygons, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_run_list (const Reader *self, JsonArray *array, GArray *runs, GError **error)
{
  for (guint i = 0; i < json_array_get_length (array); i++) {
    double value;
    guint32 length;

    if (!node_to_double (json_array_get_element (array, i), &value) || value != floor (value)
        || value < 0 || value > G_MAXUINT32)
      return fail (self, error, "“counts” has something that is no length of a run");
    length = (guint32) value;
    g_array_append_val (runs, length);
  }
  return TRUE;
}

static gboolean
check_size (const Reader *self, JsonObject *object, const FvCocoImage *image, GError **error)
{
  JsonNode *node = json_object_get_member (object, "size");
  JsonArray *size
      = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  double height, width;

  if (size == NULL || json_array_get_length (size) != 2
      || !node_to_double (json_array_get_element (size, 0), &height)
      || !node_to_double (json_array_get_element (size, 1), &width))
    return fail (self, error, "its runs have no “size” [height, width]");
  if (height != image->height || width != image->width)
    return fail (self, error, "its runs are for %g × %g pixels, but “%s” has %d × %d", width,
                 height, image->file_name, image->width, image->height);
  return TRUE;
}

static gboolean
read_runs (const Reader *self, JsonObject *object, const FvCocoImage *image, FvCocoOutline *outline,
           GError **error)
{
  JsonNode *counts = json_object_get_member (object, "counts");
  const char *problem = NULL;

  if (!check_size (self, object, image, error))
    return FALSE;
  outline->runs = g_array_new (FALSE, FALSE, sizeof (guint32));
  if (counts != NULL && JSON_NODE_HOLDS_ARRAY (counts)) {
    if (!read_run_list (self, json_node_get_array (counts), outline->runs, error))
      return FALSE;
  } else if (counts != NULL && JSON_NODE_HOLDS_VALUE (counts)
             && json_node_get_value_type (counts) == G_TYPE_STRING)
    problem = fv_coco_outline_decode_runs (json_node_get_string (counts), outline->runs);
  else
    problem = "is neither a list nor a text";
  if (problem != NULL)
    return fail (self, error, "“counts” %s", problem);
  if (!fv_coco_outline_runs_fit (outline->runs, (guint64) image->width * (guint64) image->height))
    return fail (self, error, "its runs do not add up to the %d × %d pixels of “%s”", image->width,
                 image->height, image->file_name);
  return TRUE;
}

static gboolean
read_outline (const Reader *self, JsonObject *object, const FvCocoImage *image,
              FvCocoOutline *outline, GError **error)
{
  JsonNode *node = json_object_get_member (object, "segmentation");

  if (!read_box (self, object, outline, error))
    return FALSE;
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return read_polygons (self, json_node_get_array (node), outline, error);
  if (JSON_NODE_HOLDS_OBJECT (node))
    return read_runs (self, json_node_get_object (node), image, outline, error);
  return fail (self, error, "“segmentation” is neither polygons nor runs");
}

/* iscrowd is 0 or 1; some writers say false or true. */
static gboolean
read_crowd (const Reader *self, JsonObject *object, gboolean *is_crowd, GError **error)
{
  JsonNode *node = json_object_get_member (object, "iscrowd");
  gint64 value = 0;

  if (node == NULL)
    return TRUE;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    value = json_node_get_boolean (node);
  else if (!get_int (self, object, "iscrowd", 0, 1, &value, error))
    return FALSE;
  *is_crowd = value != 0;
  return TRUE;
}

static gboolean
read_annotation (Reader *self, JsonObject *object, GError **error)
{
  FvCocoObject annotation = { 0 };
  const FvCocoImage *image;

  if (!look_up (self, object, "image_id", self->images, &annotation.image, error)
      || !look_up (self, object, "category_id", self->labels, &annotation.label, error)
      || !read_crowd (self, object, &annotation.is_crowd, error))
    return FALSE;
  image = fv_coco_get_image (self->coco, annotation.image);
  if (!read_outline (self, object, image, &annotation.outline, error)) {
    fv_coco_outline_clear (&annotation.outline);
    return FALSE;
  }
  g_array_append_val (self->coco->objects, annotation);
  return TRUE;
}

/* -- the lists ------------------------------------------------------------------------------ */

/* Begins the list @name. Returns: NULL with @error when there is none */
static JsonArray *
begin_list (Reader *self, JsonObject *root, const char *name, GError **error)
{
  JsonNode *node = json_object_get_member (root, name);

  self->list = name;
  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    return json_node_get_array (node);
  fv_data_error_set (error, FV_DATA_ERROR_FORMAT, self->path,
                     "is no COCO instances file: it has no list “%s”", name);
  return NULL;
}

/* Element self->number of @list, which must be an object. */
static JsonObject *
get_element (const Reader *self, JsonArray *list, GError **error)
{
  JsonNode *node = json_array_get_element (list, self->number);

  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_node_get_object (node);
  fail (self, error, "it is no object");
  return NULL;
}

static gboolean
read_images (Reader *self, JsonObject *root, GError **error)
{
  JsonArray *list = begin_list (self, root, "images", error);

  for (self->number = 0; list != NULL && self->number < json_array_get_length (list);
       self->number++) {
    JsonObject *object = get_element (self, list, error);

    if (object == NULL || !read_image (self, object, error))
      return FALSE;
  }
  return list != NULL;
}

static gboolean
read_categories (Reader *self, JsonObject *root, GError **error)
{
  g_autoptr (GArray) categories = g_array_new (FALSE, FALSE, sizeof (Category));
  JsonArray *list = begin_list (self, root, "categories", error);

  g_hash_table_remove_all (self->names);
  for (self->number = 0; list != NULL && self->number < json_array_get_length (list);
       self->number++) {
    JsonObject *object = get_element (self, list, error);

    if (object == NULL || !read_category (self, object, categories, error))
      return FALSE;
  }
  g_array_sort (categories, compare_categories);
  for (guint i = 0; i < categories->len; i++) {
    Category *category = &g_array_index (categories, Category, i);

    g_ptr_array_add (self->coco->classes, category->name);
    g_hash_table_insert (self->labels, g_memdup2 (&category->id, sizeof category->id),
                         GUINT_TO_POINTER (i));
  }
  return list != NULL;
}

static gboolean
read_annotations (Reader *self, JsonObject *root, GError **error)
{
  JsonArray *list = begin_list (self, root, "annotations", error);

  for (self->number = 0; list != NULL && self->number < json_array_get_length (list);
       self->number++) {
    JsonObject *object = get_element (self, list, error);

    if (object == NULL || !read_annotation (self, object, error))
      return FALSE;
  }
  return list != NULL;
}

/* The parsed file; NULL with @error. */
static JsonParser *
parse (const char *path, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  const char *problem;
  gsize n_bytes, n_members;

  text = fv_input_file_read (path, MAX_FILE_BYTES, &n_bytes, error);
  if (text == NULL)
    return NULL;
  problem = fv_json_guard_check (text, n_bytes, &limits, &n_members);
  if (problem == NULL && !json_parser_load_from_data (parser, text, (gssize) n_bytes, NULL))
    problem = "is not JSON";
  if (problem == NULL
      && (json_parser_get_root (parser) == NULL
          || !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser))))
    problem = "is no JSON object";
  if (problem == NULL)
    return g_steal_pointer (&parser);
  fv_data_error_set (error, FV_DATA_ERROR_FORMAT, path, "is no COCO instances file: it %s",
                     problem);
  return NULL;
}

FvCoco *
fv_coco_load (const char *path, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (FvCoco) self = NULL;
  g_autoptr (GHashTable) images = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (GHashTable) labels = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  Reader reader = { .path = path, .images = images, .labels = labels, .names = names };
  JsonObject *root;

  g_return_val_if_fail (path != NULL, NULL);

  parser = parse (path, error);
  if (parser == NULL)
    return NULL;
  reader.coco = self = fv_coco_new (path);
  root = json_node_get_object (json_parser_get_root (parser));
  if (!read_images (&reader, root, error) || !read_categories (&reader, root, error)
      || !read_annotations (&reader, root, error))
    return NULL;
  fv_coco_index_objects (self);
  return g_steal_pointer (&self);
}
