/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The two halves of every class activation map: what a class weighs the channels of a layer with,
 * and their sum with these weights. All results are borrowed from the scope.
 * Threads: the engine thread. */

#pragma once

#include "fv-layer.h"
#include "fv-linear-head.h"

G_BEGIN_DECLS

/* The rows of the head's weight for @targets, int64 [N]: [N,K]. */
FvTensor *fv_channels_of_head (FvScope *scope, const FvGraph *graph, const FvLinearHead *head,
                               FvTensor *targets);

/* The sum over the pictures of logits[n, targets[n]], whose gradient is that of all of them at
 * once: one element. @logits: [N,C]; @targets: int64 [N]. */
FvTensor *fv_channels_sum_logits (FvScope *scope, FvTensor *logits, FvTensor *targets);

/* d logits[n, targets[n]] / d activation[n] as planes: [N,K,h,w]. One backward serves all pictures,
 * since those of a batch do not influence each other; where batch norm trains above the layer they
 * do, and what one picture's logit owes to another's activation is counted with that other.
 * @logits: [N,C], computed from @activation; @targets: int64 [N]; @create_graph: TRUE when the
 * gradients will be differentiated. */
FvTensor *fv_channels_gradients (FvScope *scope, const FvLayer *layer, FvTensor *activation,
                                 FvTensor *logits, FvTensor *targets, gboolean create_graph);

/* sum over k of @weights[n,t,k] @planes[n,k,:,:]: [N,T,K] and [N,K,h,w] → [N,T,h,w]. */
FvTensor *fv_channels_weigh (FvScope *scope, FvTensor *weights, FvTensor *planes);

G_END_DECLS
