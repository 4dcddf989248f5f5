/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Alignment: does a map look where the mask says?
 *
 * A is the map with negative values (and NaN) as 0, brought to the evaluated size; S is the mask
 * sampled there. OUTSIDE and INSIDE pixels count, NO_OPINION pixels do not exist: neither sums, nor
 * maximum, nor argmax see them.
 *
 *   energy   = Σ_inside A / Σ A                                       0 … 1, higher is better
 *   iou      = |P ∩ INSIDE| / |P ∪ INSIDE|, P = { A ≥ max A / 2 }     0 … 1
 *   pointing = 1 if the largest A (the first in row order) is INSIDE  0 or 1
 *   chance   = INSIDE share of the opinion area: the energy of a map that is the same everywhere
 *
 * Undefined, with all four values NaN: no pixel is INSIDE (empty mask), no opinion pixel has A > 0
 * (dead map), or A is infinite somewhere. Callers leave such images out and count them. A mask
 * that is INSIDE everywhere has energy 1, chance 1, pointing 1.
 *
 * All functions are pure: any thread. */

#pragma once

#include "fv-mask.h"

G_BEGIN_DECLS

typedef struct {
  double energy, iou, pointing;
  double chance;
  gboolean defined; /* FALSE: the values above are NaN */
} FvAlignment;

/* Alignment of a raw map on its own grid, brought to @width × @height by fv_resample_bilinear ().
 */
FvAlignment fv_alignment_measure (const float *map, int map_width, int map_height,
                                  const FvMask *mask, int width, int height);

/* The same for a map that already has @width × @height values: upsample once, then measure after
 * every dab of the brush. The mask is sampled to that size (nearest, see fv-mask.h). */
FvAlignment fv_alignment_measure_upsampled (const float *upsampled, int width, int height,
                                            const FvMask *mask);

G_END_DECLS
