/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The two-term loss, in the order of its equation. */

#include "fv-camal.h"

#include "fv-mask-cells.h"
#include "fv-normalised-map.h"
#include "fv-op.h"

/* R of each picture: [N]. */
static FvTensor *
two_terms (FvScope *scope, FvTensor *maps, FvTensor *inside_area, FvTensor *outside_area,
           FvTensor *opinion)
{
  FvTensor *map = fv_maps_divide_by_max (scope, maps, opinion);
  FvTensor *suppress = fv_mask_cells_average (scope, outside_area, map);
  FvTensor *covered = fv_mask_cells_average (scope, inside_area, map);
  FvTensor *encourage = fv_call (scope, "aten::rsub.Scalar", fv_of (covered), fv_real (1));
  FvTensor *sum = fv_call (scope, "aten::add.Tensor", fv_of (suppress), fv_of (encourage));

  return fv_call (scope, "aten::add.Tensor", fv_of (sum),
                  fv_of (fv_maps_lift (scope, maps, opinion, inside_area)));
}

FvTensor *
fv_camal_two_term (FvScope *scope, FvTensor *maps, FvTensor *inside, FvTensor *opinion,
                   FvTensor *weight)
{
  FvTensor *inside_area = fv_mask_cells_inside (scope, inside, opinion);
  FvTensor *outside_area = fv_mask_cells_outside (scope, inside, opinion);

  return fv_mask_cells_mean (scope, fv_mask_cells_count (scope, inside_area, weight),
                             two_terms (scope, maps, inside_area, outside_area, opinion));
}
