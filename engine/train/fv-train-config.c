/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The record of a run's settings. */

#include "fv-train-config.h"

#include <json-glib/json-glib.h>
#include <math.h>

#include "fv-augment.h"

FvTrainConfig *
fv_train_config_new (void)
{
  FvTrainConfig *self = g_new0 (FvTrainConfig, 1);

  self->weights[FV_LOSS_CROSS_ENTROPY] = 1;
  self->weights[FV_LOSS_CAMAL] = 1;
  self->match = (FvMatch){ FV_MATCH_MSE, FV_MATCH_MIN_MAX, FV_MATCH_OF_LABEL };
  self->map = FV_TRAINING_MAP_GRADCAM;
  self->epochs = 6;
  self->batch_size = 32;
  self->learning_rate = 2e-4;
  self->head_learning_rate = 2e-3;
  self->weight_decay = 1e-4;
  self->optimizer = FV_OPTIMIZER_ADAMW;
  self->warm_up = 0.1;
  self->cosine = TRUE;
  self->max_gradient = 5;
  self->augment = FV_AUGMENT_FLIP;
  return self;
}

FvTrainConfig *
fv_train_config_copy (const FvTrainConfig *self)
{
  FvTrainConfig *copy = g_memdup2 (self, sizeof *self);

  copy->layer = g_strdup (self->layer);
  copy->freeze_below = g_strdup (self->freeze_below);
  return copy;
}

void
fv_train_config_free (FvTrainConfig *self)
{
  if (self == NULL)
    return;
  g_free (self->layer);
  g_free (self->freeze_below);
  g_free (self);
}

static gboolean
require (gboolean condition, const char *sentence, GError **error)
{
  if (!condition)
    g_set_error_literal (error, FV_TENSOR_ERROR, FV_TENSOR_ERROR_ARGUMENT, sentence);
  return condition;
}

static gboolean
is_weight (double value)
{
  return isfinite (value) && value >= 0;
}

static gboolean
check_losses (const FvTrainConfig *self, GError **error)
{
  double sum = 0;

  for (int i = 0; i < FV_N_LOSSES; i++) {
    if (!require (is_weight (self->weights[i]), "a loss's weight must be 0 or more", error))
      return FALSE;
    sum += self->weights[i];
  }
  return require (sum > 0, "all losses have weight 0: there is nothing to learn", error);
}

gboolean
fv_train_config_check (const FvTrainConfig *self, GError **error)
{
  return check_losses (self, error)
         && require (self->epochs >= 1 && self->epochs <= 100000, "the epochs must be 1 to 100000",
                     error)
         && require (self->batch_size >= 1 && self->batch_size <= 4096,
                     "the batch must hold 1 to 4096 pictures", error)
         && require (isfinite (self->learning_rate) && self->learning_rate > 0
                         && isfinite (self->head_learning_rate) && self->head_learning_rate > 0,
                     "the learning rate must be above 0", error)
         && require (is_weight (self->weight_decay) && is_weight (self->max_gradient),
                     "weight decay and the gradient's limit must be 0 or more", error)
         && require (self->views >= 0 && self->views <= 100000,
                     "a picture must have 0 to 100000 views", error)
         && require (self->warm_up >= 0 && self->warm_up <= 1,
                     "the warm-up is a share of the steps, 0 to 1", error);
}

static const char *
optimizer_name (FvOptimizerKind kind)
{
  switch (kind) {
  case FV_OPTIMIZER_SGD:
    return "sgd";
  case FV_OPTIMIZER_ADAM:
    return "adam";
  case FV_OPTIMIZER_ADAMW:
    return "adamw";
  default:
    g_assert_not_reached ();
  }
}

static void
set_text_or_null (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
  else
    json_object_set_null_member (object, name);
}

static JsonObject *
match_to_json (const FvMatch *match)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "distance", fv_match_get_distance_name (match->distance));
  json_object_set_string_member (object, "normalisation",
                                 fv_match_get_normalisation_name (match->normalisation));
  json_object_set_string_member (object, "target", fv_match_get_target_name (match->target));
  return object;
}

static JsonObject *
config_to_json (const FvTrainConfig *self, const char *data)
{
  g_autofree char *absolute = g_canonicalize_filename (data, NULL);
  JsonObject *object = json_object_new ();
  JsonObject *losses = json_object_new ();
  g_autofree char *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, self->seed);
  g_autofree char *augment = fv_augment_to_text (self->augment);

  for (int i = 0; i < FV_N_LOSSES; i++)
    json_object_set_double_member (losses, fv_loss_get_name ((FvLossKind) i), self->weights[i]);
  /* A name that is not UTF-8 cannot be written; comparing then needs --data. */
  set_text_or_null (object, "data", g_utf8_validate (absolute, -1, NULL) ? absolute : NULL);
  json_object_set_object_member (object, "losses", losses);
  json_object_set_object_member (object, "match", match_to_json (&self->match));
  json_object_set_string_member (object, "map", fv_training_map_get_name (self->map));
  set_text_or_null (object, "layer", self->layer);
  set_text_or_null (object, "freeze_below", self->freeze_below);
  json_object_set_boolean_member (object, "train_batch_norm", self->train_batch_norm);
  json_object_set_int_member (object, "epochs", self->epochs);
  json_object_set_int_member (object, "batch", self->batch_size);
  json_object_set_double_member (object, "lr", self->learning_rate);
  json_object_set_double_member (object, "head_lr", self->head_learning_rate);
  json_object_set_double_member (object, "weight_decay", self->weight_decay);
  json_object_set_string_member (object, "optimizer", optimizer_name (self->optimizer));
  json_object_set_double_member (object, "warm_up", self->warm_up);
  json_object_set_boolean_member (object, "cosine", self->cosine);
  json_object_set_double_member (object, "max_gradient", self->max_gradient);
  json_object_set_string_member (object, "augment", augment);
  json_object_set_int_member (object, "views", self->views);
  json_object_set_string_member (object, "seed", seed); /* 64 bits do not fit a JSON number */
  return object;
}

gboolean
fv_train_config_save (const FvTrainConfig *self, const char *data, const char *path, GError **error)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;

  json_node_take_object (root, config_to_json (self, data));
  text = json_to_string (root, TRUE);
  return g_file_set_contents_full (
      path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0644, error);
}
