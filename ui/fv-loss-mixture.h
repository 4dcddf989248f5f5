/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The losses beside the task's own one by one, and what they look at: for those who mix for
 * themselves.
 *
 * Signal: "changed", by the person alone. Threads: the main thread. */

#pragma once

#include <adwaita.h>

#include "fv-model-info.h"
#include "fv-train-config.h"

G_BEGIN_DECLS

#define FV_TYPE_LOSS_MIXTURE (fv_loss_mixture_get_type ())
G_DECLARE_FINAL_TYPE (FvLossMixture, fv_loss_mixture, FV, LOSS_MIXTURE, AdwExpanderRow)

/* Fills in the layers to choose from, and chooses the model's own. */
void fv_loss_mixture_set_model (FvLossMixture *self, const FvModelInfo *model);
/* Shows the weights of @config. */
void fv_loss_mixture_set_weights (FvLossMixture *self, const FvTrainConfig *config);
/* Puts weights, map, layer and warm-up into @config. */
void fv_loss_mixture_apply (FvLossMixture *self, FvTrainConfig *config);

G_END_DECLS
