/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a lesson changes and with what: pictures and masks, controls, what stays frozen, how long
 * and how fast.
 *
 * Signal: "changed". Threads: the main thread. */

#pragma once

#include <adwaita.h>

#include "fv-model-info.h"
#include "fv-train-config.h"

G_BEGIN_DECLS

#define FV_TYPE_PLAN_GROUP (fv_plan_group_get_type ())
G_DECLARE_FINAL_TYPE (FvPlanGroup, fv_plan_group, FV, PLAN_GROUP, AdwPreferencesGroup)

/* Offers @model's layers, and chooses what Fovea suggests for it. */
void fv_plan_group_set_model (FvPlanGroup *self, const FvModelInfo *model);
/* What the lesson learns from. Between labels and none the learning rate changes to what is
 * suggested for it; "changed" is not told. */
void fv_plan_group_set_mode (FvPlanGroup *self, const FvModelInfo *model, FvTrainMode mode);
/* How many pictures of the training split have a mask that is known of. */
void fv_plan_group_set_masks (FvPlanGroup *self, gsize n_train, gsize n_masked);
/* Whether to offer the choice between one class and all classes of a picture. */
void fv_plan_group_offer_attention (FvPlanGroup *self, gboolean offered);
/* Puts the choices into @config, as @model wants them. */
void fv_plan_group_apply (FvPlanGroup *self, const FvModelInfo *model, FvTrainConfig *config);

G_END_DECLS
