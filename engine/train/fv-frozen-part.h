/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The part of a network that does not learn while the rest does: everything before some node, in
 * evaluation and without gradients.
 *
 * It runs picture by picture, by the graph rewritten for forward passes (fv-inference.h). What it
 * makes of a picture is therefore a function of that picture alone, to the bit: it does not matter
 * which others are in the batch, nor whether the values are computed now or kept from a run before.
 * Private to training. Threads: the engine thread. */

#pragma once

#include <gio/gio.h>

#include "fv-activations.h"
#include "fv-card.h"

G_BEGIN_DECLS

typedef struct _FvFrozenPart FvFrozenPart;

/* What nodes before @start, which must not be the first after the input, give to later ones, and
 * the values of those of the nodes @also that are before it. Two runs of the network on a picture
 * of the card's size tell what that is. The weights must stay as they are from now on. (transfer
 * full)
 */
FvFrozenPart *fv_frozen_part_new (FvGraph *graph, const FvCard *card, FvNodeId start,
                                  const FvNodeId *also, gsize n_also, GCancellable *cancellable,
                                  GError **error);
void fv_frozen_part_free (FvFrozenPart *self);

/* (transfer none) */
FvGraph *fv_frozen_part_get_graph (const FvFrozenPart *self);
FvNodeId fv_frozen_part_get_start (const FvFrozenPart *self);
/* The nodes that later ones are given. (transfer none): FvNodeId */
const GArray *fv_frozen_part_get_nodes (const FvFrozenPart *self);

/* How many floats a picture becomes, all values one after another. 0 where they do not belong to
 * single pictures or are no floats: then batches are run whole, and nothing can be kept. */
gsize fv_frozen_part_get_row_floats (const FvFrozenPart *self);

/* The values for pictures [N,3,H,W]. (transfer full) */
FvActivations *fv_frozen_part_run (FvFrozenPart *self, FvTensor *images, GCancellable *cancellable,
                                   GError **error);
/* The values of the next pictures as rows: @rows has room for N times the row's floats. */
gboolean fv_frozen_part_write (FvFrozenPart *self, FvTensor *images, float *rows,
                               GCancellable *cancellable, GError **error);
/* The values that such rows [N,F] hold. (transfer full) */
FvActivations *fv_frozen_part_unpack (const FvFrozenPart *self, FvTensor *rows, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvFrozenPart, fv_frozen_part_free)

G_END_DECLS
