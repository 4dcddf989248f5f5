/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-probes.h"

#include <math.h>
#include <stdlib.h>

#include "fv-evaluation.h"
#include "fv-linear-head.h"

struct _FvProbes {
  const FvDataset *dataset;
  FvSplit split;
  GArray *samples; /* of gsize */
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
take_round (FvProbes *self, gsize round, gsize n_max)
{
  g_autofree gsize *seen = g_new0 (gsize, self->n_parts);
  gsize n_left = 0;

  for (gsize i = 0; i < fv_dataset_get_n_samples (self->dataset); i++) {
    const FvSample *sample = fv_dataset_get_sample (self->dataset, i);
    gsize rank;

    if (sample->split != self->split)
      continue;
    rank = seen[get_part (sample)]++;
    if (rank == round && self->samples->len < n_max)
      g_array_append_val (self->samples, i);
    n_left += rank > round;
  }
  return n_left;
}

FvProbes *
fv_probes_new (const FvDataset *dataset, FvSplit split, gsize n_max)
{
  FvProbes *self = g_new0 (FvProbes, 1);
  gsize round = 0;

  self->dataset = dataset;
  self->split = split;
  self->samples = g_array_new (FALSE, FALSE, sizeof (gsize));
  self->n_parts
      = (gsize) MAX (fv_dataset_get_n_groups (dataset), fv_dataset_get_n_classes (dataset));
  while (take_round (self, round, n_max) > 0 && self->samples->len < n_max)
    round++;
  return self;
}

void
fv_probes_free (FvProbes *self)
{
  g_array_unref (self->samples);
  g_free (self);
}

const FvDataset *
fv_probes_get_dataset (const FvProbes *self)
{
  return self->dataset;
}

const GArray *
fv_probes_get_samples (const FvProbes *self)
{
  return self->samples;
}

/* -- measuring ------------------------------------------------------------------------------ */

typedef struct {
  double sum;
  gsize n;
} Mean;

/* What is not defined is left out. */
static void
mean_add (Mean *mean, double value)
{
  if (isnan (value))
    return;
  mean->sum += value;
  mean->n++;
}

static double
mean_get (const Mean *mean)
{
  return mean->n > 0 ? mean->sum / (double) mean->n : NAN;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double first = *(const double *) a, second = *(const double *) b;

  return (first > second) - (first < second);
}

double
fv_probes_get_median (const double *values, gsize n)
{
  g_autofree double *sorted = g_new (double, n);
  gsize n_sorted = 0;

  for (gsize i = 0; i < n; i++)
    if (!isnan (values[i]))
      sorted[n_sorted++] = values[i];
  if (n_sorted == 0)
    return NAN;
  qsort (sorted, n_sorted, sizeof (double), compare_doubles);
  return (sorted[(n_sorted - 1) / 2] + sorted[n_sorted / 2]) / 2;
}

static FvFaithfulnessMetric
choose_measure (FvModel *model)
{
  const FvLayer *layer = fv_model_get_default_layer (model, NULL);
  FvLinearHead head;

  return layer != NULL && fv_graph_find_linear_head (fv_model_get_graph (model), layer->node, &head)
             ? FV_FAITHFULNESS_MARGIN_OUTSIDE
             : FV_FAITHFULNESS_EXCESS_DROP;
}

static FvMetricSelection
select_metrics (FvFaithfulnessMetric measure, gsize probe)
{
  FvMetricSelection metrics = { .alignment = 1u << FV_ALIGNMENT_ENERGY };

  if (measure == FV_FAITHFULNESS_MARGIN_OUTSIDE || probe < FV_N_DROP_PROBES)
    metrics.faithfulness = FV_FAITHFULNESS_BIT (measure);
  return metrics;
}

static void
summarise_parts (const Mean *right, gsize n_parts, FvProbeNumbers *numbers)
{
  Mean all = { 0, 0 };

  for (gsize i = 0; i < n_parts; i++) {
    double share = mean_get (&right[i]);

    mean_add (&all, share);
    numbers->worst = fmin (numbers->worst, share); /* fmin () and fmax () pass over NaN */
    numbers->best = fmax (numbers->best, share);
  }
  numbers->accuracy = mean_get (&all);
}

FvProbeNumbers
fv_probes_measure (const FvProbes *self, FvModel *model, FvProbesCallback callback,
                   gpointer user_data, GCancellable *cancellable)
{
  g_autofree Mean *right = g_new0 (Mean, self->n_parts);
  g_autoptr (GArray) faithfulness = g_array_new (FALSE, FALSE, sizeof (double));
  FvProbeNumbers numbers = { .worst = NAN, .best = NAN };
  Mean energy = { 0, 0 };

  numbers.measure = choose_measure (model);
  for (gsize i = 0; i < self->samples->len; i++) {
    gsize sample = g_array_index (self->samples, gsize, i);
    FvMetricSelection metrics = select_metrics (numbers.measure, i);
    const FvEvaluationOptions options = { .metrics = &metrics };
    FvImageResult result;

    if (!fv_evaluate_sample (model, self->dataset, sample, &options, &result, cancellable, NULL))
      continue;
    mean_add (&right[get_part (fv_dataset_get_sample (self->dataset, sample))], result.right);
    mean_add (&energy, result.alignment.values[FV_ALIGNMENT_ENERGY]);
    g_array_append_val (faithfulness, result.faithfulness.values[numbers.measure]);
    callback (user_data);
  }
  numbers.energy = mean_get (&energy);
  numbers.faithfulness = fv_probes_get_median ((const double *) (gconstpointer) faithfulness->data,
                                               faithfulness->len);
  summarise_parts (right, self->n_parts, &numbers);
  return numbers;
}
