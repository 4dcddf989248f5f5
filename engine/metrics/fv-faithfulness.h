/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Faithfulness: does the network decide by what the map shows?
 *
 * Alignment compares a map with a mask; faithfulness asks the network itself, by changing the
 * picture x and looking at its answer. Throughout
 *   c     the class predicted on the unchanged picture, unless the subject names another
 *   p (·) probability of c, by softmax or, multi-label, sigmoid; p = p (x);   f (·) logit of c
 *   A     the map, brought to the picture's size by fv_resample_bilinear (), sign kept
 *   order the pixels by decreasing A; equal ones in row order, upper left first
 *   b     the baseline (fv-baseline.h); x without S: x with the pixels S taken from b
 * Which way is better and the range stand in fv_faithfulness_metric_info ().
 *
 * drop_Q, Q = 10, 20, 30: max (0, p − p (x without the first Q % of the order)) / p.
 *
 * drop: their mean.
 *
 * excess_drop_Q: drop_Q minus the mean drop of as many pixels in random blocks, over @random_draws
 * draws. A block is 1/7 of the shorter side wide; blocks come in random order, the last is cut in
 * row order. 0: the map finds what chance finds.
 *
 * excess_drop: their mean. A reading of our own of "attention influences the decision".
 *
 * deletion: area under p (x without the first k of the order), k = 0 … all in @steps steps of
 * ⌈n / steps⌉ pixels, the last one shorter; trapezoids over k / n (Petsiuk et al. 2018, RISE, arXiv
 * 1806.07421).
 *
 * insertion: the same from b to x: the first k of the order from x, the rest from b. Both end
 * points belong to deletion too and are computed once.
 *
 * average_drop: max (0, p − p (e)) / p, with e = m x + (1 − m) b and m = max (A, 0) / max A
 * (Chattopadhyay et al. 2018, Grad-CAM++, arXiv 1710.11063).
 *
 * increase: 1 if p (e) > p, else 0: its mean is the share (same source).
 *
 * gain: max (0, p (e) − p) / (1 − p), 0 where p = 1 (Zhang et al. 2023, Opti-CAM, arXiv
 * 2301.07002).
 *
 * road: (LeRF − MoRF) / 2: the mean of p over 10, 20 … 90 % of the pixels replaced by noisy linear
 * imputation (fv-imputation.h), the least and the most relevant first (Rong et al. 2022, arXiv
 * 2202.00449).
 *
 * pixel_flipping: area under p while square blocks of 1/14 of the shorter side, by decreasing sum
 * of A, are replaced by FV_BASELINE_NOISE, in at most @steps steps (Bach et al. 2015; regions:
 * Samek et al. 2017, arXiv 1509.06321).
 *
 * faithfulness_correlation: Pearson correlation over @subsets random sets S between the sum of A
 * over S and f (x) − f (x without S) (Bhatt et al. 2020, arXiv 2005.00631).
 *
 * infidelity: mean over the same sets of (β Σ_S A − (f (x) − f (x without S)))² with the best
 * β ≥ 0, in logits² (Yeh et al. 2019, arXiv 1901.09392). Multiplying A by a positive number changes
 * nothing; 0 for an exact linear map. S is a fifth of the cells of a 9 × 9 grid over the picture.
 *
 * max_sensitivity: max over @explanations pictures x + δ, each δ drawn evenly from ± @radius, of
 * ‖A (x + δ) − A (x)‖ / ‖A (x)‖, on the map's own grid (Yeh et al. 2019). Needs an explainer.
 *
 * About the network alone, whatever the map:
 *
 * foreground_only: p (x with only the INSIDE pixels, the rest from b).
 *
 * background_only: p (x with only the OUTSIDE pixels, the rest from b).
 *
 * background_swap: mean of p (the INSIDE pixels on each donor's background); the donor's own object
 * is painted over by linear imputation without noise.
 *
 * background_swap_kept: share of the donors with which c is still predicted.
 *
 * margin_outside: share of the logit margin between c and the best other class that lies outside
 * the mask, exact below a "pooling, linear" head: Σ_i o_i d_i / (margin − what lies in no opinion),
 * with d the difference of the classes' evidence by cell and o the outside share of a cell.
 *
 * Undefined (NaN), to be left out and counted by the caller:
 *   - all that depends on the map, when it is dead (no value above 0) or a value is not finite;
 *   - drop, average_drop and all that divides by p when p is 0;
 *   - what depends on the mask without one, or without an INSIDE pixel; background_only without an
 *     OUTSIDE pixel; background_swap without donors;
 *   - faithfulness_correlation when A sums to the same over all sets, or the network answers the
 *     same to all;
 *   - margin_outside away from linear heads, or when the margin that has an opinion is not above 0;
 *   - what was not asked for. */

#pragma once

#include <gio/gio.h>

#include "fv-baseline.h"
#include "fv-mask.h"
#include "fv-metric.h"
#include "fv-score-batch.h"

G_BEGIN_DECLS

typedef enum {
  FV_FAITHFULNESS_EXCESS_DROP,
  FV_FAITHFULNESS_EXCESS_DROP_10,
  FV_FAITHFULNESS_EXCESS_DROP_20,
  FV_FAITHFULNESS_EXCESS_DROP_30,
  FV_FAITHFULNESS_DROP,
  FV_FAITHFULNESS_DROP_10,
  FV_FAITHFULNESS_DROP_20,
  FV_FAITHFULNESS_DROP_30,
  FV_FAITHFULNESS_DELETION,
  FV_FAITHFULNESS_INSERTION,
  FV_FAITHFULNESS_AVERAGE_DROP,
  FV_FAITHFULNESS_INCREASE,
  FV_FAITHFULNESS_GAIN,
  FV_FAITHFULNESS_ROAD,
  FV_FAITHFULNESS_PIXEL_FLIPPING,
  FV_FAITHFULNESS_CORRELATION,
  FV_FAITHFULNESS_INFIDELITY,
  FV_FAITHFULNESS_MAX_SENSITIVITY,
  FV_FAITHFULNESS_FOREGROUND_ONLY,
  FV_FAITHFULNESS_BACKGROUND_ONLY,
  FV_FAITHFULNESS_BACKGROUND_SWAP,
  FV_FAITHFULNESS_BACKGROUND_SWAP_KEPT,
  FV_FAITHFULNESS_MARGIN_OUTSIDE,
  FV_FAITHFULNESS_N
} FvFaithfulnessMetric;

/* Key, name, direction and range. Threads: any. */
const FvMetricInfo *fv_faithfulness_metric_info (FvFaithfulnessMetric metric);

/* NaN where undefined or not asked for. */
typedef struct {
  double values[FV_FAITHFULNESS_N];
} FvFaithfulness;

/* A set of metrics: one bit each. */
typedef guint32 FvFaithfulnessSet;
#define FV_FAITHFULNESS_BIT(metric) ((FvFaithfulnessSet) 1 << (metric))
#define FV_FAITHFULNESS_ALL (FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_N) - 1)

/* Maps of @n pictures [n,3,h,w] for the subject's class, by the method and on the grid of the
 * subject's map: @maps [n,map_height,map_width]. */
typedef gboolean (*FvExplainer) (const float *images, int n, float *maps, gpointer user_data,
                                 GError **error);

/* The network that is asked. */
typedef struct {
  FvScorer scorer;
  gpointer scorer_data;
  int n_classes;
  FvExplainer explainer; /* (nullable): max_sensitivity is then undefined */
  gpointer explainer_data;
  gboolean multi_label; /* p is the sigmoid of c's own logit */
} FvFaithfulnessNetwork;

/* A picture whose background is lent, of the subject's size. */
typedef struct {
  const float *image; /* [3,h,w], preprocessed */
  const FvMask *mask; /* its own object, painted over unless it is everything; of any size */
} FvDonor;

/* What a linear head sees: see margin_outside. */
typedef struct {
  const float *difference; /* [height,width]: evidence for c minus that for the runner-up, each
                            * cell's share of the logit: W[c]·A / (h w) */
  int width, height;
  double margin; /* the logits' difference, biases included */
} FvMarginEvidence;

/* One picture and its map. */
typedef struct {
  const float *image; /* [3,height,width], preprocessed */
  int width, height;
  const float *map; /* raw values [map_height,map_width] */
  int map_width, map_height;
  int target;         /* the class that is explained; −1: the one predicted */
  const FvMask *mask; /* (nullable): of any size, sampled to the picture's */
  const FvDonor *donors;
  gsize n_donors;
  const FvMarginEvidence *margin; /* (nullable): away from linear heads */
} FvFaithfulnessSubject;

typedef struct {
  FvBaseline baseline; /* b */
  int steps;           /* of deletion, insertion and pixel flipping, 1 and up */
  int random_draws;    /* of random blocks, 1 and up */
  int subsets;         /* of the correlation and infidelity, 2 and up */
  int explanations;    /* of max_sensitivity, 1 and up */
  double radius;       /* of max_sensitivity, in units of the normalised input */
  int batch;           /* pictures run at once, 1 and up; changes no picture the network is shown */
  guint64 seed;        /* of everything drawn */
} FvFaithfulnessOptions;

FvFaithfulnessOptions fv_faithfulness_options_default (void);

/* What a measurement costs: pictures run through the network, and pictures explained anew. */
typedef struct {
  gsize forwards, explanations;
} FvFaithfulnessCost;

/* The cost before it is paid. Exact unless the map turns out to be dead, which saves some. */
FvFaithfulnessCost fv_faithfulness_estimate (const FvFaithfulnessSubject *subject,
                                             const FvFaithfulnessNetwork *network,
                                             FvFaithfulnessSet metrics,
                                             const FvFaithfulnessOptions *options);

/* Measures @metrics of @subject into @result; the others become NaN. Equal subject, options and
 * answers of the network give equal bytes. @cost: (nullable), what it did cost. FALSE with @error
 * when the network fails, gives a value that is not finite, or @cancellable (nullable) stops it
 * between two batches. Threads: that of the network's callbacks. */
gboolean fv_faithfulness_measure (const FvFaithfulnessSubject *subject,
                                  const FvFaithfulnessNetwork *network, FvFaithfulnessSet metrics,
                                  const FvFaithfulnessOptions *options, FvFaithfulness *result,
                                  FvFaithfulnessCost *cost, GCancellable *cancellable,
                                  GError **error);

G_END_DECLS
