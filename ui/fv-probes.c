/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-probes.h"

#include <math.h>

struct _FvProbes {
  const FvDataset *dataset;
  gsize samples[FV_N_PROBES];
  gsize n_samples;
  gsize n_parts;
};

/* The group of @sample, or its class where there are no groups. */
static gsize
get_part (const FvSample *sample)
{
  return (gsize) (sample->group_id >= 0 ? sample->group_id : sample->label);
}

/* Takes the picture number @round of each part, as long as there is room. Returns: how many have
 * been seen that are further down. */
static gsize
take_round (FvProbes *self, gsize round)
{
  g_autofree gsize *seen = g_new0 (gsize, self->n_parts);
  gsize n_left = 0;

  for (gsize i = 0; i < fv_dataset_get_n_samples (self->dataset); i++) {
    const FvSample *sample = fv_dataset_get_sample (self->dataset, i);
    gsize rank;

    if (sample->split != FV_SPLIT_VALIDATION)
      continue;
    rank = seen[get_part (sample)]++;
    if (rank == round && self->n_samples < FV_N_PROBES)
      self->samples[self->n_samples++] = i;
    n_left += rank > round;
  }
  return n_left;
}

FvProbes *
fv_probes_new (const FvDataset *dataset)
{
  FvProbes *self = g_new0 (FvProbes, 1);
  gsize round = 0;

  self->dataset = dataset;
  self->n_parts
      = (gsize) MAX (fv_dataset_get_n_groups (dataset), fv_dataset_get_n_classes (dataset));
  while (take_round (self, round) > 0 && self->n_samples < FV_N_PROBES)
    round++;
  return self;
}

void
fv_probes_free (FvProbes *self)
{
  g_free (self);
}

static double
mean_of_parts (const gsize *right, const gsize *n, gsize n_parts)
{
  double sum = 0;
  gsize n_filled = 0;

  for (gsize i = 0; i < n_parts; i++)
    if (n[i] > 0) {
      sum += (double) right[i] / (double) n[i];
      n_filled++;
    }
  return n_filled > 0 ? sum / (double) n_filled : NAN;
}

void
fv_probes_measure (const FvProbes *self, FvSessionWorker *worker, FvProbesCallback callback,
                   gpointer user_data, GCancellable *cancellable, double *energy, double *accuracy)
{
  g_autofree gsize *right = g_new0 (gsize, self->n_parts);
  g_autofree gsize *n = g_new0 (gsize, self->n_parts);
  double sum = 0;
  gsize n_sum = 0;

  for (gsize i = 0; i < self->n_samples; i++) {
    gsize part = get_part (fv_dataset_get_sample (self->dataset, self->samples[i]));
    FvImageResult result;

    if (!fv_session_worker_measure (worker, self->dataset, self->samples[i], NULL, &result,
                                    cancellable, NULL))
      continue;
    n[part]++;
    right[part] += result.prediction == result.label;
    sum += result.alignment.defined ? result.alignment.values[FV_ALIGNMENT_ENERGY] : 0;
    n_sum += result.alignment.defined;
    callback (user_data);
  }
  *energy = n_sum > 0 ? sum / (double) n_sum : NAN;
  *accuracy = mean_of_parts (right, n, self->n_parts);
}
