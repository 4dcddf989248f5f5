/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-reading.h"

#include <math.h>

#include "fv-number.h"

static const FvMetricInfo probability = { "probability", "Probability", TRUE, 0, 1 };

const FvMetricInfo *
fv_reading_get_info (FvReading reading)
{
  g_return_val_if_fail (reading < FV_READING_N, NULL);

  if (reading >= FV_READING_SANITY)
    return fv_sanity_metric_info ((FvSanityMetric) (reading - FV_READING_SANITY));
  if (reading >= FV_READING_FAITHFULNESS)
    return fv_faithfulness_metric_info ((FvFaithfulnessMetric) (reading - FV_READING_FAITHFULNESS));
  if (reading >= FV_READING_LOCALISATION)
    return fv_localisation_metric_info ((FvLocalisationMetric) (reading - FV_READING_LOCALISATION));
  if (reading == FV_READING_PROBABILITY)
    return &probability;
  return fv_alignment_metric_info ((FvAlignmentMetric) reading);
}

FvReading
fv_reading_find (const char *key)
{
  for (FvReading reading = 0; reading < FV_READING_N; reading++)
    if (g_strcmp0 (fv_reading_get_info (reading)->key, key) == 0)
      return reading;
  return FV_READING_ENERGY;
}

double
fv_reading_grade (FvReading reading, double value)
{
  const FvMetricInfo *info = fv_reading_get_info (reading);
  double share = CLAMP ((value - info->low) / (info->high - info->low), 0, 1);

  if (isnan (value) || !isfinite (info->high - info->low))
    return NAN;
  return info->higher_is_better ? share : 1 - share;
}

char *
fv_reading_format (FvReading reading, double value)
{
  const FvMetricInfo *info = fv_reading_get_info (reading);

  if (isnan (value))
    return g_strdup ("—");
  if (!isfinite (info->high - info->low))
    return fv_number_format (value);
  return g_strdup_printf ("%.2f", value);
}
