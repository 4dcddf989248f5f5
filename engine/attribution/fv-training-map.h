/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Maps of where a network looks, as tensors that training can differentiate. With A [K,h,w], the
 * layer's activation, g = d logit_c / d A, and n = h w cells, all signed and in units of the logit:
 *   cam       M_c = sum over k of W[c,k] A_k                      linear heads only (Zhou 2016)
 *   gradcam   M_c = sum over k of (sum over cells of g_k) A_k     (Selvaraju 2017, without ReLU)
 *   hirescam  M_c = n · sum over k of g_k A_k, cell by cell       (Draelos 2020)
 *   layercam  M_c = n · sum over k of ReLU (g_k) A_k              (Jiang 2021)
 * and one of no layer, but of the whole network, 0 and up, in its authors' own scale:
 *   transformer  what all attention matrices pass on to the class (fv-relevance.h; Chefer 2021)
 * The others are larger than their authors' by n, so that all agree with cam where the head is
 * linear: there g_k = W[c,k] / n, gradcam and hirescam are cam, and layercam is sum over k of ReLU
 * (W[c,k]) A_k. So the mean of a cam over its cells is the logit but for the bias; that of a
 * hirescam is, where the part above the layer is piecewise linear.
 *
 * Cost: on a linear head one matrix product and no backward; elsewhere, for each target, one
 * recorded backward through the part above the layer, which the loss's own backward runs through
 * once more. Threads: the engine thread. */

#pragma once

#include "fv-layer.h"
#include "fv-relevance.h"
#include "fv-training-map-kind.h"

G_BEGIN_DECLS

/* Whether such maps can be drawn at @layer: all can, but cam needs a linear head. Of transformer
 * the layer tells nothing (fv_model_get_attention ()). */
gboolean fv_training_map_is_defined (FvTrainingMapKind kind, const FvGraph *graph,
                                     const FvLayer *layer);

/* What a recorded run of a graph left of a batch of N pictures. */
typedef struct {
  const FvGraph *graph;
  const FvLayer *layer;
  FvTensor *activation;        /* the layer's value, in its own layout */
  FvTensor *logits;            /* [N,C], computed from it */
  FvRelevanceSource relevance; /* for transformer alone */
} FvMapSource;

/* One map a picture: [N,h,w], borrowed from @scope; NULL when the scope failed. The kind must be
 * defined at the layer. @targets: int64 [N]. */
FvTensor *fv_training_map (FvScope *scope, FvTrainingMapKind kind, const FvMapSource *source,
                           FvTensor *targets);

/* Maps of T classes a picture: [N,T,h,w]. @targets: int64 [N,T]. */
FvTensor *fv_training_maps (FvScope *scope, FvTrainingMapKind kind, const FvMapSource *source,
                            FvTensor *targets);

/* Maps of all classes but not transformer, on linear heads only, where they cost one 1 × 1
 * convolution: [N,C,h,w]. */
FvTensor *fv_training_maps_of_all (FvScope *scope, FvTrainingMapKind kind,
                                   const FvMapSource *source);

G_END_DECLS
