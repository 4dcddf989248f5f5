/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The two-term loss, in the order of its equation. */

#include "fv-camal.h"

#include "fv-mask-cells.h"
#include "fv-op.h"

/* Guards divisions by areas, which are at least one cell's share when they are not 0. */
#define AREA_EPSILON 1e-12

static FvTensor *
multiply (FvScope *scope, FvTensor *a, FvTensor *b)
{
  return fv_call (scope, "aten::mul.Tensor", fv_of (a), fv_of (b));
}

static FvTensor *
one_minus (FvScope *scope, FvTensor *x)
{
  return fv_call (scope, "aten::rsub.Scalar", fv_of (x), fv_real (1));
}

/* Mean of @values over the cells, weighed by @area; 0 where the area is 0. */
static FvTensor *
mean_over (FvScope *scope, FvTensor *area, FvTensor *values)
{
  FvTensor *total = fv_call (scope, "aten::clamp_min", fv_of (fv_mask_cells_sum (scope, area)),
                             fv_real (AREA_EPSILON));

  return fv_call (scope, "aten::div.Tensor",
                  fv_of (fv_mask_cells_sum (scope, multiply (scope, area, values))), fv_of (total));
}

/* The largest value of each map among cells with an opinion: [N,1,1]; very low when none has. */
static FvTensor *
largest_with_opinion (FvScope *scope, FvTensor *maps, FvTensor *opinion)
{
  FvTensor *silent = fv_call (scope, "aten::le.Scalar", fv_of (opinion), fv_real (0));
  FvTensor *heard
      = fv_call (scope, "aten::masked_fill.Scalar", fv_of (maps), fv_of (silent), fv_real (-1e30));

  return fv_call (scope, "aten::amax", fv_of (heard), fv_ints (1, 2), fv_bool (TRUE));
}

/* ReLU (M) / max M, and 0 for a dead map. */
static FvTensor *
normalise (FvScope *scope, FvTensor *maps, FvTensor *largest, FvTensor *dead)
{
  FvTensor *scale
      = fv_call (scope, "aten::masked_fill.Scalar", fv_of (largest), fv_of (dead), fv_real (1));
  FvTensor *positive = fv_call (scope, "aten::relu", fv_of (maps));
  FvTensor *map = fv_call (scope, "aten::div.Tensor", fv_of (positive), fv_of (scale));

  return fv_call (scope, "aten::masked_fill.Scalar", fv_of (map), fv_of (dead), fv_real (0));
}

/* softplus (−M) averaged inside the mask, for dead maps only: [N]. */
static FvTensor *
guard (FvScope *scope, FvTensor *maps, FvTensor *inside_area, FvTensor *dead)
{
  FvTensor *negative = fv_call (scope, "aten::neg", fv_of (maps));
  FvTensor *lift = fv_call (scope, "aten::softplus", fv_of (negative));
  FvTensor *alive = fv_call (scope, "aten::logical_not", fv_of (dead));
  FvTensor *flat = fv_call (scope, "aten::reshape", fv_of (alive), fv_ints (-1));

  return fv_call (scope, "aten::masked_fill.Scalar", fv_of (mean_over (scope, inside_area, lift)),
                  fv_of (flat), fv_real (0));
}

/* R of each picture: [N]. */
static FvTensor *
two_terms (FvScope *scope, FvTensor *maps, FvTensor *inside_area, FvTensor *outside_area,
           FvTensor *opinion)
{
  FvTensor *largest = largest_with_opinion (scope, maps, opinion);
  FvTensor *dead = fv_call (scope, "aten::le.Scalar", fv_of (largest), fv_real (0));
  FvTensor *map = normalise (scope, maps, largest, dead);
  FvTensor *suppress = mean_over (scope, outside_area, map);
  FvTensor *encourage = one_minus (scope, mean_over (scope, inside_area, map));
  FvTensor *sum = fv_call (scope, "aten::add.Tensor", fv_of (suppress), fv_of (encourage));

  return fv_call (scope, "aten::add.Tensor", fv_of (sum),
                  fv_of (guard (scope, maps, inside_area, dead)));
}

FvTensor *
fv_camal_two_term (FvScope *scope, FvTensor *maps, FvTensor *inside, FvTensor *opinion,
                   FvTensor *weight)
{
  FvTensor *inside_area = fv_mask_cells_inside (scope, inside, opinion);
  FvTensor *outside_area = fv_mask_cells_outside (scope, inside, opinion);
  FvTensor *each = two_terms (scope, maps, inside_area, outside_area, opinion);
  FvTensor *counts = fv_mask_cells_count (scope, inside_area, weight);
  FvTensor *n = fv_call (scope, "aten::clamp_min",
                         fv_of (fv_call (scope, "aten::sum", fv_of (counts))), fv_real (1));
  FvTensor *sum = fv_call (scope, "aten::sum", fv_of (multiply (scope, counts, each)));

  return fv_call (scope, "aten::div.Tensor", fv_of (sum), fv_of (n));
}
