/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A layer whose output has space, to look at or to teach, and how its cells lie in memory.
 * Threads: the engine thread. */

#pragma once

#include "fv-graph.h"

G_BEGIN_DECLS

typedef enum {
  FV_LAYOUT_CHANNELS_FIRST, /* [N,C,h,w] */
  FV_LAYOUT_CHANNELS_LAST,  /* [N,h,w,C], as Swin transformers have it */
  FV_LAYOUT_TOKENS, /* [N,prefix + h·w,C]: class token and registers, then a grid by rows */
} FvLayout;

typedef struct {
  char *name; /* PyTorch's module path */
  FvNodeId node;
  FvLayout layout;
  int n_prefix;                /* tokens before the grid */
  int channels, height, width; /* for one picture of the card's input size */
} FvLayer;

FvLayer *fv_layer_new (const char *name, FvNodeId node);
FvLayer *fv_layer_copy (const FvLayer *self);
void fv_layer_free (FvLayer *self);

/* Finds out how the cells of @output, the layer's value for the pictures @input [N,·,H,W], lie. The
 * grid has the pictures' proportions. FALSE when the output has no space. */
gboolean fv_layer_infer (FvLayer *self, const FvTensor *output, const FvTensor *input);

/* @values, the layer's output or a gradient of its shape, as [N,C,h,w] without prefix tokens;
 * gradients flow through. Borrowed from @scope. */
FvTensor *fv_layer_to_planes (FvScope *scope, const FvLayer *self, FvTensor *values);

/* @cells [N,h,w] as a factor for the layer's output, one number for all channels of a cell, and 0
 * for prefix tokens. Borrowed from @scope. */
FvTensor *fv_layer_from_cells (FvScope *scope, const FvLayer *self, FvTensor *cells);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvLayer, fv_layer_free)

G_END_DECLS
