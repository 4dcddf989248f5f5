/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Normalisations of maps. */

#include "fv-normalised-map.h"

#include "fv-mask-cells.h"
#include "fv-op.h"

/* Beyond any value of a map. */
#define BEYOND 1e30

static FvTensor *
fill (FvScope *scope, FvTensor *values, FvTensor *where, double with)
{
  return fv_call (scope, "aten::masked_fill.Scalar", fv_of (values), fv_of (where), fv_real (with));
}

/* The largest (amax) or smallest (amin) value of each map among cells with an opinion: [N,1,1];
 * ∓BEYOND when none has. */
static FvTensor *
extreme (FvScope *scope, const char *op, FvTensor *maps, FvTensor *opinion, double beyond)
{
  FvTensor *silent = fv_call (scope, "aten::le.Scalar", fv_of (opinion), fv_real (0));
  FvTensor *heard = fill (scope, maps, silent, beyond);

  return fv_call (scope, op, fv_of (heard), fv_ints (1, 2), fv_bool (TRUE));
}

static FvTensor *
largest (FvScope *scope, FvTensor *maps, FvTensor *opinion)
{
  return extreme (scope, "aten::amax", maps, opinion, -BEYOND);
}

static FvTensor *
is_not_positive (FvScope *scope, FvTensor *values)
{
  return fv_call (scope, "aten::le.Scalar", fv_of (values), fv_real (0));
}

/* Whether each map is dead: bool [N,1,1]. */
static FvTensor *
are_dead (FvScope *scope, FvTensor *maps, FvTensor *opinion)
{
  return is_not_positive (scope, largest (scope, maps, opinion));
}

FvTensor *
fv_maps_divide_by_max (FvScope *scope, FvTensor *maps, FvTensor *opinion)
{
  FvTensor *most = largest (scope, maps, opinion);
  FvTensor *dead = is_not_positive (scope, most);
  FvTensor *positive = fv_call (scope, "aten::relu", fv_of (maps));
  FvTensor *map
      = fv_call (scope, "aten::div.Tensor", fv_of (positive), fv_of (fill (scope, most, dead, 1)));

  return fill (scope, map, dead, 0);
}

FvTensor *
fv_maps_stretch (FvScope *scope, FvTensor *maps, FvTensor *opinion)
{
  FvTensor *most = largest (scope, maps, opinion);
  FvTensor *least = extreme (scope, "aten::amin", maps, opinion, BEYOND);
  FvTensor *span = fv_call (scope, "aten::sub.Tensor", fv_of (most), fv_of (least));
  FvTensor *nothing = fv_call (scope, "aten::lt.Scalar", fv_of (span), fv_real (0));
  FvTensor *above
      = fv_call (scope, "aten::sub.Tensor", fv_of (maps), fv_of (fill (scope, least, nothing, 0)));

  span = fill (scope, span, is_not_positive (scope, span), 1);
  return fv_call (scope, "aten::div.Tensor", fv_of (above), fv_of (span));
}

FvTensor *
fv_maps_lift (FvScope *scope, FvTensor *maps, FvTensor *opinion, FvTensor *area)
{
  FvTensor *alive = fv_call (scope, "aten::logical_not", fv_of (are_dead (scope, maps, opinion)));
  FvTensor *negative = fv_call (scope, "aten::neg", fv_of (maps));
  FvTensor *lift = fv_call (scope, "aten::softplus", fv_of (negative));

  return fill (scope, fv_mask_cells_average (scope, area, lift),
               fv_call (scope, "aten::reshape", fv_of (alive), fv_ints (-1)), 0);
}
