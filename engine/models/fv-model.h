/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A network ready to use: a graph with its weights, and its card.
 * Threads: the engine thread; references may be counted anywhere. */

#pragma once

#include <gio/gio.h>

#include "fv-activations.h"
#include "fv-attention.h"
#include "fv-card.h"
#include "fv-layer.h"
#include "fv-state-dict.h"

G_BEGIN_DECLS

typedef struct _FvModel FvModel;

/* The architecture with random weights drawn from @seed.
 * @n_classes: 0 means the card's, or 1000 when it names none. (transfer full) */
FvModel *fv_model_new (const FvCard *card, int n_classes, guint64 seed, GError **error);

/* A model around a finished graph whose output is [N, n_classes]. (transfer full) */
FvModel *fv_model_new_for_graph (FvGraph *graph, const FvCard *card, int n_classes);

/* A MODEL as the command line names one. Each may be NULL. */
typedef struct {
  const char *model;   /* an architecture, a RUN folder (what fv_model_save () makes), or a
                        * TorchScript file; NULL: the card's architecture */
  const char *weights; /* a safetensors or .pth file; NULL: random ones, or a script's own */
  const char *card;    /* NULL: the weights' or script's path with .json, when there is one */
  const char *logits;  /* which of several results of a TorchScript network; NULL: the card's */
} FvModelSource;

/* Opens it; random weights are drawn from @seed. The number of classes is that of the weights'
 * head. TorchScript files go through fv-script-door.h. (transfer full) */
FvModel *fv_model_open (const FvModelSource *source, guint64 seed, GError **error);

FvModel *fv_model_ref (FvModel *self);
void fv_model_unref (FvModel *self);

/* The TorchScript file the model came from: saving the model saves such a file too. */
void fv_model_set_script (FvModel *self, const char *path);

/* What fv_model_open () was given, files as absolute paths; all NULL for a model made otherwise.
 * Copies under other names or with another head keep it. (transfer none) */
const FvModelSource *fv_model_get_source (const FvModel *self);
/* For a model that has changed since and lies somewhere else now. */
void fv_model_set_source (FvModel *self, const FvModelSource *source);
/* The file that the values of @source come from; NULL when they are drawn. (transfer full) */
char *fv_model_source_find_weights (const FvModelSource *source);
/* @name as an absolute path where it is that of a file, else as it is. (transfer full): NULL for
 * NULL */
char *fv_model_source_resolve (const char *name);

/* (transfer none) */
FvGraph *fv_model_get_graph (const FvModel *self);
const FvCard *fv_model_get_card (const FvModel *self);
int fv_model_get_n_classes (const FvModel *self);
/* What the card says of the classes from now on: see FvCard. */
void fv_model_set_multi_label (FvModel *self, gboolean multi_label);

/* -- running -------------------------------------------------------------------------------- */

/* The values of the graph's nodes @wanted for pictures [N,3,H,W], in evaluation and without
 * gradients, as fast as can be: by the graph rewritten for forward passes (fv-inference.h), which
 * agrees with it to FV_INFERENCE_TOLERANCE. (transfer full) */
FvActivations *fv_model_run (FvModel *self, FvTensor *input, const FvNodeId *wanted, gsize n_wanted,
                             GCancellable *cancellable, GError **error);
/* The same by the graph itself, to the bit: gradients above a cut jump where a rectifier's input is
 * nearly 0, so that values which agree to 1e-6 can give maps which do not to 1e-2. */
FvActivations *fv_model_run_exactly (FvModel *self, FvTensor *input, const FvNodeId *wanted,
                                     gsize n_wanted, GCancellable *cancellable, GError **error);
/* How many pictures of @height × @width to run at once when there are many (fv-batch-size.h),
 * chosen when first asked for, so that memory which comes and goes does not change the answers'
 * last bits. 0 with @error when the network cannot run on them. */
int fv_model_get_batch_size (FvModel *self, int height, int width, GError **error);
/* While the weights change with every step, rewriting the graph anew would cost more than it
 * gains: runs are of the graph itself, and nothing is kept. */
void fv_model_set_learning (FvModel *self, gboolean is_learning);
/* Grows with every change of the weights. */
guint64 fv_model_get_version (const FvModel *self);

/* -- layers --------------------------------------------------------------------------------- */

/* The layers that have space, in the order they run, by runs of one blank picture.
 * (transfer none): of FvLayer; NULL on error */
GPtrArray *fv_model_get_layers (FvModel *self, GError **error);
/* The layer maps are drawn at unless one is chosen: the last with space whose cells still decide
 * something (after a transformer's last attention only the class token does). Of the modules that
 * end there, the outermost that does not hold the whole network: "layer4", "features.18". (transfer
 * none) */
const FvLayer *fv_model_get_default_layer (FvModel *self, GError **error);

/* The layer named @name; NULL with a sentence when it has no space or does not exist.
 * (transfer none) */
const FvLayer *fv_model_find_layer (FvModel *self, const char *name, GError **error);

/* Its attention matrices, for networks that decide by self-attention over the whole picture; NULL
 * with a sentence for others. (transfer none) */
const FvAttention *fv_model_get_attention (FvModel *self, GError **error);

/* A copy of the same network whose classes, as many as before, are called @classes.
 * (transfer full) */
FvModel *fv_model_with_names (const FvModel *self, const char *const *classes, GError **error);
/* The same body with a fresh head for @classes, drawn from @seed; NULL when the network does not
 * end in a linear layer or convolution. (transfer full) */
FvModel *fv_model_with_classes (const FvModel *self, const char *const *classes, guint64 seed,
                                GError **error);

/* A copy of all parameters, to go back to or to save. (transfer full) */
FvStateDict *fv_model_get_state (const FvModel *self, GError **error);
/* Loads parameters. Names and shapes must be the model's own (counters of batches seen may be
 * missing); @source names where they came from in the sentence that refuses others.
 * On refusal nothing has changed. */
gboolean fv_model_set_state (FvModel *self, const FvStateDict *state, const char *source,
                             GError **error);
/* Writes FOLDER/model.safetensors and FOLDER/card.json, and FOLDER/model.pt when the model came
 * from a TorchScript file. */
gboolean fv_model_save (const FvModel *self, const char *folder, GError **error);
/* Writes all but model.safetensors: what is needed to open the network, its values left to be
 * set. */
gboolean fv_model_save_form (const FvModel *self, const char *folder, GError **error);
/* Opens what that left: random or earlier values. (transfer full) */
FvModel *fv_model_open_form (const char *folder, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvModel, fv_model_unref)

G_END_DECLS
