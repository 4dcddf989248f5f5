/* SPDX-License-Identifier: GPL-3.0-or-later */

/* When a training's checkpoint is written, and what has become of it. Private to training.
 * Threads: the engine thread. */

#pragma once

#include "fv-checkpoint.h"

G_BEGIN_DECLS

typedef struct _FvKeeper FvKeeper;

/* @path: of the file; NULL: nothing is ever written. @seconds: between two checkpoints.
 * @from: the one that is there; NULL: there is none. (transfer full) */
FvKeeper *fv_keeper_new (const char *path, double seconds, const FvCheckpoint *from);
void fv_keeper_free (FvKeeper *self);

/* Whether it is time: after the seconds have passed, and at the end of an epoch, unless writing
 * would take more than a twentieth of the time since the last one. */
gboolean fv_keeper_is_due (const FvKeeper *self, gboolean at_end_of_epoch);
/* Whether the steps of training up to @step are not all on disk, but should be. */
gboolean fv_keeper_lacks (const FvKeeper *self, int step);
/* Replaces the file; on failure the older one stays. */
gboolean fv_keeper_write (FvKeeper *self, const FvCheckpoint *checkpoint, GError **error);
/* Why the last one could not be written; NULL when it was. (transfer none) */
const char *fv_keeper_get_problem (const FvKeeper *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvKeeper, fv_keeper_free)

G_END_DECLS
