/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One picture measured: the families ask, the network answers in full batches, the families read.
 */

#include "fv-faithfulness-private.h"

#include <math.h>
#include <string.h>

#include "fv-resample.h"

static const FvFaithfulnessFamily *const families[] = {
  &fv_family_drop, &fv_family_deletion, &fv_family_pixel_flipping, &fv_family_masked,
  &fv_family_road, &fv_family_subsets,  &fv_family_context,
};

#define MAX_SENSITIVITY FV_FAITHFULNESS_BIT (FV_FAITHFULNESS_MAX_SENSITIVITY)

FvFaithfulnessOptions
fv_faithfulness_options_default (void)
{
  return (FvFaithfulnessOptions){
    .baseline = FV_BASELINE_MEAN,
    .steps = 20,
    .random_draws = 5,
    .subsets = 100,
    .explanations = 10,
    .radius = 0.1,
    .batch = 16,
    .seed = 0,
  };
}

/* -- what the families share ---------------------------------------------------------------- */

gboolean
fv_measurement_wants (const FvMeasurement *self, FvFaithfulnessSet metrics)
{
  return (self->metrics & metrics) != 0;
}

gboolean
fv_measurement_ask (FvMeasurement *self, const float *picture, FvScore *score)
{
  float *slot = fv_score_batch_add (self->batch, score);

  if (slot != NULL)
    memcpy (slot, picture, 3 * self->area * sizeof (float));
  return slot != NULL;
}

float *
fv_measurement_copy (const FvMeasurement *self, const float *picture)
{
  return g_memdup2 (picture, 3 * self->area * sizeof (float));
}

double
fv_measurement_drop (const FvMeasurement *self, double probability)
{
  double p = self->clean.probability;

  return p > 0 ? fmax (0, p - probability) / p : NAN;
}

/* -- preparing ------------------------------------------------------------------------------ */

static void
measurement_clear (FvMeasurement *self)
{
  g_clear_pointer (&self->mask, fv_mask_unref);
  g_free (self->map);
  g_free (self->order);
  g_free (self->baseline);
  fv_score_batch_free (self->batch);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FvMeasurement, measurement_clear)

/* What is needed to know the cost. */
static void
measurement_init (FvMeasurement *self, const FvFaithfulnessSubject *subject,
                  const FvFaithfulnessNetwork *network, FvFaithfulnessSet metrics,
                  const FvFaithfulnessOptions *options)
{
  self->subject = subject;
  self->network = network;
  self->options = options;
  self->metrics = metrics;
  self->area = (gsize) subject->width * (gsize) subject->height;
  self->map_is_alive = TRUE;
  if (subject->mask != NULL)
    self->mask = fv_mask_resize_nearest (subject->mask, subject->width, subject->height);
  if (self->mask != NULL && fv_mask_is_empty (self->mask))
    g_clear_pointer (&self->mask, fv_mask_unref);
}

/* Whether a value is above 0 and all are finite. */
static gboolean
is_alive (const float *map, gsize n)
{
  gboolean alive = FALSE;

  for (gsize i = 0; i < n; i++) {
    if (!isfinite (map[i]))
      return FALSE;
    alive |= map[i] > 0;
  }
  return alive;
}

/* What is needed to measure. */
static void
measurement_prepare (FvMeasurement *self, GCancellable *cancellable)
{
  const FvFaithfulnessSubject *subject = self->subject;
  const FvFaithfulnessNetwork *network = self->network;

  self->map = fv_resample_bilinear (subject->map, subject->map_width, subject->map_height,
                                    subject->width, subject->height);
  /* A picture smaller than the map may miss the cells that were alive. */
  self->map_is_alive
      = is_alive (subject->map, (gsize) subject->map_width * (gsize) subject->map_height)
        && is_alive (self->map, self->area);
  self->order = fv_pixel_order (self->map, self->area);
  self->baseline = g_new (float, 3 * self->area);
  fv_baseline_fill (self->options->baseline, subject->image, subject->width, subject->height,
                    self->options->seed, self->baseline);
  self->batch = fv_score_batch_new (subject->width, subject->height, network->n_classes,
                                    self->options->batch, network->scorer, network->scorer_data,
                                    cancellable);
  fv_score_batch_set_multi_label (self->batch, network->multi_label);
}

/* -- cost ----------------------------------------------------------------------------------- */

static gsize
count_questions (const FvMeasurement *self, const FvFaithfulnessFamily *family)
{
  if (!fv_measurement_wants (self, family->metrics) || (family->needs_map && !self->map_is_alive))
    return 0;
  return family->count (self);
}

static gboolean
wants_sensitivity (const FvMeasurement *self)
{
  return fv_measurement_wants (self, MAX_SENSITIVITY) && self->map_is_alive
         && self->network->explainer != NULL;
}

/* All questions, without the unchanged picture. */
static gsize
count_all_questions (const FvMeasurement *self)
{
  gsize n = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (families); i++)
    n += count_questions (self, families[i]);
  return n;
}

FvFaithfulnessCost
fv_faithfulness_estimate (const FvFaithfulnessSubject *subject,
                          const FvFaithfulnessNetwork *network, FvFaithfulnessSet metrics,
                          const FvFaithfulnessOptions *options)
{
  g_auto (FvMeasurement) self = { 0 };

  measurement_init (&self, subject, network, metrics, options);
  return (FvFaithfulnessCost){
    .forwards = 1 + count_all_questions (&self),
    .explanations = wants_sensitivity (&self) ? (gsize) options->explanations : 0,
  };
}

/* -- measuring ------------------------------------------------------------------------------ */

/* The network's answer to the unchanged picture, and the class that all others are about. */
static gboolean
ask_clean (FvMeasurement *self, GError **error)
{
  fv_score_batch_set_target (self->batch, self->subject->target);
  fv_measurement_ask (self, self->subject->image, &self->clean);
  if (!fv_score_batch_flush (self->batch, error))
    return FALSE;
  self->target = self->subject->target >= 0 ? self->subject->target : self->clean.prediction;
  fv_score_batch_set_target (self->batch, self->target);
  return TRUE;
}

static gboolean
ask_families (FvMeasurement *self, double *values, GError **error)
{
  g_autofree FvScore *scores = g_new0 (FvScore, count_all_questions (self) + 1);
  FvScore *own = scores;

  for (gsize i = 0; i < G_N_ELEMENTS (families); i++) {
    gsize n = count_questions (self, families[i]);

    if (n > 0)
      families[i]->ask (self, own);
    own += n;
  }
  if (!fv_score_batch_flush (self->batch, error))
    return FALSE;
  own = scores;
  for (gsize i = 0; i < G_N_ELEMENTS (families); i++) {
    gsize n = count_questions (self, families[i]);

    if (n > 0)
      families[i]->answer (self, own, values);
    own += n;
  }
  return TRUE;
}

/* Families answer for all their members; what was not asked for is taken back. */
static void
keep_wanted (const FvMeasurement *self, double *values)
{
  for (int i = 0; i < FV_FAITHFULNESS_N; i++)
    if (!fv_measurement_wants (self, FV_FAITHFULNESS_BIT (i)))
      values[i] = NAN;
}

static gboolean
measure (FvMeasurement *self, double *values, GCancellable *cancellable, GError **error)
{
  const FvMarginEvidence *margin = self->subject->margin;
  const FvMask *mask = self->subject->mask;

  if (!ask_clean (self, error) || !ask_families (self, values, error))
    return FALSE;
  if (wants_sensitivity (self)
      && !fv_measure_sensitivity (self, cancellable, &values[FV_FAITHFULNESS_MAX_SENSITIVITY],
                                  error))
    return FALSE;
  if (margin != NULL && mask != NULL && !fv_mask_is_empty (mask))
    values[FV_FAITHFULNESS_MARGIN_OUTSIDE] = fv_measure_margin_outside (margin, mask);
  keep_wanted (self, values);
  return TRUE;
}

gboolean
fv_faithfulness_measure (const FvFaithfulnessSubject *subject, const FvFaithfulnessNetwork *network,
                         FvFaithfulnessSet metrics, const FvFaithfulnessOptions *options,
                         FvFaithfulness *result, FvFaithfulnessCost *cost,
                         GCancellable *cancellable, GError **error)
{
  g_auto (FvMeasurement) self = { 0 };

  g_return_val_if_fail (subject->width > 0 && subject->height > 0, FALSE);
  g_return_val_if_fail (subject->map_width > 0 && subject->map_height > 0, FALSE);
  g_return_val_if_fail (subject->target < network->n_classes, FALSE);
  g_return_val_if_fail (options->steps > 0 && options->random_draws > 0 && options->subsets > 1
                            && options->explanations > 0 && options->batch > 0,
                        FALSE);

  for (int i = 0; i < FV_FAITHFULNESS_N; i++)
    result->values[i] = NAN;
  measurement_init (&self, subject, network, metrics, options);
  measurement_prepare (&self, cancellable);
  if (!measure (&self, result->values, cancellable, error))
    return FALSE;
  if (cost != NULL)
    *cost = (FvFaithfulnessCost){
      .forwards = fv_score_batch_get_n_forwards (self.batch),
      .explanations = wants_sensitivity (&self) ? (gsize) options->explanations : 0,
    };
  return TRUE;
}
