/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. The equations are those of the headers in engine/losses. */

#include "fv-recipe.h"

#include <math.h>

/* Two mixtures are the same when no weight differs by more than this share. */
#define SAME_WEIGHT 1e-6

#define TWO_TERM                                                                                   \
  "<i>R</i><sub>2T</sub> = Σ (1−<i>S</i>) <i>A</i> / Σ (1−<i>S</i>)\n"                       \
  "    + 1 − Σ <i>S A</i> / Σ <i>S</i>\n"                                                      \
  "<i>A</i> = ReLU (<i>M</i>) / max <i>M</i>"
#define SWAP                                                                                       \
  "<i>R</i><sub>swap</sub> = mean over <i>i, j</i> of\n"                                           \
  "    CE (<i>z</i><sub>in</sub>(<i>i</i>) + <i>z</i><sub>out</sub>(<i>j</i>), "                   \
  "<i>y</i><sub>i</sub>)"

static const FvRecipe recipes[] = {
  { .name = "swap-two-term",
    .title = "Recommended",
    .family = FV_RECIPE_OURS,
    .help = "What the network sees in the mask must decide, whatever surroundings are put around "
            "it, and the map is drawn onto the mask as well. Faithful and aligned: the best we "
            "have measured.",
    .equation = "<i>R</i> = <i>R</i><sub>swap</sub> + ½ <i>R</i><sub>2T</sub>\n" SWAP "\n" TWO_TERM,
    .weights = { [FV_LOSS_SWAP] = 1, [FV_LOSS_CAMAL] = 0.5 } },
  { .name = "two-term",
    .title = "Two-term (CAMAL)",
    .family = FV_RECIPE_OURS,
    .help = "Pulls the map of the true class into the mask and pushes it out of the rest. It "
            "aligns the map, but the network may still decide by what is outside.",
    .source = "CAMAL (arXiv 2605.08325), in our reading: the paper gives no formula",
    .equation = TWO_TERM "\n<i>R</i> = <i>R</i><sub>2T</sub>",
    .weights = { [FV_LOSS_CAMAL] = 1 } },
  { .name = "contrast",
    .title = "Contrast",
    .family = FV_RECIPE_OURS,
    .help = "What tells the classes apart must lie in the mask: not only the true class's map is "
            "taught, but the differences between all of them.",
    .equation = "<i>R</i> = 1 − Σ <i>S E</i> / Σ <i>E</i>\n<i>E</i> = Σ<sub>c</sub> "
                "|<i>M</i><sub>c</sub> − mean <i>M</i>|",
    .weights = { [FV_LOSS_CONTRAST] = 1 } },
  { .name = "contrast-two-term",
    .title = "Two-Term and Contrast",
    .family = FV_RECIPE_OURS,
    .help = "The map of the true class is drawn onto the mask, and what tells the classes apart "
            "must lie there too.",
    .equation = "<i>R</i> = <i>R</i><sub>2T</sub> + <i>R</i><sub>C</sub>\n" TWO_TERM
                "\n<i>R</i><sub>C</sub> = 1 − Σ <i>S E</i> / Σ <i>E</i>\n"
                "<i>E</i> = Σ<sub>c</sub> |<i>M</i><sub>c</sub> − mean <i>M</i>|",
    .weights = { [FV_LOSS_CAMAL] = 1, [FV_LOSS_CONTRAST] = 1 } },
  { .name = "swap",
    .title = "Evidence Swap",
    .family = FV_RECIPE_OURS,
    .help = "Each picture keeps its object and borrows the surroundings of another one: the answer "
            "must stay right. Teaches what decides, and leaves the map to follow.",
    .equation = SWAP "\n<i>R</i> = <i>R</i><sub>swap</sub>",
    .weights = { [FV_LOSS_SWAP] = 1 } },
  { .name = "gain",
    .title = "GAIN",
    .family = FV_RECIPE_PUBLISHED,
    .help = "The map must look like the mask: every cell is pulled to 1 inside it and to 0 "
            "outside.",
    .weights = { [FV_LOSS_MATCH] = 1 },
    .preset = "gain" },
  { .name = "cyborg",
    .title = "CYBORG",
    .family = FV_RECIPE_PUBLISHED,
    .help = "As GAIN, on the map of the class that the network predicts, be it right or wrong.",
    .weights = { [FV_LOSS_MATCH] = 1 },
    .preset = "cyborg" },
  { .name = "gradia",
    .title = "GRADIA",
    .family = FV_RECIPE_PUBLISHED,
    .help = "The map must look like the mask, and each cell that does not counts by how far it is "
            "off.",
    .weights = { [FV_LOSS_MATCH] = 1 },
    .preset = "gradia" },
  { .name = "haics",
    .title = "HAICS",
    .family = FV_RECIPE_PUBLISHED,
    .help = "The map must be high everywhere in the mask; what is outside does not matter.",
    .weights = { [FV_LOSS_MATCH] = 1 },
    .preset = "haics" },
  { .name = "res",
    .title = "RES-G",
    .family = FV_RECIPE_PUBLISHED,
    .help = "The map must look like a softened mask, with some slack: made for masks that people "
            "drew roughly.",
    .weights = { [FV_LOSS_MATCH] = 1 },
    .preset = "res" },
  { .name = "energy",
    .title = "Energy",
    .family = FV_RECIPE_PUBLISHED,
    .help = "As much as possible of the map's evidence must lie in the mask; where in it is free.",
    .weights = { [FV_LOSS_MATCH] = 1 },
    .preset = "energy" },
  { .name = "gals",
    .title = "GALS",
    .family = FV_RECIPE_PUBLISHED,
    .help = "The map must be low outside the mask; what it does inside does not matter.",
    .weights = { [FV_LOSS_MATCH] = 1 },
    .preset = "gals" },
  { .name = "robustvit",
    .title = "RobustViT",
    .family = FV_RECIPE_PUBLISHED,
    .help = "The map must be low outside the mask and, less urgently, high inside. Made for vision "
            "transformers.",
    .weights = { [FV_LOSS_MATCH] = 1 },
    .preset = "robustvit" },
  { .name = "rrr",
    .title = "Right for the Right Reasons",
    .family = FV_RECIPE_PUBLISHED,
    .help = "Changing a pixel outside the mask must not change the answer. Slow, and its scale "
            "depends on the network: choose λ so that both losses are of similar size.",
    .source = "Ross, Hughes, Doshi-Velez, IJCAI 2017, arXiv 1703.03717",
    .equation = "<i>R</i> = Σ over pixels ((1−<i>S</i>) ∂/∂<i>x</i> Σ<sub>c</sub> log "
                "<i>p</i><sub>c</sub>)²",
    .weights = { [FV_LOSS_RRR] = 1 } },
  { .name = "atcon",
    .title = "Make Two Maps Agree (ATCON)",
    .family = FV_RECIPE_PUBLISHED,
    .help = "Needs neither masks nor labels. One map says which pixels matter; with the others "
            "dimmed, the network must look at the same place as before. It cannot teach anything "
            "new, and at a high learning rate the network forgets its classes.",
    .source = "ATCON: Mirzazadeh et al., WACV 2023, arXiv 2210.09705",
    .equation = "<i>R</i> = − mean <i>r</i> (<i>u</i>, <i>v</i>)\n"
                "<i>u</i>, <i>v</i> = σ (z-scores of <i>M</i><sub>1</sub>, <i>M</i><sub>2</sub>)\n"
                "<i>M</i><sub>1</sub> = Grad-CAM of <i>x</i>, <i>M</i><sub>2</sub> of "
                "<i>T</i> · <i>x</i>\n"
                "<i>T</i> = σ (ω (<i>g</i> − mean <i>g</i> − ½ std <i>g</i>))\n"
                "<i>g</i> = Σ |guided backprop|",
    .weights = { [FV_LOSS_CONSISTENCY] = 1 } },
  { .name = "none",
    .title = "No Attention Loss",
    .family = FV_RECIPE_CONTROL,
    .help = "Plain training on the labels, without the masks: what the others must be better "
            "than.",
    .equation = "<i>R</i> = 0" },
};

const FvRecipe *
fv_recipe_get_all (gsize *n)
{
  *n = G_N_ELEMENTS (recipes);
  return recipes;
}

const FvRecipe *
fv_recipe_find (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (recipes); i++)
    if (g_str_equal (recipes[i].name, name))
      return &recipes[i];
  return NULL;
}

const FvRecipe *
fv_recipe_get_recommended (gboolean can_swap)
{
  return fv_recipe_find (can_swap ? "swap-two-term" : "two-term");
}

gboolean
fv_recipe_needs_swap (const FvRecipe *self)
{
  return self->weights[FV_LOSS_SWAP] > 0;
}

gboolean
fv_recipe_is_consistent (const FvRecipe *self)
{
  return self->weights[FV_LOSS_CONSISTENCY] > 0;
}

const char *
fv_recipe_get_family_title (FvRecipeFamily family)
{
  static const char *const titles[FV_N_RECIPE_FAMILIES]
      = { "Ours", "Published by Others", "Control" };

  g_return_val_if_fail (family < FV_N_RECIPE_FAMILIES, NULL);
  return titles[family];
}

const char *
fv_recipe_get_loss_title (FvLossKind kind)
{
  static const char *const titles[FV_N_LOSSES]
      = { "Task", "Two-term", "Swap", "Contrast", "Match", "Input gradients", "Consistency" };

  g_return_val_if_fail (kind < FV_N_LOSSES, NULL);
  return titles[kind];
}

const char *
fv_recipe_get_source (const FvRecipe *self)
{
  return self->preset != NULL ? fv_match_find_preset (self->preset)->source : self->source;
}

/* -- equations ------------------------------------------------------------------------------ */

static const char *
explain_normalisation (FvMatchNormalisation normalisation)
{
  static const char *const lines[FV_N_MATCH_NORMALISATIONS]
      = { "<i>A</i> = ReLU (<i>M</i>) / max <i>M</i>",
          "<i>A</i> = (<i>M</i> − min <i>M</i>) / (max <i>M</i> − min <i>M</i>)",
          "<i>A</i> = <i>M</i>" };

  return lines[normalisation];
}

static char *
dup_term (const FvRecipe *self)
{
  const FvMatchPreset *preset = self->preset != NULL ? fv_match_find_preset (self->preset) : NULL;
  g_autofree char *term = NULL;

  if (preset == NULL)
    return g_strdup (self->equation);
  term = g_markup_escape_text (preset->equation, -1);
  return g_strdup_printf ("<i>R</i> = %s\n%s", term,
                          explain_normalisation (preset->match.normalisation));
}

char *
fv_recipe_dup_equation (const FvRecipe *self)
{
  g_autofree char *term = dup_term (self);

  return g_strdup_printf ("<i>L</i> = CE + λ <i>R</i>\n%s", term);
}

/* -- settings ------------------------------------------------------------------------------- */

void
fv_recipe_apply (const FvRecipe *self, double strength, FvTrainConfig *config)
{
  for (int i = 0; i < FV_N_LOSSES; i++)
    config->weights[i] = strength * self->weights[i];
  config->weights[FV_LOSS_CROSS_ENTROPY] = 1;
  if (self->preset != NULL)
    config->match = fv_match_find_preset (self->preset)->match;
  if (!fv_recipe_is_consistent (self))
    config->mode = FV_MODE_SUPERVISED;
  else if (config->mode == FV_MODE_SUPERVISED)
    config->mode = FV_MODE_UNSUPERVISED;
}

static gboolean
are_equal (double a, double b)
{
  return fabs (a - b) <= SAME_WEIGHT * MAX (fabs (a), fabs (b));
}

static gboolean
is_preset (const FvRecipe *self, const FvTrainConfig *config)
{
  const FvMatch *match;

  if (self->preset == NULL)
    return TRUE;
  match = &fv_match_find_preset (self->preset)->match;
  return match->distance == config->match.distance
         && match->normalisation == config->match.normalisation
         && match->target == config->match.target;
}

/* The λ that makes the recipe's first weight that of @config; 1 for the control. */
static double
guess_strength (const FvRecipe *self, const FvTrainConfig *config)
{
  for (int i = 0; i < FV_N_LOSSES; i++)
    if (self->weights[i] > 0)
      return config->weights[i] / self->weights[i];
  return 1;
}

/* Cross-entropy is not learned from then, whatever its weight. */
static gboolean
learns_no_labels (const FvTrainConfig *config)
{
  return config->mode == FV_MODE_UNSUPERVISED && config->weights[FV_LOSS_CONSISTENCY] > 0;
}

static gboolean
has_losses_of (const FvTrainConfig *config, const FvRecipe *recipe, double strength)
{
  for (int i = 0; i < FV_N_LOSSES; i++)
    if (i != FV_LOSS_CROSS_ENTROPY
        && !are_equal (config->weights[i], strength * recipe->weights[i]))
      return FALSE;
  return strength > 0
         && (learns_no_labels (config) || are_equal (config->weights[FV_LOSS_CROSS_ENTROPY], 1))
         && is_preset (recipe, config);
}

const FvRecipe *
fv_recipe_recognise (const FvTrainConfig *config, double *strength)
{
  for (gsize i = 0; i < G_N_ELEMENTS (recipes); i++) {
    *strength = guess_strength (&recipes[i], config);
    if (has_losses_of (config, &recipes[i], *strength))
      return &recipes[i];
  }
  return NULL;
}

static char *
list_losses (const FvTrainConfig *config)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (int i = 0; i < FV_N_LOSSES; i++)
    if (config->weights[i] > 0 && (i != FV_LOSS_CROSS_ENTROPY || config->weights[i] != 1))
      g_string_append_printf (text, "%s%s %g", text->len > 0 ? " + " : "",
                              fv_loss_get_name ((FvLossKind) i), config->weights[i]);
  return g_strdup (text->str);
}

char *
fv_recipe_describe (const FvTrainConfig *config)
{
  double strength;
  const FvRecipe *recipe = fv_recipe_recognise (config, &strength);

  if (recipe == NULL)
    return list_losses (config);
  if (recipe->family == FV_RECIPE_CONTROL)
    return g_strdup (recipe->title);
  return g_strdup_printf ("%s, λ %.3g", recipe->title, strength);
}
