/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A network ready to use: a graph with its weights, and its card.
 * Threads: the engine thread; references may be counted anywhere. */

#pragma once

#include "fv-card.h"
#include "fv-graph.h"
#include "fv-state-dict.h"

G_BEGIN_DECLS

typedef struct _FvModel FvModel;

/* A layer whose output has space, to look at or to teach. */
typedef struct {
  char *name; /* PyTorch's module path */
  FvNodeId node;
  int channels, height, width; /* for one picture of the card's input size */
} FvLayer;

/* The architecture with random weights drawn from @seed.
 * @n_classes: 0 means the card's, or 1000 when it names none. (transfer full) */
FvModel *fv_model_new (const FvCard *card, int n_classes, guint64 seed, GError **error);

/* A model around a finished graph whose output is [N, n_classes]. (transfer full) */
FvModel *fv_model_new_for_graph (FvGraph *graph, const FvCard *card, int n_classes);

/* Opens a MODEL as the command line names one.
 * @model: an architecture, or a RUN folder (model.safetensors and card.json in it); NULL means the
 * card's architecture.
 * @weights: (nullable) a safetensors or .pth file; NULL means random ones from @seed.
 * @card: (nullable) a card's path; NULL means the weights' path with .json, when there is one.
 * The number of classes is that of the weights' head. (transfer full) */
FvModel *fv_model_open (const char *model, const char *weights, const char *card, guint64 seed,
                        GError **error);

FvModel *fv_model_ref (FvModel *self);
void fv_model_unref (FvModel *self);

/* (transfer none) */
FvGraph *fv_model_get_graph (const FvModel *self);
const FvCard *fv_model_get_card (const FvModel *self);
int fv_model_get_n_classes (const FvModel *self);

/* The layers that have space, in the order they run, by runs of one blank picture.
 * (transfer none): of FvLayer; NULL on error */
GPtrArray *fv_model_get_layers (FvModel *self, GError **error);
/* The layer maps are drawn at unless one is chosen: the last with space. Of the modules that end
 * there, the outermost that does not hold the whole network: "layer4", "features.18".
 * (transfer none) */
const FvLayer *fv_model_get_default_layer (FvModel *self, GError **error);

/* The same body with a fresh head for @classes, drawn from @seed. (transfer full) */
FvModel *fv_model_with_classes (const FvModel *self, const char *const *classes, guint64 seed,
                                GError **error);

/* A copy of all parameters, to go back to or to save. (transfer full) */
FvStateDict *fv_model_get_state (const FvModel *self, GError **error);
/* Loads parameters. Names and shapes must be the model's own (counters of batches seen may be
 * missing); @source names where they came from in the sentence that refuses others.
 * On refusal nothing has changed. */
gboolean fv_model_set_state (FvModel *self, const FvStateDict *state, const char *source,
                             GError **error);
/* Writes FOLDER/model.safetensors and FOLDER/card.json. */
gboolean fv_model_save (const FvModel *self, const char *folder, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvModel, fv_model_unref)

G_END_DECLS
