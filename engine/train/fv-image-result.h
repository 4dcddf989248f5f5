/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What an evaluation finds about one picture: its prediction, and the numbers of every family of
 * metrics (fv-metric-family.h). A plain record. Threads: any. */

#pragma once

#include "fv-alignment.h"
#include "fv-consistency-metric.h"
#include "fv-faithfulness.h"
#include "fv-localisation.h"
#include "fv-sanity.h"

G_BEGIN_DECLS

typedef struct {
  gsize sample; /* index in the dataset */
  int label, prediction;
  gboolean judged; /* the network's classes are the dataset's: the prediction is right or wrong */
  gboolean right;  /* the prediction is the label, or one of several classes in the photo */
  double probability; /* of the prediction */
  double seconds;     /* that one run of the network and the map took */
  gboolean has_mask;
  gboolean dead;         /* its map has no positive value */
  FvAlignment alignment; /* NaN where undefined, here and below */
  FvFaithfulness faithfulness;
  FvLocalisation localisation;
  FvSanity sanity;
  FvConsistencyValues consistency;
} FvImageResult;

G_END_DECLS
