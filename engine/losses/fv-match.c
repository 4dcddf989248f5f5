/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One function a distance; each returns a value a picture, [N]. */

#include "fv-match.h"

#include "fv-arithmetic.h"
#include "fv-autograd.h"
#include "fv-mask-cells.h"
#include "fv-normalised-map.h"
#include "fv-op.h"

#define LOG_EPSILON 1e-6
#define ENERGY_EPSILON 1e-12
/* Of RES. */
#define SHARPNESS 5
#define SLACK 0.1
#define LEAST_THRESHOLD 0.05
#define N_THRESHOLDS 19
/* Of RobustViT. */
#define BACKGROUND_WEIGHT 2
#define FOREGROUND_WEIGHT 0.3

/* What a distance looks at. */
typedef struct {
  const FvMatch *match;
  FvTensor *raw;     /* M */
  FvTensor *map;     /* A */
  FvTensor *inside;  /* S */
  FvTensor *opinion; /* V */
  FvTensor *area;    /* V S */
} Sides;

static FvTensor *
one_minus (FvScope *scope, FvTensor *a)
{
  return fv_call (scope, "aten::rsub.Scalar", fv_of (a), fv_real (1));
}

static FvTensor *
square (FvScope *scope, FvTensor *a)
{
  return fv_multiply (scope, a, a);
}

static FvTensor *
absolute (FvScope *scope, FvTensor *a)
{
  return fv_call (scope, "aten::abs", fv_of (a));
}

/* The mean over the cells that have an opinion. */
static FvTensor *
average (FvScope *scope, const Sides *sides, FvTensor *values)
{
  return fv_mask_cells_average (scope, sides->opinion, values);
}

static FvTensor *
mean_square (FvScope *scope, const Sides *sides)
{
  return average (scope, sides, square (scope, fv_subtract (scope, sides->map, sides->inside)));
}

static FvTensor *
mean_difference (FvScope *scope, const Sides *sides)
{
  return average (scope, sides, absolute (scope, fv_subtract (scope, sides->map, sides->inside)));
}

/* -- logarithms ----------------------------------------------------------------------------- */

/* −log A, or −log (1 − A) for @of_rest. */
static FvTensor *
surprise (FvScope *scope, const Sides *sides, gboolean of_rest)
{
  FvTensor *share;

  if (sides->match->normalisation == FV_MATCH_RAW) { /* A would be sigmoid (M) */
    share = of_rest ? sides->raw : fv_call (scope, "aten::neg", fv_of (sides->raw));
    return fv_call (scope, "aten::softplus", fv_of (share));
  }
  share
      = fv_call (scope, "aten::clamp", fv_of (of_rest ? one_minus (scope, sides->map) : sides->map),
                 fv_real (LOG_EPSILON), fv_real (1));
  return fv_call (scope, "aten::neg", fv_of (fv_call (scope, "aten::log", fv_of (share))));
}

static FvTensor *
cross_entropy (FvScope *scope, const Sides *sides)
{
  FvTensor *in = fv_multiply (scope, sides->inside, surprise (scope, sides, FALSE));
  FvTensor *out
      = fv_multiply (scope, one_minus (scope, sides->inside), surprise (scope, sides, TRUE));

  return average (scope, sides, fv_add (scope, in, out));
}

static FvTensor *
lift (FvScope *scope, const Sides *sides)
{
  return fv_maps_lift (scope, sides->raw, sides->opinion, sides->area);
}

static FvTensor *
inside_alone (FvScope *scope, const Sides *sides)
{
  FvTensor *mean = fv_mask_cells_average (scope, sides->area, surprise (scope, sides, FALSE));

  return sides->match->normalisation == FV_MATCH_BY_MAX ? fv_add (scope, mean, lift (scope, sides))
                                                        : mean;
}

/* -- shares --------------------------------------------------------------------------------- */

static FvTensor *
energy (FvScope *scope, const Sides *sides)
{
  FvTensor *positive = fv_call (scope, "aten::relu", fv_of (sides->map));
  FvTensor *all = fv_mask_cells_sum (scope, fv_multiply (scope, sides->opinion, positive));
  FvTensor *in = fv_mask_cells_sum (scope, fv_multiply (scope, sides->area, positive));
  FvTensor *total = fv_call (scope, "aten::clamp_min", fv_of (all), fv_real (ENERGY_EPSILON));
  FvTensor *rest
      = one_minus (scope, fv_call (scope, "aten::div.Tensor", fv_of (in), fv_of (total)));

  return sides->match->normalisation == FV_MATCH_MIN_MAX
             ? rest
             : fv_add (scope, rest, lift (scope, sides));
}

static FvTensor *
outside_alone (FvScope *scope, const Sides *sides)
{
  return average (
      scope, sides,
      fv_multiply (scope, one_minus (scope, sides->inside), absolute (scope, sides->map)));
}

static FvTensor *
two_sides (FvScope *scope, const Sides *sides)
{
  FvTensor *out = fv_multiply (scope, one_minus (scope, sides->inside), sides->map);
  FvTensor *in = fv_multiply (scope, sides->inside, one_minus (scope, sides->map));

  return average (scope, sides,
                  fv_add (scope, fv_scale (scope, square (scope, out), BACKGROUND_WEIGHT),
                          fv_scale (scope, square (scope, in), FOREGROUND_WEIGHT)));
}

/* -- RES ------------------------------------------------------------------------------------ */

/* V̄ |tanh (5 (A − a)) − (2 S − 1)|: [N] for one threshold a. */
static FvTensor *
disagreement (FvScope *scope, const Sides *sides, double threshold)
{
  FvTensor *above = fv_call (scope, "aten::sub.Scalar", fv_of (sides->map), fv_real (threshold));
  FvTensor *sign = fv_call (scope, "aten::tanh", fv_of (fv_scale (scope, above, SHARPNESS)));
  FvTensor *wanted = fv_call (scope, "aten::sub.Scalar", fv_of (fv_scale (scope, sides->inside, 2)),
                              fv_real (1));

  return average (scope, sides, absolute (scope, fv_subtract (scope, sign, wanted)));
}

/* The threshold at which the pictures that @counts counts disagree least. */
static double
best_threshold (const Sides *sides, FvTensor *counts)
{
  g_autoptr (FvNoGrad) no_grad = fv_no_grad_enter ();
  double best = LEAST_THRESHOLD;
  double least = G_MAXDOUBLE;

  for (int i = 0; i < N_THRESHOLDS; i++) {
    g_autoptr (FvScope) scope = fv_scope_new ();
    double threshold = LEAST_THRESHOLD * (i + 1);
    double value = fv_tensor_to_double (
        fv_mask_cells_mean (scope, counts, disagreement (scope, sides, threshold)));

    if (value < least) {
      least = value;
      best = threshold;
    }
  }
  return best;
}

/* (1 2 1) / 4 along rows and columns, which is averaging neighbours twice; nothing beyond the
 * border. */
static FvTensor *
blur (FvScope *scope, FvTensor *cells)
{
  FvTensor *wider = fv_call (scope, "aten::avg_pool2d", fv_of (cells), fv_ints (2, 2),
                             fv_ints (1, 1), fv_ints (1, 1));

  return fv_call (scope, "aten::avg_pool2d", fv_of (wider), fv_ints (2, 2), fv_ints (1, 1),
                  fv_ints (0, 0));
}

/* T (S) */
static FvTensor *
soften (FvScope *scope, const Sides *sides)
{
  FvTensor *known = fv_call (scope, "aten::clamp_min", fv_of (blur (scope, sides->opinion)),
                             fv_real (ENERGY_EPSILON));

  return fv_call (scope, "aten::div.Tensor", fv_of (blur (scope, sides->area)), fv_of (known));
}

static FvTensor *
robust (FvScope *scope, const Sides *sides, FvTensor *counts)
{
  FvTensor *signs, *softened;

  if (fv_scope_has_failed (scope))
    return NULL;
  signs = disagreement (scope, sides, best_threshold (sides, counts));
  signs = fv_call (scope, "aten::sub.Scalar", fv_of (signs), fv_real (SLACK));
  softened = absolute (scope, fv_subtract (scope, sides->map, soften (scope, sides)));
  return fv_add (scope, fv_call (scope, "aten::relu", fv_of (signs)),
                 average (scope, sides, softened));
}

/* -- all ------------------------------------------------------------------------------------ */

static FvTensor *
normalise (FvScope *scope, FvMatchNormalisation normalisation, FvTensor *maps, FvTensor *opinion)
{
  switch (normalisation) {
  case FV_MATCH_BY_MAX:
    return fv_maps_divide_by_max (scope, maps, opinion);
  case FV_MATCH_MIN_MAX:
    return fv_maps_stretch (scope, maps, opinion);
  case FV_MATCH_RAW:
  default:
    return maps;
  }
}

static FvTensor *
measure (FvScope *scope, const Sides *sides, FvTensor *counts)
{
  switch (sides->match->distance) {
  case FV_MATCH_MSE:
    return mean_square (scope, sides);
  case FV_MATCH_L1:
    return mean_difference (scope, sides);
  case FV_MATCH_BCE:
    return cross_entropy (scope, sides);
  case FV_MATCH_INSIDE:
    return inside_alone (scope, sides);
  case FV_MATCH_ENERGY:
    return energy (scope, sides);
  case FV_MATCH_OUTSIDE:
    return outside_alone (scope, sides);
  case FV_MATCH_FGBG:
    return two_sides (scope, sides);
  case FV_MATCH_RES:
    return robust (scope, sides, counts);
  default:
    g_return_val_if_reached (NULL);
  }
}

FvTensor *
fv_match (FvScope *scope, const FvMatch *match, FvTensor *maps, FvTensor *inside, FvTensor *opinion,
          FvTensor *weight)
{
  Sides sides = { .match = match,
                  .raw = maps,
                  .map = normalise (scope, match->normalisation, maps, opinion),
                  .inside = inside,
                  .opinion = opinion,
                  .area = fv_mask_cells_inside (scope, inside, opinion) };
  FvTensor *counts = fv_mask_cells_count (scope, sides.area, weight);

  return fv_mask_cells_mean (scope, counts, measure (scope, &sides, counts));
}
