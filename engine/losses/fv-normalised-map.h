/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Raw maps M [N,h,w] made comparable with masks, whatever the scale of the logits. Extremes are
 * taken over the cells that have an opinion (V > 0), and gradients run through them. A map is dead
 * when none of these cells is above 0: its rectified part is 0 and has no gradient.
 * All results are borrowed from the scope. Threads: the engine thread. */

#pragma once

#include "fv-scope.h"

G_BEGIN_DECLS

/* ReLU (M) / max M, and 0 for a dead map. */
FvTensor *fv_maps_divide_by_max (FvScope *scope, FvTensor *maps, FvTensor *opinion);
/* (M − min M) / (max M − min M); M − min M for a flat map, which thereby keeps its gradient. */
FvTensor *fv_maps_stretch (FvScope *scope, FvTensor *maps, FvTensor *opinion);
/* What brings dead maps back: the mean of softplus (−M) over @area (V S), and 0 for the others:
 * [N]. */
FvTensor *fv_maps_lift (FvScope *scope, FvTensor *maps, FvTensor *opinion, FvTensor *area);

G_END_DECLS
