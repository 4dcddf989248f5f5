/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-probe-agreement.h"

#include <math.h>

#include "fv-consistency-term.h"
#include "fv-image.h"
#include "fv-input.h"
#include "fv-scope.h"

static double
measure (const FvConsistencyTerm *term, FvModel *model, const FvSample *sample)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  g_autoptr (FvImage) image = fv_image_load (sample->path, NULL);
  FvTensor *loss;

  if (image == NULL)
    return NAN;
  loss = fv_consistency_term_judge (
      term, scope, fv_input_from_image (scope, fv_model_get_card (model), image, FALSE));
  return loss != NULL ? -fv_tensor_to_double (loss) : NAN;
}

GArray *
fv_probe_agreement_measure (const FvProbes *probes, FvModel *model, const FvTrainConfig *config,
                            FvProbesCallback callback, gpointer user_data,
                            GCancellable *cancellable, GError **error)
{
  g_autoptr (FvTrainConfig) pearson = fv_train_config_copy (config);
  g_autoptr (FvConsistencyTerm) term = NULL;
  const GArray *samples = fv_probes_get_samples (probes);
  GArray *values;

  pearson->similarity = FV_SIMILARITY_PEARSON;
  term = fv_consistency_term_new (model, pearson, error);
  if (term == NULL)
    return NULL;
  values = g_array_new (FALSE, FALSE, sizeof (double));
  for (guint i = 0; i < samples->len; i++) {
    gsize sample = g_array_index (samples, gsize, i);
    double r = g_cancellable_is_cancelled (cancellable)
                   ? NAN
                   : measure (term, model,
                              fv_dataset_get_sample (fv_probes_get_dataset (probes), sample));

    g_array_append_val (values, r);
    callback (user_data);
  }
  return values;
}

double
fv_probe_agreement_get_mean (const GArray *values)
{
  double sum = 0;
  guint n = 0;

  for (guint i = 0; i < values->len; i++) {
    double r = g_array_index (values, double, i);

    if (isnan (r))
      continue;
    sum += r;
    n++;
  }
  return n > 0 ? sum / n : NAN;
}
