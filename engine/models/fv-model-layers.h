/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which layers of a network have space. Private to FvModel and FvAttention. Threads: the engine
 * thread. */

#pragma once

#include "fv-model.h"

G_BEGIN_DECLS

/* Runs one blank picture of the card's size and keeps the modules whose output has more than
 * one cell (see fv_layer_infer ()). (transfer full): of FvLayer */
GPtrArray *fv_model_layers_find (FvGraph *graph, const FvCard *card, GError **error);
/* See fv_model_get_default_layer (). */
const FvLayer *fv_model_layers_get_default (FvGraph *graph, const FvCard *card,
                                            const GPtrArray *layers, GError **error);

/* @n pictures of the card's size that are nowhere the same, as a leaf: [n,3,H,W], borrowed from
 * @scope; NULL when it failed. */
FvTensor *fv_model_layers_make_ramps (FvScope *scope, const FvCard *card, int n);

G_END_DECLS
