/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How a lesson learns from pictures without labels (ATCON): mode, which pictures, the mask's
 * steepness, and for those who want it how the two maps are made and compared.
 *
 * Signal: "changed". Threads: the main thread. */

#pragma once

#include <adwaita.h>

#include "fv-train-config.h"

G_BEGIN_DECLS

#define FV_TYPE_CONSISTENCY_GROUP (fv_consistency_group_get_type ())
G_DECLARE_FINAL_TYPE (FvConsistencyGroup, fv_consistency_group, FV, CONSISTENCY_GROUP,
                      AdwPreferencesGroup)

/* Puts the choices into @config, mode included, which is supervised where consistency has weight
 * 0. */
void fv_consistency_group_apply (FvConsistencyGroup *self, FvTrainConfig *config);
/* Steepness ω, and whether g is normalised, for others that show or change them as well.
 * (transfer none) */
GtkAdjustment *fv_consistency_group_get_omega (FvConsistencyGroup *self);
GtkSwitch *fv_consistency_group_get_normalised (FvConsistencyGroup *self);

G_END_DECLS
