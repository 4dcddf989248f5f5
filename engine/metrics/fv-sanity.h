/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Sanity: is a map about this network at all, and how concentrated is it?
 *
 *   randomised_rank
 *       mean Spearman correlation between the map and the maps of the same network with its
 *       learned weights shuffled, from the output downwards (Adebayo et al. 2018, arXiv
 *       1810.03292). Near 1: the map ignores what was learned.
 *   randomised_ssim
 *       the same by structural similarity of the maps, each divided by its max |A|
 *   single_layer_rank, single_layer_ssim
 *       both with the weights of one part of the network shuffled at a time, all others as they
 *       were learned (the independent randomisation of the same source)
 *   sparseness
 *       Gini index of |A|: 0 for a uniform map, 1 − 1/n when one cell of n has it all
 *       (Hurley & Rickard 2009, arXiv 0811.4706; Chalasani et al. 2020, arXiv 1810.06583)
 *   complexity
 *       entropy of |A| / Σ |A| over log n: 0 when one cell has it all, 1 when uniform
 *       (Bhatt et al. 2020, arXiv 2005.00631, here divided by its maximum)
 *
 * A map that died when the network forgot counts 0 for both similarities: nothing is left in
 * common. All on the map's own grid. Undefined (NaN): a map of zeros, or with a value that is not
 * finite; the similarities of a map without a value above 0; the rank of a constant map; complexity
 * of a single cell. Pure functions: any thread. */

#pragma once

#include "fv-metric.h"

G_BEGIN_DECLS

typedef enum {
  FV_SANITY_RANDOMISED_RANK,
  FV_SANITY_RANDOMISED_SSIM,
  FV_SANITY_SINGLE_LAYER_RANK,
  FV_SANITY_SINGLE_LAYER_SSIM,
  FV_SANITY_SPARSENESS,
  FV_SANITY_COMPLEXITY,
  FV_SANITY_N
} FvSanityMetric;

/* Key, name, direction and range. Threads: any. */
const FvMetricInfo *fv_sanity_metric_info (FvSanityMetric metric);

/* NaN where undefined or not asked for. */
typedef struct {
  double values[FV_SANITY_N];
} FvSanity;

/* A set of metrics: one bit each. */
typedef guint32 FvSanitySet;
#define FV_SANITY_BIT(metric) ((FvSanitySet) 1 << (metric))
#define FV_SANITY_ALL (FV_SANITY_BIT (FV_SANITY_N) - 1)
/* Those that ask networks that forget. */
#define FV_SANITY_RANDOMISED                                                                       \
  (FV_SANITY_BIT (FV_SANITY_RANDOMISED_RANK) | FV_SANITY_BIT (FV_SANITY_RANDOMISED_SSIM))
#define FV_SANITY_SINGLE_LAYER                                                                     \
  (FV_SANITY_BIT (FV_SANITY_SINGLE_LAYER_RANK) | FV_SANITY_BIT (FV_SANITY_SINGLE_LAYER_SSIM))

/* All undefined. */
FvSanity fv_sanity_undefined (void);

typedef struct {
  guint n_stages; /* the modules with learned parameters in so many equal parts, 1 and up */
  guint64 seed;   /* of the shuffling */
} FvSanityOptions;

/* Five stages. */
FvSanityOptions fv_sanity_options_default (void);

/* How many explanations of a network that forgets one picture will cost: n_stages for each of the
 * two orders in @metrics; fewer for a network of fewer modules, and none for a dead map. Each also
 * shuffles a part of the weights. */
gsize fv_sanity_estimate (FvSanitySet metrics, const FvSanityOptions *options);

/* Spearman's rank correlation of @n pairs, −1 … 1; equal values share the mean of their ranks. */
double fv_spearman (const float *a, const float *b, gsize n);
/* Mean structural similarity (Wang et al. 2004) of two pictures [height,width] over all windows
 * that fit, of 7 × 7 pixels or the largest odd side that does: even weights, sample covariance, K₁
 * = 0.01, K₂ = 0.03. @range: between the least and the greatest possible value. −1 … 1. */
double fv_ssim (const float *a, const float *b, int width, int height, double range);
/* fv_ssim () of the maps each divided by its own greatest |value|, with range 1. */
double fv_map_ssim (const float *a, const float *b, int width, int height);
double fv_sparseness (const float *map, gsize n);
double fv_complexity (const float *map, gsize n);

G_END_DECLS
