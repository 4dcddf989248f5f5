/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Pictures with the object of one and the surroundings of another: a control for losses on
 * attention, which uses the same masks to change what is learned from instead of how (a picture's
 * place then says nothing about its class). Pure functions: any thread. */

#pragma once

#include "fv-image.h"
#include "fv-mask.h"

G_BEGIN_DECLS

/* @image without what is INSIDE @mask, which is painted over with what lies around it (see
 * fv-imputation.h). @mask has the size of the image. (transfer full) */
FvImage *fv_background_without_object (const FvImage *image, const FvMask *mask);

/* @image where @mask is not OUTSIDE ("no opinion" stays with the object), @background elsewhere.
 * All three of one size. (transfer full) */
FvImage *fv_background_swap (const FvImage *image, const FvMask *mask, const FvImage *background);

G_END_DECLS
