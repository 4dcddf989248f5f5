/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-reading.h"

#include <math.h>

#include "fv-number.h"

static const FvMetricInfo probability = { "probability", "Probability", TRUE, 0, 1 };
static const FvMetricInfo right = { "right", "Right prediction", TRUE, 0, 1 };

FvReading
fv_reading_of_metric (FvMetricFamily family, guint metric)
{
  guint number = fv_metric_family_get_first (family) + metric;

  return number < FV_ALIGNMENT_N ? number : FV_READING_FAITHFULNESS + number - FV_ALIGNMENT_N;
}

/* The family whose metrics @reading is among; FV_N_FAMILIES when it is none of a map. */
static FvMetricFamily
find_family (FvReading reading)
{
  FvMetricFamily family = 0;

  if (reading >= FV_READING_PROBABILITY && reading < FV_READING_FAITHFULNESS)
    return FV_N_FAMILIES;
  while (reading >= fv_reading_of_metric (family, 0) + fv_metric_family_get_n (family))
    family++;
  return family;
}

const FvMetricInfo *
fv_reading_get_info (FvReading reading)
{
  FvMetricFamily family;

  g_return_val_if_fail (reading < FV_READING_N, NULL);

  family = find_family (reading);
  if (family == FV_N_FAMILIES)
    return reading == FV_READING_RIGHT ? &right : &probability;
  return fv_metric_family_get_info (family, reading - fv_reading_of_metric (family, 0));
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
  if (reading == FV_READING_RIGHT)
    return g_strdup (value > 0 ? "yes" : "no");
  if (!isfinite (info->high - info->low))
    return fv_number_format (value);
  return g_strdup_printf ("%.2f", value);
}
