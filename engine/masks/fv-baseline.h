/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a removed pixel becomes. Faithfulness depends on it, so every number names it.
 *
 * A baseline is a whole picture in the network's normalised space: removing pixels takes them from
 * there. Pure functions: any thread. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  FV_BASELINE_BLUR, /* the picture under a Gaussian: σ = 5 and 11 × 11 pixels where the shorter side
                     * is 224 (Petsiuk et al. 2018, RISE, arXiv 1806.07421), both scaled with that
                     * side; edges repeated */
  FV_BASELINE_MEAN,  /* this picture's mean colour, channel by channel */
  FV_BASELINE_NOISE, /* each value drawn evenly between the least and the greatest of its channel in
                      * this picture, from a seed (Samek et al. 2017, arXiv 1509.06321) */
  FV_BASELINE_ZERO,  /* 0 after normalisation: the mean colour of the network's training set */
  FV_BASELINE_N
} FvBaseline;

/* "blur", "mean", "noise", "zero". */
const char *fv_baseline_get_name (FvBaseline baseline);
/* FALSE when there is none of that name. */
gboolean fv_baseline_find (const char *name, FvBaseline *baseline);

/* The baseline of @image [3,height,width] into @out of the same shape (not @image itself).
 * @seed matters for noise alone. */
void fv_baseline_fill (FvBaseline baseline, const float *image, int width, int height, guint64 seed,
                       float *out);

G_END_DECLS
