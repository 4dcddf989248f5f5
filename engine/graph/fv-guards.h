/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A network recorded from one sample run took one path through its branches and loops. Where a
 * branch was decided by a size, the graph keeps the deciding value as a guard: for a batch of a
 * shape not run before, it must come out as it did on the sample, or the graph is not the network.
 * Threads: the engine thread. */

#pragma once

#include "fv-value.h"

G_BEGIN_DECLS

/* Index of a node or parameter of a graph; stays valid as long as the graph. */
typedef guint FvNodeId;
#define FV_NODE_NONE G_MAXUINT

typedef struct _FvGuards FvGuards;

FvGuards *fv_guards_new (void);
void fv_guards_free (FvGuards *self);

/* @node must have the value @expected (copied), a boolean or an integer. */
void fv_guards_add (FvGuards *self, FvNodeId node, const FvValue *expected);
guint fv_guards_get_length (const FvGuards *self);
FvNodeId fv_guards_get_node (const FvGuards *self, guint index);
/* (transfer none) */
const FvValue *fv_guards_get_expected (const FvGuards *self, guint index);

/* Whether batches of @input's shape still have to be checked. */
gboolean fv_guards_must_check (const FvGuards *self, const FvTensor *input);
/* Remembers that batches of @input's shape take the recorded path. */
void fv_guards_set_checked (FvGuards *self, const FvTensor *input);
/* FALSE with a sentence unless @value, that of the guard's node for @input, is the expected one. */
gboolean fv_guards_check (const FvGuards *self, guint index, const FvValue *value,
                          const FvTensor *input, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvGuards, fv_guards_free)

G_END_DECLS
