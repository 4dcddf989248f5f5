/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A few pictures of a split that are measured again and again while a lesson runs: its curves.
 * They are taken from all groups in turn, so that a rare group counts as much as a frequent one.
 * Threads: the engine thread. */

#pragma once

#include <gio/gio.h>

#include "fv-dataset.h"
#include "fv-faithfulness.h"
#include "fv-model.h"

G_BEGIN_DECLS

typedef struct _FvProbes FvProbes;

/* What the probes say of a network. Without groups, classes take their place. NaN where nothing is
 * defined. */
typedef struct {
  double energy;                /* mean energy in mask */
  FvFaithfulnessMetric measure; /* that stands for faithfulness with this network: the margin
                                 * outside the mask below a linear head, else the excess drop */
  double
      faithfulness;   /* its median, since a decision that hardly leans to one side
                       * divides by almost nothing; excess drop of the first FV_N_DROP_PROBES alone */
  double accuracy;    /* mean over the groups */
  double worst, best; /* of the groups */
} FvProbeNumbers;

/* Called after each picture; other jobs may be run inside. */
typedef void (*FvProbesCallback) (gpointer user_data);

/* Excess drop asks the network many questions a picture. */
#define FV_N_DROP_PROBES 8

/* At most @n_max pictures of @split of @dataset, which must outlive them. (transfer full) */
FvProbes *fv_probes_new (const FvDataset *dataset, FvSplit split, gsize n_max);
void fv_probes_free (FvProbes *self);
/* (transfer none) */
const FvDataset *fv_probes_get_dataset (const FvProbes *self);
/* Indices in it. (transfer none) (element-type gsize) */
const GArray *fv_probes_get_samples (const FvProbes *self);

/* Measures @model. A picture that cannot be read is left out. */
FvProbeNumbers fv_probes_measure (const FvProbes *self, FvModel *model, FvProbesCallback callback,
                                  gpointer user_data, GCancellable *cancellable);

/* The middle of the values that are not NaN; NaN when none is. Threads: any. */
double fv_probes_get_median (const double *values, gsize n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvProbes, fv_probes_free)

G_END_DECLS
