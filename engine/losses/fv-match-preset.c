/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Names: of the published losses that match a map with a mask, and of what they are made of. */

#include "fv-match-preset.h"

static const char *const distances[FV_N_MATCH_DISTANCES]
    = { "mse", "l1", "bce", "inside", "energy", "outside", "fgbg", "res" };
static const char *const normalisations[FV_N_MATCH_NORMALISATIONS] = { "relu", "minmax", "raw" };
static const char *const targets[FV_N_MATCH_TARGETS] = { "label", "predicted" };

static const FvMatchPreset presets[] = {
  { "gain",
    "Li et al., Tell Me Where to Look: Guided Attention Inference Network, CVPR 2018",
    "mean (A − S)²; without their L_am, a second forward pass on the picture with the attended "
    "part "
    "removed",
    { FV_MATCH_MSE, FV_MATCH_MIN_MAX, FV_MATCH_OF_LABEL } },
  { "gradia",
    "Gao et al., GRADIA, 2022",
    "mean |A − S|",
    { FV_MATCH_L1, FV_MATCH_BY_MAX, FV_MATCH_OF_LABEL } },
  { "haics",
    "Shen et al., HAICS, 2021, as in Rao et al. 2023 (PPCE)",
    "mean over the mask of −log A",
    { FV_MATCH_INSIDE, FV_MATCH_BY_MAX, FV_MATCH_OF_LABEL } },
  { "cyborg",
    "Boyd et al., CYBORG, WACV 2023",
    "mean (A − S)² of the predicted class's map; their α and 1 − α are the losses' weights here",
    { FV_MATCH_MSE, FV_MATCH_MIN_MAX, FV_MATCH_OF_PREDICTED } },
  { "res",
    "Gao et al., RES: A Robust Framework for Guiding Visual Explanation, KDD 2022 (RES-G)",
    "ReLU (mean |tanh (5 (A − a)) − (2 S − 1)| − 0.1) + mean |A − T (S)|",
    { FV_MATCH_RES, FV_MATCH_MIN_MAX, FV_MATCH_OF_LABEL } },
  { "energy",
    "Rao et al., Studying How to Efficiently and Effectively Guide Models, ICCV 2023",
    "1 − sum S A / sum A, with the guard against dead maps added",
    { FV_MATCH_ENERGY, FV_MATCH_BY_MAX, FV_MATCH_OF_LABEL } },
  { "gals",
    "Petryk et al., GALS, CVPR 2022 (Grad-CAM, suppress outside)",
    "mean |A − S A|, with the mask in the place of their language-made attention",
    { FV_MATCH_OUTSIDE, FV_MATCH_BY_MAX, FV_MATCH_OF_LABEL } },
  { "robustvit",
    "Chefer et al., Optimizing Relevance Maps of Vision Transformers, NeurIPS 2022",
    "2 mean ((1−S) A)² + 0.3 mean (S − S A)²; without their cross-entropy to the own prediction, "
    "and of the maps that training has in the place of relevance",
    { FV_MATCH_FGBG, FV_MATCH_MIN_MAX, FV_MATCH_OF_LABEL } },
};

const FvMatchPreset *
fv_match_get_presets (gsize *n)
{
  *n = G_N_ELEMENTS (presets);
  return presets;
}

const FvMatchPreset *
fv_match_find_preset (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (presets); i++)
    if (g_str_equal (presets[i].name, name))
      return &presets[i];
  return NULL;
}

const char *
fv_match_get_distance_name (FvMatchDistance distance)
{
  g_return_val_if_fail (distance < FV_N_MATCH_DISTANCES, NULL);
  return distances[distance];
}

const char *
fv_match_get_normalisation_name (FvMatchNormalisation normalisation)
{
  g_return_val_if_fail (normalisation < FV_N_MATCH_NORMALISATIONS, NULL);
  return normalisations[normalisation];
}

const char *
fv_match_get_target_name (FvMatchTarget target)
{
  g_return_val_if_fail (target < FV_N_MATCH_TARGETS, NULL);
  return targets[target];
}
