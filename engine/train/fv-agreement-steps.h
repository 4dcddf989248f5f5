/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How ATCON sees one picture: the tensors of its five steps (fv-agreement.h, fv-consistency.h) as
 * plain data, for those who show them.
 *   1. picture, predicted class c, Grad-CAM M1
 *   2. g
 *   3. T
 *   4. T · x and M2
 *   5. u, v and their correlation r
 * Made on the engine thread, read on any; a plain record that does not change. */

#pragma once

#include "fv-model.h"
#include "fv-plane.h"
#include "fv-train-config.h"

G_BEGIN_DECLS

typedef struct {
  FvAgreementOptions options; /* that it was made with */
  FvSimilarity similarity;
  int width, height; /* of what the network sees, pixels */
  int target;        /* c */
  guint8 *picture;   /* x as it looks: RGB, rows without padding */
  FvPlane *cam;      /* Grad-CAM of x, signed: cells of the layer */
  FvPlane *pixels;   /* g, 0 and up: pixels */
  FvPlane *mask;     /* T, 0 … 1: pixels; NULL where the way has none */
  gboolean is_flat;  /* T is: fv_soft_mask_is_flat () */
  guint8 *masked;    /* T · x as it looks; NULL without T */
  FvPlane *first;    /* the two that are compared, of one size: M1 and M2 in the authors' way */
  FvPlane *second;
  FvPlane *u, *v; /* their sigmoids, of the same size */
  double r;       /* of u and v: −1 … 1; 0 when one of them is constant */
  double loss;    /* R, by @similarity: −r for pearson */
} FvAgreementSteps;

/* The steps of @config's loss of consistency for @input [1,3,H,W], preprocessed, at the first of
 * config->layer. (transfer full); NULL with @error: see fv_consistency_term_find_layer ().
 * Threads: the engine thread. */
FvAgreementSteps *fv_agreement_steps_find (FvModel *model, FvTensor *input,
                                           const FvTrainConfig *config, GError **error);
void fv_agreement_steps_free (FvAgreementSteps *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FvAgreementSteps, fv_agreement_steps_free)

G_END_DECLS
