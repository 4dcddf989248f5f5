/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-probe-agreement.h"

#include <math.h>

#include "fv-consistency-term.h"
#include "fv-image.h"
#include "fv-input.h"
#include "fv-op.h"

/* Pictures that are measured at once: one by one they would take several times as long. */
#define BATCH 8

typedef struct {
  const FvConsistencyTerm *term;
  const FvCard *card;
  const FvProbes *probes;
} Measurement;

/* Picture @index of the probes, preprocessed; NULL when it cannot be read. */
static FvTensor *
load (const Measurement *self, FvScope *scope, guint index)
{
  gsize sample = g_array_index (fv_probes_get_samples (self->probes), gsize, index);
  const char *path = fv_dataset_get_sample (fv_probes_get_dataset (self->probes), sample)->path;
  g_autoptr (FvImage) image = fv_image_load (path, NULL);

  return image == NULL ? NULL : fv_input_from_image (scope, self->card, image, FALSE);
}

/* r of the pictures from @first on into @values [@n]; those that have none stay as they are. */
static void
measure_batch (const Measurement *self, guint first, guint n, double *values)
{
  g_autoptr (FvScope) scope = fv_scope_new ();
  FvTensor *images[BATCH], *losses;
  g_autofree double *found = NULL;
  guint n_loaded = 0, which[BATCH];

  for (guint i = 0; i < n; i++) {
    images[n_loaded] = load (self, scope, first + i);
    which[n_loaded] = i;
    n_loaded += images[n_loaded] != NULL;
  }
  if (n_loaded == 0)
    return;
  losses = fv_consistency_term_judge (
      self->term, scope,
      fv_call (scope, "aten::cat", fv_tensor_list (images, n_loaded), fv_int (0)));
  found = losses == NULL ? NULL : fv_tensor_to_doubles (losses, NULL, NULL);
  for (guint i = 0; found != NULL && i < n_loaded; i++)
    values[which[i]] = -found[i];
}

GArray *
fv_probe_agreement_measure (const FvProbes *probes, FvModel *model, const FvTrainConfig *config,
                            FvProbesCallback callback, gpointer user_data,
                            GCancellable *cancellable, GError **error)
{
  g_autoptr (FvTrainConfig) pearson = fv_train_config_copy (config);
  g_autoptr (FvConsistencyTerm) term = NULL;
  guint n = fv_probes_get_samples (probes)->len;
  GArray *values;

  pearson->similarity = FV_SIMILARITY_PEARSON;
  term = fv_consistency_term_new (model, pearson, error);
  if (term == NULL)
    return NULL;
  values = g_array_new (FALSE, FALSE, sizeof (double));
  g_array_set_size (values, n);
  for (guint i = 0; i < n; i++)
    g_array_index (values, double, i) = NAN;
  for (guint i = 0; i < n && !g_cancellable_is_cancelled (cancellable); i += BATCH) {
    measure_batch (&(Measurement){ term, fv_model_get_card (model), probes }, i, MIN (BATCH, n - i),
                   &g_array_index (values, double, i));
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
