/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The contrast term: what tells the classes apart must lie in the mask. A loss of our own, not from
 * a paper.
 *
 * A decision is a difference of logits. Aligning the label's map alone leaves a way out: the other
 * classes' negative evidence outside the mask. So all signed class maps M_c are looked at, less
 * what they have in common, which the softmax does not see:
 *   D_c = M_c − mean over c' of M_c'       E = sum over c of |D_c|
 *   R   = 1 − sum over cells of V S E / sum over cells of V E
 * Range 0 (all differences inside) to 1 (all outside). Free of the maps' scale; "no opinion" cells
 * never count. Signs keep it alive: E is 0 only where all classes agree, and a picture where they
 * agree everywhere has R = 1 and no gradient.
 * Empty mask (sum V S = 0): the picture is left out; so is one of weight 0. Full mask: R = 0.
 *
 * Cost: on a linear head one 1 × 1 convolution for all class maps; elsewhere, and for more than
 * FV_CONTRAST_MAX_CLASSES classes, the label and its FV_CONTRAST_RIVALS strongest rivals stand for
 * all classes: the many hopeless ones would drown those that the decision is between, and elsewhere
 * every map costs a backward through the part above the layer (with the label's, rivals + 1).
 * Threads: the engine thread. */

#pragma once

#include "fv-scope.h"

G_BEGIN_DECLS

#define FV_CONTRAST_RIVALS 3
#define FV_CONTRAST_MAX_CLASSES 20

/* Returns the mean of R over the pictures that have a mask, a scalar borrowed from @scope; 0, still
 * connected to @maps, when none has.
 * @maps: [N,T,h,w], signed, of all classes or of those of fv_contrast_rivals (); @inside (S),
 * @opinion (V): [N,h,w] of the same type; @weight: [N], 0 or 1 (has a mask). */
FvTensor *fv_contrast (FvScope *scope, FvTensor *maps, FvTensor *inside, FvTensor *opinion,
                       FvTensor *weight);

/* The same where several classes may be in a picture: the sigmoid of a class looks at its own logit
 * alone, and another class may well have its evidence elsewhere, so that
 *   E = |M|     for the map M of the one class that the mask is of
 * @map: [N,h,w], signed. */
FvTensor *fv_contrast_of_one (FvScope *scope, FvTensor *map, FvTensor *inside, FvTensor *opinion,
                              FvTensor *weight);

/* The label of each picture and after it the classes of the highest other logits,
 * FV_CONTRAST_RIVALS of them or as many as there are: int64 [N,T]. @logits: [N,C]; @labels: int64
 * [N]. */
FvTensor *fv_contrast_rivals (FvScope *scope, FvTensor *logits, FvTensor *labels);

G_END_DECLS
