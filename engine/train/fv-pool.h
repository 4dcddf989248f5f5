/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which pictures are learned from with labels, and which without. Threads: any. */

#pragma once

#include "fv-dataset.h"
#include "fv-train-config.h"

G_BEGIN_DECLS

/* config->unlabelled that names the labelled pictures themselves. */
#define FV_POOL_LABELLED "labelled"

/* Cuts @dataset as config->labelled says, and finds the pool of config->unlabelled: by default the
 * training pictures whose labels are not used, or, where all are, all training pictures.
 * @labelled: (out) (transfer full): with the validation and test pictures of @dataset;
 * @pool: (out) (transfer full): its training split is meant, in which another project that does not
 * say itself how it is cut has all its pictures; NULL in supervised mode.
 * @error: another project that cannot be opened */
gboolean fv_pool_choose (FvDataset *dataset, const FvTrainConfig *config, FvDataset **labelled,
                         FvDataset **pool, GError **error);

G_END_DECLS
