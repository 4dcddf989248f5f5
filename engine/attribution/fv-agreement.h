/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Two attributions of the same class, brought to where they can be compared: what ATCON maximises
 * the agreement of (Mirzazadeh et al. 2023, arXiv 2210.09705). With the masked pictures, its five
 * steps are
 *   1. c = the predicted class of x, if no other is asked for
 *   2. M1 = Grad-CAM of x for c, signed
 *   3. g = sum over channels of |guided backprop of logit c|, or of |integrated gradients|
 *   4. T = soft mask of g (fv-soft-mask.h);  x~ = T · x, where 0 is the card's mean colour
 *   5. M2 = Grad-CAM of x~ for the same c
 * The other ways are the authors' ablations of the resolution problem. One run of the network
 * serves M1 and g: rectifiers are guided only while g is computed (fv-rule.h).
 * Batch norm and dropout are in evaluation. Threads: the engine thread. */

#pragma once

#include "fv-layer.h"

G_BEGIN_DECLS

/* What finds the pixels. */
typedef enum {
  FV_AGREEMENT_GUIDED,     /* guided backprop of the logit */
  FV_AGREEMENT_INTEGRATED, /* integrated gradients of the softmax over the classes: a black baseline
                              (the card's mean colour), the plain mean of six points 0, 1/5 … 1 */
} FvAgreementPixels;

/* What is compared. The numbers are the authors'. */
typedef enum {
  FV_AGREEMENT_ENLARGED = 0,      /* Grad-CAM, bilinearly enlarged, with g: [N,H,W] */
  FV_AGREEMENT_POOLED = 1,        /* Grad-CAM with g, averaged over each cell's pixels: [N,h,w] */
  FV_AGREEMENT_MASKED = 2,        /* M1 with M2: [N,h,w] */
  FV_AGREEMENT_MASKED_BY_CAM = 3, /* the mask is made of Grad-CAM; g of x with g of x~: [N,H,W] */
  FV_AGREEMENT_SMOOTH = 4,        /* Grad-CAM with SmoothGrad's squared gradients (25 samples of
                                     noise of 0.15 of the range), averaged over cells: [N,h,w] */
} FvAgreementWay;

typedef struct {
  FvAgreementPixels pixels;
  FvAgreementWay way;
  double omega;        /* steepness of the mask */
  gboolean normalised; /* see fv-soft-mask.h */
  gboolean detached;   /* no gradient through the mask: cheap, and not the authors' loss */
} FvAgreementOptions;

/* Guided backprop, masked pictures, omega 40: ATCON. */
FvAgreementOptions fv_agreement_options_default (void);

/* Whether the network has to be one of rectifiers (fv_graph_check_rectifiers ()). Threads: any. */
gboolean fv_agreement_needs_rectifiers (const FvAgreementOptions *options);

/* What was found on the way; borrowed from the scope. NULL where the way does not need it. */
typedef struct {
  FvTensor *logits;  /* of x: [N,C] */
  FvTensor *targets; /* c: int64 [N] */
  FvTensor *cam;     /* Grad-CAM of x for c: [N,h,w] */
  FvTensor *pixels;  /* g: [N,H,W] */
  FvTensor *mask;    /* T: [N,H,W] */
  FvTensor *masked;  /* x~: [N,channels,H,W] */
  FvTensor *first;   /* the two to compare, of one shape */
  FvTensor *second;
} FvAgreement;

/* @layer: Grad-CAM's; @images: [N,channels,H,W]; @targets: int64 [N], or NULL for the predicted
 * classes; @create_graph: TRUE when a loss on the two will be differentiated. The network must be
 * one of rectifiers where they are needed. FALSE when the scope failed. */
gboolean fv_agreement_find (FvScope *scope, FvGraph *graph, const FvLayer *layer, FvTensor *images,
                            FvTensor *targets, const FvAgreementOptions *options,
                            gboolean create_graph, FvAgreement *found);

G_END_DECLS
