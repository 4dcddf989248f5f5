/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From the name of a method to maps: the one place that knows what each method needs.
 * Threads: the engine thread. */

#pragma once

#include "fv-baseline.h"
#include "fv-inspection.h"

G_BEGIN_DECLS

/* How to explain; what a method does not ask for is ignored. */
typedef struct {
  const char *method;  /* a key of fv-method.h */
  const int *targets;  /* class of each picture; NULL or an entry of −1: the predicted one */
  gboolean keep_sign;  /* gradcam: negative evidence too */
  guint steps;         /* integrated_gradients, 1 … FV_EXPLAIN_MAX_SAMPLES */
  FvBaseline baseline; /* integrated_gradients */
  guint samples;       /* smoothgrad, 1 … FV_EXPLAIN_MAX_SAMPLES */
  double noise;        /* smoothgrad: a share of the picture's range, 0 … 1 */
  gboolean nearest;    /* guided_gradcam: enlarge by the nearest cell, not bilinearly */
  guint64 seed;        /* of everything drawn: picture i draws from seed + i */
} FvExplainOptions;

#define FV_EXPLAIN_MAX_SAMPLES 10000

/* The predicted classes, 50 steps from the mean colour of the training set (zero), 50 samples with
 * 0.15 of noise. @method: borrowed */
FvExplainOptions fv_explain_options_default (const char *method);

/* Inspects as the method needs it: at @layer (nullable: the model's own), or the prediction alone
 * where no layer matters. (transfer full): NULL with @error */
FvInspection *fv_explain_inspect (FvModel *model, FvTensor *input, const char *method,
                                  const char *layer, GCancellable *cancellable, GError **error);

/* Maps of all pictures of @inspection. A method of no such name, one that needs a layer where
 * none was inspected, or attention where the network has none, is an error.
 * @input: [N,3,H,W], what was inspected; @cancellable: (nullable), looked at within each run.
 * (transfer full): of FvMap, one a picture; NULL with @error */
GPtrArray *fv_explain (FvInspection *inspection, FvTensor *input, const FvExplainOptions *options,
                       GCancellable *cancellable, GError **error);

G_END_DECLS
