/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A network that has forgotten: the learned values of chosen modules shuffled, each tensor within
 * itself, so that their distribution stays and what was learned goes (the randomisation test of
 * Adebayo et al. 2018, arXiv 1810.03292, with shuffling in place of a new initialisation, which
 * works for every architecture). Statistics of batch norm are not learned and stay.
 *
 * Modules are those that hold learned parameters, counted from the output downwards: module 0 is
 * the head. Cascading shuffles 0 … k − 1, a single layer k alone. Threads: the engine thread. */

#pragma once

#include "fv-model.h"

G_BEGIN_DECLS

/* PyTorch's paths of the modules, the head first. (transfer full): strings owned by the array */
GPtrArray *fv_randomise_list_modules (const FvModel *model);

/* A copy of its own to shuffle. (transfer full) */
FvModel *fv_randomise_copy (const FvModel *model, GError **error);

/* Shuffles the modules @first … @first + @n − 1 of @model in place (as many as there are). The draw
 * of each parameter depends on @seed and the parameter alone. */
gboolean fv_randomise_modules (FvModel *model, guint first, guint n, guint64 seed, GError **error);

G_END_DECLS
