/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pictures of an inspection as plain floats, for methods that differentiate the network at its
 * input, and their two questions to it: gradients of a logit, and a logit.
 * Threads: the engine thread. */

#pragma once

#include "fv-inspection.h"
#include "fv-rule.h"

G_BEGIN_DECLS

/* A plain record. */
typedef struct {
  FvInspection *inspection; /* borrowed */
  int n, channels, height, width;
  float *values;             /* [n,channels,height,width] */
  gint64 *targets;           /* [n]: the class of each */
  GCancellable *cancellable; /* (nullable), borrowed */
} FvInputs;

/* @input: what was inspected; @targets: see fv_inspection_resolve_targets (). FALSE with @error
 * when there is no such class. */
gboolean fv_inputs_init (FvInputs *self, FvInspection *inspection, FvTensor *input,
                         const int *targets, GCancellable *cancellable, GError **error);
void fv_inputs_clear (FvInputs *self);

/* Values of one picture. */
gsize fv_inputs_get_size (const FvInputs *self);
/* Picture @index: [channels,height,width]. (transfer none) */
const float *fv_inputs_peek (const FvInputs *self, int index);
/* The logit of picture @index's class for another picture of its shape. */
gboolean fv_inputs_get_logit (const FvInputs *self, int index, const float *picture, double *logit,
                              GError **error);

/* Writes sample @number of a picture into @slot [channels,height,width]; returns its weight. Called
 * once for each, in order. */
typedef double (*FvSampler) (guint number, float *slot, gpointer user_data);

/* Σ over the samples of weight · d logit / d input at the sample, for the class of picture @index.
 * @rule: (nullable). Samples go through one buffer, a few at a time, and what is at once in memory
 * does not grow with their number; the cancellable is looked at between nodes of the network.
 * (transfer full): [channels,height,width]; NULL with @error */
double *fv_inputs_sum_gradients (const FvInputs *self, int index, FvRule *rule, guint n_samples,
                                 FvSampler sampler, gpointer user_data, GError **error);

/* The map of picture @index. (transfer full): NULL with @error */
typedef FvMap *(*FvMapMaker) (const FvInputs *inputs, int index, gpointer user_data,
                              GError **error);

/* The maps of all pictures; NULL with @error when one fails or holds values that are not finite.
 * (transfer full): of FvMap */
GPtrArray *fv_inputs_make_maps (const FvInputs *self, FvMapMaker maker, gpointer user_data,
                                GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FvInputs, fv_inputs_clear)

G_END_DECLS
