/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sanity of one picture's map: the map by itself, and against a network that forgets.
 * Threads: the engine thread. */

#pragma once

#include <gio/gio.h>

#include "fv-map.h"
#include "fv-model.h"
#include "fv-sanity.h"

G_BEGIN_DECLS

typedef enum {
  FV_RANDOMISE_CASCADING,    /* stage k forgets all modules from the output to its own */
  FV_RANDOMISE_SINGLE_LAYER, /* stage k forgets its own modules alone */
} FvRandomiseOrder;

typedef struct {
  guint n_stages; /* the modules with learned parameters in so many equal parts; 0: no
                   * randomisation, whose values are then undefined */
  FvRandomiseOrder order;
  guint64 seed; /* of the shuffling (fv-randomise.h) */
} FvSanityOptions;

/* Five cascading stages. */
FvSanityOptions fv_sanity_options_default (void);

/* Measures what fv-sanity.h describes for @map, made by fv_explain () of @input [1,3,H,W] with
 * @map_seed. Each stage explains the same class by the same method at the same layer; values are
 * means over the stages, and a stage whose map is dead has nothing in common with @map: 0.
 * Undefined when @map itself is dead or constant. It costs a copy of the model and n_stages
 * explanations.
 * @model stays as it is. */
gboolean fv_sanity_run (FvModel *model, FvTensor *input, const FvMap *map, guint64 map_seed,
                        const FvSanityOptions *options, FvSanity *result, GCancellable *cancellable,
                        GError **error);

G_END_DECLS
