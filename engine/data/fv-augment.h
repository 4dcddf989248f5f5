/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures that are changed a little each time they are learned from. What happens to a picture is
 * drawn first, as a record; its photo and its mask then follow the same record. Threads: any. */

#pragma once

#include "fv-image.h"
#include "fv-mask.h"
#include "fv-resize.h"

G_BEGIN_DECLS

/* May be joined by “or”. */
typedef enum {
  FV_AUGMENT_FLIP = 1 << 0,   /* mirror one picture of two */
  FV_AUGMENT_CROP = 1 << 1,   /* 35 … 100 % of the area, its sides stretched by up to 4/3 */
  FV_AUGMENT_ROTATE = 1 << 2, /* by up to 15°; edges are continued, the mask there is no opinion */
  FV_AUGMENT_COLOUR = 1 << 3, /* brightness, contrast and saturation times 0.6 … 1.4 each */
  FV_AUGMENT_GREY = 1 << 4,   /* no colour in one picture of five */
  /* the object before another picture's ground (fv-background-swap.h); needs masks, and is left to
   * who has the other pictures */
  FV_AUGMENT_BACKGROUND = 1 << 5,
} FvAugment;

/* The flags that @list names: "none", or flip, crop, rotate, colour, grey and background joined by
 * commas.
 * FALSE when it names anything else. */
gboolean fv_augment_parse (const char *list, guint *augment);
/* The list of @augment. (transfer full) */
char *fv_augment_to_text (guint augment);
/* Whether pictures are moved other than by mirroring. */
gboolean fv_augment_is_geometric (guint augment);

/* What happens to one picture. */
typedef struct {
  gboolean mirrored;                       /* last of all */
  double x, y, width, height;              /* the part that stays, as shares of the picture */
  double angle;                            /* of turning it counter-clockwise, in radians */
  double brightness, contrast, saturation; /* factors */
  gboolean grey;
  double donor; /* 0 ≤ donor < 1: which of the other pictures lends its ground */
} FvAugmentation;

/* Draws what @augment allows. Always takes equally many numbers from @rand, the mirroring first. */
FvAugmentation fv_augmentation_draw (guint augment, GRand *rand);

/* The picture at @width × @height after everything but the mirroring. (transfer full) */
FvImage *fv_augmentation_apply (const FvAugmentation *self, const FvImage *image,
                                FvResizeFilter filter, int width, int height);

/* The mask likewise, from the nearest pixels, so no state is invented. (transfer full) */
FvMask *fv_augmentation_apply_to_mask (const FvAugmentation *self, const FvMask *mask, int width,
                                       int height);

G_END_DECLS
