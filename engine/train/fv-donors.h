/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures that lend their backgrounds: with another class of object, and so mostly in another
 * place. Private to evaluation.
 * Threads: the engine thread. */

#pragma once

#include "fv-dataset.h"
#include "fv-model.h"

G_BEGIN_DECLS

/* The most donors of one picture. */
#define FV_DONORS_MAX 4

typedef struct {
  FvTensor *inputs[FV_DONORS_MAX]; /* [1,3,H,W], preprocessed for the model */
  FvMask *masks[FV_DONORS_MAX];    /* of their own objects */
  gsize n;
} FvDonors;

/* Pictures of @sample's split that have a mask and not its label, spread evenly over the dataset's
 * order from @sample on and round its end: equal datasets give equal donors. Fewer when there are
 * fewer. FALSE with @error when one cannot be read. */
gboolean fv_donors_load (FvDonors *self, FvModel *model, const FvDataset *dataset, gsize sample,
                         GError **error);
void fv_donors_clear (FvDonors *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FvDonors, fv_donors_clear)

G_END_DECLS
