/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Two maps, their correlation, and the mask between them. */

#include "fv-consistency-run.h"

#include <math.h>

#include "fv-consistency.h"
#include "fv-rectifier.h"

const FvLayer *
fv_consistency_run_find_layer (FvModel *model, const char *layer, GError **error)
{
  const FvLayer *found = layer != NULL ? fv_model_find_layer (model, layer, error)
                                       : fv_model_get_default_layer (model, error);

  if (found != NULL && fv_graph_check_rectifiers (fv_model_get_graph (model), error))
    return found;
  g_prefix_error (error, "consistency cannot be measured: ");
  return NULL;
}

/* Greatest minus least value; NaN when one is not finite. */
static double
find_range (FvScope *scope, FvTensor *tensor)
{
  g_autofree float *values = NULL;
  double low = INFINITY, high = -INFINITY;
  GError *error = NULL;
  gsize n;

  if (fv_scope_has_failed (scope))
    return NAN;
  values = fv_tensor_to_floats (tensor, &n, &error);
  if (values == NULL) {
    fv_scope_fail (scope, error);
    return NAN;
  }
  for (gsize i = 0; i < n; i++) {
    if (!isfinite (values[i]))
      return NAN;
    low = fmin (low, (double) values[i]);
    high = fmax (high, (double) values[i]);
  }
  return high - low;
}

/* A constant map agrees with nothing: as a loss 0, as a metric undefined. */
static double
correlate (FvScope *scope, const FvAgreement *found)
{
  FvTensor *loss = fv_consistency (scope, FV_SIMILARITY_PEARSON, found->first, found->second);

  if (!(find_range (scope, found->first) > 0) || !(find_range (scope, found->second) > 0))
    return NAN;
  return -fv_tensor_to_double (loss);
}

gboolean
fv_consistency_run (FvModel *model, FvTensor *input, const char *layer,
                    const FvAgreementOptions *options, FvConsistencySet metrics,
                    FvConsistencyValues *result, GCancellable *cancellable, GError **error)
{
  const FvLayer *chosen = fv_consistency_run_find_layer (model, layer, error);
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvAgreement found;

  *result = (FvConsistencyValues){ { NAN, NAN } };
  if (chosen == NULL || g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (!fv_agreement_find (scope, fv_model_get_graph (model), chosen, input, NULL, options, FALSE,
                          &found))
    return fv_scope_check (scope, error);
  if ((metrics & FV_CONSISTENCY_BIT (FV_CONSISTENCY_R)) != 0)
    result->values[FV_CONSISTENCY_R] = correlate (scope, &found);
  if ((metrics & FV_CONSISTENCY_BIT (FV_CONSISTENCY_MASK_RANGE)) != 0)
    result->values[FV_CONSISTENCY_MASK_RANGE] = find_range (scope, found.mask);
  return fv_scope_check (scope, error);
}
