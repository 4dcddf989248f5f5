/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Three similarities of maps. */

#include "fv-consistency.h"

#include <math.h>

#include "fv-arithmetic.h"
#include "fv-op.h"

#define WINDOW 11
#define WINDOW_SIGMA 1.5
#define C1 (0.01 * 0.01)
#define C2 (0.03 * 0.03)

/* 1 for 0, so that it can be divided by. */
static FvTensor *
without_zero (FvScope *scope, FvTensor *values)
{
  FvTensor *zero = fv_call (scope, "aten::eq.Scalar", fv_of (values), fv_real (0));

  return fv_call (scope, "aten::masked_fill.Scalar", fv_of (values), fv_of (zero), fv_real (1));
}

/* [N,h,w] minus each map's mean. */
static FvTensor *
centre (FvScope *scope, FvTensor *maps)
{
  return fv_subtract (
      scope, maps, fv_call (scope, "aten::mean.dim", fv_of (maps), fv_ints (1, 2), fv_bool (TRUE)));
}

/* z; of a constant map 0. */
static FvTensor *
standardise (FvScope *scope, FvTensor *maps)
{
  FvTensor *spread = fv_call (scope, "aten::std.dim", fv_of (maps), fv_ints (1, 2), fv_bool (TRUE),
                              fv_bool (TRUE));

  return fv_call (scope, "aten::div.Tensor", fv_of (centre (scope, maps)),
                  fv_of (without_zero (scope, spread)));
}

FvTensor *
fv_consistency_squash (FvScope *scope, FvTensor *maps)
{
  return fv_call (scope, "aten::sigmoid", fv_of (standardise (scope, maps)));
}

/* The sums over cells: [N]. */
static FvTensor *
sum_cells (FvScope *scope, FvTensor *maps)
{
  return fv_call (scope, "aten::sum.dim_IntList", fv_of (maps), fv_ints (1, 2));
}

static FvTensor *
pearson (FvScope *scope, FvTensor *first, FvTensor *second)
{
  FvTensor *u = centre (scope, fv_consistency_squash (scope, first));
  FvTensor *v = centre (scope, fv_consistency_squash (scope, second));
  FvTensor *squares = fv_multiply (scope, sum_cells (scope, fv_multiply (scope, u, u)),
                                   sum_cells (scope, fv_multiply (scope, v, v)));
  FvTensor *norm = fv_call (scope, "aten::sqrt", fv_of (without_zero (scope, squares)));
  FvTensor *together = sum_cells (scope, fv_multiply (scope, u, v));
  FvTensor *r = fv_call (scope, "aten::div.Tensor", fv_of (together), fv_of (norm));

  return fv_call (scope, "aten::neg", fv_of (r));
}

/* -- SSIM ----------------------------------------------------------------------------------- */

/* A Gaussian of sum 1, [1,1,WINDOW,WINDOW], of the type of @like. */
static FvTensor *
make_window (FvScope *scope, FvTensor *like)
{
  double line[WINDOW], window[WINDOW * WINDOW], sum = 0;
  FvTensor *tensor;

  for (int i = 0; i < WINDOW; i++) {
    double x = i - WINDOW / 2;

    sum += line[i] = exp (-x * x / (2 * WINDOW_SIGMA * WINDOW_SIGMA));
  }
  for (int i = 0; i < WINDOW * WINDOW; i++)
    window[i] = line[i / WINDOW] * line[i % WINDOW] / (sum * sum);
  tensor = fv_scope_take (scope,
                          fv_tensor_new (FV_DTYPE_FLOAT64, (const gint64[]){ 1, 1, WINDOW, WINDOW },
                                         4, window, sizeof window, NULL));
  return fv_call (scope, "aten::to.other", fv_of (tensor), fv_of (like));
}

/* The average around each cell of @planes [N,1,h,w]. */
static FvTensor *
blur (FvScope *scope, FvTensor *planes, FvTensor *window)
{
  return fv_call (scope, "aten::conv2d", fv_of (planes), fv_of (window), fv_none (), fv_ints (1, 1),
                  fv_ints (WINDOW / 2, WINDOW / 2));
}

/* The average of a · b minus @means, the product of their averages. */
static FvTensor *
covary (FvScope *scope, FvTensor *a, FvTensor *b, FvTensor *means, FvTensor *window)
{
  return fv_subtract (scope, blur (scope, fv_multiply (scope, a, b), window), means);
}

/* (twice @product + @c) / (@square + @other_square + @c) */
static FvTensor *
compare (FvScope *scope, FvTensor *product, FvTensor *square, FvTensor *other_square, double c)
{
  FvTensor *above = fv_call (scope, "aten::mul.Scalar", fv_of (product), fv_real (2));
  FvTensor *below = fv_add (scope, square, other_square);

  above = fv_call (scope, "aten::add.Scalar", fv_of (above), fv_real (c));
  below = fv_call (scope, "aten::add.Scalar", fv_of (below), fv_real (c));
  return fv_call (scope, "aten::div.Tensor", fv_of (above), fv_of (below));
}

static FvTensor *
ssim (FvScope *scope, FvTensor *first, FvTensor *second)
{
  FvTensor *a = fv_call (scope, "aten::unsqueeze", fv_of (standardise (scope, first)), fv_int (1));
  FvTensor *b = fv_call (scope, "aten::unsqueeze", fv_of (standardise (scope, second)), fv_int (1));
  FvTensor *window = make_window (scope, a);
  FvTensor *mean_a = blur (scope, a, window), *mean_b = blur (scope, b, window);
  FvTensor *aa = fv_multiply (scope, mean_a, mean_a), *bb = fv_multiply (scope, mean_b, mean_b);
  FvTensor *ab = fv_multiply (scope, mean_a, mean_b);
  FvTensor *means = compare (scope, ab, aa, bb, C1);
  FvTensor *spreads
      = compare (scope, covary (scope, a, b, ab, window), covary (scope, a, a, aa, window),
                 covary (scope, b, b, bb, window), C2);
  FvTensor *index = fv_call (scope, "aten::mean.dim", fv_of (fv_multiply (scope, means, spreads)),
                             fv_ints (1, 2, 3));

  return fv_call (scope, "aten::rsub.Scalar", fv_of (index), fv_real (1));
}

/* -- cross-correlation ---------------------------------------------------------------------- */

static FvTensor *
cross (FvScope *scope, FvTensor *first, FvTensor *second)
{
  FvTensor *products = fv_multiply (scope, fv_consistency_squash (scope, first),
                                    fv_consistency_squash (scope, second));
  FvTensor *mean = fv_call (scope, "aten::mean.dim", fv_of (products), fv_ints (1, 2));

  return fv_call (scope, "aten::neg", fv_of (fv_call (scope, "aten::abs", fv_of (mean))));
}

FvTensor *
fv_consistency (FvScope *scope, FvSimilarity similarity, FvTensor *first, FvTensor *second)
{
  switch (similarity) {
  case FV_SIMILARITY_SSIM:
    return ssim (scope, first, second);
  case FV_SIMILARITY_CROSS:
    return cross (scope, first, second);
  case FV_SIMILARITY_PEARSON:
  default:
    return pearson (scope, first, second);
  }
}
