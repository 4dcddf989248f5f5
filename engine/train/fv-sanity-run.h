/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sanity of one picture's map: the map by itself, and against a network that forgets.
 * Threads: the engine thread. */

#pragma once

#include <gio/gio.h>

#include "fv-map.h"
#include "fv-model.h"
#include "fv-sanity.h"

G_BEGIN_DECLS

/* Measures @metrics, which fv-sanity.h describes, of @map, made by fv_explain () of @input
 * [1,3,H,W] with @map_seed; the others become NaN. Cascading, stage k forgets all modules from the
 * output to its own part, else its own part alone. Each stage explains the same class by the same
 * method at the same layer; values are means over the stages, and a stage whose map is dead has
 * nothing in common with @map: 0. Undefined when @map itself is dead or constant.
 * @model stays as it is. FALSE with @error when a network that forgot cannot be run, or
 * @cancellable (nullable) stops it. */
gboolean fv_sanity_run (FvModel *model, FvTensor *input, const FvMap *map, guint64 map_seed,
                        FvSanitySet metrics, const FvSanityOptions *options, FvSanity *result,
                        GCancellable *cancellable, GError **error);

G_END_DECLS
