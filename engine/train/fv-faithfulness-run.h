/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Faithfulness and sanity of one picture's map, with a model as the network that is asked.
 * Threads: the engine thread. */

#pragma once

#include "fv-faithfulness.h"
#include "fv-map.h"
#include "fv-model.h"
#include "fv-sanity.h"

G_BEGIN_DECLS

/* One picture and its map. */
typedef struct {
  FvTensor *input;         /* [1,3,H,W], preprocessed */
  const FvMap *map;        /* by fv_explain (): its method, layer and target say what is asked */
  guint64 seed;            /* what fv_explain () was given */
  const FvMask *mask;      /* (nullable) */
  FvTensor *const *donors; /* [1,3,H,W] each: pictures that lend their background */
  const FvMask *const *donor_masks;
  gsize n_donors;
} FvFaithfulnessPicture;

/* Measures @metrics; see fv_faithfulness_measure (). @options->batch 0: fv_model_get_batch_size ().
 * @cost: (nullable). */
gboolean fv_faithfulness_run (FvModel *model, const FvFaithfulnessPicture *picture,
                              FvFaithfulnessSet metrics, const FvFaithfulnessOptions *options,
                              FvFaithfulness *result, FvFaithfulnessCost *cost,
                              GCancellable *cancellable, GError **error);

G_END_DECLS
