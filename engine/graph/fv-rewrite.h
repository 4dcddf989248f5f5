/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A graph on its way to becoming its own faster twin: which nodes are needed, their values on a
 * sample, and what each has become in the new graph. Private to fv-inference. */

#pragma once

#include "fv-activations.h"

G_BEGIN_DECLS

/* A node's value in the new graph, in one layout or both; FV_NODE_NONE where it is not there. */
typedef struct {
  FvNodeId dense, blocked;
} FvTwin;

typedef struct {
  FvGraph *source;
  FvActivations *sample; /* the value of every needed node, on one picture */
  FvScope *scope;        /* holds folded weights and the first error */
  gboolean *wanted;      /* by source node */
  guint *n_uses;         /* by source node: needed nodes that use it, one more when wanted */
  FvNodeId *last_user;   /* by source node */
  gboolean *is_shared;   /* by source node: its value is another node's too */
  gboolean may_block;    /* whether to use the blocked layout at all */

  FvGraph *graph;
  FvTwin *twins;     /* by source node */
  guint *parameters; /* by source parameter: its number in the new graph, or FV_NODE_NONE */
  gint64 n_converted, n_convolved; /* elements that change their layout; that convolutions make */
} FvRewrite;

/* @sample is borrowed and holds a value for every node that @wanted needs. */
FvRewrite *fv_rewrite_new (FvGraph *source, FvActivations *sample, const FvNodeId *wanted,
                           gsize n_wanted, gboolean may_block);
void fv_rewrite_free (FvRewrite *self);

/* The node's value in the layout asked for, converted when it is there in the other one only. */
FvNodeId fv_rewrite_get_dense (FvRewrite *self, FvNodeId node);
FvNodeId fv_rewrite_get_blocked (FvRewrite *self, FvNodeId node);
gboolean fv_rewrite_is_blocked (const FvRewrite *self, FvNodeId node);
/* A parameter of the source in the new graph. */
FvArgument fv_rewrite_get_parameter (FvRewrite *self, guint parameter);
/* A new parameter; @name needs only be new together with @node. */
FvArgument fv_rewrite_add_tensor (FvRewrite *self, FvNodeId node, const char *name,
                                  FvTensor *tensor);
/* TRUE when nobody else ever looks at the node's value: it may be overwritten. */
gboolean fv_rewrite_may_overwrite (const FvRewrite *self, FvNodeId node);
/* The one needed node that uses @node, when it is the operator @op and @node is not wanted. */
FvNodeId fv_rewrite_get_only_user (const FvRewrite *self, FvNodeId node, const char *op);
/* The value that argument @index of @node had on the sample, NONE when it has no such argument. */
FvValue fv_rewrite_get_value (const FvRewrite *self, FvNodeId node, gsize index);
/* The node that argument @index is, or FV_NODE_NONE. */
FvNodeId fv_rewrite_get_source (const FvRewrite *self, FvNodeId node, gsize index);
/* The sample's value of @node; NULL when it is no tensor. */
FvTensor *fv_rewrite_get_sample (const FvRewrite *self, FvNodeId node);

/* Emits the twin of a convolution, with a batch norm after it and a padding before it folded in;
 * FALSE when the node is none or one that stays as it is. (fv-rewrite-convolution.c) */
gboolean fv_rewrite_convolution (FvRewrite *self, FvNodeId node);
/* TRUE when the node is a padding that a convolution takes in. */
gboolean fv_rewrite_is_folded_padding (const FvRewrite *self, FvNodeId node);
/* Emits the twin of an operator that can stay in the blocked layout or work in place; FALSE when
 * there is no such rule for it. (fv-rewrite-pointwise.c) */
gboolean fv_rewrite_pointwise (FvRewrite *self, FvNodeId node);
/* Emits the twin of a linear layer over many cells or tokens; FALSE for others.
 * (fv-rewrite-linear.c) */
gboolean fv_rewrite_linear (FvRewrite *self, FvNodeId node);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvRewrite, fv_rewrite_free)

G_END_DECLS
