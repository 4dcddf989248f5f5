/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Noisy linear imputation: removed pixels are painted over by what lies around them, so that
 * neither their content nor the shape of what was removed is left (ROAD, Rong et al. 2022, arXiv
 * 2202.00449).
 *
 * Each unknown pixel is the weighted mean of its neighbours in the picture, 1/6 for the four direct
 * and 1/12 for the four diagonal ones, known or not: a sparse symmetric positive definite system,
 * solved by conjugate gradients, channel by channel. Pure functions: any thread. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Fills the unknown pixels of @picture [3,height,width] in place. What they hold is where the
 * solver starts: a good guess saves time.
 * @known: height × width, 0 where unknown. Without a known pixel the picture stays as it is. */
void fv_impute (float *picture, int width, int height, const guint8 *known);

/* Adds normal noise of deviation @sigma to the unknown pixels, drawn from @rand. */
void fv_imputation_add_noise (float *picture, int width, int height, const guint8 *known,
                              double sigma, GRand *rand);

G_END_DECLS
