/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Learning from few labels: a balanced handful of the training pictures keeps its labels, and the
 * others become a pool without. Validation and test pictures stay what they are. Threads: any. */

#pragma once

#include "fv-dataset.h"

G_BEGIN_DECLS

/* Draws training pictures by @seed until each class has @n_per_class of them. Where a picture has
 * several classes, one is taken as long as any of its classes wants one, those with a single class
 * first. Of a class with fewer pictures all are taken.
 * @labelled: (out) (transfer full): those, and all validation and test pictures;
 * @pool: (out) (transfer full): the other training pictures, of which there may be none. */
void fv_few_labels_split (FvDataset *dataset, int n_per_class, guint64 seed, FvDataset **labelled,
                          FvDataset **pool);

G_END_DECLS
