/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A few validation pictures that are measured again and again while a lesson runs: its curves.
 * They are taken from all groups in turn, so that a rare group counts as much as a frequent one.
 * Threads: the engine thread. */

#pragma once

#include <gio/gio.h>

#include "fv-dataset.h"
#include "fv-session-worker.h"

G_BEGIN_DECLS

typedef struct _FvProbes FvProbes;

/* Called after each picture; other jobs may be run inside. */
typedef void (*FvProbesCallback) (gpointer user_data);

/* At most FV_N_PROBES of them; @dataset must outlive them. (transfer full) */
#define FV_N_PROBES 24
FvProbes *fv_probes_new (const FvDataset *dataset);
void fv_probes_free (FvProbes *self);

/* @energy: (out): mean energy in mask, NaN without masks. @accuracy: (out): mean over the groups
 * (without groups: the classes) of the share that is right, NaN without pictures.
 * A picture that cannot be read is left out. */
void fv_probes_measure (const FvProbes *self, FvSessionWorker *worker, FvProbesCallback callback,
                        gpointer user_data, GCancellable *cancellable, double *energy,
                        double *accuracy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvProbes, fv_probes_free)

G_END_DECLS
