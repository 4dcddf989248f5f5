/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A graph rewritten for forward passes alone: batch norm folded into convolutions, rectifiers in
 * place, TensorFlow's padding folded into kernels, and values kept in oneDNN's blocked layout from
 * layer to layer. What is wanted of it comes out dense and equal to what the original gives, to
 * FV_INFERENCE_TOLERANCE of the largest value: checked on one picture when it is made.
 *
 * It holds copies of the weights of its time, for one height and width of pictures and any number
 * of them. It knows no gradients; above a cut the original graph runs on what this one computed.
 * Threads: the engine thread. */

#pragma once

#include "fv-executor.h"

G_BEGIN_DECLS

#define FV_INFERENCE_TOLERANCE 1e-5

typedef struct _FvInference FvInference;

/* For the values of the nodes @wanted, in evaluation, of pictures as large as @input [N,3,H,W],
 * whose first one the result is checked on. NULL without @error when nothing is gained or the check
 * fails: run the original then. (transfer full) */
FvInference *fv_inference_new (FvGraph *graph, FvTensor *input, const FvNodeId *wanted,
                               gsize n_wanted, GCancellable *cancellable, GError **error);
void fv_inference_free (FvInference *self);

/* The values by the original graph's nodes. (transfer full) */
FvActivations *fv_inference_run (FvInference *self, FvTensor *input, GCancellable *cancellable,
                                 GError **error);
/* The rewritten graph, to be looked at by tests and benchmarks. (transfer none) */
const FvGraph *fv_inference_get_graph (const FvInference *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvInference, fv_inference_free)

G_END_DECLS
