/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The losses on attention as a person chooses them: each with a name, one or two sentences in plain
 * language, its equation and its source. A recipe is a mixture of losses of a training that are
 * all multiplied by one strength λ. Threads: any. */

#pragma once

#include "fv-train-config.h"

G_BEGIN_DECLS

typedef enum {
  FV_RECIPE_OURS,
  FV_RECIPE_PUBLISHED, /* by other authors, to compare with */
  FV_RECIPE_CONTROL,   /* no loss on attention */
} FvRecipeFamily;

#define FV_N_RECIPE_FAMILIES 3

typedef struct {
  const char *name;  /* "swap-two-term" */
  const char *title; /* "Recommended" */
  FvRecipeFamily family;
  const char *help;            /* one or two sentences */
  const char *source;          /* where it was published; NULL: see fv_recipe_get_source () */
  const char *equation;        /* R, as Pango markup; NULL: see fv_recipe_dup_equation () */
  double weights[FV_N_LOSSES]; /* at λ = 1; cross-entropy's is always 1 */
  const char *preset;          /* what FV_LOSS_MATCH is, see fv-match-preset.h; NULL without it */
} FvRecipe;

/* All, by family, ours first. (transfer none) */
const FvRecipe *fv_recipe_get_all (gsize *n);
/* NULL when there is none of that name. (transfer none) */
const FvRecipe *fv_recipe_find (const char *name);
/* What is chosen for those who do not choose: evidence swap and half as much of the two-term loss,
 * or the two-term loss alone where evidence cannot be swapped. (transfer none) */
const FvRecipe *fv_recipe_get_recommended (gboolean can_swap);
/* Whether a network can be taught by it. */
gboolean fv_recipe_needs_swap (const FvRecipe *self);
/* Whether it learns from pictures without labels, too. */
gboolean fv_recipe_is_consistent (const FvRecipe *self);

/* "Ours", "Published by others", "Control". */
const char *fv_recipe_get_family_title (FvRecipeFamily family);
/* Authors, title or venue, year; NULL for ours and the control. */
const char *fv_recipe_get_source (const FvRecipe *self);
/* All of what is minimised, in a few lines of Pango markup. (transfer full) */
char *fv_recipe_dup_equation (const FvRecipe *self);

/* "Two-term": a loss by itself. */
const char *fv_recipe_get_loss_title (FvLossKind kind);

/* Puts the recipe's losses, of strength @strength, in the place of those of @config, whose mode
 * becomes one that the recipe has: supervised, or, unless it is another with consistency already,
 * unsupervised. */
void fv_recipe_apply (const FvRecipe *self, double strength, FvTrainConfig *config);
/* The recipe whose losses those of @config are; NULL for another mixture. @strength: (out): its λ,
 * 1 for the control. (transfer none) */
const FvRecipe *fv_recipe_recognise (const FvTrainConfig *config, double *strength);
/* "Recommended, λ 2", or "camal 0.5 + contrast 1" for a mixture of one's own. (transfer full) */
char *fv_recipe_describe (const FvTrainConfig *config);

G_END_DECLS
