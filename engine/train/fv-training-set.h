/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The pictures of one split at a network's input size, with their masks pooled onto the cells of a
 * map: decoded once, then handed out as batches. Private to training.
 * Threads: the engine thread. */

#pragma once

#include <gio/gio.h>

#include "fv-card.h"
#include "fv-dataset.h"
#include "fv-scope.h"

G_BEGIN_DECLS

typedef struct _FvTrainingSet FvTrainingSet;

/* Tensors of a batch of N pictures, borrowed from the scope it was made in. */
typedef struct {
  FvTensor *images;  /* float32 [N,3,H,W] */
  FvTensor *labels;  /* int64 [N] */
  FvTensor *inside;  /* float32 [N,h,w]: share of a cell's opinion that is inside */
  FvTensor *opinion; /* float32 [N,h,w]: share of a cell that has an opinion */
  FvTensor *weight;  /* float32 [N]: 1 with a mask, 0 without */
  gboolean any_mask;
} FvBatch;

/* Reads every picture and mask of @split, so that one that is broken is known before training.
 * @map_width, @map_height: cells of the map; 0 reads no masks. (transfer full) */
FvTrainingSet *fv_training_set_load (const FvDataset *dataset, FvSplit split, const FvCard *card,
                                     int map_width, int map_height, GCancellable *cancellable,
                                     GError **error);
void fv_training_set_free (FvTrainingSet *self);

gsize fv_training_set_get_length (const FvTrainingSet *self);
/* The order of the pictures in @epoch: a permutation that depends on (seed, epoch) alone.
 * (transfer full) */
guint *fv_training_set_order (const FvTrainingSet *self, guint64 seed, int epoch);
/* The pictures @items[0 … n−1]. @flip: mirrors those whose draw from (seed, epoch, item) says so,
 * masks too. FALSE when @scope failed. */
gboolean fv_training_set_get_batch (const FvTrainingSet *self, FvScope *scope, const guint *items,
                                    gsize n, gboolean flip, guint64 seed, int epoch,
                                    FvBatch *batch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvTrainingSet, fv_training_set_free)

G_END_DECLS
