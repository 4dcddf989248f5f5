/* SPDX-License-Identifier: GPL-3.0-or-later */

/* See the header. The formulas are those of fv-agreement.h, fv-soft-mask.h and fv-consistency.h. */

#include "fv-agreement-words.h"

#define NO_MASK "not in this resolution"

static FvAgreementWords
get_map (void)
{
  return (FvAgreementWords){
    "Where It Looks",
    "<i>M</i><sub>1</sub> = Σ<sub>k</sub> <i>w</i><sub>k</sub> <i>A</i><sub>k</sub>",
    "Grad-CAM adds up the layer’s channels, each as much as it speaks for the predicted class."
  };
}

static FvAgreementWords
get_pixels (const FvAgreementOptions *options)
{
  FvAgreementWords words
      = { "Which Pixels Matter", "<i>g</i> = Σ<sub>rgb</sub> |guided ∂<i>y</i>/∂<i>x</i>|",
          "Going back through the network, and keeping only what speaks for the "
          "class, leads to the pixels it hangs on." };

  if (options->way == FV_AGREEMENT_SMOOTH) {
    words.formula = "<i>g</i> = Σ<sub>rgb</sub> mean (∂<i>y</i>/∂<i>x</i>)²";
    words.sentence = "The gradients of 25 noisy copies of the picture, squared and averaged, lead "
                     "to the pixels that matter.";
  } else if (options->pixels == FV_AGREEMENT_INTEGRATED) {
    words.formula = "<i>g</i> = Σ<sub>rgb</sub> |<i>x</i> · mean ∂<i>p</i>/∂<i>x</i>|";
    words.sentence = "From a blank picture to this one, each pixel gets its part of the rise in "
                     "probability.";
  }
  return words;
}

static gboolean
has_mask (const FvAgreementOptions *options)
{
  return options->way == FV_AGREEMENT_MASKED || options->way == FV_AGREEMENT_MASKED_BY_CAM;
}

static FvAgreementWords
get_mask (const FvAgreementOptions *options)
{
  FvAgreementWords words
      = { "What to Keep", "<i>T</i> = σ (ω (<i>g</i> − mean <i>g</i> − ½ std <i>g</i>))",
          "Pixels that matter stay (white), the others are dimmed (black); the "
          "larger ω, the harder the edge." };

  if (!has_mask (options))
    return (FvAgreementWords){ words.title, NO_MASK,
                               "No mask is needed: Grad-CAM is compared with "
                               "g itself, brought to the same size." };
  if (options->way == FV_AGREEMENT_MASKED_BY_CAM)
    words.formula = "<i>T</i> = σ (ω (<i>M</i> − mean <i>M</i> − ½ std <i>M</i>))";
  else if (options->normalised)
    words.formula = "<i>T</i> = σ (ω ((<i>g</i> − mean <i>g</i>) / std <i>g</i> − ½))";
  return words;
}

static FvAgreementWords
get_second (const FvAgreementOptions *options)
{
  FvAgreementWords words
      = { "Look Again", "<i>M</i><sub>2</sub> = Grad-CAM of <i>T</i> · <i>x</i>",
          "With the rest dimmed the network looks once more, for the same class." };

  if (options->way == FV_AGREEMENT_MASKED_BY_CAM)
    words.formula = "<i>g</i><sub>2</sub> = <i>g</i> of <i>T</i> · <i>x</i>";
  if (!has_mask (options))
    return (FvAgreementWords){ "The Other Map", "<i>M</i><sub>2</sub> = <i>g</i>, resized",
                               "What is compared with Grad-CAM: the pixels that matter." };
  return words;
}

static FvAgreementWords
get_comparison (FvSimilarity similarity)
{
  FvAgreementWords words
      = { "Do They Agree?",
          "<i>r</i> = corr (<i>u</i>, <i>v</i>),  <i>u</i>, <i>v</i> = σ (<i>z</i><sub>1,2</sub>)",
          "Each point is a cell of both maps. ATCON changes the network until they lie on a "
          "line: r = 1." };

  if (similarity == FV_SIMILARITY_SSIM)
    words.sentence = "Each point is a cell of both maps. Here SSIM is taught instead of r.";
  else if (similarity == FV_SIMILARITY_CROSS)
    words.sentence = "Each point is a cell of both maps. Here |mean u v| is taught instead of r.";
  return words;
}

FvAgreementWords
fv_agreement_words_get (guint step, const FvAgreementOptions *options, FvSimilarity similarity)
{
  switch (step) {
  case 0:
    return get_map ();
  case 1:
    return get_pixels (options);
  case 2:
    return get_mask (options);
  case 3:
    return get_second (options);
  default:
    return get_comparison (similarity);
  }
}

const char *
fv_agreement_words_get_flat (void)
{
  return "The mask is nearly flat: it dims the whole picture alike, and r says nothing about which "
         "pixels matter. Raise ω, or normalise g.";
}
