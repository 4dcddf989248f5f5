/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-image-record.h"

#include <math.h>

void
fv_image_record_forget (FvImageRecord *self)
{
  for (int i = 0; i < FV_READING_N; i++)
    self->values[i] = NAN;
  for (int i = 0; i < FV_ALIGNMENT_N; i++)
    self->chance[i] = NAN;
  self->measured = FALSE;
}

FvImageRecord
fv_image_record_unknown (gboolean has_mask)
{
  FvImageRecord record = { .has_mask = has_mask != FALSE };

  fv_image_record_forget (&record);
  return record;
}

void
fv_image_record_set_alignment (FvImageRecord *self, const FvAlignment *alignment)
{
  for (int i = 0; i < FV_ALIGNMENT_N; i++) {
    self->values[i] = (float) alignment->values[i];
    self->chance[i] = (float) alignment->chance[i];
  }
}

void
fv_image_record_set_result (FvImageRecord *self, const FvImageResult *result)
{
  fv_image_record_set_alignment (self, &result->alignment);
  self->values[FV_READING_PROBABILITY] = (float) result->probability;
  self->values[FV_READING_RIGHT] = !result->judged ? NAN : result->right ? 1 : 0;
  for (FvMetricFamily family = 0; family < FV_N_FAMILIES; family++)
    for (guint i = 0; i < fv_metric_family_get_n (family); i++)
      self->values[fv_reading_of_metric (family, i)]
          = (float) fv_image_result_get_values (result, family)[i];
  self->prediction = result->prediction;
  self->has_mask = result->has_mask != FALSE;
  self->measured = TRUE;
  self->failed = FALSE;
}

double
fv_image_record_get_chance (const FvImageRecord *self, FvReading reading)
{
  return reading < FV_READING_PROBABILITY ? (double) self->chance[reading] : NAN;
}
