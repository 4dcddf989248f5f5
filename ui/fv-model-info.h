/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the window may know about the model: names and sizes, no tensor. An immutable record made
 * on the engine thread and read on the main one. */

#pragma once

#include <glib.h>

#include "fv-dataset.h"

G_BEGIN_DECLS

/* A layer that has space. */
typedef struct {
  char *name; /* PyTorch's module path */
  int channels, height, width;
  gboolean is_tokens; /* a transformer's: its grid is that of the picture's patches */
} FvLayerInfo;

typedef struct {
  char *source; /* what was opened: a path, or the name of an architecture */
  char *architecture;
  int n_classes;
  GStrv classes;              /* NULL when they have no names */
  int width, height;          /* of the input, pixels */
  gboolean can_swap_evidence; /* at the default layer: its head is linear (see fv-swap.h) */
  gboolean can_train_batch_norm;
  gboolean has_rectifiers; /* and no other activations: guided backprop is defined */
  gboolean has_attention;  /* over all tokens: there are maps of it (see fv-relevance.h) */
  gsize n_layers;
  FvLayerInfo *layers; /* in the order they run */
  gsize default_layer; /* index of the one maps are drawn at unless another is chosen */
  gboolean can_show;   /* else no layer has space: predictions only, no maps and no lessons */
} FvModelInfo;

/* @n_layers zeroed layers to fill in. (transfer full) */
FvModelInfo *fv_model_info_new (const char *source, const char *architecture, gsize n_layers);
FvModelInfo *fv_model_info_ref (FvModelInfo *self);
void fv_model_info_unref (FvModelInfo *self);

/* The class's name, or its number in decimal. (transfer full) */
char *fv_model_info_dup_class_name (const FvModelInfo *self, int index);

/* Whether the model's classes are those of @dataset, in the same order: only then is a prediction
 * right or wrong. A model whose classes have no names counts when their number agrees. */
gboolean fv_model_info_has_classes_of (const FvModelInfo *self, const FvDataset *dataset);

/* The model's class called as label @label of @dataset is; −1 when there is none. */
int fv_model_info_find_label (const FvModelInfo *self, const FvDataset *dataset, int label);

/* Index of the module that begins the last stage, where the grid is as coarse as the default
 * layer's ("features.14", "layer4"): below it fine-tuning gains little and costs much. Of nested
 * modules it is the outermost that does not hold the network's first layer. */
gsize fv_model_info_get_last_stage (const FvModelInfo *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvModelInfo, fv_model_info_unref)

G_END_DECLS
