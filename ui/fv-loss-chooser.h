/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a lesson teaches with: a recipe of losses with its meaning and equation, its strength λ, and
 * for those who want it each loss by itself.
 *
 * Signal: "changed". Threads: the main thread. */

#pragma once

#include <adwaita.h>

#include "fv-model-info.h"
#include "fv-recipe.h"

G_BEGIN_DECLS

#define FV_TYPE_LOSS_CHOOSER (fv_loss_chooser_get_type ())
G_DECLARE_FINAL_TYPE (FvLossChooser, fv_loss_chooser, FV, LOSS_CHOOSER, AdwPreferencesGroup)

/* Offers what @model can be taught with, and chooses what Fovea recommends. */
void fv_loss_chooser_set_model (FvLossChooser *self, const FvModelInfo *model);
void fv_loss_chooser_choose (FvLossChooser *self, const FvRecipe *recipe);
/* Puts the choice into @config. */
void fv_loss_chooser_apply (FvLossChooser *self, FvTrainConfig *config);

G_END_DECLS
