/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Values of some nodes of a graph: what a run is given and what it hands back. Kept per image,
 * they are why another class, layer or mask never repeats the backbone.
 * Threads: the engine thread; freeing from any thread. */

#pragma once

#include "fv-graph.h"

G_BEGIN_DECLS

typedef struct _FvActivations FvActivations;

FvActivations *fv_activations_new (void);
FvActivations *fv_activations_ref (FvActivations *self);
void fv_activations_unref (FvActivations *self);

/* Puts in a reference to @tensor, in place of any value of that node. */
void fv_activations_set (FvActivations *self, FvNodeId node, FvTensor *tensor);
/* Puts in a value (transfer full), as fv_op_run () returns it. */
void fv_activations_take (FvActivations *self, FvNodeId node, FvValue value);
/* (transfer none), NULL when the node has no value or one that is no tensor. */
FvTensor *fv_activations_get (const FvActivations *self, FvNodeId node);
/* (transfer none), NULL when the node has no value. */
const FvValue *fv_activations_get_value (const FvActivations *self, FvNodeId node);

/* Bytes of all its tensors. */
gsize fv_activations_get_bytes (const FvActivations *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvActivations, fv_activations_unref)

G_END_DECLS
