/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which layers of a network have space. Private to FvModel. Threads: the engine thread. */

#pragma once

#include "fv-model.h"

G_BEGIN_DECLS

/* Runs one blank picture of the card's size and keeps the modules whose output has more than
 * one cell (see fv_layer_infer ()). (transfer full): of FvLayer */
GPtrArray *fv_model_layers_find (FvGraph *graph, const FvCard *card, GError **error);
/* See fv_model_get_default_layer (). */
const FvLayer *fv_model_layers_get_default (FvGraph *graph, const FvCard *card,
                                            const GPtrArray *layers, GError **error);

G_END_DECLS
