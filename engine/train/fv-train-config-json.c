/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The settings as JSON and back. One table says what each is called, of what kind it is and which
 * option sets it, so that writing, reading and comparing cannot disagree. */

#include "fv-train-config.h"

#include "fv-augment.h"

typedef enum {
  KIND_BOOLEAN, /* gboolean */
  KIND_INTEGER, /* int */
  KIND_REAL,    /* double */
  KIND_TEXT,    /* char *, null when it is not said */
  KIND_SEED,    /* guint64, as text: 64 bits do not fit a JSON number */
  KIND_AUGMENT, /* guint of FvAugment flags, as text */
  KIND_WORD,    /* an enum, as one of its words */
} Kind;

/* The word for an enum's value. */
typedef const char *(*NameFunction) (int value);

typedef struct {
  const char *name;
  const char *option; /* NULL: does not decide what is learned */
  Kind kind;
  gsize offset;
  NameFunction name_of; /* of KIND_WORD, for 0 … n_words − 1 */
  int n_words;
} Field;

static const char *
optimizer_name (int value)
{
  static const char *const names[] = { "sgd", "adam", "adamw" };

  return names[value];
}

static const char *
balance_name (int value)
{
  static const char *const names[] = { "none", "class", "group" };

  return names[value];
}

static const char *
control_name (int value)
{
  static const char *const names[] = { "none", "reweight" };

  return names[value];
}

static const char *
attention_classes_name (int value)
{
  static const char *const names[] = { "one", "all" };

  return names[value];
}

static const char *
keep_name (int value)
{
  static const char *const names[] = { "last", "best" };

  return names[value];
}

static const char *
mode_name (int value)
{
  static const char *const names[] = { "supervised", "unsupervised", "alternating", "combined" };

  return names[value];
}

static const char *
pixels_name (int value)
{
  static const char *const names[] = { "guided", "ig" };

  return names[value];
}

static const char *
resolution_name (int value)
{
  static const char *const names[] = { "0", "1", "2", "3", "4" };

  return names[value];
}

static const char *
similarity_name (int value)
{
  static const char *const names[] = { "pearson", "ssim", "cross" };

  return names[value];
}

static const char *
choose_by_name (int value)
{
  static const char *const names[] = { "labels", "consistency" };

  return names[value];
}

static const char *
distance_name (int value)
{
  return fv_match_get_distance_name ((FvMatchDistance) value);
}

static const char *
normalisation_name (int value)
{
  return fv_match_get_normalisation_name ((FvMatchNormalisation) value);
}

static const char *
match_target_name (int value)
{
  return fv_match_get_target_name ((FvMatchTarget) value);
}

static const char *
map_name (int value)
{
  return fv_training_map_get_name ((FvTrainingMapKind) value);
}

#define AT(member) G_STRUCT_OFFSET (FvTrainConfig, member)

static const Field fields[] = {
  { "distance", "--distance", KIND_WORD, AT (match.distance), distance_name, FV_N_MATCH_DISTANCES },
  { "normalise", "--normalise", KIND_WORD, AT (match.normalisation), normalisation_name,
    FV_N_MATCH_NORMALISATIONS },
  { "match_target", "--match-target", KIND_WORD, AT (match.target), match_target_name,
    FV_N_MATCH_TARGETS },
  { "map", "--map", KIND_WORD, AT (map), map_name, FV_N_TRAINING_MAPS },
  { "attention_classes", "--attention-classes", KIND_WORD, AT (attention_classes),
    attention_classes_name, 2 },
  { "layer", "--layer", KIND_TEXT, AT (layer), NULL, 0 },
  { "freeze_below", "--freeze-below", KIND_TEXT, AT (freeze_below), NULL, 0 },
  { "train_batch_norm", "--batch-norm", KIND_BOOLEAN, AT (train_batch_norm), NULL, 0 },
  { "epochs", "--epochs", KIND_INTEGER, AT (epochs), NULL, 0 },
  { "batch", "--batch", KIND_INTEGER, AT (batch_size), NULL, 0 },
  { "lr", "--lr", KIND_REAL, AT (learning_rate), NULL, 0 },
  { "head_lr", "--head-lr", KIND_REAL, AT (head_learning_rate), NULL, 0 },
  { "weight_decay", "--weight-decay", KIND_REAL, AT (weight_decay), NULL, 0 },
  { "optimizer", "--optimizer", KIND_WORD, AT (optimizer), optimizer_name, 3 },
  { "warm_up", "--warm-up", KIND_REAL, AT (warm_up), NULL, 0 },
  { "cosine", "--schedule", KIND_BOOLEAN, AT (cosine), NULL, 0 },
  { "max_gradient", "--clip", KIND_REAL, AT (max_gradient), NULL, 0 },
  { "augment", "--augment", KIND_AUGMENT, AT (augment), NULL, 0 },
  { "views", "--views", KIND_INTEGER, AT (views), NULL, 0 },
  { "seed", "--seed", KIND_SEED, AT (seed), NULL, 0 },
  { "balance", "--balance", KIND_WORD, AT (balance), balance_name, 3 },
  { "mask_share", "--mask-share", KIND_REAL, AT (mask_share), NULL, 0 },
  { "control", "--control", KIND_WORD, AT (control), control_name, 2 },
  { "patience", "--patience", KIND_INTEGER, AT (patience), NULL, 0 },
  { "keep", "--keep", KIND_WORD, AT (keep), keep_name, 2 },
  { "mode", "--mode", KIND_WORD, AT (mode), mode_name, FV_N_TRAIN_MODES },
  { "labelled", "--labelled", KIND_INTEGER, AT (labelled), NULL, 0 },
  { "unlabelled", "--unlabelled", KIND_TEXT, AT (unlabelled), NULL, 0 },
  { "alternation", "--alternation", KIND_REAL, AT (alternation), NULL, 0 },
  { "pixels", "--pixels", KIND_WORD, AT (agreement.pixels), pixels_name, 2 },
  { "resolution", "--resolution", KIND_WORD, AT (agreement.way), resolution_name, 5 },
  { "omega", "--omega", KIND_REAL, AT (agreement.omega), NULL, 0 },
  { "normalise_pixels", "--normalise-pixels", KIND_BOOLEAN, AT (agreement.normalised), NULL, 0 },
  { "detach_mask", "--detach-mask", KIND_BOOLEAN, AT (agreement.detached), NULL, 0 },
  { "similarity", "--similarity", KIND_WORD, AT (similarity), similarity_name, 3 },
  { "choose_by", "--choose-by", KIND_WORD, AT (choose_by), choose_by_name, 2 },
  { "checkpoint_seconds", NULL, KIND_REAL, AT (checkpoint_seconds), NULL, 0 },
};

/* The setting of type @type in the record @config. */
#define VALUE(type, config, field) (*(type *) G_STRUCT_MEMBER_P (config, (field)->offset))
#define CONST_VALUE(type, config, field)                                                           \
  (*(const type *) ((const char *) (config) + (field)->offset))

/* -- writing -------------------------------------------------------------------------------- */

static JsonNode *
text_node (const char *text)
{
  return text != NULL ? json_node_init_string (json_node_alloc (), text)
                      : json_node_init_null (json_node_alloc ());
}

/* (transfer full) */
static JsonNode *
write_field (const FvTrainConfig *self, const Field *field)
{
  g_autofree char *text = NULL;

  switch (field->kind) {
  case KIND_BOOLEAN:
    return json_node_init_boolean (json_node_alloc (), CONST_VALUE (gboolean, self, field));
  case KIND_INTEGER:
    return json_node_init_int (json_node_alloc (), CONST_VALUE (int, self, field));
  case KIND_REAL:
    return json_node_init_double (json_node_alloc (), CONST_VALUE (double, self, field));
  case KIND_TEXT:
    return text_node (CONST_VALUE (char *, self, field));
  case KIND_SEED:
    text = g_strdup_printf ("%" G_GUINT64_FORMAT, CONST_VALUE (guint64, self, field));
    return text_node (text);
  case KIND_AUGMENT:
    text = fv_augment_to_text (CONST_VALUE (guint, self, field));
    return text_node (text);
  case KIND_WORD:
    return text_node (field->name_of (CONST_VALUE (int, self, field)));
  default:
    g_assert_not_reached ();
  }
}

JsonObject *
fv_train_config_to_json (const FvTrainConfig *self)
{
  JsonObject *object = json_object_new ();
  JsonObject *losses = json_object_new ();

  for (int i = 0; i < FV_N_LOSSES; i++)
    json_object_set_double_member (losses, fv_loss_get_name ((FvLossKind) i), self->weights[i]);
  json_object_set_object_member (object, "losses", losses);
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    json_object_set_member (object, fields[i].name, write_field (self, &fields[i]));
  return object;
}

/* -- reading -------------------------------------------------------------------------------- */

static gboolean
set_word (FvTrainConfig *self, const Field *field, const char *word)
{
  for (int i = 0; i < field->n_words; i++)
    if (g_str_equal (field->name_of (i), word)) {
      VALUE (int, self, field) = i;
      return TRUE;
    }
  return FALSE;
}

/* FALSE when @text is not what the field holds. */
static gboolean
read_text (FvTrainConfig *self, const Field *field, const char *text)
{
  switch (field->kind) {
  case KIND_TEXT:
    g_free (VALUE (char *, self, field));
    VALUE (char *, self, field) = g_strdup (text);
    return TRUE;
  case KIND_SEED:
    return g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &VALUE (guint64, self, field),
                                       NULL);
  case KIND_AUGMENT:
    return fv_augment_parse (text, &VALUE (guint, self, field));
  case KIND_WORD:
    return set_word (self, field, text);
  case KIND_BOOLEAN:
  case KIND_INTEGER:
  case KIND_REAL:
  default:
    return FALSE;
  }
}

static gboolean
read_number (FvTrainConfig *self, const Field *field, const JsonNode *node)
{
  gint64 integer;

  if (field->kind == KIND_REAL) {
    VALUE (double, self, field) = json_node_get_double ((JsonNode *) node);
    return TRUE;
  }
  integer = json_node_get_int ((JsonNode *) node);
  if (field->kind != KIND_INTEGER || json_node_get_value_type ((JsonNode *) node) != G_TYPE_INT64
      || integer < G_MININT || integer > G_MAXINT)
    return FALSE;
  VALUE (int, self, field) = (int) integer;
  return TRUE;
}

static gboolean
read_field (FvTrainConfig *self, const Field *field, JsonNode *node)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (JSON_NODE_HOLDS_NULL (node))
    return field->kind == KIND_TEXT;
  if (type == G_TYPE_STRING)
    return read_text (self, field, json_node_get_string (node));
  if (type == G_TYPE_INT64 || type == G_TYPE_DOUBLE)
    return read_number (self, field, node);
  if (type != G_TYPE_BOOLEAN || field->kind != KIND_BOOLEAN)
    return FALSE;
  VALUE (gboolean, self, field) = json_node_get_boolean (node);
  return TRUE;
}

static gboolean
refuse (const char *path, const char *name, GError **error)
{
  g_set_error (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_FILE,
               "“%s” is no configuration of a run: “%s” is not what it should be", path, name);
  return FALSE;
}

static gboolean
read_losses (FvTrainConfig *self, JsonObject *object, const char *path, GError **error)
{
  JsonNode *node = json_object_get_member (object, "losses");
  JsonObjectIter iter;
  const char *name;
  FvLossKind kind;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return refuse (path, "losses", error);
  for (int i = 0; i < FV_N_LOSSES; i++)
    self->weights[i] = 0;
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &name, &node)) {
    GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

    if (!fv_loss_find (name, &kind) || (type != G_TYPE_INT64 && type != G_TYPE_DOUBLE))
      return refuse (path, name, error);
    self->weights[kind] = json_node_get_double (node);
  }
  return TRUE;
}

FvTrainConfig *
fv_train_config_from_json (JsonObject *object, const char *path, GError **error)
{
  g_autoptr (FvTrainConfig) self = fv_train_config_new ();

  if (!read_losses (self, object, path, error))
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++) {
    JsonNode *node = json_object_get_member (object, fields[i].name);

    if (node != NULL && !read_field (self, &fields[i], node)) {
      refuse (path, fields[i].name, error);
      return NULL;
    }
  }
  if (!fv_train_config_check (self, error)) {
    g_prefix_error (error, "“%s” is no configuration of a run: ", path);
    return NULL;
  }
  return g_steal_pointer (&self);
}

gboolean
fv_train_config_set_word (FvTrainConfig *self, const char *name, const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    if (fields[i].kind == KIND_WORD && g_str_equal (fields[i].name, name))
      return set_word (self, &fields[i], word);
  g_return_val_if_reached (FALSE);
}

/* -- comparing ------------------------------------------------------------------------------ */

const char *
fv_train_config_find_difference (const FvTrainConfig *self, const FvTrainConfig *other)
{
  for (int i = 0; i < FV_N_LOSSES; i++)
    if (self->weights[i] != other->weights[i])
      return "--loss";
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++) {
    g_autoptr (JsonNode) a = write_field (self, &fields[i]);
    g_autoptr (JsonNode) b = write_field (other, &fields[i]);

    if (fields[i].option != NULL && !json_node_equal (a, b))
      return fields[i].option;
  }
  return NULL;
}
