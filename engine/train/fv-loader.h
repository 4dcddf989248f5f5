/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Batches of a training set, prepared by other threads while the network computes. What is in a
 * batch is a function of (seed, epoch, picture) alone, never of which thread was there first.
 * Private to training. Threads: the engine thread. */

#pragma once

#include "fv-feature-cache.h"
#include "fv-scope.h"
#include "fv-training-set.h"

G_BEGIN_DECLS

typedef struct _FvLoader FvLoader;

/* Tensors of a batch of N pictures, borrowed from the scope it was made in. Losses on attention
 * have R rows (fv_training_set_get_n_rows ()): R = N, one a picture, unless all classes are looked
 * at. */
typedef struct {
  FvTensor *images;   /* float32 [N,3,H,W]; NULL where features take their place */
  FvTensor *features; /* float32 [N,F]: rows of the feature cache; NULL without one */
  FvTensor *targets;  /* float32 [N,C]: 1 where a class is in the picture, else 0; NULL where every
                         picture of the data has one class */
  FvTensor *rows;     /* int64 [R]: the picture of each row; NULL: row i is picture i */
  FvTensor *labels;   /* int64 [R]: the class; of pictures of one class, theirs */
  FvTensor *inside;   /* float32 [R,h,w]: share of a cell's opinion that is inside */
  FvTensor *opinion;  /* float32 [R,h,w]: share of a cell that has an opinion */
  FvTensor *weight;   /* float32 [R]: 1 with a mask, 0 without (fv_training_set_read ()) */
  FvTensor *importance; /* float32 [N]: how much each counts in the task's loss; NULL: the same */
  gboolean any_mask;
  int epoch;      /* counts from 1 */
  double seconds; /* that the engine thread waited for it */
} FvBatch;

/* Begins to prepare the batches of @n_epochs passes over @set, which must outlive the loader, each
 * pass in the order of its own (fv_training_set_order ()); the last batch of a pass may be smaller.
 * At most four batches, or 512 MB, are prepared ahead.
 * @features: NULL, or what the network makes of the pictures, which then are not even decoded: row
 * view · length + picture (fv_training_set_get_view ()). It must outlive the loader too.
 * @first: the batch to begin with, 0 for all of them; it is what it would be after the others.
 * (transfer full) */
FvLoader *fv_loader_new (FvTrainingSet *set, const FvFeatureCache *features, int batch_size,
                         int n_epochs, guint64 seed, int first);
/* The same for the pictures of views 0 … @n_views − 1, all of one before the next, in the set's own
 * order: that of a feature cache's rows. (transfer full) */
FvLoader *fv_loader_new_of_views (FvTrainingSet *set, int batch_size, guint n_views, guint64 seed);
/* Leaves what has not been begun, and waits for the rest. */
void fv_loader_free (FvLoader *self);

/* How many batches @n_epochs passes have. */
int fv_loader_count_batches (const FvTrainingSet *set, int batch_size, int n_epochs);
/* How many batches there are in all, those before the first one included. */
int fv_loader_get_n_batches (const FvLoader *self);

/* The next batch, of which there must be one. FALSE when @scope has failed: with the sentence about
 * the first picture of the batch that cannot be read. */
gboolean fv_loader_next (FvLoader *self, FvScope *scope, FvBatch *batch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvLoader, fv_loader_free)

G_END_DECLS
