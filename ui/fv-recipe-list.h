/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The losses to choose from, in a popover: ours, those of others with their source, the control.
 *
 * Signal: "chosen" (const FvRecipe *). Threads: the main thread. */

#pragma once

#include <gtk/gtk.h>

#include "fv-recipe.h"

G_BEGIN_DECLS

#define FV_TYPE_RECIPE_LIST (fv_recipe_list_get_type ())
G_DECLARE_FINAL_TYPE (FvRecipeList, fv_recipe_list, FV, RECIPE_LIST, GtkPopover)

/* @can_swap: FALSE hides what needs evidence that can be swapped. */
void fv_recipe_list_set_can_swap (FvRecipeList *self, gboolean can_swap);
/* Marks the one that is in use; NULL: none. */
void fv_recipe_list_set_selected (FvRecipeList *self, const FvRecipe *recipe);

G_END_DECLS
