/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. */

#include "fv-live-numbers.h"

#include <math.h>

#include "fv-live-alignment.h"
#include "fv-resample.h"

/* The whole set takes up to tens of milliseconds on large inputs: it waits until the brush rests.
 */
#define SETTLE_MILLISECONDS 120

struct _FvLiveNumbers {
  FvLiveNumbersCallback callback;
  gpointer user_data;
  float *upsampled; /* [height,width]; NULL: no map */
  int width, height;
  FvMask *mask;          /* nullable */
  FvLiveAlignment *live; /* NULL without both */
  FvAlignment numbers;
  guint settle_source; /* 0: nothing is outstanding */
};

FvLiveNumbers *
fv_live_numbers_new (FvLiveNumbersCallback callback, gpointer user_data)
{
  FvLiveNumbers *self = g_new0 (FvLiveNumbers, 1);

  self->callback = callback;
  self->user_data = user_data;
  self->numbers = fv_alignment_undefined ();
  return self;
}

void
fv_live_numbers_free (FvLiveNumbers *self)
{
  g_clear_handle_id (&self->settle_source, g_source_remove);
  g_clear_pointer (&self->live, fv_live_alignment_free);
  g_clear_pointer (&self->mask, fv_mask_unref);
  g_free (self->upsampled);
  g_free (self);
}

static void
measure_all (FvLiveNumbers *self)
{
  g_clear_handle_id (&self->settle_source, g_source_remove);
  self->numbers = self->live == NULL ? fv_alignment_undefined ()
                                     : fv_alignment_measure_upsampled (self->upsampled, self->width,
                                                                       self->height, self->mask);
}

static void
begin (FvLiveNumbers *self)
{
  g_clear_pointer (&self->live, fv_live_alignment_free);
  if (self->upsampled != NULL && self->mask != NULL)
    self->live = fv_live_alignment_new (self->upsampled, self->width, self->height, self->mask);
  measure_all (self);
}

void
fv_live_numbers_set_result (FvLiveNumbers *self, const FvInspectResult *result)
{
  g_clear_pointer (&self->upsampled, g_free);
  if (result != NULL && result->map != NULL) {
    self->width = result->width;
    self->height = result->height;
    self->upsampled = fv_resample_bilinear (result->map->values, result->map->width,
                                            result->map->height, result->width, result->height);
  }
  begin (self);
}

void
fv_live_numbers_set_mask (FvLiveNumbers *self, FvMask *mask)
{
  FvMask *former = self->mask;

  self->mask = mask == NULL ? NULL : fv_mask_ref (mask);
  g_clear_pointer (&former, fv_mask_unref);
  begin (self);
}

/* What the dab could not renew stays as it was, unless the whole was undefined. */
static void
keep_missing (FvAlignment *numbers, const FvAlignment *former)
{
  for (int i = 0; numbers->defined && i < FV_ALIGNMENT_N; i++) {
    if (isnan (numbers->values[i]))
      numbers->values[i] = former->values[i];
    if (isnan (numbers->chance[i]))
      numbers->chance[i] = former->chance[i];
  }
}

static gboolean
on_rest (gpointer user_data)
{
  FvLiveNumbers *self = user_data;

  measure_all (self);
  self->callback (self->user_data);
  return G_SOURCE_REMOVE;
}

void
fv_live_numbers_touch (FvLiveNumbers *self, FvRect dirty)
{
  FvAlignment former = self->numbers;

  if (self->live == NULL)
    return;
  fv_live_alignment_update (self->live, self->mask, dirty);
  self->numbers = fv_live_alignment_get (self->live);
  keep_missing (&self->numbers, &former);
  g_clear_handle_id (&self->settle_source, g_source_remove);
  self->settle_source = g_timeout_add (SETTLE_MILLISECONDS, on_rest, self);
}

void
fv_live_numbers_settle (FvLiveNumbers *self)
{
  if (self->settle_source != 0)
    measure_all (self);
}

FvAlignment
fv_live_numbers_get (const FvLiveNumbers *self)
{
  return self->numbers;
}
