/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading and writing model cards. */

#include "fv-card.h"

#include <json-glib/json-glib.h>
#include <math.h>

#include "fv-builders.h"
#include "fv-json-guard.h"
#include "fv-weights-file.h"

#define MAX_CARD_BYTES (16 * 1024 * 1024)
#define MAX_INPUT_SIDE 4096
#define MAX_CLASSES 100000
#define MIN_CROP 0.1

/* A card nests three levels; classes are its only long list. */
static const FvJsonLimits card_limits = { .max_depth = 16, .max_values = 2 * MAX_CLASSES };

static const double imagenet_mean[3] = { 0.485, 0.456, 0.406 };
static const double imagenet_std[3] = { 0.229, 0.224, 0.225 };

FvCard *
fv_card_new (const char *architecture)
{
  FvCard *self = g_new0 (FvCard, 1);
  gboolean is_cifar = g_str_has_prefix (architecture, "cifar_");
  gboolean is_clip = g_str_equal (architecture, "clip_cnn");

  self->architecture = g_strdup (architecture);
  self->width = self->height = is_cifar ? 32 : g_str_equal (architecture, "small_cnn") ? 96 : 224;
  if (is_clip) { /* frames one below the other (fv-clip-cnn.c) */
    self->width = 48;
    self->height = FV_CLIP_CNN_FRAMES * self->width;
  }
  self->scale = 1;
  memcpy (self->mean, imagenet_mean, sizeof imagenet_mean);
  memcpy (self->std, imagenet_std, sizeof imagenet_std);
  self->crop_pct = is_cifar || is_clip ? 1 : 0.875;
  return self;
}

FvCard *
fv_card_copy (const FvCard *self)
{
  FvCard *copy = g_memdup2 (self, sizeof *self);

  copy->architecture = g_strdup (self->architecture);
  copy->logits = g_strdup (self->logits);
  copy->classes = g_strdupv (self->classes);
  return copy;
}

void
fv_card_free (FvCard *self)
{
  if (self == NULL)
    return;
  g_free (self->architecture);
  g_free (self->logits);
  g_strfreev (self->classes);
  g_free (self);
}

const char *
fv_card_get_class_name (const FvCard *self, int index)
{
  if (self->classes == NULL || index < 0 || (guint) index >= g_strv_length (self->classes))
    return NULL;
  return self->classes[index];
}

/* -- reading -------------------------------------------------------------------------------- */

typedef struct {
  const char *path;
  JsonObject *object;
  GError **error;
} Reader;

static gboolean
refuse (const Reader *reader, const char *field, const char *wanted)
{
  g_set_error (reader->error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
               "the model card “%s” is wrong: “%s” must be %s", reader->path, field, wanted);
  return FALSE;
}

static gboolean
is_number (JsonNode *node)
{
  GType type = json_node_get_value_type (node);

  return JSON_NODE_HOLDS_VALUE (node) && (type == G_TYPE_INT64 || type == G_TYPE_DOUBLE);
}

static gboolean
read_string (const Reader *reader, const char *field, const char **value)
{
  JsonNode *node = json_object_get_member (reader->object, field);

  *value = NULL;
  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return refuse (reader, field, "a string");
  *value = json_node_get_string (node);
  return TRUE;
}

/* A string that must be @off or @on; @on sets @value. */
static gboolean
read_switch (const Reader *reader, const char *field, const char *off, const char *on,
             gboolean *value)
{
  g_autofree char *wanted = g_strdup_printf ("“%s” or “%s”", off, on);
  const char *text;

  if (!read_string (reader, field, &text))
    return FALSE;
  if (text == NULL)
    return TRUE;
  if (!g_str_equal (text, off) && !g_str_equal (text, on))
    return refuse (reader, field, wanted);
  *value = g_str_equal (text, on);
  return TRUE;
}

static gboolean
read_positive (const Reader *reader, const char *field, double *value)
{
  JsonNode *node = json_object_get_member (reader->object, field);

  if (node == NULL)
    return TRUE;
  if (!is_number (node) || !(json_node_get_double (node) > 0)
      || !isfinite (json_node_get_double (node)))
    return refuse (reader, field, "a number above 0");
  *value = json_node_get_double (node);
  return TRUE;
}

static gboolean
read_boolean (const Reader *reader, const char *field, gboolean *value)
{
  JsonNode *node = json_object_get_member (reader->object, field);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return refuse (reader, field, "true or false");
  *value = json_node_get_boolean (node);
  return TRUE;
}

/* A crop of less than a tenth would enlarge the picture without measure. */
static gboolean
read_crop (const Reader *reader, double *value)
{
  double crop = *value;

  if (!read_positive (reader, "crop_pct", &crop))
    return FALSE;
  if (crop < MIN_CROP || crop > 1)
    return refuse (reader, "crop_pct", "0.1 to 1");
  *value = crop;
  return TRUE;
}

static gboolean
read_three (const Reader *reader, const char *field, gboolean positive, double values[3])
{
  JsonNode *node = json_object_get_member (reader->object, field);
  const char *wanted = positive ? "three numbers above 0" : "three numbers";
  JsonArray *array;

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return refuse (reader, field, wanted);
  array = json_node_get_array (node);
  if (json_array_get_length (array) != 3)
    return refuse (reader, field, wanted);
  for (guint i = 0; i < 3; i++) {
    JsonNode *element = json_array_get_element (array, i);

    if (!is_number (element) || !isfinite (json_node_get_double (element))
        || (positive && json_node_get_double (element) <= 0))
      return refuse (reader, field, wanted);
    values[i] = json_node_get_double (element);
  }
  return TRUE;
}

static gboolean
read_input_size (const Reader *reader, FvCard *card)
{
  double size[3] = { 3, card->height, card->width };

  if (!read_three (reader, "input_size", TRUE, size))
    return FALSE;
  for (int i = 1; i < 3; i++)
    if (size[i] != floor (size[i]) || size[i] < 8 || size[i] > MAX_INPUT_SIDE)
      return refuse (reader, "input_size", "[3, height, width] with sides of 8 to 4096");
  if (size[0] != 3)
    return refuse (reader, "input_size", "[3, height, width]: pictures have three channels here");
  card->height = (int) size[1];
  card->width = (int) size[2];
  return TRUE;
}

/* The bytes of an ordinary file and a NUL. @length: (out). (transfer full) */
static char *
read_text (const char *path, gsize *length, GError **error)
{
  g_autoptr (FvWeightsFile) file = fv_weights_file_open (path, error);
  g_autofree char *text = NULL;

  if (file == NULL)
    return NULL;
  if (fv_weights_file_get_size (file) > MAX_CARD_BYTES) {
    fv_weights_file_refuse (file, error, "is larger than 16 MB");
    return NULL;
  }
  *length = (gsize) fv_weights_file_get_size (file);
  text = g_malloc0 (*length + 1);
  return fv_weights_file_read (file, 0, text, *length, error) ? g_steal_pointer (&text) : NULL;
}

/* One class a line, in a text file beside the card. */
static gboolean
read_class_file (const Reader *reader, const char *name, FvCard *card)
{
  g_autofree char *folder = g_path_get_dirname (reader->path);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = NULL;
  gsize length;
  g_autoptr (GError) reason = NULL;

  if (strchr (name, '/') != NULL)
    return refuse (reader, "classes", "a list of names or the name of a file beside the card");
  text = read_text (path, &length, &reason);
  if (text == NULL) {
    g_set_error (reader->error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
                 "the classes of the model card “%s” cannot be read: %s", reader->path,
                 reason->message);
    return FALSE;
  }
  if (!g_utf8_validate_len (text, length, NULL))
    return refuse (reader, "classes", "a file of UTF-8 text");
  card->classes = g_strsplit (g_strchomp (text), "\n", -1);
  for (char **line = card->classes; *line != NULL; line++)
    g_strchomp (*line); /* files from Windows */
  return TRUE;
}

static gboolean
read_class_list (const Reader *reader, JsonArray *array, FvCard *card)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *element = json_array_get_element (array, i);

    if (!JSON_NODE_HOLDS_VALUE (element) || json_node_get_value_type (element) != G_TYPE_STRING)
      return refuse (reader, "classes", "a list of names or the name of a file beside the card");
    g_strv_builder_add (names, json_node_get_string (element));
  }
  card->classes = g_strv_builder_end (names);
  return TRUE;
}

static gboolean
read_class_names (const Reader *reader, JsonNode *node, FvCard *card)
{
  const char *name;

  if (JSON_NODE_HOLDS_ARRAY (node))
    return read_class_list (reader, json_node_get_array (node), card);
  return read_string (reader, "classes", &name) && read_class_file (reader, name, card);
}

static gboolean
read_classes (const Reader *reader, FvCard *card)
{
  JsonNode *node = json_object_get_member (reader->object, "classes");
  guint n_classes;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!read_class_names (reader, node, card))
    return FALSE;
  n_classes = g_strv_length (card->classes);
  if (n_classes < 1 || n_classes > MAX_CLASSES)
    return refuse (reader, "classes", "1 to 100000 names");
  return TRUE;
}

/* "logits": which of several results a TorchScript network is read for. */
static gboolean
read_logits (const Reader *reader, FvCard *card)
{
  const char *logits;

  if (!read_string (reader, "logits", &logits))
    return FALSE;
  card->logits = g_strdup (logits);
  return TRUE;
}

static FvCard *
read_card (const Reader *reader, const char *default_architecture)
{
  g_autoptr (FvCard) card = NULL;
  const char *architecture;

  if (!read_string (reader, "architecture", &architecture))
    return NULL;
  if (architecture == NULL)
    architecture = default_architecture;
  if (architecture == NULL) {
    refuse (reader, "architecture", "there, with the network's name");
    return NULL;
  }
  card = fv_card_new (architecture);
  if (!read_input_size (reader, card) || !read_positive (reader, "scale", &card->scale)
      || !read_crop (reader, &card->crop_pct) || !read_three (reader, "mean", FALSE, card->mean)
      || !read_three (reader, "std", TRUE, card->std)
      || !read_switch (reader, "padding", "symmetric", "same", &card->same_padding)
      || !read_switch (reader, "batch_norm", "learned", "folded", &card->batch_norm_folded)
      || !read_switch (reader, "channel_order", "RGB", "BGR", &card->bgr)
      || !read_switch (reader, "interpolation", "bilinear", "bicubic", &card->bicubic)
      || !read_boolean (reader, "multi_label", &card->multi_label) || !read_logits (reader, card)
      || !read_classes (reader, card))
    return NULL;
  return g_steal_pointer (&card);
}

/* Members of all objects at or below @node. */
static gsize
count_members (JsonNode *node)
{
  g_autoptr (GList) children = NULL;
  gsize n = 0;

  if (JSON_NODE_HOLDS_OBJECT (node)) {
    children = json_object_get_values (json_node_get_object (node));
    n = json_object_get_size (json_node_get_object (node));
  } else if (JSON_NODE_HOLDS_ARRAY (node)) {
    children = json_array_get_elements (json_node_get_array (node));
  }
  for (GList *child = children; child != NULL; child = child->next)
    n += count_members (child->data);
  return n;
}

static const char *
find_problem (JsonNode *root, gsize n_members)
{
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return "is no JSON object";
  return count_members (root) == n_members ? NULL : "names a field twice";
}

static JsonParser *
parse (const char *path, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) reason = NULL;
  gsize length;
  g_autofree char *text = read_text (path, &length, error);
  gsize n_members;
  const char *problem;

  if (text == NULL) {
    g_prefix_error (error, "the model card ");
    return NULL;
  }
  problem = fv_json_guard_check (text, length, &card_limits, &n_members);
  if (problem == NULL && !json_parser_load_from_data (parser, text, (gssize) length, &reason))
    problem = reason->message;
  if (problem == NULL)
    problem = find_problem (json_parser_get_root (parser), n_members);
  if (problem != NULL) {
    g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE, "“%s” is not a model card: it %s",
                 path, problem);
    return NULL;
  }
  return g_steal_pointer (&parser);
}

FvCard *
fv_card_load (const char *path, const char *default_architecture, GError **error)
{
  g_autoptr (JsonParser) parser = parse (path, error);

  if (parser == NULL)
    return NULL;
  return read_card (&(Reader){ path, json_node_get_object (json_parser_get_root (parser)), error },
                    default_architecture);
}

/* -- writing -------------------------------------------------------------------------------- */

static void
add_three (JsonBuilder *builder, const char *field, const double values[3])
{
  json_builder_set_member_name (builder, field);
  json_builder_begin_array (builder);
  for (int i = 0; i < 3; i++)
    json_builder_add_double_value (builder, values[i]);
  json_builder_end_array (builder);
}

static void
add_string (JsonBuilder *builder, const char *field, const char *value)
{
  json_builder_set_member_name (builder, field);
  json_builder_add_string_value (builder, value);
}

static void
add_number (JsonBuilder *builder, const char *field, double value)
{
  json_builder_set_member_name (builder, field);
  json_builder_add_double_value (builder, value);
}

static void
add_classes (JsonBuilder *builder, const FvCard *card)
{
  json_builder_set_member_name (builder, "classes");
  json_builder_begin_array (builder);
  for (guint i = 0; card->classes[i] != NULL; i++)
    json_builder_add_string_value (builder, card->classes[i]);
  json_builder_end_array (builder);
}

static JsonNode *
card_to_json (const FvCard *card)
{
  g_autoptr (JsonBuilder) builder = json_builder_new_immutable ();
  const int size[] = { 3, card->height, card->width };

  json_builder_begin_object (builder);
  add_string (builder, "architecture", card->architecture);
  add_string (builder, "padding", card->same_padding ? "same" : "symmetric");
  add_string (builder, "batch_norm", card->batch_norm_folded ? "folded" : "learned");
  json_builder_set_member_name (builder, "input_size");
  json_builder_begin_array (builder);
  for (int i = 0; i < 3; i++)
    json_builder_add_int_value (builder, size[i]);
  json_builder_end_array (builder);
  add_number (builder, "scale", card->scale);
  add_three (builder, "mean", card->mean);
  add_three (builder, "std", card->std);
  add_string (builder, "channel_order", card->bgr ? "BGR" : "RGB");
  add_string (builder, "interpolation", card->bicubic ? "bicubic" : "bilinear");
  add_number (builder, "crop_pct", card->crop_pct);
  if (card->logits != NULL)
    add_string (builder, "logits", card->logits);
  if (card->multi_label) {
    json_builder_set_member_name (builder, "multi_label");
    json_builder_add_boolean_value (builder, TRUE);
  }
  if (card->classes != NULL)
    add_classes (builder, card);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

gboolean
fv_card_save (const FvCard *self, const char *path, GError **error)
{
  g_autoptr (JsonNode) root = card_to_json (self);
  g_autofree char *text = json_to_string (root, TRUE);
  g_autofree char *lines = g_strconcat (text, "\n", NULL);
  g_autoptr (GError) reason = NULL;

  if (g_file_set_contents_full (path, lines, -1,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0644,
                                &reason))
    return TRUE;
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
               "the model card “%s” cannot be written: %s", path, reason->message);
  return FALSE;
}
