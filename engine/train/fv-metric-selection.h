/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which metrics of a picture's map an evaluation measures, and what each is called: the tables of
 * all families of metrics as one. A plain record. Threads: any. */

#pragma once

#include "fv-alignment.h"
#include "fv-consistency-metric.h"
#include "fv-faithfulness.h"
#include "fv-localisation.h"
#include "fv-sanity.h"

G_BEGIN_DECLS

/* One bit each, by the enum of each family; fv-metric-family.h reads and fills them by family. */
typedef struct {
  guint32 alignment;
  FvFaithfulnessSet faithfulness;
  guint32 localisation;
  FvSanitySet sanity;
  FvConsistencySet consistency;
  guint32
      optional; /* a bit for each FvMetricFamily: it is left out where a network cannot have it */
} FvMetricSelection;

/* What costs no further run of the network: all of alignment. */
FvMetricSelection fv_metric_selection_default (void);

/* The names of the families with commas between them, and “all” at the end. (transfer full) */
char *fv_metric_selection_list_words (void);

/* From keys with commas between them; the names of families and all stand for all that they hold,
 * accuracy for nothing beyond what is always measured. What all stands for, and nobody named, is
 * optional. FALSE with @error for a word that is neither. */
gboolean fv_metric_selection_parse (const char *text, FvMetricSelection *selection, GError **error);

G_END_DECLS
