/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is known of one picture of the list. A plain record of some 250 bytes: there may be 100,000
 * of them. Threads: any. */

#pragma once

#include "fv-evaluation.h"
#include "fv-reading.h"

G_BEGIN_DECLS

typedef struct {
  float values[FV_READING_N];   /* NaN: not defined or not known yet */
  float chance[FV_ALIGNMENT_N]; /* what a map that is the same everywhere would have */
  gint32 prediction;
  guint measured : 1;
  guint has_mask : 1; /* a mask file is known of */
  guint failed : 1;   /* the picture or its mask cannot be read */
  guint unsaved : 1;  /* its mask could not be written */
} FvImageRecord;

/* Nothing is known of it but whether it has a mask. */
FvImageRecord fv_image_record_unknown (gboolean has_mask);
/* Forgets what a model said; masks stay. */
void fv_image_record_forget (FvImageRecord *self);
/* What @result did not measure becomes unknown. */
void fv_image_record_set_result (FvImageRecord *self, const FvImageResult *result);
void fv_image_record_set_alignment (FvImageRecord *self, const FvAlignment *alignment);
/* The chance level of a reading; NaN where it has none or is not known. */
double fv_image_record_get_chance (const FvImageRecord *self, FvReading reading);

G_END_DECLS
