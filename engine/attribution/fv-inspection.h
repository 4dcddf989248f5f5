/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One forward pass of a batch, kept: its logits and everything that crosses the chosen layer, so
 * that another class or method costs only what lies above that layer. It holds what was computed
 * with the weights of its time; after training, inspect anew.
 * Threads: the engine thread; freeing from any thread. */

#pragma once

#include <gio/gio.h>

#include "fv-activations.h"
#include "fv-map.h"
#include "fv-model.h"

G_BEGIN_DECLS

typedef struct _FvInspection FvInspection;

/* Runs @model once on @input [N,3,H,W], without gradients, in evaluation mode.
 * @layer: (nullable) NULL is the model's default. A layer without space is refused.
 * (transfer full) */
FvInspection *fv_inspection_new (FvModel *model, FvTensor *input, const char *layer,
                                 GCancellable *cancellable, GError **error);
/* The same without a layer to explain at, for networks that have none or when only the prediction
 * matters. (transfer full) */
FvInspection *fv_inspection_new_prediction (FvModel *model, FvTensor *input,
                                            GCancellable *cancellable, GError **error);
FvInspection *fv_inspection_ref (FvInspection *self);
void fv_inspection_unref (FvInspection *self);

FvModel *fv_inspection_get_model (const FvInspection *self);
/* NULL for a mere prediction. */
const FvLayer *fv_inspection_get_layer (const FvInspection *self);
/* Values at the cut, the layer's own among them. (transfer none) */
const FvActivations *fv_inspection_get_activations (const FvInspection *self);
int fv_inspection_get_n_images (const FvInspection *self);
int fv_inspection_get_n_classes (const FvInspection *self);
/* float32 [N, classes], row-major. (transfer none) */
const float *fv_inspection_get_logits (const FvInspection *self);
/* Class of the largest logit of picture @image. */
int fv_inspection_get_prediction (const FvInspection *self, int image);
/* The class of each picture: @targets', or what is predicted where that is NULL or has −1.
 * (transfer full); NULL with @error when the network has no such class. */
gint64 *fv_inspection_resolve_targets (const FvInspection *self, const int *targets,
                                       GError **error);
/* The probability of each class of picture @image into @probabilities [classes]: the softmax over
 * all logits, or the sigmoid of each where several classes may be in a photo (FvCard). */
void fv_inspection_get_probabilities (const FvInspection *self, int image, float *probabilities);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvInspection, fv_inspection_unref)

G_END_DECLS
