/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The attention matrices of a vision transformer, found by what they are: square matrices over all
 * tokens of a picture that a softmax makes, each row of which says how much every token gives to
 * one of them. No name of a module is asked for.
 * Threads: the engine thread. */

#pragma once

#include "fv-card.h"
#include "fv-layer.h"

G_BEGIN_DECLS

typedef struct {
  GArray *nodes; /* FvNodeId, in the order they run; values [N,H,T,T] or [N·H,T,T] with the heads of
                  * a picture together */
  FvLayer *cells;           /* how the T tokens lie: FV_LAYOUT_TOKENS */
  gboolean has_class_token; /* the logits are read from prefix tokens alone, the first above all */
} FvAttention;

/* Runs two pictures and takes all matrices there are. @layers: see fv_model_layers_find (). A
 * network without such matrices is an error, and so is one that attends within windows, hides its
 * matrices inside one operator, or keeps the heads of different pictures together.
 * (transfer full) */
FvAttention *fv_attention_find (FvGraph *graph, const FvCard *card, const GPtrArray *layers,
                                GError **error);
void fv_attention_free (FvAttention *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvAttention, fv_attention_free)

G_END_DECLS
