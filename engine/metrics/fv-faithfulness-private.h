/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How the metrics of faithfulness share one picture. Only their own files include this.
 *
 * Metrics come in families that ask the same questions. A family says how many questions it has,
 * asks them all (each writes one changed picture into the batch), and reads its values off the
 * answers once every family has asked: so batches are full across families, and the cost is known
 * before. */

#pragma once

#include "fv-faithfulness.h"
#include "fv-pixel-order.h"

G_BEGIN_DECLS

/* The percentages of drop_Q. */
#define FV_DROP_N_QUANTILES 3

typedef struct {
  const FvFaithfulnessSubject *subject;
  const FvFaithfulnessNetwork *network;
  const FvFaithfulnessOptions *options;
  FvFaithfulnessSet metrics;
  gsize area;            /* pixels */
  gboolean map_is_alive; /* assumed TRUE while only the cost is asked for */
  FvMask *mask; /* (nullable): the subject's at the picture's size; one that is empty is NULL */

  /* The rest exists only while measuring. */
  float *map;      /* [h,w]: upsampled */
  guint32 *order;  /* [area]: pixels by decreasing map */
  float *baseline; /* [3,h,w] */
  FvScoreBatch *batch;
  FvScore clean;
  int target; /* the class asked for */
} FvMeasurement;

typedef struct {
  FvFaithfulnessSet metrics; /* those it answers */
  gboolean needs_map;        /* a dead one leaves its values undefined, and asks nothing */
  /* How many questions it has; no scores are given to it when this is 0. */
  gsize (*count) (const FvMeasurement *measurement);
  /* Stops at the first failure of the batch, which remembers it. */
  void (*ask) (FvMeasurement *measurement, FvScore *scores);
  void (*answer) (const FvMeasurement *measurement, const FvScore *scores, double *values);
} FvFaithfulnessFamily;

extern const FvFaithfulnessFamily fv_family_drop;
extern const FvFaithfulnessFamily fv_family_deletion;
extern const FvFaithfulnessFamily fv_family_pixel_flipping;
extern const FvFaithfulnessFamily fv_family_masked;
extern const FvFaithfulnessFamily fv_family_road;
extern const FvFaithfulnessFamily fv_family_subsets;
extern const FvFaithfulnessFamily fv_family_context;

/* Any of @metrics was asked for. */
gboolean fv_measurement_wants (const FvMeasurement *self, FvFaithfulnessSet metrics);
/* Shows the network @picture [3,h,w]; FALSE when the batch has failed. */
gboolean fv_measurement_ask (FvMeasurement *self, const float *picture, FvScore *score);
/* A copy of a picture of the subject's size. (transfer full) */
float *fv_measurement_copy (const FvMeasurement *self, const float *picture);

/* Relative drop max (0, p − @probability) / p; NaN when p is 0. */
double fv_measurement_drop (const FvMeasurement *self, double probability);

/* max_sensitivity, with the explainer: the only metric that does not ask the scorer. */
gboolean fv_measure_sensitivity (const FvMeasurement *self, GCancellable *cancellable,
                                 double *value, GError **error);
/* margin_outside, which asks nobody. */
double fv_measure_margin_outside (const FvMarginEvidence *evidence, const FvMask *mask);

G_END_DECLS
